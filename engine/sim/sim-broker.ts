// The simulated broker: takes requests, trades them by chance within their limits, and answers the
// way real counters do: callbacks before responses, doubled, late, out of order, or never. Called
// by the world's link end. Invariant: the ledger is right whatever is told about it.
import {
  ACTION_CANCEL,
  ACTION_PLACE,
  KIND_BEST5_CANCEL,
  KIND_FOK,
  KIND_IOC,
  KIND_LIMIT,
  REPORT_ACCEPTED,
  REPORT_CANCEL_REJECTED,
  REPORT_CANCELLED,
  REPORT_REJECTED,
  REPORT_UNKNOWN,
  SIDE_BUY,
  SIDE_SELL,
} from '../messages/codes.ts';
import type { BrokerLedger, BrokerOrder } from './broker-ledger.ts';
import type { FaultPlan } from './faults.ts';
import { coidKey } from './journal-eye.ts';
import type { Random } from './random.ts';

const MS = 1_000_000;
/** Broker codes of its own. */
const CODE_REFUSED = 901;
const CODE_NO_SUCH_ORDER = 902;
const CODE_FINISHED = 903;

/** What differs between counters (facts Q1 to Q10 of the reliability sheet). */
export interface BehaviourPack {
  readonly name: 'paper' | 'xtp' | 'qmt-new' | 'qmt-2020';
  /** Answers of one account keep their order. */
  readonly ordered: boolean;
  /** Chance that a fill's callback comes before the response to its order. */
  readonly early: number;
  /** Longest ordinary delay of an answer, ms. */
  readonly delayMs: number;
  /** Part of the engine's process: it dies with it, and has no link that could drop. */
  readonly inside: boolean;
  /** After a reconnect the whole day is pushed again; else what was missed is never pushed. */
  readonly repeats: boolean;
}

/** What the broker reads of a request. */
export interface Asked {
  readonly account: number;
  readonly action: number;
  readonly coidA: number;
  readonly coidB: number;
  readonly coidC: number;
  readonly strategy: number;
  readonly instrument: number;
  readonly side: number;
  readonly kind: number;
  readonly priceE4: number;
  readonly qty: number;
}

export const PACKS: readonly BehaviourPack[] = [
  { name: 'paper', ordered: true, early: 0, delayMs: 1, inside: true, repeats: false },
  { name: 'xtp', ordered: true, early: 0.1, delayMs: 2, inside: false, repeats: true },
  { name: 'qmt-new', ordered: true, early: 0.5, delayMs: 20, inside: false, repeats: true },
  { name: 'qmt-2020', ordered: false, early: 0.5, delayMs: 50, inside: false, repeats: false },
];

/** One message towards the engine. */
export interface Answer {
  dueNs: number;
  readonly order: BrokerOrder;
  /** REPORT_* of a report; 0 = a fill. */
  readonly kind: number;
  readonly code: number;
  readonly filledQty: number;
  readonly leavesQty: number;
  readonly priceE4: number;
  readonly qty: number;
  readonly fillNo: number;
}

/** What the broker looks at in the market. */
export interface MarketView {
  /** Last price; whether nothing trades; whether it sits at a limit (1 upper, 2 lower, 0 no). */
  lastE4(instrument: number): number;
  halted(instrument: number): boolean;
  atLimit(instrument: number): number;
  upperE4(instrument: number): number;
}

export class SimBroker {
  readonly ledgers: readonly BrokerLedger[];
  readonly byKey = new Map<number, BrokerOrder>();
  readonly byNo = new Map<number, BrokerOrder>();
  /** Answers on their way, by account, in the order they were made. */
  readonly answers: Answer[][];
  readonly pack: BehaviourPack;
  /** Nothing is answered before this time. */
  silentUntilNs = 0;
  received = 0;
  #fillNo = 0;
  #orderNo = 0;
  /** When the last answer that keeps its order is due, by account. */
  readonly #lastDueNs: number[];
  #liveCount = 0;
  readonly #random: Random;
  readonly #faults: FaultPlan;
  readonly #market: MarketView;
  /** After the chaos: nothing is lost, late or refused any more. */
  calm = false;
  /** Nobody trades with us any more: what lives, lives on until it is cancelled. */
  isDull = false;
  /** The market has closed: what comes now is refused. */
  #isClosed = false;

