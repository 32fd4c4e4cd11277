// What risk tells people beside refusals: a meter of programmatic trading at 80 % of its limit, an
// account or strategy that was stopped, a strategy that may not start. Called by the risk manager.
// Invariants: decides nothing; a meter that stays near its limit is told once a minute of engine
// time, a stop once. Allocates at construction only.
import {
  REJECT_HIGH_FREQUENCY_DAY,
  REJECT_NONE,
  REJECT_REPORTED_DAY,
  REJECT_REPORTED_RATE,
} from '../core/reject-code.ts';
import {
  LIMIT_HF_PER_DAY,
  LIMIT_REPORTED_PER_DAY,
  LIMIT_REPORTED_PER_SECOND,
  SLOTS,
} from '../core/risk/limit-table.ts';
import type { RiskState } from '../core/risk/risk-state.ts';
import { accountRow, strategyRow } from '../core/risk/rule-set.ts';
import { NOTICE_IN_BREACH, NOTICE_NEAR_LIMIT, NOTICE_STOPPED } from '../messages/codes.ts';
import { MarketPause } from '../messages/generated/control.ts';
import { RiskNotice } from '../messages/generated/event.ts';
import type { EventSink } from './port.ts';

const NEAR = 0.8;
const AGAIN_NS = 60_000_000_000;
/** Meters that are watched, by position in the table of times. */
const METERS = 3;

export class RiskNews {
  readonly #state: RiskState;
  readonly #events: EventSink;
  readonly #notice = new RiskNotice();
  readonly #pause = new MarketPause();
  /** When a meter was told last, [account x METERS + meter]. */
  readonly #toldNs: Float64Array;
  /** Stops that were told, by row. */
  readonly #toldStop: Int32Array;
  #nowNs = 0;

  constructor(state: RiskState, events: EventSink) {
    this.#state = state;
    this.#events = events;
    this.#toldNs = new Float64Array(state.sizes.accounts * METERS).fill(Number.NEGATIVE_INFINITY);
    this.#toldStop = new Int32Array(state.rows);
  }

  /** A strategy that may not start, one notice a reason. */
  inBreach(account: number, strategy: number, code: number): void {
    this.#tell(NOTICE_IN_BREACH, code, account, strategy);
  }

  /** Looks at the meters of an order's account and at what may have been stopped by it. */
  afterOrder(account: number, strategy: number): void {
    this.#nowNs = this.#state.case.nowNs;
    if (account < 0 || account >= this.#state.sizes.accounts) return;
    this.stopInForce(accountRow(account), account, -1);
    this.stopInForce(strategyRow(this.#state.sizes, strategy), account, strategy);
    this.#days(account);
    this.#seconds(account);
  }

  /** At start: a pause that the lives before have left. */
  pauseInForce(market: number): void {
    const at = this.#events.claim(MarketPause.BYTES);
    if (at < 0) return;
    const pause = this.#pause.begin(this.#events.memory, at);
    pause.market = market;
    pause.on = 1;
    this.#events.commit();
  }

  /** A stop of a row that has not been told yet. */
  stopInForce(row: number, account: number, strategy: number): void {
    const code = this.#state.meters.latch[row];
    if (code === this.#toldStop[row]) return;
    this.#toldStop[row] = code;
    if (code !== REJECT_NONE) this.#tell(NOTICE_STOPPED, code, account, strategy);
  }

  #days(account: number): void {
    const s = this.#state;
    const row = accountRow(account);
    s.value = s.meters.orders[row] + s.meters.cancels[row];
    s.limit = s.rules.values[row * SLOTS + LIMIT_REPORTED_PER_DAY];
    if (s.value >= s.limit * NEAR) this.#meter(account, 0, REJECT_REPORTED_DAY);
    s.limit = s.rules.values[row * SLOTS + LIMIT_HF_PER_DAY];
    if (s.value >= s.limit * NEAR) this.#meter(account, 1, REJECT_HIGH_FREQUENCY_DAY);
  }

  #seconds(account: number): void {
    const s = this.#state;
    const row = accountRow(account);
    s.limit = s.rules.values[row * SLOTS + LIMIT_REPORTED_PER_SECOND];
    if (s.limit > s.messageTimes.depth) return;
    s.value = Math.ceil(s.limit * NEAR);
    s.at[0] = this.#nowNs;
    if (s.messageTimes.hasRecent(row, s.value, s.at)) this.#meter(account, 2, REJECT_REPORTED_RATE);
  }

  #meter(account: number, meter: number, code: number): void {
    const at = account * METERS + meter;
    if (this.#nowNs - this.#toldNs[at] < AGAIN_NS) return;
    this.#toldNs[at] = this.#nowNs;
    this.#tell(NOTICE_NEAR_LIMIT, code, account, -1);
  }

  #tell(kind: number, code: number, account: number, strategy: number): void {
    const at = this.#events.claim(RiskNotice.BYTES);
    if (at < 0) return;
    const notice = this.#notice.begin(this.#events.memory, at);
    notice.eventNs = this.#nowNs;
    notice.kind = kind;
    notice.code = code;
    notice.account = account;
    notice.strategy = strategy;
    notice.ruleSet = this.#state.rules.hash;
    notice.value = this.#state.value;
    notice.limit = this.#state.limit;
    this.#events.commit();
  }
}
