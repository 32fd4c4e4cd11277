// Turns checked frames into rows of the browser protocol: indexes become names, numbers become the
// protocol's words. Called by the replica. Pure. Always: a number without a name becomes '#number',
// so a newer core never stops an older page.
import { EPOCH_LAST, formatOrderId, idEpoch } from '../core/order-id.ts';
import { STATUS_NAMES } from '../core/order-status.ts';
import { rejectText } from '../core/reject-code.ts';
import {
  ACTION_CANCEL,
  ACTION_CONFIRM,
  ACTION_SETTLE,
  ADJUST_NAMES,
  DESK_STRATEGY,
  INTENT_MARGIN,
  INTENT_SHORT,
  KIND_BEST5_CANCEL,
  KIND_BEST5_LIMIT,
  KIND_FOK,
  KIND_IOC,
  KIND_LIMIT,
  KIND_OPPOSITE_BEST,
  KIND_OWN_BEST,
  ORDER_CONFIRMED,
  ORDER_CREDIT_SHIFT,
  ORDER_SETTLED,
  PARENT_STATE_NAMES,
  SIDE_SELL,
  STAGE_NAMES,
  STAGE_OMS,
  TIF_FOK,
  TIF_IOC,
} from '../messages/codes.ts';
import type { FrameMemory } from '../messages/frames.ts';
import { Adjustment } from '../messages/generated/broker.ts';
import { BookLine } from '../messages/generated/control.ts';
import { SnapshotTick } from '../messages/generated/market.ts';
import {
  AccountUpdate,
  Fill as FillFrame,
  OrderUpdate,
  ParentUpdate,
  PositionUpdate,
  Reject as RejectFrame,
} from '../messages/generated/order.ts';
import type { LinkMeta } from '../messages/link-types.ts';
import type {
  Account,
  Book,
  BookLevel,
  BookRow,
  Fill,
  LogLine,
  Order,
  OrderStatus,
  Parent,
  Position,
  Reject,
  Side,
  Stage,
} from './protocol.ts';

const LEVELS = 10;

/** Words of the price types. */
export const KIND_WORDS: ReadonlyMap<number, string> = new Map([
  [KIND_LIMIT, 'limit'],
  [KIND_BEST5_CANCEL, 'best-5-cancel'],
  [KIND_BEST5_LIMIT, 'best-5-limit'],
  [KIND_OPPOSITE_BEST, 'opposite-best'],
  [KIND_OWN_BEST, 'own-best'],
  [KIND_IOC, 'ioc'],
  [KIND_FOK, 'fok'],
]);

/** Names of the dense indexes of one engine life. */
export class Names {
  readonly #accounts = new Map<number, string>();
  readonly #strategies = new Map<number, string>();
  readonly #symbols = new Map<number, string>();
  readonly #securities = new Map<number, string>();

  addMeta(meta: LinkMeta): void {
    for (const { index, id } of meta.accounts) this.#accounts.set(index, id);
    for (const { index, name } of meta.strategies) this.#strategies.set(index, name);
    this.addInstruments(meta.instruments);
  }

  addInstruments(instruments: LinkMeta['instruments']): void {
    for (const { index, symbol, name } of instruments) {
      this.#symbols.set(index, symbol);
      if (name !== undefined) this.#securities.set(index, name);
    }
  }

  account(index: number): string {
    return this.#accounts.get(index) ?? `#${index}`;
  }

  /** People and programs outside are `desk`. */
  strategy(index: number): string {
    if (index >= DESK_STRATEGY) return 'desk';
    return this.#strategies.get(index) ?? `#${index}`;
  }

  symbol(index: number): string {
    return this.#symbols.get(index) ?? `#${index}`;
  }

  /** The security's name as a part of a row, or nothing. */
  security(index: number): { name?: string } {
    const name = this.#securities.get(index);
    return name === undefined ? {} : { name };
  }
}

const ACTION_WORDS: ReadonlyMap<number, 'cancel' | 'confirm' | 'settle'> = new Map([
  [ACTION_CANCEL, 'cancel'],
  [ACTION_CONFIRM, 'confirm'],
  [ACTION_SETTLE, 'settle'],
]);

/** What an order's ORDER_* marks say to people. */
function marksOf(marks: number): Pick<Order, 'credit' | 'confirmed' | 'settled'> {
  const credit = marks >> ORDER_CREDIT_SHIFT;
  return {
    ...((credit & INTENT_MARGIN) !== 0 ? { credit: 'margin' } : {}),
    ...((credit & INTENT_SHORT) !== 0 ? { credit: 'short' } : {}),
    ...((marks & ORDER_CONFIRMED) !== 0 ? { confirmed: true } : {}),
    ...((marks & ORDER_SETTLED) !== 0 ? { settled: true } : {}),
  };
}

