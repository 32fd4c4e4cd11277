// The doors into a real engine: the commands of the desk, keys that outlive kill -9, a target file,
// and a recording with desk orders that replays to the same state.
import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { request } from '../support/raw-http.ts';
import { runCli } from '../support/run-cli.ts';
import {
  type EngineRun,
  endAllEngines,
  NO_PROC,
  startEngine,
  tempFolder,
  writeConfig,
} from '../support/run-engine.ts';
import { waitFor } from '../support/wait-for.ts';

const SYMBOL = '600001.SH';
const QUIET = [{ file: 'quiet' }];

afterEach(endAllEngines);

async function running(changes: object = {}, dir = tempFolder()) {
  const config = writeConfig(dir, QUIET, { speed: 5, ...changes });
  const run = startEngine([config]);
  const folder = join(dir, 'run');
  await run.says('open   http');
  await waitFor('engine.json', () => existsSync(join(folder, 'engine.json')));
  return { run, dir, folder };
}

/** Asks, and asks again while the engine behind the api process is still starting. */
async function ask(run: EngineRun, name: string, body: object, key: string) {
  for (let i = 0; ; i++) {
    const answer = await askOnce(run, name, body, key);
    if (answer.error?.code !== 'engine-down' || i > 100) return answer;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function askOnce(run: EngineRun, name: string, body: object, key: string) {
  const { port, token } = await run.address();
  const answer = await request(port, `/api/v1/trading/${name}`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: {
      'Content-Type': 'application/json',
      Authorization: `Bearer ${token}`,
      'Idempotency-Key': key,
    },
  });
  return { status: answer.status, ...JSON.parse(answer.body) };
}

async function look(run: EngineRun, path: string) {
  const { port, token } = await run.address();
  const headers = { Authorization: `Bearer ${token}` };
  const answer = await request(port, `/api/v1/trading/${path}`, { method: 'GET', headers });
  return JSON.parse(answer.body);
}

/** Asks until the market takes orders. */
async function place(run: EngineRun, body: object, key: string) {
  for (let i = 0; ; i++) {
    const answer = await ask(run, 'order', body, `${key}-${i}`);
    if (answer.error?.reject?.code !== 401 || i > 100) return { ...answer, key: `${key}-${i}` };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const LOW = { instrument: SYMBOL, side: 'buy', priceE4: 120_000, qty: 100 };

describe.skipIf(NO_PROC !== '')(`the doors of an engine ${NO_PROC}`, () => {
  test('remember keys, orders and refusals through kill -9', async () => {
    const { run, dir, folder } = await running();
    const first = await place(run, LOW, 'k');
    expect(first).toMatchObject({ ok: true, data: { strategy: 'desk' } });
    const odd = await ask(run, 'order', { ...LOW, qty: 150 }, 'odd');
    expect(odd).toMatchObject({ status: 422, error: { reject: { code: 205 } } });
    run.killTree();
    await run.exit;
    const again = await running({}, dir);
    const same = await ask(again.run, 'order', LOW, first.key);
    expect(same).toMatchObject({ ok: true, data: { coid: first.data.coid } });
    // The simulated exchange forgot it with its process; until it has said so the fate is unknown.
    await waitFor('the proof', async () => {
      const now = await ask(again.run, 'order', LOW, first.key);
      return now.data.status === 'cancelled';
    });
    const other = await ask(again.run, 'order', { ...LOW, qty: 200 }, first.key);
    expect(other).toMatchObject({ status: 409, error: { code: 'key-reused' } });
    const refused = await ask(again.run, 'order', { ...LOW, qty: 150 }, 'odd');
    expect(refused).toMatchObject({ status: 422, error: { reject: { code: 205 } } });
    const fresh = await place(again.run, LOW, 'k2');
    expect(fresh.ok).toBe(true);
    const story = await runCli(['explain', '--key', first.key, '--dir', folder, '--json']);
    const [told] = JSON.parse(story.stdout);
    expect(told.coid).toBe(first.data.coid);
    // An order that came before the session began was held first.
    const types = told.records.map((record: { type: string }) => record.type);
    expect(types.find((type: string) => type !== 'HOLD')).toBe('REQUEST');
    expect(types.at(-1)).toBe('REPORT');
  });

  test('replace an order once and keep parents through kill -9', async () => {
    const { run, dir } = await running();
    const first = await place(run, LOW, 'k');
    const wish = { coid: first.data.coid, priceE4: 119_000, qty: 300 };
    const asked = await ask(run, 'replace', wish, 'r');
    expect(asked).toMatchObject({ ok: true, data: { kind: 'replace', qty: 300 } });
    await waitFor('the new order', async () => {
      const { rows } = (await look(run, 'orders?status=open')).data;
      return rows.some((row: { qty: number; priceE4: number }) => row.priceE4 === 119_000);
    });
    expect((await ask(run, 'replace', wish, 'r')).data.parentNo).toBe(asked.data.parentNo);
    const stop = { kind: 'stop-loss', instrument: SYMBOL, side: 'sell', qty: 200, triggerE4: 100 };
    const held = await ask(run, 'parent', stop, 's');
    expect(held).toMatchObject({ ok: true, data: { kind: 'conditional', state: 'accepted' } });
    run.killTree();
    await run.exit;
    const again = await running({}, dir);
    const same = await ask(again.run, 'parent', stop, 's');
    expect(same.data).toMatchObject({ parentNo: held.data.parentNo, state: 'accepted' });
    const { parentNo } = same.data;
    expect((await ask(again.run, 'parent-cancel', { parentNo }, '')).ok).toBe(true);
    await waitFor('the end of the parent', async () => {
      const { rows } = (await look(again.run, 'parents')).data;
      return rows.some((row: { parentNo: number; state: string }) => {
        return row.parentNo === parentNo && row.state === 'cancelled';
      });
    });
    const { rows } = (await look(again.run, 'orders')).data;
    expect(rows.filter((row: { priceE4: number }) => row.priceE4 === 119_000).length).toBe(1);
  });

  test('obey the desk commands, and the recording replays', async () => {
    const { run, folder } = await running();
    expect(statSync(join(folder, 'engine.json')).mode & 0o777).toBe(0o600);
    const order = await place(run, LOW, 'a');
    const cli = (...args: string[]) => runCli([...args, '--dir', folder]);
    const status = JSON.parse((await cli('status', '--json')).stdout);
    expect(status).toMatchObject({ state: { state: 'running' }, orders: { open: 1 } });
    expect(JSON.stringify(status)).not.toContain('secret');
    const open = await cli('orders', '--open');
    expect(open.stdout).toContain(order.data.coid);
    expect((await cli('positions')).stdout).toContain('20000');
    const cancelled = await cli('cancel', order.data.coid);
    expect([cancelled.code, cancelled.stdout]).toEqual([0, expect.stringContaining('cancel')]);
    expect((await cli('cancel', '10000q9010000012a')).code).toBe(1);
    expect((await cli('orders', '--account', 'nobody')).stderr).toContain('has demo');
    await place(run, LOW, 'b');
    expect((await cli('cancel-all')).stdout).toContain('1 working');
    const page = await run.page();
    const dry = await cli('flatten');
    expect(dry.stdout).toContain('--yes');
    const flat = await cli('flatten', '--yes');
    expect([flat.code, flat.stdout]).toEqual([0, expect.stringContaining('selling 20000')]);
    const held = () => JSON.stringify(page.messages).includes('"sellableQty":0');
    await waitFor('the shares to be sold', held);
    expect((await cli('kill')).stdout).toContain('kill switch');
    await waitFor('killed', () => JSON.stringify(page.messages).includes('"killed":true'));
    expect(await ask(run, 'order', LOW, 'late')).toMatchObject({ error: { code: 'refused' } });
    run.interrupt();
    await run.exit;
    expect(existsSync(join(folder, 'engine.json'))).toBe(false);
    expect((await cli('status')).stderr).toContain('no running engine');
    const replay = await runCli(['replay', folder]);
    expect([replay.code, replay.stdout]).toEqual([0, expect.stringContaining('equal')]);
  });

  test('answer the desk without an api process, too', async () => {
    const dir = tempFolder();
    const folder = join(dir, 'run');
    startEngine([writeConfig(dir, QUIET, { speed: 5 }), '--no-api']);
    await waitFor('engine.json', () => existsSync(join(folder, 'engine.json')));
    const killed = await runCli(['kill', '--dir', folder]);
    expect([killed.code, killed.stderr]).toEqual([0, '']);
    await waitFor('the kill to show', async () => {
      const status = await runCli(['status', '--dir', folder]);
      return status.stdout.includes('KILLED');
    });
  });

  test('turn a target file into orders once for each content', async () => {
    const dir = tempFolder();
    const targets = [{ file: 'targets.csv', account: 'demo' }];
    const { run } = await running({ targets }, dir);
    const file = join(dir, 'targets.csv');
    const put = (text: string): void => {
      writeFileSync(`${file}.draft`, text);
      renameSync(`${file}.draft`, file);
    };
    const result = () => {
      const path = `${file}.result.json`;
      return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
    };
    put(`symbol,target\n${SYMBOL},19000\n`);
    await waitFor('a refusal', () => result().state === 'refused');
    expect(result()).toMatchObject({ legs: [], error: { field: 'end' } });
    put(`symbol,target\n${SYMBOL},19000\nend\n`);
    await waitFor('the sale', () => result().state === 'done');
    expect(result().legs).toMatchObject([{ side: 'sell', qty: 1_000, status: 'filled' }]);
    const { hash, at } = result();
    put(`symbol,target\n${SYMBOL},19000\nend\n`); // written again, the same content
    put(`symbol,target\n${SYMBOL},19200\nend\n`);
    await waitFor(
      'the purchase',
      () => result().hash !== hash && result().state === 'done',
      20_000,
    );
    expect(result().legs).toMatchObject([{ side: 'buy', qty: 200, status: 'filled' }]);
    expect(result().at).not.toBe(at);
    const { port, token } = await run.address();
    const all = await request(port, '/api/v1/trading/orders', {
      headers: { Authorization: `Bearer ${token}` },
    });
    expect(JSON.parse(all.body).data.rows).toHaveLength(2);
  });
});
