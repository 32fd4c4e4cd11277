// The queue of backtests behind the pages: one at a time, cancelled, told, bounded; and the options
// a request becomes. The children are fakes that a test ends by hand; no process is started.
import { EventEmitter } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { backtestArgs, commandLine } from '../../../engine/control/runs/job-command.ts';
import { JobQueue, WAITING_MAX } from '../../../engine/control/runs/job-queue.ts';
import type { PankouChild } from '../../../engine/control/runs/pankou-child.ts';
import { RunBody } from '../../../engine/control/runs/run-schemas.ts';

class FakeChild extends EventEmitter {
  readonly stdout = new PassThrough();
  readonly stderr = new PassThrough();
  readonly args: readonly string[];
  killed = '';

  constructor(args: readonly string[]) {
    super();
    this.args = args;
  }

  kill(signal: string): void {
    this.killed = signal;
    this.emit('close', null, signal);
  }
}

function setup() {
  const children: FakeChild[] = [];
  const queue = new JobQueue('/runs', (args) => {
    const child = new FakeChild(args);
    children.push(child);
    return child as unknown as PankouChild;
  });
  return { children, queue };
}

function body(more: object = {}) {
  const asked = { strategy: '/s/a.ts', data: 'synthetic:1', instruments: ['600001.SH'], ...more };
  return RunBody.parse(asked);
}

/** Lets streams hand over what was written. */
const turn = () => new Promise((done) => setImmediate(done));

describe('the queue of backtests', () => {
  test('runs one job at a time, in the order they came', async () => {
    const { children, queue } = setup();
    const jobs = [1, 2, 3].map((n) => queue.add(body({ params: { n } }))!);
    expect(children).toHaveLength(1);
    expect(jobs.map(({ id }) => queue.row(id)!.state)).toEqual(['running', 'waiting', 'waiting']);
    children[0]!.emit('close', 0, null);
    expect(children).toHaveLength(2);
    children[1]!.emit('close', 1, null);
    expect(queue.rows().map(({ state }) => state)).toEqual(['running', 'failed', 'done']);
    expect(children[2]!.args).toContain('n=3');
  });

  test('tells progress, the record and the last lines, errors with file and line', async () => {
    const { children, queue } = setup();
    const { id } = queue.add(body())!;
    const { stderr } = children[0]!;
    stderr.write('{"progress":"running","value":5,"total":10}\n{"progress":"run');
    stderr.write('ning","value":7,"total":10}\n[a] hello\n');
    await turn();
    expect(queue.row(id)).toMatchObject({
      progress: { text: 'running', value: 7, total: 10 },
      log: ['[a] hello'],
      run: null,
    });
    stderr.write('{"run":"20261121-184150-058fb0"}\nError: x\n    at a.ts:3:4');
    await turn();
    children[0]!.emit('close', 1, null);
    expect(queue.row(id)).toMatchObject({
      state: 'failed',
      run: '20261121-184150-058fb0',
      log: ['[a] hello', 'Error: x', '    at a.ts:3:4', 'exit code 1'],
    });
  });

  test('cancels what runs and what waits, and goes on with the next', () => {
    const { children, queue } = setup();
    const [a, b, c] = [1, 2, 3].map((n) => queue.add(body({ params: { n } }))!.id);
    expect(queue.cancel(b!)).toBe(true);
    expect(queue.cancel(a!)).toBe(true);
    expect(children[0]!.killed).toBe('SIGTERM');
    expect([a, b, c].map((id) => queue.row(id!)!.state)).toEqual([
      ...['cancelled', 'cancelled', 'running'],
    ]);
    expect(queue.cancel(a!)).toBe(false);
    expect(queue.cancel('0123456789ab')).toBe(false);
  });

  test('takes so many and no more, and forgets old jobs, never open ones', () => {
    const { children, queue } = setup();
    for (let i = 0; i < 1 + WAITING_MAX; i++) expect(queue.add(body())).not.toBeNull();
    expect(queue.add(body())).toBeNull();
    for (let i = 0; i < 1 + WAITING_MAX; i++) children[i]!.emit('close', 0, null);
    for (let i = 0; i < 20; i++) {
      queue.add(body());
      children.at(-1)!.emit('close', 0, null);
    }
    expect(queue.rows().length).toBeLessThanOrEqual(51);
  });

  test('keeps the last lines of a talkative strategy and counts the rest', async () => {
    const { children, queue } = setup();
    const { id } = queue.add(body())!;
    for (let i = 0; i < 400; i++) children[0]!.stderr.write(`line ${i}\n`);
    await turn();
    const { log, logDropped } = queue.row(id)!;
    expect([log.length, logDropped, log.at(-1)]).toEqual([300, 100, 'line 399']);
  });

  test('ends the running job when the server ends, and starts no other', () => {
    const { children, queue } = setup();
    queue.add(body());
    queue.add(body());
    queue.close();
    expect(children).toHaveLength(1);
    expect(children[0]!.killed).toBe('SIGTERM');
  });

  test('hands fees over in a file that is gone afterwards', () => {
    const { children, queue } = setup();
    queue.add(body({ fees: { commissionRate: 0.0001 } }));
    const { args } = children[0]!;
    const file = args[args.indexOf('--fees') + 1]!;
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ commissionRate: 0.0001 });
    children[0]!.emit('close', 0, null);
    expect(existsSync(file)).toBe(false);
  });
});

describe('a request as options', () => {
  test('has one argument for each value, and text stays text', () => {
    const args = backtestArgs(
      body({
        params: { fast: 3, on: true, name: '5', word: 'a b; rm' },
        positions: { '600001.SH': 100 },
        cash: 0.1,
        freq: '1d',
        barShare: 5,
      }),
      null,
    );
    const valuesOf = (name: string) => args.filter((_, i) => args[i - 1] === name);
    expect(valuesOf('--param')).toEqual(['fast=3', 'on=true', 'name="5"', 'word="a b; rm"']);
    expect(valuesOf('--position')).toEqual(['600001.SH=100']);
    expect(valuesOf('--cash')).toEqual(['0.1']);
    expect(valuesOf('--bar-share')).toEqual(['5']);
    expect(commandLine(['backtest', "it's", 'a=1'])).toBe("pankou backtest 'it'\\''s' a=1");
  });

  test('refuses codes, names and fields that are none', () => {
    for (const wrong of [
      { instruments: ['600001'] },
      { params: { 'a b': 1 } },
      { params: { a: 'x\ny' } },
      { nonsense: 1 },
      { cash: -1 },
    ]) {
      expect(RunBody.safeParse({ ...body(), ...wrong }).success).toBe(false);
    }
  });
});
