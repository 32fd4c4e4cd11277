// `pankou risk check|test`: exit codes, what refuses and why, and errors of the file. Run by
// vitest. Always: the command in a process of its own, files in a folder of the test's own.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli } from '../../support/run-cli.ts';

let dir = '';
let good = '';
let bad = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'pankou-risk-'));
  good = join(dir, 'limits.json');
  bad = join(dir, 'bad.json');
  writeFileSync(good, JSON.stringify({ account: { maxOrderAmount: 100_000 } }));
  writeFileSync(bad, JSON.stringify({ account: { maxOrderAmont: 1, maxOrderQty: -1 } }));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('pankou risk', () => {
  test('check: a good file is fine; all errors of a bad one are named', async () => {
    const fine = await runCli(['risk', 'check', good]);
    expect(fine.code, fine.stderr).toBe(0);
    expect(fine.stdout).toContain('fine');
    const wrong = await runCli(['risk', 'check', bad]);
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain('maxOrderAmount');
    expect(wrong.stderr).toContain('maxOrderQty');
  });

  test('test: what passes, what is refused by which rule', async () => {
    const order = (text: string) =>
      runCli(['risk', 'test', good, '--order', text, '--last', '10', '--json']);
    const passes = await order('BUY 600519.SH 100@10.00');
    expect(passes.code, passes.stderr).toBe(0);
    expect(JSON.parse(passes.stdout)).toMatchObject({ code: 0 });
    const refused = await order('BUY 600519.SH 10100@10.00');
    expect(refused.code).toBe(1);
    const { code, rules } = JSON.parse(refused.stdout) as {
      code: number;
      rules: { verdict: string; rule: string }[];
    };
    expect(code).toBe(301);
    const names = rules.filter(({ verdict }) => verdict === 'refuse').map(({ rule }) => rule);
    expect(names).toEqual(['order amount']);
    const wrong = await order('HOLD 600519.SH 100@10.00');
    expect(wrong.code).toBe(2);
  });
});
