// Python strategies in the backtester, in real processes: the same orders, log and state hash as
// the twin in TypeScript, the same again each time; a script over the client; errors with file and
// line; what reaches the machine is refused; an endless loop is ended where it stands.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { executeBacktest } from '../../engine/backtest/command.ts';
import { readCode } from '../../engine/backtest/records/code-hash.ts';
import { loadStrategy } from '../../engine/host/strategy-loader.ts';
import { ROOT } from '../support/run-cli.ts';
import { runOptions, tempDir, writeDay, writeStrategy } from '../support/run-options.ts';

const FOUND = spawnSync('python3', ['--version']).status === 0;
const PLAN = join(ROOT, 'tests/support/python/plan.py');

describe.skipIf(!FOUND)('a Python strategy (needs python3)', () => {
  const dir = tempDir();
  let data = '';

  beforeAll(async () => {
    data = await writeDay(dir, 2);
  });

  const run = async (file: string, changes: object = {}) => {
    const lines: string[] = [];
    const log = (_: string, text: string) => void lines.push(text);
    // Longer than any pause of the machine: a late answer ends the strategy.
    const options = runOptions(file, data, { callbackMs: 60_000, ...changes });
    const ran = await executeBacktest(options, { log });
    return { ...ran, lines, failure: ran.report.failures[0]?.text ?? '' };
  };
  const python = (text: string, name: string) =>
    run(writeStrategy(dir, text, name), { callbackMs: 2_000 });

  test('with PTrade names does what its twin in TypeScript does, every time', async () => {
    const ours = await run(PLAN);
    const twin = await run(join(ROOT, 'tests/support/strategies/ptrade-plan.ts'));
    expect(ours.lines.length).toBeGreaterThan(250);
    expect(ours.lines).toEqual(twin.lines);
    expect(ours.fills).toEqual(twin.fills.map((fill) => ({ ...fill, strategy: 'plan' })));
    expect(ours.fills.length).toBeGreaterThan(5);
    expect(ours.report.stateHash).toBe(twin.report.stateHash);
    const again = await run(PLAN);
    expect(again.failure).toBe('');
    expect(again.lines).toEqual(ours.lines);
    expect(again.report.stateHash).toBe(ours.report.stateHash);
  });

  test('over the client sleeps through the market and hears of its orders', async () => {
    const { lines, failure, fills } = await run(join(ROOT, 'tests/support/python/script.py'));
    expect(failure).toBe('');
    expect(lines).toContain('asleep for True 10:00');
    expect(lines).toContain('same True pending');
    expect(lines).toContain('position 10200 1');
    expect(lines).toContain('rest cancelled');
    expect(lines).toContain('unknown-instrument');
    expect(lines.filter((line) => line.startsWith('order rejected 0 '))).toHaveLength(1);
    expect(lines.at(-1)).toBe('over stopped');
    expect(fills.map(({ qty }) => qty)).toEqual([200]);
  });

  test('that fails is stopped with its file and line, of the module beside it too', async () => {
    writeStrategy(dir, 'def f():\n    return 1 / 0\n', 'beside.py');
    const own = 'import beside\n\ndef initialize(context):\n    beside.f()\n';
    const { failure } = await python(own, 'fails.py');
    expect(failure.split('\n')).toEqual([
      'ZeroDivisionError: division by zero',
      `    at f (${join(dir, 'beside.py')}:2)`,
      `    at initialize (${join(dir, 'fails.py')}:4)`,
    ]);
    const code = readCode(join(dir, 'fails.py'));
    expect(code.files.map(({ name }) => name)).toEqual(['fails.py', 'beside.py']);
    expect(code.packages.join()).toMatch(/^python 3\.\d+/);
    await expect(python('def initialize(context)\n', 'wrong.py')).rejects.toThrow(/wrong\.py:1\)/);
    await expect(python('params = {"a": f()}\ninitialize = 1\n', 'odd.py')).rejects.toThrow(
      'line 1: params is a plain dict',
    );
  });

  test('that asks for what is not there is told so, by name', async () => {
    const { failure } = await python(
      'def initialize(context):\n    order("600002.SS", 100)\n',
      'other.py',
    );
    expect(failure).toContain('order: 600002.SS was not given to this strategy');
    const { lines } = await python(
      [
        'import datetime, os, time',
        'def initialize(context):',
        '    tries = [time.time, datetime.datetime.now, datetime.date.today, lambda: open("/x"),',
        '             lambda: os.listdir("."), lambda: time.sleep(1), lambda: input()]',
        '    for one in tries:',
        '        try:',
        '            one()',
        '            log.info("allowed")',
        '        except RuntimeError as error:',
        '            log.info(str(error).split(" is not there")[0])',
        '    try:',
        '        import socket',
        '    except ImportError as error:',
        '        log.info(str(error)[:27])',
        '    log.info(isinstance(context.current_dt, datetime.datetime), os.path.join("a", "b"))',
      ].join('\n'),
      'curious.py',
    );
    expect(lines).toEqual([
      ...['time.time()', 'datetime.now()', 'date.today()', 'open()', 'os.listdir', 'time.sleep()'],
      ...['input()', 'a strategy imports no socket', 'True a/b'].map((line) => line.slice(0, 27)),
    ]);
  });

  test('that never returns is ended where it stands', async () => {
    const loop = 'def initialize(context):\n    n = 0\n    while True:\n        n += 1\n';
    const { failure } = await python(loop, 'loop.py');
    expect(failure).toMatch(
      /^TimeoutError: did not return within 2 s\n.*initialize .*loop\.py:[34]\)/,
    );
  });

  test('declares parameters with ranges, which are checked before it runs', async () => {
    const { strategy, params } = await loadStrategy(PLAN, { money: 5_000 }, true);
    expect(params).toEqual({ money: 5_000, label: 'x' });
    expect(strategy.params['money']).toEqual({ default: 20_000, min: 1_000 });
    await expect(loadStrategy(PLAN, { money: 5 }, true)).rejects.toThrow('expected at least 1000');
    await expect(loadStrategy(PLAN, { mony: 5 }, true)).rejects.toThrow('did you mean money?');
  });
});
