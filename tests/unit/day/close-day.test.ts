// The end of a day and the next one's beginning, on real journals: nothing closes without proof, a
// closed day is read-only and whole, and the next one opens with exactly what it left.
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { pastOrders, pastRecords } from '../../../engine/control/past-trades.ts';
import { sellable } from '../../../engine/core/position.ts';
import { BOOKS_AGREE, bookMismatch } from '../../../engine/core/strategy-books.ts';
import { closedDays, draftFolder, moveDay, verifyDay } from '../../../engine/day/archive.ts';
import { closeDay } from '../../../engine/day/close-day.ts';
import { closedDayFolder, readDaySheet } from '../../../engine/day/day-file.ts';
import { fillsOfDay, ordersOfDay } from '../../../engine/day/history.ts';
import { openDay } from '../../../engine/day/open-day.ts';
import { replayAccount } from '../../../engine/day/replay-day.ts';
import { readStatement } from '../../../engine/day/statement-file.ts';
import { AccountState } from '../../../engine/host/account-state.ts';
import type { EngineSetup } from '../../../engine/host/setup.ts';
import { DESK_STRATEGY, SIDE_BUY, SIDE_SELL } from '../../../engine/messages/codes.ts';
import { FrameMemory } from '../../../engine/messages/frames.ts';
import { builtInBook } from '../../../engine/rules/rule-book.ts';
import { daySetup, liveDay, removeFolders, runFolder, type Trade } from './day-folder.ts';

afterEach(removeFolders);

const MONDAY = 20_260_105;
const FRIDAY = 20_260_109;
const NONE = { statement: null, source: '' };
const { calendar } = builtInBook();

const TRADES: readonly Trade[] = [
  { strategy: 0, side: SIDE_BUY, qty: 1_000, priceE4: 100_000 },
  { strategy: 1, side: SIDE_BUY, qty: 500, priceE4: 120_000 },
  { strategy: 0, side: SIDE_SELL, qty: 300, priceE4: 110_000 },
];

async function mondayOf(changes: Partial<EngineSetup> = {}, trades = TRADES) {
  const dir = runFolder();
  const setup = daySetup(dir, changes);
  await liveDay(dir, setup, trades);
  return { dir, setup };
}

/** The account that a setup opens with. */
function opening(setup: EngineSetup) {
  const state = new AccountState(setup, 0);
  state.open(setup, () => {}, new FrameMemory(new ArrayBuffer(512)));
  return state.account;
}

test('a later day closes the one before and opens with its books, T+1 shares free', async () => {
  const { dir, setup } = await mondayOf();
  const before = replayAccount(setup, 0, dir).state.account;
  expect(sellable(before.positions, 0)).toBe(10_000 - 300);
  const friday = { ...setup, day: FRIDAY };
  const opened = await openDay(dir, friday, calendar);
  expect(opened.notes).toContain(`day ${MONDAY} is closed and archived`);
  expect([closedDays(dir), readDaySheet(dir)]).toEqual([[MONDAY], null]);

  const after = opening(opened.setup);
  expect(after.cash.cashE4).toBe(before.cash.cashE4);
  expect(after.positions.qty[0]).toBe(before.positions.qty[0]);
  expect(after.positions.costAmountE4[0]).toBe(before.positions.costAmountE4[0]);
  expect(sellable(after.positions, 0)).toBe(11_200);
  expect(after.positions.boughtToday[0]).toBe(0);
  expect(bookMismatch(after.books, after.positions, after.cash)).toBe(BOOKS_AGREE);
  for (const strategy of [0, 1, DESK_STRATEGY]) {
    const c = before.books.cell(before.books.rowOf(strategy), 0);
    expect(after.books.qty[c]).toBe(before.books.qty[c]);
    expect(after.books.costAmountE4[c]).toBe(before.books.costAmountE4[c]);
    expect(after.books.realisedE4[c]).toBe(0);
  }
});

test('shares count the trading days they are held; a new holding begins at 0', async () => {
  const dir = runFolder();
  const bare = daySetup(dir);
  const accounts = bare.accounts.map((account) => ({ ...account, positions: [] }));
  const setup = { ...bare, accounts };
  await liveDay(dir, setup, [{ strategy: 0, side: SIDE_BUY, qty: 100, priceE4: 100_000 }]);
  expect(replayAccount(setup, 0, dir).state.account.positions.heldDays[0]).toBe(0);
  const opened = await openDay(dir, { ...setup, day: FRIDAY }, calendar);
  expect(opening(opened.setup).positions.heldDays[0]).toBe(4);
});

