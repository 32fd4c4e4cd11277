// The end-of-day reconciliation: our journal against the broker's word, trade by trade, order by
// order (fees), holding by holding, and the cash. Called by `pankou reconcile` and by the end of a
// session with the broker's last answers. Pure. Always: it only compares; nothing is booked.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineSetup } from '../host/setup.ts';
import { csvText, yuanText } from './csv-text.ts';
import type { BrokerFacts } from './end-facts.ts';
import type { ReplayedAccount } from './replay-day.ts';
import { type StatementFile, tradeKey } from './statement-file.ts';

/** `missing`: the broker has it, we do not. `extra`: we have it, the broker does not. */
export const DIFFERENCE_KINDS = [
  ...(['missing', 'extra', 'price', 'quantity', 'fee', 'position', 'cash'] as const),
] as const;
export type DifferenceKind = (typeof DIFFERENCE_KINDS)[number];

/** Broker's figure less ours is `differenceE4` (money) or `differenceQty`. */
export interface Difference {
  readonly kind: DifferenceKind;
  readonly account: string;
  readonly instrument: string;
  readonly side: string;
  readonly coid: string;
  /** The broker's trade number; 0 = not about one trade. */
  readonly fillNo: number;
  /** As the column says: shares, yuan of a price, yuan. */
  readonly ours: string;
  readonly theirs: string;
  /** true: within what rounding to the fen explains. */
  readonly isRounding: boolean;
}

export interface Reconciliation {
  readonly day: number;
  /** Where the broker's figures come from. */
  readonly source: string;
  readonly compared: {
    readonly trades: number;
    readonly fees: number;
    readonly positions: number;
    readonly cash: number;
  };
  /** Accounts of which the broker's side said nothing at all. */
  readonly notCompared: readonly string[];
  readonly differences: readonly Difference[];
  /** No difference but rounding. */
  readonly isClean: boolean;
}

/** Three fee items a trade, a fen each. */
const FEE_ROUNDING_E4 = 300;

class Findings {
  readonly list: Difference[] = [];
  readonly compared = { trades: 0, fees: 0, positions: 0, cash: 0 };
  readonly silent: string[] = [];

  add(kind: DifferenceKind, account: string, more: Partial<Difference>): void {
    const none = { instrument: '', side: '', coid: '', fillNo: 0, ours: '', theirs: '' };
    this.list.push({ kind, account, ...none, isRounding: false, ...more });
  }

  result(day: number, source: string): Reconciliation {
    const { compared, silent } = this;
    const isClean = this.list.every(({ isRounding }) => isRounding);
    return { day, source, compared, notCompared: silent, differences: this.list, isClean };
  }
}

/** Accounts as journaled against a statement file. */
export function reconcileFile(
  setup: EngineSetup,
  accounts: readonly ReplayedAccount[],
  statement: StatementFile,
  source: string,
): Reconciliation {
  const found = new Findings();
  for (const account of accounts) {
    const { id } = account;
    if (statement.has('trade', id)) compareTrades(found, account, statement);
    if (statement.has('position', id)) {
      const stated = statement.positions.filter((row) => row.account === id);
      const qty = new Map(stated.map((row) => [row.instrument, row.qty]));
      comparePositions(found, setup, account, qty);
    }
    const cash = statement.cash.find((row) => row.account === id);
    if (cash !== undefined) compareCash(found, account, cash.cashE4);
    const kinds = ['trade', 'position', 'cash'] as const;
    if (!kinds.some((kind) => statement.has(kind, id))) found.silent.push(id);
  }
  return found.result(setup.day, source);
}

/** Accounts as journaled against the broker's last answers; null = it gave none. */
export function reconcileAnswers(
  setup: EngineSetup,
  accounts: readonly ReplayedAccount[],
  answers: ReadonlyMap<string, BrokerFacts | null>,
): Reconciliation {
  const found = new Findings();
  for (const account of accounts) {
    const broker = answers.get(account.id) ?? null;
    if (broker === null) {
      found.silent.push(account.id);
      continue;
    }
    const qty = new Map(setup.instruments.map((i) => [i.symbol, broker.qty[i.index] ?? 0]));
    comparePositions(found, setup, account, qty);
    compareCash(found, account, broker.cashE4);
  }
  return found.result(setup.day, "the broker's last answers");
}

