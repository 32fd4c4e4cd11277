// The money and shares of one account of the counter: cash with its frozen part, holdings with
// what may be sold today, debts of a credit account. Kept by ledger.ts line by line, never by
// adding up all orders. Always: what is frozen belongs to live orders; amounts are 1/10,000 yuan.
import { type FeeSchedule, orderFeesE4 } from '../../engine/core/fees.ts';
import { SIDE_BUY } from '../../engine/messages/codes.ts';
import type { CashRow, PositionRow } from '../broker-port.ts';

/** How an order of a credit account is paid (protocol `credit`). */
export const CREDIT_OWN = 0;
/** Bought with borrowed money 融资买入. */
export const CREDIT_FINANCED = 1;
/** Sold borrowed 融券卖出. */
export const CREDIT_SHORT = 2;
/** Bought to return borrowed shares 买券还券. */
export const CREDIT_RETURN = 3;
/** Sold to repay borrowed money 卖券还款. */
export const CREDIT_REPAY = 4;

/** The part of an order that money knows. */
export interface MoneyOrder {
  readonly symbol: string;
  readonly side: number;
  readonly credit: number;
  readonly qty: number;
  readonly filledQty: number;
  /** Traded so far. */
  readonly amountE4: number;
  readonly feeE4: number;
  /** Price that a share of it may cost at most. */
  readonly reserveE4: number;
}

interface Holding {
  qty: number;
  /** Held at the open, or bought today where shares turn round the same day; less what was sold. */
  sellableQty: number;
  openSellQty: number;
  costAmountE4: number;
  yesterdayQty: number;
  shortQty: number;
}

export interface CreditFigures {
  readonly debtE4: number;
  readonly quotaE4: number;
  /** Assets over debts in thousandths; 0 = no debts. */
  readonly ratioPermille: number;
}

export class Money {
  readonly type: string;
  readonly #fees: FeeSchedule;
  readonly #quotaE4: number;
  readonly #holdings = new Map<string, Holding>();
  #cashE4: number;
  #frozenE4 = 0;
  #debtE4 = 0;
  #debtFrozenE4 = 0;

  constructor(type: string, cashE4: number, quotaE4: number, fees: FeeSchedule) {
    this.type = type;
    this.#cashE4 = cashE4;
    this.#quotaE4 = quotaE4;
    this.#fees = fees;
  }

  give(symbol: string, qty: number, costE4: number): void {
    const held = this.#holding(symbol);
    held.qty += qty;
    held.sellableQty += qty;
    held.yesterdayQty += qty;
    held.costAmountE4 += qty * costE4;
  }

  /** '' or why the account cannot carry the order, in the words of a counter. */
  refusal(order: MoneyOrder): string {
    const { side, credit, qty } = order;
    if (credit !== CREDIT_OWN && this.type !== 'CREDIT') return '[251005][该账户不是信用账户]';
    if (side !== SIDE_BUY) {
      if (credit === CREDIT_SHORT) return '';
      const { sellableQty, openSellQty } = this.#holding(order.symbol);
      return qty > sellableQty - openSellQty ? '[251028][可用股份余额不足]' : '';
    }
    const needE4 = this.#reserveE4(order);
    if (credit === CREDIT_FINANCED) {
      const freeE4 = this.#quotaE4 - this.#debtE4 - this.#debtFrozenE4;
      return needE4 > freeE4 ? '[251012][融资可用额度不足]' : '';
    }
    return needE4 > this.#cashE4 - this.#frozenE4 ? '[260200][可用资金不足]' : '';
  }

  /** An order lives from now on. */
  open(order: MoneyOrder): void {
    this.#freeze(order, 1);
  }

  /** What is left of an order is free again. */
  close(order: MoneyOrder): void {
    this.#freeze(order, -1);
  }