  constructor(
    ledgers: readonly BrokerLedger[],
    pack: BehaviourPack,
    faults: FaultPlan,
    market: MarketView,
    random: Random,
  ) {
    this.ledgers = ledgers;
    this.pack = pack;
    this.answers = ledgers.map(() => []);
    this.#lastDueNs = ledgers.map(() => 0);
    this.#faults = faults;
    this.#market = market;
    this.#random = random;
  }

  /** Orders that live. */
  get liveCount(): number {
    return this.#liveCount;
  }

  /** A request arrives. One whose order nobody can name is the bridge's to answer (sim-desk). */
  receive(request: Asked, nowNs: number): void {
    this.received++;
    const found = this.byKey.get(coidKey(request.coidA, request.coidC));
    const known = found === undefined || isTraceable(found) ? found : undefined;
    if (request.action === ACTION_CANCEL) this.#cancel(request, known, nowNs);
    else if (known === undefined) this.#place(request, nowNs);
    else this.#report(known, REPORT_ACCEPTED, 0, nowNs);
  }

  #place(request: Asked, nowNs: number): void {
    const order = this.#enter(request, false);
    if (this.#isClosed || this.#draws('broker-reject', 0.3) || !this.#covers(order)) {
      order.state = 'rejected';
      this.#report(order, REPORT_REJECTED, CODE_REFUSED, nowNs);
      return;
    }
    this.#liveCount++;
    // In one process with the engine nothing is lost and nothing is in doubt.
    if (!this.pack.inside && this.#draws('unknown-first', 0.5)) {
      this.#report(order, REPORT_UNKNOWN, 0, nowNs);
    }
    const early = this.#random.chance(this.pack.early);
    if (early) this.#tradeSome(order, nowNs);
    const isLost = !this.pack.inside && this.#draws('lost-response', 0.5);
    if (!isLost) this.#report(order, REPORT_ACCEPTED, 0, nowNs);
    const immediate =
      order.kind === KIND_IOC || order.kind === KIND_FOK || order.kind === KIND_BEST5_CANCEL;
    if (!immediate || order.state !== 'live') return;
    if (!early && this.#random.chance(0.5)) this.#tradeSome(order, nowNs);
    if (order.state === 'live') this.#end(order, nowNs);
  }