test('a strategy is known by name; one that is gone leaves its shares to the desk', async () => {
  const { dir, setup } = await mondayOf();
  const strategies = [{ ...setup.strategies[1]! }];
  const opened = await openDay(dir, { ...setup, day: FRIDAY, strategies }, calendar);
  const { books, positions, cash } = opening(opened.setup);
  expect(books.qty[books.cell(books.rowOf(0), 0)]).toBe(500);
  expect(books.qty[books.cell(0, 0)]).toBe(10_700);
  expect(bookMismatch(books, positions, cash)).toBe(BOOKS_AGREE);
});

test('shares that the next day cannot trade stop its start; the day is closed', async () => {
  const { dir, setup } = await mondayOf();
  const instruments = setup.instruments.map((i) => ({ ...i, symbol: '600001.SH' }));
  const friday = { ...setup, day: FRIDAY, instruments };
  const start = openDay(dir, friday, calendar);
  await expect(start).rejects.toThrow(/holds 11200 of 600000\.SH.*add it to market\.instruments/);
  expect(closedDays(dir)).toEqual([MONDAY]);
});

test('an open order without proof keeps the day open, and nothing is written', async () => {
  const open: Trade = { ...TRADES[0]!, fills: [400], open: true };
  const { dir, setup } = await mondayOf({ gateway: 'qmt' }, [open]);
  const path = join(dir, 'journal-0', 'journal-000001.pkj');
  const bytes = readFileSync(path);
  await expect(openDay(dir, { ...setup, day: FRIDAY }, calendar)).rejects.toThrow(
    /1 orders have no proven end[\s\S]*400 filled[\s\S]*journal close DIR --statement FILE/,
  );
  expect(readFileSync(path).equals(bytes)).toBe(true);
  expect(closedDays(dir)).toEqual([]);
});

test("the broker's statement ends an open order, with fills we never heard of", async () => {
  const open: Trade = { ...TRADES[0]!, fills: [400], open: true };
  const { dir, setup } = await mondayOf({ gateway: 'qmt' }, [open]);
  const { coid } = replayAccount(setup, 0, dir).orders[0]!;
  const file = join(dir, 'statement.csv');
  const head = 'kind,account,instrument,side,quantity,price,fee,amount,trade,order';
  const trade = (no: number, qty: number) => `trade,main,600000.SH,buy,${qty},10,,,${no},${coid}`;
  const close = async (rows: readonly string[]) => {
    writeFileSync(file, `${[head, ...rows].join('\n')}\n`);
    return closeDay(dir, { statement: readStatement(file, ['main']), source: file });
  };
  // It says less than we booked, or nothing of trades: no proof.
  await expect(close([trade(101, 300)])).rejects.toThrow(/says 300 traded, we have booked 400/);
  await expect(close(['cash,main,,,,,,5,,'])).rejects.toThrow(/the statement has no trades/);
  const closed = await close([trade(101, 400), trade(102, 100)]);
  expect(closed?.accounts[0]).toMatchObject({ endedOrders: 1 });
  expect(ordersOfDay(dir, MONDAY)).toMatchObject([
    { coid, filledQty: 500, status: 'partly-cancelled' },
  ]);
  expect(fillsOfDay(dir, MONDAY).map(({ fillNo, qty }) => [fillNo, qty])).toEqual([
    [101, 400],
    [102, 100],
  ]);
});

test('a trade that we have booked proves an order also where its row names none', async () => {
  const open: Trade = { ...TRADES[0]!, fills: [400], open: true };
  const { dir } = await mondayOf({ gateway: 'qmt' }, [open]);
  const file = join(dir, 'statement.csv');
  const head = 'kind,account,instrument,side,quantity,price,fee,amount,trade,order';
  const close = async (tradeNo: number) => {
    writeFileSync(file, `${head}\ntrade,main,600000.SH,buy,400,10,,,${tradeNo},\n`);
    return closeDay(dir, { statement: readStatement(file, ['main']), source: file });
  };
  await expect(close(999)).rejects.toThrow(/says 0 traded, we have booked 400/);
  expect((await close(101))?.accounts[0]).toMatchObject({ endedOrders: 1 });
});