function compareTrades(found: Findings, account: ReplayedAccount, file: StatementFile): void {
  const { id } = account;
  const stated = file.trades.filter((trade) => trade.account === id);
  const ours = new Map(account.fills.map((fill) => [tradeKey(fill), fill]));
  const feeOf = new Map<string, { ours: number; theirs: number; count: number }>();
  for (const trade of stated) {
    found.compared.trades++;
    const { instrument, side, fillNo } = trade;
    const fill = ours.get(tradeKey(trade));
    const about = { instrument, side, fillNo, coid: fill?.coid ?? trade.coid };
    if (fill === undefined) {
      const theirs = `${trade.qty} at ${yuanText(trade.priceE4)}`;
      found.add('missing', id, { ...about, theirs });
      continue;
    }
    ours.delete(tradeKey(trade));
    if (fill.priceE4 !== trade.priceE4) {
      const prices = { ours: yuanText(fill.priceE4), theirs: yuanText(trade.priceE4) };
      found.add('price', id, { ...about, ...prices });
    }
    if (fill.qty !== trade.qty) {
      found.add('quantity', id, { ...about, ours: `${fill.qty}`, theirs: `${trade.qty}` });
    }
    if (trade.feeE4 === null) continue;
    const sum = feeOf.get(fill.coid) ?? { ours: 0, theirs: 0, count: 0 };
    const { feeE4 } = fill;
    const next = { ours: sum.ours + feeE4, theirs: sum.theirs + trade.feeE4, count: sum.count + 1 };
    feeOf.set(fill.coid, next);
  }
  for (const fill of ours.values()) {
    const { instrument, side, fillNo, coid } = fill;
    const text = `${fill.qty} at ${yuanText(fill.priceE4)}`;
    found.add('extra', id, { instrument, side, fillNo, coid, ours: text });
  }
  compareFees(found, account, feeOf);
}

/** By order: fees are charged over an order's fills, brokers spread them as they like. */
function compareFees(
  found: Findings,
  account: ReplayedAccount,
  feeOf: ReadonlyMap<string, { ours: number; theirs: number; count: number }>,
): void {
  for (const [coid, { ours, theirs, count }] of feeOf) {
    found.compared.fees++;
    if (ours === theirs) continue;
    const order = account.orders.find((row) => row.coid === coid);
    found.add('fee', account.id, {
      ...{ instrument: order?.instrument ?? '', side: order?.side ?? '', coid },
      ...{ ours: yuanText(ours), theirs: yuanText(theirs) },
      isRounding: Math.abs(theirs - ours) <= FEE_ROUNDING_E4 * count,
    });
  }
}

function comparePositions(
  found: Findings,
  setup: EngineSetup,
  account: ReplayedAccount,
  stated: ReadonlyMap<string, number>,
): void {
  const { positions } = account.state.account;
  const rest = new Map(stated);
  for (const { index, symbol } of setup.instruments) {
    const theirs = rest.get(symbol) ?? 0;
    const ours = positions.qty[index]!;
    if (rest.delete(symbol) || ours !== 0) found.compared.positions++;
    if (ours === theirs) continue;
    const about = { instrument: symbol, ours: `${ours}`, theirs: `${theirs}` };
    found.add('position', account.id, about);
  }
  // Shares of what this engine does not trade: told, and nobody's fault.
  for (const [instrument, qty] of rest) {
    found.compared.positions++;
    if (qty !== 0) found.add('position', account.id, { instrument, ours: '0', theirs: `${qty}` });
  }
}

function compareCash(found: Findings, account: ReplayedAccount, theirsE4: number): void {
  found.compared.cash++;
  const { cash, fillCount } = account.state.account;
  const oursE4 = cash.cashE4;
  if (oursE4 === theirsE4) return;
  found.add('cash', account.id, {
    ...{ ours: yuanText(oursE4), theirs: yuanText(theirsE4) },
    isRounding: Math.abs(theirsE4 - oursE4) <= FEE_ROUNDING_E4 * fillCount,
  });
}

const COLUMNS = ['kind', 'account', 'instrument', 'side', 'order', 'trade', 'ours', 'theirs'];

/** Writes reconciliation.csv and reconciliation.json into `dir`. */
export function writeReconciliation(dir: string, result: Reconciliation): void {
  writeFileSync(join(dir, 'reconciliation.csv'), reconciliationCsv(result));
  const json = JSON.stringify(result, null, 1);
  writeFileSync(join(dir, 'reconciliation.json'), `${json}\n`);
}

export function reconciliationCsv(result: Reconciliation): string {
  const rows = result.differences.map((row) => ({
    ...{ kind: row.kind, account: row.account, instrument: row.instrument, side: row.side },
    ...{ order: row.coid, trade: row.fillNo === 0 ? '' : row.fillNo, ours: row.ours },
    ...{ theirs: row.theirs, rounding: row.isRounding ? 'yes' : '' },
  }));
  return csvText([...COLUMNS, 'rounding'], rows);
}
