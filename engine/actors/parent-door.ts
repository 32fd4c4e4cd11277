// Where parent orders enter: checks a strategy's wish, numbers it, sends it through the journal,
// and tells the strategy and people what comes back. Part of the order manager, split off for
// its size. Invariant: nothing of a parent takes effect before its record is written.
import type { Account } from '../core/account.ts';
import { PARENT_NONE } from '../core/execution/parent-table.ts';
import type { Instrument } from '../core/instrument.ts';
import {
  REJECT_BUSY,
  REJECT_KEY_REUSED,
  REJECT_KILLED,
  REJECT_KIND_NOT_SUPPORTED,
  REJECT_LOT_MINIMUM,
  REJECT_LOT_STEP,
  REJECT_NONE,
  REJECT_NOT_IN_SESSION,
  REJECT_PARENT_TERMS,
  REJECT_PRICE_NOT_POSITIVE,
  REJECT_QTY_NOT_POSITIVE,
  REJECT_SIDE,
  REJECT_SPLIT,
  REJECT_STRATEGY_STOPPED,
  REJECT_TABLE_FULL,
  REJECT_UNKNOWN_INSTRUMENT,
} from '../core/reject-code.ts';
import type { SessionPlan } from '../core/session-plan.ts';
import {
  PARENT_ICEBERG,
  PARENT_POV,
  PARENT_REPLACE,
  PARENT_STATE_ACCEPTED,
  PARENT_STATE_HALTED,
  PARENT_STATE_REJECTED,
  PARENT_TRIGGER,
  PARENT_TWAP,
  PARENT_VWAP,
  SIDE_BUY,
  SIDE_SELL,
  TRIGGER_AT_OR_ABOVE,
  TRIGGER_AT_OR_BELOW,
} from '../messages/codes.ts';
import { copyFrame, FrameMemory } from '../messages/frames.ts';
import { ParentIntent, ParentUpdate } from '../messages/generated/order.ts';
import type { Execution } from './execution.ts';
import type { OrderNews } from './order-news.ts';
import type { EngineTime } from './order-writer.ts';
import { ComingParents, isSameParent, replaceTerms } from './parent-terms.ts';
import { describeParent } from './parent-words.ts';
import type { OutPort } from './port.ts';

/** Slices of a day of continuous trading that nobody can want more of. */
const SLICES_MAX = 14_400;

/** Behind the last strategy index: every strategy of the account. */
const ALL_STRATEGIES = 256;

export interface DoorOptions {
  readonly day: number;
  readonly instruments: readonly Instrument[];
  readonly plan: SessionPlan;
}

export class ParentDoor {
  readonly #time: EngineTime;
  readonly #account: Account;
  readonly #instruments: readonly Instrument[];
  readonly #plan: SessionPlan;
  readonly #day: number;
  readonly #out: OutPort;
  readonly #news: OrderNews;
  readonly #execution: Execution;
  /** 1 = killed, by strategy index; last entry = the whole account. */
  readonly #killed = new Uint8Array(ALL_STRATEGIES + 1);
  readonly #intent = new ParentIntent();
  readonly #copy = new ParentIntent();
  readonly #wish = new FrameMemory(new ArrayBuffer(ParentIntent.BYTES));
  readonly #update = new ParentUpdate();
  /** Last number given out; on their way through the journal. */
  #lastNo: number;
  readonly #coming = new ComingParents();

  constructor(
    account: Account,
    options: DoorOptions,
    out: OutPort,
    news: OrderNews,
    execution: Execution,
    time: EngineTime,
  ) {
    this.#time = time;
    this.#account = account;
    this.#instruments = options.instruments;
    this.#plan = options.plan;
    this.#day = options.day;
    this.#out = out;
    this.#news = news;
    this.#execution = execution;
    this.#lastNo = account.parents.lastNo();
  }

  /** The kill switch of a strategy (-1: of the account) goes on or off. */
  kill(strategy: number, on: number): void {
    this.#killed[strategy < 0 ? ALL_STRATEGIES : strategy] = on;
  }

