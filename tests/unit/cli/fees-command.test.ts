// `pankou fees`: the sum to the fen and the rule of each item, through the parser a person uses.
// Run by vitest, in a folder without overlays.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { registerFees } from '../../../tools/commands/fees.ts';

let dir = '';
const before = process.cwd();
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'pankou-fees-'));
  process.chdir(dir);
});
afterAll(() => {
  process.chdir(before);
  rmSync(dir, { recursive: true, force: true });
});

async function run(line: string): Promise<{ out: string; code: number }> {
  let out = '';
  const keep = (chunk: unknown) => {
    out += String(chunk);
    return true;
  };
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation(keep);
  const program = new Command('pankou').exitOverride();
  program.configureOutput({ writeErr: keep, writeOut: keep });
  registerFees(program);
  try {
    await program.parseAsync(['fees', ...line.split(' ')], { from: 'user' });
    return { out, code: 0 };
  } catch (error) {
    const isUse = error instanceof CommanderError;
    return { out: isUse ? out : (error as Error).message, code: isUse ? 2 : 1 };
  } finally {
    stdout.mockRestore();
  }
}

async function items(line: string): Promise<{ total: number; [item: string]: unknown }> {
  const told = JSON.parse((await run(`${line} --json`)).out);
  const rows = told.items as { item: string; amount: number; rule: string | null }[];
  return { total: told.total, cash: told.cash, ...Object.fromEntries(rows.map(amountAndRule)) };
}

function amountAndRule({ item, amount, rule }: { item: string; amount: number; rule: unknown }) {
  return [item, [amount, rule]] as const;
}

describe('pankou fees', () => {
  test('a sale of 125,400 yuan costs 95.30 in 2026 and 158.00 before 2023-08-28', async () => {
    expect(await items('000001.SZ SELL 10000@12.54 --day 2026-08-10')).toMatchObject({
      ...{ total: 95.3, cash: 125_304.7, commission: [31.35, null] },
      stampDuty: [62.7, 'fee/stamp-duty/shares-2023'],
      transferFee: [1.25, 'fee/transfer-fee/shares-2022'],
    });
    expect(await items('000001.SZ SELL 10000@12.54 --day 20230825')).toMatchObject({
      ...{ total: 158, stampDuty: [125.4, 'fee/stamp-duty/shares-2008'] },
    });
  });

  test('a buy pays no stamp duty and the minimum commission, and says both', async () => {
    const { out } = await run('600000.SH BUY 100@9.99 --day 2026-07-06');
    expect(out).toMatch(/commission 佣金\s+5\.00\s+0\.025 %.*\(the minimum of the order\)/);
    expect(out).toMatch(/stamp duty 印花税\s+0\.00\s+0\.05 %.*since 2023-08-28.*\(sells only\)/);
    expect(out).toMatch(/transfer fee 过户费\s+0\.01\s+0\.001 %.*since 2022-04-29/);
    expect(out).toMatch(/total 合计\s+5\.01\n/);
    expect(out).toMatch(/paid 应付\s+1004\.01\n/);
  });

  test('commission, minimum and net contract are the broker’s', async () => {
    const line = '000001.SZ BUY 100000@10 --day 2026-07-06 --commission 0.01% --min 0';
    expect(await items(line)).toMatchObject({ commission: [100, null], total: 110 });
    expect(await items(`${line} --net`)).toMatchObject({
      ...{ commission: [100, null], total: 110 + 34.1 + 20 },
      handlingFee: [34.1, 'fee/handling-fee/shares-2023'],
      regulatoryFee: [20, 'fee/regulatory-fee/shares'],
    });
    expect(await items(line.replace('0.01%', '0.0001'))).toMatchObject({ total: 110 });
  });

  test('a fund pays neither stamp duty nor transfer fee, by the rule that frees it', async () => {
    expect(await items('510300.SH SELL 10000@4.123 --day 2026-07-06')).toMatchObject({
      ...{ total: 10.31, stampDuty: [0, 'fee/stamp-duty/funds'] },
      transferFee: [0, 'fee/transfer-fee/funds'],
    });
  });

  test('a row that is missing on the day is said, an overlay is named', async () => {
    const { out } = await run('600000.SH SELL 100@10 --day 2008-09-18');
    expect(out).toMatch(/stamp duty .*no rule of this day and kind: not charged/);
    const overlay = join(dir, 'mine.json');
    const row = {
      ...{ id: 'mine/stamp', what: 'fee', key: 'stamp-duty', venues: ['SSE'], kinds: ['main'] },
      ...{ value: { rateE7: 1_000, sides: 'sell' }, source: 'a test', confidence: 'C' },
    };
    writeFileSync(overlay, JSON.stringify({ rows: [row] }));
    const mine = await run(`600000.SH SELL 1000@10 --day 2026-07-06 --rules ${overlay}`);
    expect(mine.out).toMatch(/stamp duty 印花税\s+1\.00\s+0\.01 %\s+mine\/stamp \[C\].*overlay/);
  });

  test.each([
    ['600000.SH BUY 100@0 --day 2026-07-06', 2, /both above 0/],
    ['600000.SH BUY 100 --day 2026-07-06', 2, /both above 0/],
    ['600000.SH HOLD 100@1 --day 2026-07-06', 2, /BUY or SELL/],
    ['600000.SH BUY 2000000000@200000 --day 2026-07-06', 2, /both above 0/],
    ['600000.SH BUY 100@1 --day 2026-07-06 --commission 5%', 2, /at most 1 %/],
    ['600000.SH BUY 100@1 --day 2026-07-06 --commission 0.00000005', 2, /at most 1 %/],
    ['600000.SH BUY 100@1', 2, /--day/],
    ['600000.SH BUY 100@1 --day 2026-07-05', 1, /2026-07-05 is not a trading day/],
    ['000300.SH BUY 100@4000 --day 2026-07-06', 1, /000300\.SH.*not traded/],
    ['799999.SH BUY 100@1 --day 2026-07-06', 1, /no code range/],
  ])('%s ends with %i', async (line, code, why) => {
    const found = await run(line);
    expect(found.out).toMatch(why);
    expect(found.code).toBe(code);
  });
});