/** Kinds of parents by number. */
export const PARENT_WORDS: readonly string[] = [
  ...['none', 'conditional', 'twap', 'vwap', 'pov', 'iceberg', 'replace'],
];

export class FrameRows {
  readonly #names: Names;
  readonly #tick = new SnapshotTick();
  readonly #order = new OrderUpdate();
  readonly #fill = new FillFrame();
  readonly #parent = new ParentUpdate();
  readonly #reject = new RejectFrame();
  readonly #position = new PositionUpdate();
  readonly #bookLine = new BookLine();
  readonly #adjustment = new Adjustment();
  readonly #account = new AccountUpdate();

  constructor(names: Names) {
    this.#names = names;
  }

  /** Row of an OrderUpdate frame. */
  order(memory: FrameMemory, at: number): Order {
    const f = this.#order.wrap(memory, at);
    const row: Order = {
      coid: orderIdText(f.coidA, f.coidB, f.coidC),
      account: this.#names.account(f.account),
      strategy: this.#names.strategy(f.strategy),
      instrument: this.#names.symbol(f.instrument),
      side: sideOf(f.side),
      kind: KIND_WORDS.get(f.kind) ?? `#${f.kind}`,
      priceE4: f.priceE4,
      qty: f.qty,
      filledQty: f.filledQty,
      avgPriceE4: f.filledQty > 0 ? Math.round(f.filledAmountE4 / f.filledQty) : 0,
      status: (STATUS_NAMES[f.status] ?? 'unknown') as OrderStatus,
      createdNs: f.createdNs,
      updatedNs: f.eventNs,
      ...timeInForceOf(f.timeInForce),
      ...marksOf(f.flags),
    };
    const keyed = { ...row, ...keyOf(f) };
    if (f.code === 0) return keyed;
    return {
      ...keyed,
      reason: { stage: stageOf(f.stage), code: f.code, text: rejectText(f.code) },
    };
  }

  /** Row of a ParentUpdate frame. */
  parent(memory: FrameMemory, at: number): Parent {
    const f = this.#parent.wrap(memory, at);
    const row: Parent = {
      parentNo: f.parentNo,
      account: this.#names.account(f.account),
      strategy: this.#names.strategy(f.strategy),
      instrument: this.#names.symbol(f.instrument),
      kind: PARENT_WORDS[f.kind] ?? `#${f.kind}`,
      side: sideOf(f.side),
      priceE4: f.priceE4,
      triggerE4: f.triggerE4,
      qty: f.qty,
      filledQty: f.filledQty,
      workingQty: f.workingQty,
      state: PARENT_STATE_NAMES[f.state] ?? `#${f.state}`,
      updatedNs: f.eventNs,
      intentNo: f.intentNo,
      ...keyOf(f),
    };
    if (f.code === 0) return row;
    return {
      ...row,
      reason: { stage: stageOf(STAGE_OMS), code: f.code, text: rejectText(f.code) },
    };
  }

  /** Row of a Fill frame. */
  fill(memory: FrameMemory, at: number): Fill {
    const f = this.#fill.wrap(memory, at);
    const account = this.#names.account(f.account);
    return {
      fillId: `${account}-${f.fillNo}`,
      coid: orderIdText(f.coidA, f.coidB, f.coidC),
      account,
      strategy: this.#names.strategy(f.strategy),
      instrument: this.#names.symbol(f.instrument),
      side: sideOf(f.side),
      priceE4: f.priceE4,
      qty: f.qty,
      feeE4: f.feeE4,
      ns: f.eventNs,
    };
  }

  /** Row of a Reject frame; without an order id when none was given out yet. */
  reject(memory: FrameMemory, at: number): Reject {
    const f = this.#reject.wrap(memory, at);
    const row: Reject = {
      account: this.#names.account(f.account),
      action: ACTION_WORDS.get(f.action) ?? 'place',
      kind: KIND_WORDS.get(f.kind) ?? `#${f.kind}`,
      ...timeInForceOf(f.timeInForce),
      ...keyOf(f),
      strategy: this.#names.strategy(f.strategy),
      instrument: this.#names.symbol(f.instrument),
      side: sideOf(f.side),
      priceE4: f.priceE4,
      qty: f.qty,
      stage: stageOf(f.stage),
      code: f.code,
      text: rejectText(f.code),
      ns: f.eventNs,
    };
    return f.coidC === 0 ? row : { ...row, coid: orderIdText(f.coidA, f.coidB, f.coidC) };
  }