  /** A fill; `after` is the order with it, `sameDay` lets what was bought be sold. */
  fill(before: MoneyOrder, after: MoneyOrder, sameDay: boolean): void {
    this.#freeze(before, -1);
    const qty = after.filledQty - before.filledQty;
    const amountE4 = after.amountE4 - before.amountE4;
    const feeE4 = after.feeE4 - before.feeE4;
    const held = this.#holding(after.symbol);
    if (after.side === SIDE_BUY) this.#bought(after, held, qty, amountE4, sameDay);
    else this.#sold(after, held, qty, amountE4);
    this.#cashE4 -= feeE4;
    this.#freeze(after, 1);
  }

  /** Fees of an order that has traded this much. */
  feesE4(side: number, amountE4: number): number {
    return orderFeesE4(this.#fees, side, amountE4);
  }

  positions(): PositionRow[] {
    const rows: PositionRow[] = [];
    for (const [symbol, held] of this.#holdings) {
      const { qty, sellableQty, openSellQty, costAmountE4 } = held;
      const more = { frozenQty: openSellQty, yesterdayQty: held.yesterdayQty };
      rows.push({ symbol, qty, sellableQty: sellableQty - openSellQty, costAmountE4, ...more });
    }
    return rows;
  }

  cash(): CashRow {
    const cashE4 = this.#cashE4;
    return { cashE4, availableE4: cashE4 - this.#frozenE4, frozenE4: this.#frozenE4 };
  }

  credit(assetsE4: number): CreditFigures {
    const debtE4 = this.#debtE4;
    const ratioPermille = debtE4 === 0 ? 0 : Math.floor((assetsE4 * 1_000) / debtE4);
    return { debtE4, quotaE4: this.#quotaE4 - debtE4 - this.#debtFrozenE4, ratioPermille };
  }

  /** A new day: what was bought may be sold. No order lives. */
  newDay(): void {
    for (const [symbol, held] of this.#holdings) {
      held.sellableQty = held.qty;
      held.yesterdayQty = held.qty;
      if (held.qty === 0 && held.shortQty === 0) this.#holdings.delete(symbol);
    }
  }

  #bought(order: MoneyOrder, held: Holding, qty: number, amountE4: number, sameDay: boolean): void {
    if (order.credit === CREDIT_FINANCED) this.#debtE4 += amountE4;
    else this.#cashE4 -= amountE4;
    if (order.credit === CREDIT_RETURN) {
      held.shortQty -= qty;
      return;
    }
    held.qty += qty;
    held.costAmountE4 += amountE4;
    if (sameDay) held.sellableQty += qty;
  }

  #sold(order: MoneyOrder, held: Holding, qty: number, amountE4: number): void {
    if (order.credit === CREDIT_REPAY) {
      const repaidE4 = Math.min(this.#debtE4, amountE4);
      this.#debtE4 -= repaidE4;
      this.#cashE4 += amountE4 - repaidE4;
    } else this.#cashE4 += amountE4;
    if (order.credit === CREDIT_SHORT) {
      held.shortQty += qty;
      return;
    }
    held.costAmountE4 -= held.qty === 0 ? 0 : Math.round((held.costAmountE4 / held.qty) * qty);
    held.qty -= qty;
    held.sellableQty -= qty;
  }

  #freeze(order: MoneyOrder, sign: number): void {
    const left = order.qty - order.filledQty;
    if (order.side !== SIDE_BUY) {
      if (order.credit !== CREDIT_SHORT) this.#holding(order.symbol).openSellQty += sign * left;
    } else if (order.credit === CREDIT_FINANCED) {
      this.#debtFrozenE4 += sign * this.#reserveE4(order);
    } else this.#frozenE4 += sign * this.#reserveE4(order);
  }

  /** What the rest of a buy can still cost, fees included. */
  #reserveE4(order: MoneyOrder): number {
    const left = order.qty - order.filledQty;
    if (left <= 0) return 0;
    const restE4 = left * order.reserveE4;
    return restE4 + this.feesE4(order.side, order.amountE4 + restE4) - order.feeE4;
  }

  #holding(symbol: string): Holding {
    const held = this.#holdings.get(symbol) ?? {
      ...{ qty: 0, sellableQty: 0, openSellQty: 0 },
      ...{ costAmountE4: 0, yesterdayQty: 0, shortQty: 0 },
    };
    this.#holdings.set(symbol, held);
    return held;
  }
}