  /** A wish (then true), or one that is back from the gateway; `stopped` by strategy index. */
  onIntent(memory: FrameMemory, at: number, stopped: Uint8Array): boolean {
    const intent = this.#intent.wrap(memory, at);
    const { strategy, parentNo } = intent;
    const isKilled = this.#killed[strategy] === 1 || this.#killed[ALL_STRATEGIES] === 1;
    const isStopped = stopped[strategy] === 1;
    if (parentNo === 0) {
      const code = isKilled ? REJECT_KILLED : REJECT_NONE;
      const isOver = isStopped || this.#execution.stopped;
      this.#enter(memory, at, isOver ? REJECT_STRATEGY_STOPPED : code);
      return true;
    }
    const p = this.#accept(memory, at);
    if (p === PARENT_NONE) {
      this.#execution.splitRefused(intent);
      return false;
    }
    this.#execution.added(p);
    // Its strategy failed, or a kill came, while it was being written.
    if (isKilled || isStopped) this.#execution.cancelAll(strategy);
    else this.#execution.begin(p);
    return false;
  }

  /** A step of a parent order is back from the gateway: told as it holds. */
  onUpdate(memory: FrameMemory, at: number): void {
    const update = this.#update.wrap(memory, at);
    const { flags, parentNo, strategy } = update;
    this.#execution.onWritten(update);
    if (flags === 0 || parentNo === 0) {
      this.#news.parent(memory, at, strategy);
      return;
    }
    const told = this.#news.parentFrame;
    copyFrame(memory, at, told, 0);
    this.#update.wrap(told, 0).state = PARENT_STATE_HALTED;
    this.#update.code = flags;
    this.#news.parent(told, 0, strategy);
  }

