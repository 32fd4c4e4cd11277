// `pankou rules`: what it prints and with which code it ends, through the same parser and actions a
// person uses, in a folder of its own.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { registerRules } from '../../../tools/commands/rules.ts';

let dir = '';
const before = process.cwd();
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'pankou-rules-cli-'));
  process.chdir(dir);
});
afterAll(() => {
  process.chdir(before);
  rmSync(dir, { recursive: true, force: true });
});

/** Text and exit code of one call; errors that are not commander's are code 1. */
async function run(line: string): Promise<{ out: string; code: number }> {
  let out = '';
  const keep = (chunk: unknown) => {
    out += String(chunk);
    return true;
  };
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation(keep);
  const program = new Command('pankou').exitOverride();
  program.configureOutput({ writeErr: keep, writeOut: keep });
  registerRules(program);
  const codeBefore = process.exitCode;
  try {
    process.exitCode = 0;
    await program.parseAsync(['rules', ...line.split(' ')], { from: 'user' });
    return { out, code: Number(process.exitCode) };
  } catch (error) {
    const isUse = error instanceof CommanderError;
    return { out: isUse ? out : (error as Error).message, code: isUse ? 2 : 1 };
  } finally {
    stdout.mockRestore();
    process.exitCode = codeBefore;
  }
}

describe('rules DAY SYMBOL', () => {
  test('prints value, source and confidence of what holds', async () => {
    const { out, code } = await run('2026-07-06 600519.SH');
    expect(code).toBe(0);
    expect(out).toContain('daily limit on this day: +10 % / -10 %');
    expect(out).toMatch(/cage\s+buy to 102 %.*10 ticks/);
    expect(out).toMatch(/\[B\] since 2023-04-10 .*3\.3\.14/);
  });

  test('as JSON has the same rows', async () => {
    const { out } = await run('2026-07-03 000010.SZ --state risk-warning --json');
    const told = JSON.parse(out);
    expect(told).toMatchObject({ calendar: 'trading', limit: { rule: 'price-limit/main/st-5' } });
    expect(told.rules.length).toBeGreaterThan(30);
  });

  test.each([
    ['2026-07-04 600519.SH', 1, 'trading days beside it: 2026-07-03, 2026-07-06'],
    ['2026-07-06 999999.SH', 1, 'no code range of SSE'],
    ['2026-07-06 600519', 1, 'add the venue'],
    ['2026-02-30 600519.SH', 2, 'Expected a day'],
    ['2026-07-06', 2, 'SYMBOL'],
  ])('%s ends with %i', async (line, code, message) => {
    expect(await run(line)).toMatchObject({ code, out: expect.stringContaining(message) });
  });

  test('says that a day is unknown to the calendar', async () => {
    const { out, code } = await run('2027-01-04 600519.SH');
    expect(code).toBe(0);
    expect(out).toContain('UNKNOWN to the calendar');
    expect(out).toContain('warning: the trading calendar ends in 0 days');
  });
});

test('rules diff prints what changed on 2026-07-06, and nothing for a quiet week', async () => {
  const { out } = await run('diff 2026-07-03 2026-07-06');
  expect(out).toContain(
    'price-limit  changed  [B]  SSE main (risk-warning), SZSE main (risk-warning)',
  );
  expect(out).toContain('after-hours  new  [B]  SZSE main, SZSE etf');
  expect((await run('diff 2026-08-10 2026-08-14')).out).toContain('0 rules changed');
  const json = JSON.parse((await run('diff 2026-08-28 2026-08-31 --json')).out);
  expect(json.changes).toMatchObject([{ kind: 'new', after: { id: 'buy-cap/bse' } }]);
});

describe('rules validate', () => {
  test.each<[string, number, string]>([
    ['688981.SH BUY 250@45.67 --day 2026-07-06 --preclose 45', 0, 'nothing refuses it'],
    ['688981.SH BUY 150@45.67 --day 2026-07-06', 1, 'reject 204 低于最小申报数量'],
    ['600000.SH buy 100@11.01 --day 2026-07-06 --preclose 10', 1, 'rule price-limit/main [B]'],
    ['600000.SH SELL 50@10.00 --day 2026-07-06 --sellable 250', 0, 'nothing refuses it'],
    ['600000.SH SELL 30@10.00 --day 2026-07-06 --sellable 250', 1, 'reject 209'],
    [
      '600000.SH BUY 100@10.21 --day 2026-07-06 --time 10:00 --ask 10.00',
      1,
      'reject 211 超出有效申报价格范围（价格笼子）',
    ],
    ['600000.SH BUY 100 --day 2026-07-06 --kind best5-ioc', 1, 'protection price'],
    ['600000.SH BUY 100@10 --day 2026-10-01', 1, 'is not a trading day'],
    ['600000.SH BUY 100@10 --day 2027-01-04', 1, 'does not know this day'],
    ['113050.SH BUY 1000010@100 --day 2026-07-06', 0, 'warning 206'],
    ['113050.SH BUY 1000010@100 --day 2026-07-06 --mode backtest', 1, 'reject 206'],
    ['600000.SH BUY 100@10 --day 2026-07-06 --preclose 10 --upper 10.5', 0, 'alert: upperLimitE4'],
    ['600000.SH HOLD 100@10 --day 2026-07-06', 2, 'BUY or SELL'],
    ['600000.SH BUY ten@10 --day 2026-07-06', 2, 'QTY@PRICE'],
    ['600000.SH BUY 100@10', 2, '--day'],
  ])('%s ends with %i', async (line, code, message) => {
    const result = await run(`validate ${line}`);
    expect(result.out).toContain(message);
    expect(result.code).toBe(code);
  });

  test('as JSON has the verdict and what was not checked', async () => {
    const { out, code } = await run('validate 600000.SH BUY 150@10 --day 2026-07-06 --json');
    expect(code).toBe(1);
    const told = JSON.parse(out);
    expect(told).toMatchObject({ ok: false, findings: [{ rule: 'lot/main-chinext', code: 205 }] });
    expect(told.notChecked.length).toBeGreaterThan(1);
  });
});

test('rules import stores an overlay, which then counts, and refuses a bad one', async () => {
  const row = {
    id: 'my/tick',
    what: 'tick',
    venues: ['SSE'],
    kinds: ['main'],
    value: { tickE4: 50 },
    source: 'a test',
    confidence: 'C',
  };
  writeFileSync(join(dir, 'mine.json'), JSON.stringify({ rows: [row] }));
  writeFileSync(join(dir, 'bad.json'), JSON.stringify({ rows: [{ ...row, kinds: ['mine'] }] }));
  expect(await run('import bad.json --rules own')).toMatchObject({ code: 1 });
  expect((await run('import mine.json --rules own')).out).toContain('rules 1, calendar spans 0');
  const { out } = await run('2026-07-06 600519.SH --rules own');
  expect(out).toMatch(/tick\s+0\.005/);
  expect(out).toContain('(overlay');
  expect((await run('2026-07-06 600519.SH')).out).toMatch(/tick\s+0\.01/);
});