test('what the statement says beyond an order is booked too, and told', async () => {
  const open: Trade = { ...TRADES[0]!, fills: [400], open: true };
  const { dir, setup } = await mondayOf({ gateway: 'qmt' }, [open]);
  const { coid } = replayAccount(setup, 0, dir).orders[0]!;
  const file = join(dir, 'statement.csv');
  const head = 'kind,account,instrument,side,quantity,price,fee,amount,trade,order';
  const rows = [
    `trade,main,600000.SH,buy,400,10,,,101,${coid}`,
    `trade,main,600000.SH,buy,700,10,,,102,${coid}`,
  ];
  writeFileSync(file, `${[head, ...rows].join('\n')}\n`);
  const closed = await closeDay(dir, { statement: readStatement(file, ['main']), source: file });
  expect(closed?.notes.join()).toContain(
    `order ${coid} is of 1000 shares, the statement says 1100`,
  );
  expect(ordersOfDay(dir, MONDAY)).toMatchObject([{ coid, filledQty: 1_100, status: 'filled' }]);
});

test('an order that was held and never sent ends with the day, and needs no proof', async () => {
  const held: Trade = { ...TRADES[0]!, fills: [], held: true };
  const { dir } = await mondayOf({ gateway: 'qmt' }, [held]);
  const closed = await closeDay(dir, NONE);
  expect(closed?.accounts[0]).toMatchObject({ endedOrders: 1 });
  expect(ordersOfDay(dir, MONDAY)).toMatchObject([{ status: 'cancelled', filledQty: 0 }]);
});

test('open orders of the simulated exchange end with the day: it is gone', async () => {
  const { dir } = await mondayOf({}, [{ ...TRADES[0]!, fills: [], open: true }]);
  const closed = await closeDay(dir, NONE);
  expect(closed?.notes).toContain(`account main: 1 orders ended with day ${MONDAY}`);
  expect(ordersOfDay(dir, MONDAY)).toMatchObject([{ status: 'cancelled', filledQty: 0 }]);
});

test('a closed day is read-only, whole, and does not open again', async () => {
  const { dir, setup } = await mondayOf();
  await closeDay(dir, NONE);
  const folder = closedDayFolder(dir, MONDAY);
  const names = readdirSync(folder).sort();
  expect(names).toEqual([
    ...['archive.json', 'day.json', 'fills.jsonl', 'journal-0', 'orders.jsonl'],
    ...['pnl.csv', 'pnl.json', 'reconciliation.csv', 'reconciliation.json'],
  ]);
  for (const name of names) {
    const { mode } = statSync(join(folder, name));
    expect(mode & 0o222, name).toBe(0);
  }
  expect(await closeDay(dir, NONE)).toBeNull();
  await expect(openDay(dir, setup, calendar)).rejects.toThrow(/is closed and archived/);
  expect(verifyDay(dir, MONDAY).files.length).toBeGreaterThan(7);
});

test('a changed or added file in a closed day is named, and stops the next day', async () => {
  const { dir, setup } = await mondayOf();
  await closeDay(dir, NONE);
  const folder = closedDayFolder(dir, MONDAY);
  const path = join(folder, 'orders.jsonl');
  chmodSync(folder, 0o755);
  chmodSync(path, 0o644);
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, text.replace('"qty":1000', '"qty":1001'));
  const friday = () => openDay(dir, { ...setup, day: FRIDAY }, calendar);
  await expect(friday()).rejects.toThrow(/orders\.jsonl is not what was archived/);
  expect(() => ordersOfDay(dir, MONDAY)).toThrow(/not what was archived/);
  writeFileSync(path, text);
  await friday();
  writeFileSync(join(folder, 'note.txt'), 'x');
  await expect(friday()).rejects.toThrow(/note\.txt was added after the day was closed/);
});