  /** A strategy's wish, `code` = why it may not wish anything; without room it hears BUSY. */
  #enter(memory: FrameMemory, at: number, code: number): void {
    copyFrame(memory, at, this.#wish, 0);
    const intent = this.#intent.wrap(this.#wish, 0);
    if (this.#answeredRepeat(intent)) return;
    let refusal = code;
    if (refusal === REJECT_NONE && intent.kind === PARENT_REPLACE) {
      refusal = replaceTerms(this.#account, this.#execution, this.#coming, intent);
    }
    if (refusal === REJECT_NONE) refusal = this.#refusalOf(intent);
    if (refusal !== REJECT_NONE) {
      this.#refuse(intent, refusal);
      return;
    }
    if (intent.kind !== PARENT_REPLACE) intent.targetA = intent.targetB = intent.targetC = 0;
    if (this.#pass(intent) !== REJECT_NONE) this.#refuse(intent, REJECT_BUSY);
  }

  /** Numbers the wish at hand and sends it through the journal; REJECT_NONE or REJECT_BUSY. */
  #pass(intent: ParentIntent): number {
    const to = this.#out.claim(ParentIntent.BYTES);
    if (to < 0) return REJECT_BUSY;
    copyFrame(this.#wish, 0, this.#out.memory, to);
    const copy = this.#copy.wrap(this.#out.memory, to);
    copy.flags = 0;
    copy.parentNo = ++this.#lastNo;
    copy.account = this.#account.index;
    copy.eventNs = this.#time.nowNs;
    if (copy.startNs === 0) copy.startNs = this.#time.nowNs;
    if (copy.endNs === 0) copy.endNs = this.#plan.lastContinuousNs(intent.instrument);
    this.#out.commit();
    this.#coming.add(copy);
    return REJECT_NONE;
  }

  /**
   * Makes the iceberg that carries a held order out in parts: of its strategy, under its number;
   * it ends the order first. REJECT_NONE, or why not. REJECT_BUSY: no room now, or one that ends
   * the order (this parent, a replace) is under way; it may yet be refused.
   */
  split(slot: number): number {
    const { orders } = this.#account;
    const idA = orders.idA[slot];
    const idC = orders.idC[slot];
    if (this.#execution.isReplaced(idA, idC) || this.#coming.replaces(idA, idC)) return REJECT_BUSY;
    const intent = this.#intent.begin(this.#wish, 0);
    intent.intentNo = orders.intentNo[slot];
    intent.strategy = orders.strategy[slot];
    intent.instrument = orders.instrument[slot];
    intent.kind = PARENT_ICEBERG;
    intent.side = orders.side[slot];
    intent.priceE4 = orders.priceE4[slot];
    intent.qty = orders.qty[slot];
    intent.targetA = idA;
    intent.targetB = this.#day;
    intent.targetC = idC;
    intent.showQty = this.#partQty(slot);
    if (intent.showQty <= 0) return REJECT_SPLIT;
    const refusal = this.#refusalOf(intent);
    return refusal === REJECT_NONE ? this.#pass(intent) : refusal;
  }

  /** Equal parts of whole lots, none above what risk lets through; 0 = there is none. */
  #partQty(slot: number): number {
    const { orders } = this.#account;
    const { buyMin, buyStep, sellStep } = this.#instruments[orders.instrument[slot]]!;
    const isBuy = orders.side[slot] === SIDE_BUY;
    const lot = Math.max(1, isBuy ? buyStep : sellStep);
    const least = isBuy ? Math.max(lot, buyMin) : lot;
    const most = orders.partQty[slot];
    if (most < least) return 0;
    const even = Math.ceil(orders.qty[slot] / Math.ceil(orders.qty[slot] / most));
    return Math.max(least, Math.floor(even / lot) * lot);
  }

  /** A key that was used before makes no second parent: the first is told as it now is. */
  #answeredRepeat(intent: ParentIntent): boolean {
    const { parents } = this.#account;
    if (this.#coming.has(intent)) {
      this.#refuse(intent, REJECT_BUSY);
      return true;
    }
    const p = parents.findByKey(intent);
    if (p === PARENT_NONE) return false;
    if (isSameParent(parents, p, intent)) this.#tellAgain(p, intent);
    else this.#refuse(intent, REJECT_KEY_REUSED);
    return true;
  }

  #refusalOf(intent: ParentIntent): number {
    const { instrument: i, kind, side } = intent;
    const { positions, parents } = this.#account;
    if (i < 0 || i >= positions.count) return REJECT_UNKNOWN_INSTRUMENT;
    if (side !== SIDE_BUY && side !== SIDE_SELL) return REJECT_SIDE;
    if (intent.priceE4 < 0 || intent.triggerE4 < 0) return REJECT_PRICE_NOT_POSITIVE;
    const qty = this.#qtyRefusal(intent);
    if (qty !== REJECT_NONE) return qty;
    if (!parents.hasRoom(this.#coming.count)) return REJECT_TABLE_FULL;
    const known = kind === PARENT_TRIGGER || kind === PARENT_TWAP || kind === PARENT_VWAP;
    const isPriced = kind === PARENT_ICEBERG || kind === PARENT_REPLACE;
    if (!known && !isPriced && kind !== PARENT_POV) return REJECT_KIND_NOT_SUPPORTED;
    if (isPriced && intent.priceE4 <= 0) return REJECT_PRICE_NOT_POSITIVE;
    if (!hasSense(intent)) return REJECT_PARENT_TERMS;
    const start = Math.max(this.#time.nowNs, intent.startNs);
    const end = intent.endNs === 0 ? this.#plan.lastContinuousNs(i) : intent.endNs;
    if (!(end > start)) return REJECT_NOT_IN_SESSION;
    return this.#plan.tradingNs(i, start, end) > 0 ? REJECT_NONE : REJECT_NOT_IN_SESSION;
  }

  /** A quantity whose last part the exchange would not take is refused at once. */
  #qtyRefusal(intent: ParentIntent): number {
    const { buyMin, buyStep } = this.#instruments[intent.instrument]!;
    const { kind, qty, showQty } = intent;
    if (qty <= 0) return REJECT_QTY_NOT_POSITIVE;
    const isTipped = kind === PARENT_ICEBERG || (kind === PARENT_POV && showQty !== 0);
    if (isTipped && showQty < Math.max(1, buyMin)) return REJECT_LOT_MINIMUM;
    if (intent.side !== SIDE_BUY) return REJECT_NONE;
    if (qty < buyMin) return REJECT_LOT_MINIMUM;
    return buyStep > 0 && (qty - buyMin) % buyStep !== 0 ? REJECT_LOT_STEP : REJECT_NONE;
  }

  /** Down the path, so that the journal says it; without room only the strategy hears it. */
  #refuse(intent: ParentIntent, code: number): void {
    const at = this.#out.claim(ParentUpdate.BYTES);
    if (at >= 0) {
      this.#write(this.#out.memory, at, intent, PARENT_STATE_REJECTED).code = code;
      this.#out.commit();
      return;
    }
    const frame = this.#news.parentFrame;
    this.#write(frame, 0, intent, PARENT_STATE_REJECTED).code = code;
    this.#news.parent(frame, 0, intent.strategy);
  }

  /**
   * A wish came back: written, it is a parent of the account from here on; its row. Not written,
   * or killed on the way (its flags say why), it is refused: PARENT_NONE.
   */
  #accept(memory: FrameMemory, at: number): number {
    const intent = this.#intent.wrap(memory, at);
    const { flags, parentNo } = intent;
    this.#coming.remove();
    const p = flags === 0 ? this.#account.parents.accept(intent) : PARENT_NONE;
    const to = this.#news.parentFrame;
    const state = p === PARENT_NONE ? PARENT_STATE_REJECTED : PARENT_STATE_ACCEPTED;
    const update = this.#write(to, 0, intent, state);
    update.parentNo = p === PARENT_NONE ? 0 : parentNo;
    update.code = flags;
    this.#news.parent(to, 0, intent.strategy);
    return p;
  }

  /** Parents of earlier lives of the day, to people: what reads the journal tells orders only. */
  everything(): void {
    const { parents } = this.#account;
    const frame = this.#news.parentFrame;
    for (let p = 0; p < parents.count; p++) {
      const update = this.#update.begin(frame, 0);
      update.eventNs = this.#time.nowNs;
      update.account = this.#account.index;
      describeParent(update, parents, p);
      update.state = parents.state[p];
      this.#news.parentToPeople(frame, 0);
    }
  }

  /** A parent as it now is, to whoever asked for it a second time; nothing is written. */
  #tellAgain(p: number, intent: ParentIntent): void {
    const { parents } = this.#account;
    const frame = this.#news.parentFrame;
    const update = this.#write(frame, 0, intent, parents.state[p]);
    update.instrument = parents.instrument[p];
    update.side = parents.side[p];
    update.priceE4 = parents.priceE4[p];
    update.intentNo = parents.intentNo[p];
    update.parentNo = parents.parentNo[p];
    update.filledQty = parents.filled[p];
    update.qty = parents.qty[p];
    this.#news.parent(frame, 0, intent.strategy);
  }