  /** Cash and shares as the broker counts them; only trades by hand let them fall short. */
  #covers(order: BrokerOrder): boolean {
    const ledger = this.ledgers[order.account]!;
    if (!ledger.misled) return true;
    if (order.side === SIDE_SELL) return ledger.sellable(order.instrument) >= 0;
    return ledger.cashE4() >= ledger.heldE4();
  }

  /** A person buys or sells a lot in the broker's own client (F53). */
  tradeByHand(account: number, nowNs: number): void {
    if (this.pack.inside) return;
    const ledger = this.ledgers[account]!;
    const instrument = this.#random.below(ledger.openingQty.length);
    const side = this.#random.chance(0.5) ? SIDE_BUY : SIDE_SELL;
    const qty = 200;
    const priceE4 = this.#market.lastE4(instrument);
    const asked = { account, action: ACTION_PLACE, coidA: 0, coidB: 0, coidC: 0, strategy: 0 };
    const wasMisled = ledger.misled;
    // From here on both sides count on the same cash and shares: ours may find them gone.
    ledger.misled = true;
    const order = this.#enter({ ...asked, instrument, side, kind: KIND_LIMIT, priceE4, qty }, true);
    if (!this.#covers(order)) {
      ledger.orders.pop();
      this.byNo.delete(order.no);
      ledger.misled = wasMisled;
      return;
    }
    this.#liveCount++;
    if (this.#random.chance(0.5)) this.#report(order, REPORT_ACCEPTED, 0, nowNs);
  }

  #enter(request: Asked, external: boolean): BrokerOrder {
    const { instrument, priceE4, side } = request;
    const order: BrokerOrder = {
      key: external ? -1 : coidKey(request.coidA, request.coidC),
      ...{ no: ++this.#orderNo, external, forgotten: false, cancels: 0 },
      hasRemark: external || this.pack.inside || !this.#draws('remark-lost', 0.3),
      isBound: true,
      account: request.account,
      idA: request.coidA,
      idB: request.coidB,
      idC: request.coidC,
      strategy: request.strategy,
      instrument,
      side,
      kind: request.kind,
      priceE4,
      holdE4: priceE4 > 0 ? priceE4 : this.#market.upperE4(instrument),
      qty: request.qty,
      state: 'live',
      filled: 0,
      amountE4: 0,
      fills: [],
    };
    if (!external) this.byKey.set(order.key, order);
    this.byNo.set(order.no, order);
    this.ledgers[order.account]!.orders.push(order);
    return order;
  }

  #cancel(request: Asked, order: BrokerOrder | undefined, nowNs: number): void {
    if (order === undefined) {
      // Nobody to report about but the id: the engine must cope with an order we do not know.
      const { account, instrument, side, kind, priceE4, qty, strategy } = request;
      const ids = { idA: request.coidA, idB: request.coidB, idC: request.coidC };
      const none = { state: 'rejected' as const, filled: 0, amountE4: 0, fills: [], holdE4: 0 };
      const ghost = { key: 0, account, instrument, side, kind, priceE4, qty, strategy, ...ids };
      const rest = { forgotten: false, cancels: 0, hasRemark: true, isBound: true };
      const bare = { no: 0, external: false, ...rest };
      this.#report(
        { ...ghost, ...none, ...bare },
        REPORT_CANCEL_REJECTED,
        CODE_NO_SUCH_ORDER,
        nowNs,
      );
      return;
    }
    order.cancels++;
    if (order.state === 'live' && this.#random.chance(0.2)) this.#tradeSome(order, nowNs);
    if (order.state !== 'live') {
      this.#report(order, REPORT_CANCEL_REJECTED, CODE_FINISHED, nowNs);
    } else if (this.#draws('cancel-refused', 0.5)) {
      this.#report(order, REPORT_CANCEL_REJECTED, CODE_REFUSED, nowNs);
    } else this.#end(order, nowNs);
  }

  /** Something happens in the market: one live order trades a little. */
  tradeOne(nowNs: number): void {
    if (this.#liveCount === 0 || this.isDull) return;
    const ledger = this.#random.pick(this.ledgers);
    const live = ledger.orders.filter((order) => order.state === 'live');
    if (live.length === 0) return;
    this.#tradeSome(this.#random.pick(live), nowNs);
  }

  #tradeSome(order: BrokerOrder, nowNs: number): void {
    const { instrument, side } = order;
    if (this.#market.halted(instrument)) return;
    if (this.#market.atLimit(instrument) === side) return;
    const leaves = order.qty - order.filled;
    const lots = Math.floor(leaves / 100);
    const whole = lots <= 1 || this.#random.chance(0.4);
    let qty = whole ? leaves : 100 * this.#random.between(1, lots);
    const overfills = order.side === SIDE_BUY && qty === leaves && this.#draws('overfill', 0.1);
    if (overfills) qty += 100;
    this.#fill(order, this.#tradePrice(order), qty, nowNs);
  }

  /** At the order's limit or up to three ticks better; a market order near the last price. */
  #tradePrice(order: BrokerOrder): number {
    const better = 100 * this.#random.below(4);
    const limit = order.kind === KIND_LIMIT ? order.priceE4 : this.#market.lastE4(order.instrument);
    const bounded = order.priceE4 > 0 ? order.priceE4 : limit;
    if (order.side === SIDE_BUY) return Math.max(100, Math.min(limit, bounded) - better);
    return Math.max(limit, bounded) + better;
  }

  #fill(order: BrokerOrder, priceE4: number, qty: number, nowNs: number): void {
    const fillNo = ++this.#fillNo;
    order.fills.push({ fillNo, priceE4, qty });
    order.filled += qty;
    order.amountE4 += priceE4 * qty;
    if (order.filled >= order.qty) {
      order.state = 'filled';
      this.#liveCount--;
    }
    const leavesQty = Math.max(0, order.qty - order.filled);
    const common = { kind: 0, code: 0, filledQty: order.filled, leavesQty };
    const late = this.#draws('late-fill', 0.3) ? this.#random.below(2_000) * MS : 0;
    this.#send({ order, ...common, priceE4, qty, fillNo, dueNs: nowNs + late }, late > 0);
  }

  #end(order: BrokerOrder, nowNs: number): void {
    order.state = 'cancelled';
    this.#liveCount--;
    if (order.filled > 0 && this.#draws('late-fill', 0.2)) {
      this.ledgers[order.account]!.misled = true;
      this.#report({ ...order, filled: 0 }, REPORT_CANCELLED, 0, nowNs);
    } else this.#report(order, REPORT_CANCELLED, 0, nowNs);
  }

  #report(order: BrokerOrder, kind: number, code: number, nowNs: number): void {
    const { filled } = order;
    const shares = { filledQty: filled, leavesQty: Math.max(0, order.qty - filled) };
    const rest = { priceE4: 0, qty: 0, fillNo: 0, dueNs: nowNs };
    this.#send({ order, kind, code, ...shares, ...rest }, false);
  }

  #send(answer: Answer, late: boolean): void {
    if (!this.pack.inside && this.#draws('lost-push', 0.2)) return;
    const queue = this.answers[answer.order.account]!;
    const slow = this.#strength('delay') * 2_000;
    answer.dueNs += this.#random.below(this.pack.delayMs + 1 + slow) * MS;
    if (this.pack.ordered && !late && !this.#draws('reorder', 0.5)) {
      const last = this.#lastDueNs[answer.order.account]!;
      answer.dueNs = Math.max(answer.dueNs, last);
      this.#lastDueNs[answer.order.account] = answer.dueNs;
    }
    queue.push(answer);
    if (this.#draws('duplicate', 0.5)) queue.push({ ...answer, dueNs: answer.dueNs + 5 * MS });
  }

  /** Takes the next answer that is due, or null; out of order only where the pack allows it. */
  nextAnswer(account: number, nowNs: number): Answer | null {
    if (nowNs < this.silentUntilNs) return null;
    const queue = this.answers[account]!;
    let best = -1;
    for (let i = 0; i < queue.length; i++) {
      if (queue[i]!.dueNs > nowNs) continue;
      if (best < 0 || queue[i]!.dueNs < queue[best]!.dueNs) best = i;
    }
    if (best < 0) return null;
    return queue.splice(best, 1)[0]!;
  }

  /** The whole day's callbacks once more, as some counters do after a reconnect (F5). */
  replay(account: number, nowNs: number): void {
    for (const order of this.ledgers[account]!.orders) {
      if (order.forgotten) continue;
      for (const { fillNo, priceE4, qty } of order.fills) {
        const common = { order, kind: 0, code: 0, filledQty: 0, leavesQty: 0 };
        this.#send({ ...common, priceE4, qty, fillNo, dueNs: nowNs }, false);
      }
      if (order.state === 'cancelled') this.#report(order, REPORT_CANCELLED, 0, nowNs);
      if (order.state === 'rejected') this.#report(order, REPORT_REJECTED, CODE_REFUSED, nowNs);
    }
  }

  /** The close: what still rests expires. */
  expireAll(nowNs: number): void {
    this.#isClosed = true;
    for (const ledger of this.ledgers) {
      for (const order of ledger.orders) if (order.state === 'live') this.#end(order, nowNs);
    }
  }

  /**
   * Pack `paper`: the exchange lives in the engine's process and dies with it. What it never told
   * did not happen: live orders are gone, and fills that no journal holds are undone.
   */
  forget(
    account: number,
    journaled: ReadonlyMap<number, ReadonlySet<number>>,
    reports: ReadonlyMap<number, ReadonlySet<number>>,
  ): void {
    this.answers[account]!.length = 0;
    for (const order of this.ledgers[account]!.orders) {
      order.forgotten = true;
      if (order.state === 'live') {
        order.state = 'cancelled';
        this.#liveCount--;
      }
      const refused = reports.get(order.key)?.has(REPORT_REJECTED) ?? false;
      if (order.state === 'rejected' && !refused) order.state = 'cancelled';
      const known = journaled.get(order.key);
      const kept = order.fills.filter((fill) => known?.has(fill.fillNo) ?? false);
      if (kept.length === order.fills.length) continue;
      order.fills.length = 0;
      order.fills.push(...kept);
      order.filled = kept.reduce((sum, fill) => sum + fill.qty, 0);
      order.amountE4 = kept.reduce((sum, fill) => sum + fill.qty * fill.priceE4, 0);
      if (order.state === 'filled' && order.filled < order.qty) order.state = 'cancelled';
    }
  }

  #strength(name: Parameters<FaultPlan['strength']>[0]): number {
    return this.calm ? 0 : this.#faults.strength(name);
  }

  #draws(name: Parameters<FaultPlan['strength']>[0], most: number): boolean {
    return this.#random.chance(this.#strength(name) * most);
  }
}

/** Whether anybody can say that it is ours: by its remark, or by the bridge. */
export function isTraceable(order: BrokerOrder): boolean {
  return order.hasRemark || order.isBound;
}