test('a close that a crash cut short is finished by the next start', async () => {
  const { dir, setup } = await mondayOf();
  // Everything was moved, and there was no time for the manifest.
  moveDay(dir, MONDAY);
  expect(existsSync(join(draftFolder(dir, MONDAY), 'day.json'))).toBe(true);
  // The journal in it was not closed: that is not finished behind people's backs.
  await expect(openDay(dir, { ...setup, day: FRIDAY }, calendar)).rejects.toThrow(
    /has no close: move/,
  );
  expect(closedDays(dir)).toEqual([]);

  // Half of it was moved: the journal's records were written, the sheet had not gone yet.
  const half = runFolder();
  const halfSetup = daySetup(half);
  await liveDay(half, halfSetup, TRADES);
  const sheet = readFileSync(join(half, 'day.json'));
  moveDay(half, MONDAY);
  writeFileSync(join(half, 'day.json'), sheet);
  const opened = await openDay(half, { ...halfSetup, day: FRIDAY }, calendar);
  expect(closedDays(half)).toEqual([MONDAY]);
  expect(opening(opened.setup).positions.qty[0]).toBe(11_200);
});

test('time does not go back, and a journal says that its day is closed', async () => {
  const { dir, setup } = await mondayOf();
  await expect(openDay(dir, { ...setup, day: MONDAY - 3 }, calendar)).rejects.toThrow(/go back/);
  await closeDay(dir, NONE);
  expect(replayAccount(setup, 0, closedDayFolder(dir, MONDAY)).isClosed).toBe(true);
});

test('the profit file adds up: strategies to the account, to the fen', async () => {
  const { dir } = await mondayOf();
  await closeDay(dir, NONE);
  const path = join(closedDayFolder(dir, MONDAY), 'pnl.json');
  const { accounts, strategies } = JSON.parse(readFileSync(path, 'utf8')) as {
    accounts: { profitE4: number; cashE4: number; valueE4: number; openingEquityE4: number }[];
    strategies: { strategy: string; profitE4: number; feesE4: number }[];
  };
  const [main] = accounts;
  const sum = strategies.reduce((total, row) => total + row.profitE4, 0);
  expect(strategies.map(({ strategy }) => strategy)).toEqual(['alpha', 'beta', 'desk']);
  expect(sum).toBe(main!.profitE4);
  expect(main!.profitE4).toBe(main!.cashE4 + main!.valueE4 - main!.openingEquityE4);
  const csv = readFileSync(join(closedDayFolder(dir, MONDAY), 'pnl.csv'), 'utf8').split('\n');
  expect(csv[0]).toMatch(/^day,account,strategy,instrument,name,quantity/);
  expect(csv.filter((line) => line.includes(',main,*,*,'))).toHaveLength(1);
});

test('orders and fills of a closed day are filtered and paged as those of today', async () => {
  const { dir } = await mondayOf();
  await closeDay(dir, NONE);
  const orders = pastOrders(dir, MONDAY, { limit: 2 });
  expect(orders).toMatchObject({ ok: true, data: { rows: [{ qty: 1_000 }, { qty: 500 }] } });
  const next = orders.ok ? (orders.data.next ?? '') : '';
  expect(pastOrders(dir, MONDAY, { after: next })).toMatchObject({
    data: { rows: [{ side: 'sell', strategy: 'alpha', status: 'filled' }], next: null },
  });
  expect(pastRecords(dir, MONDAY, { side: 'sell' })).toMatchObject({
    data: { rows: [{ qty: 300, priceE4: 110_000, fillNo: 103 }] },
  });
  const error = (answer: object) => (answer as { error?: { code: string } }).error?.code;
  expect(error(pastOrders(dir, FRIDAY, {}))).toBe('unknown-day');
  expect(error(pastOrders(dir, MONDAY, { status: 'open' }))).toBe('bad-request');
  expect(error(pastRecords(dir, MONDAY, { after: 'nothing' }))).toBe('bad-request');
});

test('accounts are carried each by its own id; one does not touch the other', async () => {
  const { dir, setup } = await mondayOf();
  await closeDay(dir, NONE);
  const [main] = setup.accounts;
  const other = { ...main!, id: 'other', cashE4: 7_000_000 };
  const accounts = [other, main!];
  const strategies = setup.strategies.map((s) => ({ ...s, account: 1 }));
  const friday = { ...setup, day: FRIDAY, accounts, strategies };
  const opened = await openDay(dir, friday, calendar);
  expect(opened.notes).toContain('account other is new: it opens as the configuration says');
  expect(opened.setup.accounts[0]).toEqual(other);
  expect(opened.setup.accounts[1]!.positions[0]!.qty).toBe(11_200);
});