  #write(memory: FrameMemory, at: number, intent: ParentIntent, state: number): ParentUpdate {
    const update = this.#update.begin(memory, at);
    update.eventNs = this.#time.nowNs;
    update.account = this.#account.index;
    update.strategy = intent.strategy;
    update.instrument = intent.instrument;
    update.intentNo = intent.intentNo;
    update.qty = intent.qty;
    update.state = state;
    update.kind = intent.kind;
    update.side = intent.side;
    update.priceE4 = intent.priceE4;
    update.triggerE4 = intent.triggerE4;
    update.keyA = intent.keyA;
    update.keyB = intent.keyB;
    update.keyC = intent.keyC;
    update.keyD = intent.keyD;
    return update;
  }
}

/** Whether a condition, rate and slices can be carried out. */
function hasSense(intent: ParentIntent): boolean {
  const { kind, rateE4, slices, triggerE4, triggerWhen } = intent;
  if (kind === PARENT_POV && (rateE4 <= 0 || rateE4 > 10_000)) return false;
  if (slices < 0 || slices > SLICES_MAX) return false;
  if (kind !== PARENT_TRIGGER || triggerE4 === 0) return true;
  return triggerWhen === TRIGGER_AT_OR_ABOVE || triggerWhen === TRIGGER_AT_OR_BELOW;
}