  /** Row of a PositionUpdate frame. */
  position(memory: FrameMemory, at: number): Position {
    const f = this.#position.wrap(memory, at);
    return {
      account: this.#names.account(f.account),
      instrument: this.#names.symbol(f.instrument),
      ...this.#names.security(f.instrument),
      qty: f.qty,
      sellableQty: f.sellableQty,
      frozenQty: f.frozenQty,
      boughtTodayQty: f.boughtTodayQty,
      costE4: f.qty > 0 ? Math.round(f.costAmountE4 / f.qty) : 0,
      lastE4: f.lastE4,
      heldDays: f.heldDays < 0 || f.qty === 0 ? null : f.heldDays,
      marketValueE4: f.qty * f.lastE4,
      unrealisedE4: f.unrealisedE4,
      realisedE4: f.realisedE4,
    };
  }

  /** A line for people: a difference to the broker's statement that was explained and adopted. */
  adjustment(memory: FrameMemory, at: number): LogLine {
    const f = this.#adjustment.wrap(memory, at);
    const kind = ADJUST_NAMES[f.kind] ?? `#${f.kind}`;
    const yuan = `${(f.amountE4 / 10_000).toFixed(2)} yuan`;
    const what = f.qty === 0 ? yuan : `${f.qty} of ${this.#names.symbol(f.instrument)}`;
    const text = `account ${this.#names.account(f.account)}: adopted ${kind}, ${what}`;
    return { level: 'warn', source: 'statement', text, ns: f.eventNs };
  }

  /** Row of a BookLine frame. */
  strategyBook(memory: FrameMemory, at: number): BookRow {
    const f = this.#bookLine.wrap(memory, at);
    return {
      account: this.#names.account(f.account),
      strategy: this.#names.strategy(f.strategy),
      instrument: this.#names.symbol(f.instrument),
      ...this.#names.security(f.instrument),
      qty: f.qty,
      costE4: f.qty === 0 ? 0 : Math.round(f.costAmountE4 / f.qty),
      costAmountE4: f.costAmountE4,
      realisedE4: f.realisedE4,
      feesE4: f.feesE4,
      cashFlowE4: f.cashFlowE4,
    };
  }

  /** Row of an AccountUpdate frame; reserved cash is part of the cash. */
  account(memory: FrameMemory, at: number): Account {
    const f = this.#account.wrap(memory, at);
    const equityE4 = f.cashE4 + f.marketValueE4;
    return {
      account: this.#names.account(f.account),
      cashE4: f.cashE4,
      reservedE4: f.reservedE4,
      feesE4: f.feesE4,
      marketValueE4: f.marketValueE4,
      equityE4,
      realisedE4: f.realisedE4,
      unrealisedE4: f.unrealisedE4,
      pnlE4: equityE4 - f.openingEquityE4,
    };
  }

  /** Row of a SnapshotTick frame; levels end at the first empty one. */
  book(memory: FrameMemory, at: number): Book {
    const f = this.#tick.wrap(memory, at);
    const bids: BookLevel[] = [];
    const asks: BookLevel[] = [];
    for (let i = 0; i < LEVELS && f.bidPriceE4(i) > 0; i++) {
      bids.push([f.bidPriceE4(i), f.bidQty(i), f.bidOrderCount(i)]);
    }
    for (let i = 0; i < LEVELS && f.askPriceE4(i) > 0; i++) {
      asks.push([f.askPriceE4(i), f.askQty(i), f.askOrderCount(i)]);
    }
    return {
      instrument: this.#names.symbol(f.instrument),
      ...this.#names.security(f.instrument),
      lastE4: f.lastE4,
      preCloseE4: f.preCloseE4,
      openE4: f.openE4,
      highE4: f.highE4,
      lowE4: f.lowE4,
      upperLimitE4: f.upperLimitE4,
      lowerLimitE4: f.lowerLimitE4,
      volume: f.volume,
      amountE4: f.amountE4,
      ns: f.eventNs,
      bids,
      asks,
    };
  }
}

/** The client's key as 32 hexadecimal digits, or nothing. */
function keyOf(f: OrderUpdate | RejectFrame | ParentUpdate): { key?: string } {
  const words = [f.keyA, f.keyB, f.keyC, f.keyD];
  if (words.every((word) => word === 0)) return {};
  return { key: words.map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('') };
}

/** The 16 characters of an order id; words that are no id are shown as they are. */
export function orderIdText(a: number, b: number, c: number): string {
  const isDay = b >= 20_200_101 && b <= 21_470_101;
  const fits = idEpoch(a) <= EPOCH_LAST && c >= 0 && c < 32 ** 6;
  return isDay && fits ? formatOrderId(a, b, c) : `?${a}.${b}.${c}`;
}

function sideOf(side: number): Side {
  return side === SIDE_SELL ? 'sell' : 'buy';
}

function stageOf(stage: number): Stage {
  return (STAGE_NAMES[stage] ?? 'oms') as Stage;
}

/** Named only where it is not the day. */
function timeInForceOf(tif: number): { timeInForce?: 'ioc' | 'fok' } {
  if (tif === TIF_IOC) return { timeInForce: 'ioc' };
  return tif === TIF_FOK ? { timeInForce: 'fok' } : {};
}
