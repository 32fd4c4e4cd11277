// Behaviour of engine/host/affinity.ts where it can be seen: on Linux, in worker threads of their
// own, so that the test's thread keeps its cores and priority.
import { execFileSync } from 'node:child_process';
import { Worker } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import {
  allowedCores,
  coreCount,
  pinCurrentThread,
  setTimerSlack,
} from '../../../engine/host/affinity.ts';

const AFFINITY = new URL('../../../engine/host/affinity.ts', import.meta.url).href;

/** Runs `body` in a worker with `affinity` and `fs` in reach; resolves to what it returns. */
function inWorker(body: string): Promise<unknown> {
  const source = `
    const { parentPort } = require('node:worker_threads');
    const fs = require('node:fs');
    import('${AFFINITY}').then((affinity) => parentPort.postMessage((() => { ${body} })()));`;
  return new Promise((resolve, reject) => {
    const worker = new Worker(source, { eval: true });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

describe('everywhere', () => {
  test('cores are counted, at least one, each number once and ascending', () => {
    const cores = allowedCores();
    expect(coreCount()).toBe(cores.length);
    expect(cores.length).toBeGreaterThanOrEqual(1);
    expect([...new Set(cores)].sort((a, b) => a - b)).toEqual(cores);
  });

  test('a number that is no core, or no duration, is refused with what was expected', () => {
    expect(pinCurrentThread(-1)).toEqual({ ok: false, why: 'core=-1, expected 0 or more' });
    expect(pinCurrentThread(0.5)).toMatchObject({ ok: false });
    expect(setTimerSlack(0)).toEqual({ ok: false, why: 'ns=0, expected 1 or more' });
  });
});

describe.skipIf(process.platform !== 'linux')('on Linux', () => {
  const allowed = `/^Cpus_allowed_list:\\s*(\\S+)/m.exec(
    fs.readFileSync('/proc/thread-self/status', 'utf8'))[1]`;

  test('a pinned worker may run on that core only, by the word of the kernel', async () => {
    for (const core of allowedCores().slice(0, 2)) {
      const seen = await inWorker(`
        const result = affinity.pinCurrentThread(${core});
        return { result, allowed: ${allowed} };`);
      expect(seen).toEqual({ result: { ok: true }, allowed: String(core) });
    }
  });

  test('pinning a worker leaves the thread that started it alone', async () => {
    const before = allowedCores().length;
    await inWorker(`return affinity.pinCurrentThread(${allowedCores()[0]})`);
    expect(await inWorker('return affinity.coreCount()')).toBe(before);
  });

  test('cores are still counted as before after pinning', async () => {
    const seen = await inWorker(`
      affinity.pinCurrentThread(${allowedCores()[0]});
      return affinity.coreCount();`);
    expect(seen).toBe(coreCount());
  });

  test('a core that is not there is refused, naming those that are', async () => {
    const seen = (await inWorker('return affinity.pinCurrentThread(1000)')) as { why: string };
    expect(seen).toMatchObject({ ok: false });
    expect(seen.why).toContain('core 1000: EINVAL');
    expect(seen.why).toContain(`may use cores ${allowedCores().join(', ')}`);
    expect(await inWorker('return affinity.pinCurrentThread(4096)')).toMatchObject({ ok: false });
  });

  test('a worker lowers its own priority, not that of others', async () => {
    const nice = `fs.readFileSync('/proc/thread-self/stat', 'utf8').split(') ')[1].split(' ')[16]`;
    const seen = await inWorker(`return { result: affinity.lowerPriority(), nice: ${nice} }`);
    expect(seen).toEqual({ result: { ok: true }, nice: '19' });
    expect(await inWorker(`return ${nice}`)).not.toBe('19');
  });

  // In a process of its own: nobody else's compiler is to be raised.
  test("Node's own threads are raised, the main thread is not; or it is said why not", () => {
    const program = `
      import { readdirSync, readFileSync } from 'node:fs';
      const { raiseHelpers } = await import('${AFFINITY}');
      const result = raiseHelpers();
      const niceOf = (thread) =>
        readFileSync('/proc/self/task/' + thread + '/stat', 'utf8').split(') ')[1].split(' ')[16];
      const others = readdirSync('/proc/self/task').filter((t) => t !== String(process.pid));
      const nice = [niceOf(process.pid), ...new Set(others.map(niceOf))];
      console.log(JSON.stringify({ result, nice }));`;
    const args = ['--input-type=module', '--eval', program];
    const { result, nice } = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }));
    if (result.ok) expect(nice).toEqual([nice[0], '-10']);
    else expect(result.why).toContain('setpriority');
    expect(nice[0]).not.toBe('-10');
  });

  test('timer slack becomes what was asked, by the word of the kernel', async () => {
    const seen = await inWorker(`
      const koffi = require('koffi');
      const prctl = koffi.load(null).func('int prctl(int op, ulong a, ulong b, ulong c, ulong d)');
      const results = [1, 77].map((ns) => [affinity.setTimerSlack(ns).ok, prctl(30, 0, 0, 0, 0)]);
      return results;`);
    expect(seen).toEqual([
      [true, 1],
      [true, 77],
    ]);
  });
});
