// A desk without strategies on a real engine: a large order waits for a second person with a token
// of his own, through kill -9; its story is on one page, and the recording replays. Run by vitest.
import { existsSync, writeFileSync } from 'node:fs';
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

const SECOND = 'a-second-persons-own-token';
const LARGE = { instrument: '600001.SH', side: 'buy', priceE4: 120_000, qty: 1_000, by: 'Wang' };

afterEach(endAllEngines);

async function call(run: EngineRun, name: string, body: object, key = '', token = '') {
  const { port, token: own } = await run.address();
  const answer = await request(port, `/api/v1/trading/${name}`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: {
      'Content-Type': 'application/json',
      Authorization: `Bearer ${token === '' ? own : token}`,
      ...(key === '' ? {} : { 'Idempotency-Key': key }),
    },
  });
  return { status: answer.status, ...JSON.parse(answer.body) };
}

async function openOrders(run: EngineRun) {
  const { port, token } = await run.address();
  const headers = { Authorization: `Bearer ${token}` };
  const path = '/api/v1/trading/orders?status=open';
  const answer = await request(port, path, { method: 'GET', headers });
  return JSON.parse(answer.body).data.rows as { coid: string; reason?: { code: number } }[];
}

/** Places until the market takes orders; the order. */
async function place(run: EngineRun, body: object, key: string) {
  for (let i = 0; i < 200; i++) {
    const answer = await call(run, 'order', body, `${key}-${i}`);
    if (answer.ok) return answer.data;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('no order was taken');
}

describe.skipIf(NO_PROC !== '')(`the second person ${NO_PROC}`, () => {
  test('decides with a token of his own, also after kill -9, and both names are told', async () => {
    const dir = tempFolder();
    const folder = join(dir, 'run');
    const tokenFile = join(dir, 'second.token');
    writeFileSync(tokenFile, `${SECOND}\n`);
    const config = writeConfig(dir, [], {
      accounts: [{ id: 'desk-only', cash: 1_000_000 }],
      limits: { account: { parkAmount: 10_000 } },
      confirmTokenFile: 'second.token',
    });
    const first = startEngine([config]);
    const one = await place(first, LARGE, 'one');
    const two = await place(first, LARGE, 'two');
    // Until the session opens they wait for it; then for the second person.
    await waitFor('two parked orders', async () => {
      const rows = await openOrders(first);
      return rows.filter(({ reason }) => reason?.code === 350).length === 2;
    });
    first.killTree();
    await first.exit;

    const run = startEngine([config]);
    await run.says('open   http');
    await waitFor('engine.json', () => existsSync(join(folder, 'engine.json')));
    const word = { coid: one.coid, by: 'Li' };
    await waitFor('the order', async () => {
      const answer = await call(run, 'risk-confirm', { ...word, by: 'wang ' }, '', SECOND);
      return answer.error?.reject?.code === 362;
    });
    expect((await call(run, 'risk-confirm', word)).status).toBe(401);
    expect((await call(run, 'order', LARGE, 'x', SECOND)).status).toBe(401);
    const without = await runCli(['risk', 'confirm', one.coid, '--by', 'Li', '--dir', folder]);
    expect([without.code, without.stderr]).toEqual([1, expect.stringContaining('token')]);
    const yes = await call(run, 'risk-confirm', word, '', SECOND);
    expect(yes).toMatchObject({ ok: true, data: { coid: one.coid, confirmed: true } });
    const args = ['--by', 'Li', '--token-file', tokenFile, '--dir', folder];
    const no = await runCli(['risk', 'reject', two.coid, ...args]);
    expect([no.code, no.stdout]).toEqual([0, expect.stringContaining('cancelled')]);
    const settle = { coid: two.coid, as: 'cancelled', by: 'Li', reason: 'none' };
    expect(await call(run, 'order-settle', settle)).toMatchObject({
      error: { code: 'order-finished' },
    });

    run.interrupt();
    expect(await run.exit).toBe(0);
    const story = await runCli(['explain', one.coid, '--dir', folder]);
    expect(story.stdout).toMatch(/kept for a second person[\s\S]*confirmed by Li[\s\S]*place buy/);
    const replay = await runCli(['replay', folder]);
    expect([replay.code, replay.stdout]).toEqual([0, expect.stringContaining('equal')]);
  });
});
