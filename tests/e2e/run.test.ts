// `pankou run` as a person starts it: a session on the synthetic market that trades, is shown, ends
// in order by itself or by Ctrl-C, leaves a whole journal and can be replayed to the same state.
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { runCli } from '../support/run-cli.ts';
import {
  endAllEngines,
  fillsOn,
  isAlive,
  journalOf,
  NO_PROC,
  ordersOn,
  readSummary,
  startEngine,
  tempFolder,
  verify,
  writeConfig,
} from '../support/run-engine.ts';
import { waitFor } from '../support/wait-for.ts';

interface Percentiles {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

interface Summary {
  readonly orders: number;
  readonly fills: number;
  readonly rejects: number;
  readonly reportsDropped: number;
  readonly latencyNs: {
    readonly tickToOrder: Percentiles;
    readonly hops: Readonly<Record<string, Percentiles>>;
  };
  readonly stateHash: string;
  readonly durationS: number;
}

afterEach(endAllEngines);

describe.skipIf(NO_PROC !== '')(`pankou run ${NO_PROC}`, () => {
  test('the example trades, writes its summary, and replays to the same state', async () => {
    const dir = tempFolder();
    const runDir = join(dir, 'run');
    const summaryFile = join(dir, 'new', 'out.json');
    const started = performance.now();
    const run = startEngine([
      ...['examples/paper.json', '--port', '0', '--dir', runDir],
      ...['--for', '4s', '--summary', summaryFile],
    ]);
    const page = await run.page();
    await waitFor('an order', () => ordersOn(page).size > 0 || run.ended);
    await waitFor('a fill', () => fillsOn(page).size > 0 || run.ended);
    console.log(`first fill on the page after ${Math.round(performance.now() - started)} ms`);
    expect(fillsOn(page).size, run.text).toBeGreaterThan(0);

    expect(await run.exit, run.text).toBe(0);
    await waitFor('the last word on the page', () => page.closed);
    const summary = readSummary<Summary>(summaryFile);
    expect(summary.orders).toBeGreaterThan(0);
    expect(summary.fills).toBeGreaterThan(0);
    expect(summary.rejects).toBeGreaterThanOrEqual(0);
    expect(summary.reportsDropped).toBe(0);
    expect(summary.durationS).toBeGreaterThanOrEqual(4);
    expect(summary.stateHash).toMatch(/^[0-9a-f]{16}$/);
    const { tickToOrder, hops } = summary.latencyNs;
    expect(Object.keys(hops).sort()).toEqual(
      ['gateway', 'journal', 'oms', 'risk', 'strategy', 'wire'].sort(),
    );
    for (const { p50, p99, p999, max } of [tickToOrder, ...Object.values(hops)]) {
      expect(p50).toBeGreaterThanOrEqual(0);
      expect(p99).toBeGreaterThanOrEqual(p50);
      expect(p999).toBeGreaterThanOrEqual(p99);
      expect(max).toBeGreaterThanOrEqual(0);
    }
    expect(tickToOrder.p50).toBeGreaterThan(0);

    // The page, the journal and the summary tell the same story.
    const records = journalOf(runDir);
    const sent = records.filter((r) => r.type === 'REQUEST');
    expect(records.filter((r) => r.type === 'FILL')).toHaveLength(summary.fills);
    expect(sent.length).toBeGreaterThan(0);
    expect(sent.length).toBeLessThanOrEqual(summary.orders);
    expect(records.at(-1)?.type).toBe('CLOSE');
    expect(fillsOn(page).size).toBe(summary.fills);
    expect(ordersOn(page).size).toBe(summary.orders);
    const verified = await verify(runDir);
    expect(verified.code, verified.stderr).toBe(0);
    expect(verified.stdout).toContain(`in order, state hash ${summary.stateHash}`);

    const replayed = await runCli(['replay', runDir, '--json']);
    expect(replayed.code, replayed.stdout + replayed.stderr).toBe(0);
    expect(JSON.parse(replayed.stdout)).toMatchObject({
      equal: true,
      stateHash: summary.stateHash,
      recordedHash: summary.stateHash,
      differences: [],
    });
  });

  test('Ctrl-C cancels what works, closes the journal and ends with 0', async () => {
    const dir = tempFolder();
    const run = startEngine([writeConfig(dir, [{ file: 'steady' }])]);
    const page = await run.page();
    const working = () => [...ordersOn(page).values()].filter((o) => o.status === 'accepted');
    await waitFor('a working order', () => working().length > 0 || run.ended);
    const resting = working()[0]?.coid ?? '';
    run.interrupt();
    expect(await run.exit, run.text).toBe(0);
    await waitFor('the last word on the page', () => page.closed);
    expect(run.out).toContain('stopping: cancelling working orders');
    expect(ordersOn(page).get(resting)?.status).toBe('cancelled');
    expect(page.last('bye').reason).not.toBe('');
    expect(journalOf(join(dir, 'run')).at(-1)?.type).toBe('CLOSE');
    expect((await verify(join(dir, 'run'))).code).toBe(0);
    expect((await runCli(['replay', join(dir, 'run')])).stdout).toContain('equal');
  });

  test('without pages (--no-api) it trades the same way and prints no address', async () => {
    const dir = tempFolder();
    const summaryFile = join(dir, 'out.json');
    const config = writeConfig(dir, [{ file: 'steady' }]);
    const run = startEngine([config, '--no-api', '--for', '1500ms', '--summary', summaryFile]);
    expect(await run.exit, run.text).toBe(0);
    expect(run.out).not.toContain('http://');
    expect(readSummary<Summary>(summaryFile).fills).toBeGreaterThan(0);
  });

  test('a second Ctrl-C ends at once with 1 and leaves no process', async () => {
    const dir = tempFolder();
    const run = startEngine([writeConfig(dir, [{ file: 'steady' }])]);
    await run.page();
    const core = await run.pidOf('core');
    const api = await run.pidOf('api');
    // Frozen, the core cannot end in order.
    process.kill(core, 'SIGSTOP');
    process.kill(run.child.pid ?? 0, 'SIGINT');
    await new Promise((resolve) => setTimeout(resolve, 100));
    process.kill(run.child.pid ?? 0, 'SIGINT');
    expect(await run.exit, run.text).toBe(1);
    expect(run.err).toContain('stopping at once');
    await waitFor('both processes to end', () => !isAlive(core) && !isAlive(api));
  });
});
