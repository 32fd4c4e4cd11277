// A strategy in `pankou backtest` reaches no clock, chance, files or network of the machine, and
// one that never returns ends the run with its name, callback and line. In processes of their own:
// the guard works in Node's loader.
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { runCli } from '../support/run-cli.ts';
import { endAllEngines, STRATEGIES, tempFolder } from '../support/run-engine.ts';

afterEach(endAllEngines);

function backtest(strategy: string, ...more: string[]) {
  return runCli([
    ...['backtest', join(STRATEGIES, `${strategy}.ts`), '--data', 'synthetic:1'],
    ...['--instruments', '600001.SH', '--position', '600001.SH=20000'],
    ...['--out', join(tempFolder(), 'out'), ...more],
  ]);
}

describe('a strategy in a backtest', () => {
  test('is refused what reaches the machine, by name and with what to use instead', async () => {
    const { code, stderr } = await backtest('nosy');
    expect(code, stderr).toBe(0);
    const told = new Map(
      stderr
        .split('\n')
        .map((line) => /^\[nosy\] ([^:]+): (.*)$/.exec(line))
        .flatMap((match) => (match === null ? [] : [[match[1]!, match[2]!] as const])),
    );
    expect(told.get('what is pure')).toBe('as ever');
    told.delete('what is pure');
    expect(told.size).toBe(11);
    for (const [name, text] of told) expect(`${name}: ${text}`).toContain('is not there in a');
    expect(told.get('Date.now')).toContain('ctx.nowNs');
    expect(told.get('random')).toContain('ctx.random()');
    expect(told.get('import')).toContain('Date.now');
  });

  test('that imports files does not start, with the file and the module', async () => {
    const { code, stderr } = await backtest('reads-files');
    expect(code).toBe(1);
    expect(stderr).toContain("reads-files.ts imports 'node:fs'");
    expect(stderr).not.toContain('pankou-guard=');
  });

  test('that never returns ends the run with its name, callback and line', async () => {
    const { code, stderr } = await backtest('endless-loop', '--callback-limit', '1');
    expect([code, stderr]).toEqual([1, expect.stringContaining('does not return from onTick')]);
    expect(stderr).toMatch(/strategy endless-loop .*endless-loop\.ts:19\) after 1 s/);
  });
});
