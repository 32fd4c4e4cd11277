// What the OMS knows of each instrument's market, and the exchange's checks of an order by it: the
// rules of the day are the kernel's, phase, best prices, last trade and limits come from quotes.
// Called by order-manager.ts only. Always: the kernel is told a quote when an order is judged by
// it, not before (most quotes meet no order); a stale quote never refuses by its prices.
import type { ValidationKernel } from '../core/exchange-kernel.ts';
import { PHASE_UNKNOWN } from '../core/exchange-kernel.ts';
import type { Instrument } from '../core/instrument.ts';
import { columnsOf } from '../core/instrument-columns.ts';
import { NEW_TABLES, type Tables } from '../core/tables.ts';
import {
  FLAG_STALE,
  KIND_LIMIT,
  PHASE_AFTER_HOURS,
  PHASE_CLOSING_CALL,
  PHASE_CONTINUOUS,
  PHASE_OPENING_CALL,
} from '../messages/codes.ts';
import type { Quote } from '../messages/generated/market.ts';

export class OrderRules {
  /** Of the last quote; PHASE_PRE_OPEN before the first. */
  readonly phase: Int8Array;
  /** Daily limits as the feed told them last; 0 = none. */
  readonly upperE4: Int32Array;
  readonly lowerE4: Int32Array;
  readonly #bidE4: Int32Array;
  readonly #askE4: Int32Array;
  readonly #lastE4: Int32Array;
  readonly #stale: Uint8Array;
  readonly #preCloseE4: Int32Array;
  readonly #volume: Float64Array;
  readonly #quoteNs: Float64Array;
  /** 1 = there is a quote of the instrument that risk has not been told. */
  readonly isNews: Uint8Array;
  readonly #validate: ValidationKernel;

  constructor(
    instruments: readonly Instrument[],
    validate: ValidationKernel,
    tables: Tables = NEW_TABLES,
  ) {
    const n = instruments.length;
    this.phase = tables.int8(n);
    this.upperE4 = tables.int32(n);
    this.lowerE4 = tables.int32(n);
    this.#bidE4 = tables.int32(n);
    this.#askE4 = tables.int32(n);
    this.#lastE4 = tables.int32(n);
    this.#stale = tables.uint8(n);
    this.#preCloseE4 = tables.int32(n);
    this.#volume = tables.float64(n);
    this.#quoteNs = tables.float64(n);
    this.isNews = tables.uint8(n);
    this.#validate = validate;
    const known = columnsOf(instruments);
    this.upperE4.set(known.upperE4);
    this.lowerE4.set(known.lowerE4);
  }

  onQuote(quote: Quote): void {
    const i = quote.instrument;
    this.phase[i] = quote.phase;
    this.#bidE4[i] = quote.bidE4;
    this.#askE4[i] = quote.askE4;
    this.#lastE4[i] = quote.lastE4;
    this.#stale[i] = (quote.flags & FLAG_STALE) !== 0 ? 1 : 0;
    this.#preCloseE4[i] = quote.preCloseE4;
    this.#volume[i] = quote.volume;
    this.#quoteNs[i] = quote.eventNs;
    this.isNews[i] = 1;
    const { upperLimitE4, lowerLimitE4 } = quote;
    if (upperLimitE4 === this.upperE4[i] && lowerLimitE4 === this.lowerE4[i]) return;
    // The feed's limits of the day win over computed ones.
    this.upperE4[i] = upperLimitE4;
    this.lowerE4[i] = lowerLimitE4;
    this.#validate.setLimits(i, upperLimitE4, lowerLimitE4);
  }

  /** The instrument's last quote as it came, into a frame for risk. */
  writeQuote(quote: Quote, i: number): void {
    quote.eventNs = this.#quoteNs[i];
    quote.flags = this.#stale[i] === 1 ? FLAG_STALE : 0;
    quote.instrument = i;
    quote.phase = this.phase[i];
    quote.lastE4 = this.#lastE4[i];
    quote.preCloseE4 = this.#preCloseE4[i];
    quote.bidE4 = this.#bidE4[i];
    quote.askE4 = this.#askE4[i];
    quote.upperLimitE4 = this.upperE4[i];
    quote.lowerLimitE4 = this.lowerE4[i];
    quote.volume = this.#volume[i];
  }

  /**
   * The first rule an order breaks, or 0, as ValidationKernel.validateOrder. `arrival` is the phase
   * in which it reaches the exchange: a held order's is a later one than the present. Hot.
   */
  check(
    i: number,
    side: number,
    kind: number,
    priceE4: number,
    qty: number,
    sellable: number,
    bought: number,
    arrival: number,
  ): number {
    const validate = this.#validate;
    const phase = this.#phaseFor(i, kind, arrival);
    validate.setQuote(i, phase, this.#bidE4[i], this.#askE4[i], this.#lastE4[i]);
    // Once a security is closed the exchange publishes its closing price as the last one.
    if (phase === PHASE_AFTER_HOURS) validate.setClose(i, this.#lastE4[i]);
    return validate.validateOrder(i, side, kind, priceE4, qty, sellable, bought);
  }

  /**
   * By a stale book neither the cage nor a call's range is judged: PHASE_UNKNOWN leaves both to the
   * exchange. It would also let market orders pass in calls, and orders in halts, so it stands for
   * two phases that take limit orders anyway, and for limit orders alone.
   */
  #phaseFor(i: number, kind: number, phase: number): number {
    // The prices that a later phase judges by are not known before it: it asks again (recheck).
    const isLater = phase !== this.phase[i];
    if (isLater) return phase === PHASE_OPENING_CALL ? phase : PHASE_UNKNOWN;
    if (this.#stale[i] === 0 || kind !== KIND_LIMIT) return phase;
    return phase === PHASE_CONTINUOUS || phase === PHASE_CLOSING_CALL ? PHASE_UNKNOWN : phase;
  }
}
