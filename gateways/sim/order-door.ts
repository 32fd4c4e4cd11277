// The simulated exchange's entrance: judges arriving orders by the day's rules with the validation
// kernel beside the tape's book. Called by sim-exchange.ts only. Always: what the exchange knows
// itself decides (phase, displayed best prices, last trade, limits of the tape); what it does not
// know, an account's holding, is taken on trust.
import { SELLABLE_TRUSTED, type ValidationKernel } from '../../engine/core/exchange-kernel.ts';
import type { Instrument } from '../../engine/core/instrument.ts';
import { columnsOf } from '../../engine/core/instrument-columns.ts';
import { REJECT_CREDIT, REJECT_UNKNOWN_INSTRUMENT } from '../../engine/core/reject-code.ts';
import { NEW_TABLES, type Tables } from '../../engine/core/tables.ts';
import { PHASE_AFTER_HOURS, SIDE_BUY } from '../../engine/messages/codes.ts';
import type { SnapshotTick } from '../../engine/messages/generated/market.ts';
import type { Request } from '../../engine/messages/generated/order.ts';

export class OrderDoor {
  /** Last trade of the tape, 0 before the first; a closed day's last one is its close. */
  readonly lastE4: Int32Array;
  /** The day's limits, 0 = none or not known. */
  readonly upperE4: Int32Array;
  readonly lowerE4: Int32Array;
  /** Shares bought and in working buys since this process began, by account and instrument. */
  readonly #bought: Int32Array;
  readonly #count: number;
  readonly #validate: ValidationKernel;

  constructor(
    instruments: readonly Instrument[],
    accounts: number,
    validate: ValidationKernel,
    tables: Tables = NEW_TABLES,
  ) {
    this.#count = instruments.length;
    this.lastE4 = tables.int32(this.#count);
    this.upperE4 = tables.int32(this.#count);
    this.lowerE4 = tables.int32(this.#count);
    this.#bought = tables.int32(accounts * this.#count);
    const known = columnsOf(instruments);
    this.upperE4.set(known.upperE4);
    this.lowerE4.set(known.lowerE4);
    this.#validate = validate;
  }

  /** A picture tells the last trade, and limits of the day that win over computed ones. */
  onSnapshot(tick: SnapshotTick): void {
    const i = tick.instrument;
    this.lastE4[i] = tick.lastE4;
    const upperE4 = tick.upperLimitE4 > 0 ? tick.upperLimitE4 : this.upperE4[i];
    const lowerE4 = tick.lowerLimitE4 > 0 ? tick.lowerLimitE4 : this.lowerE4[i];
    if (upperE4 === this.upperE4[i] && lowerE4 === this.lowerE4[i]) return;
    this.upperE4[i] = upperE4;
    this.lowerE4[i] = lowerE4;
    this.#validate.setLimits(i, upperE4, lowerE4);
  }

  /** A buy was taken (qty), or ended with shares left (-qty). */
  add(account: number, instrument: number, side: number, qty: number): void {
    if (side === SIDE_BUY) this.#bought[account * this.#count + instrument] += qty;
  }

  /** 0, or the reject code of the first rule that the order breaks; prices 0 = none. */
  judge(request: Request, phase: number, bidE4: number, askE4: number): number {
    const validate = this.#validate;
    const { account, instrument: i, side, kind, priceE4, qty } = request;
    if (i < 0 || i >= this.#count) return REJECT_UNKNOWN_INSTRUMENT;
    if (request.credit !== 0) return REJECT_CREDIT;
    validate.setQuote(i, phase, bidE4, askE4, this.lastE4[i]);
    if (phase === PHASE_AFTER_HOURS) validate.setClose(i, this.lastE4[i]);
    const bought = this.#bought[account * this.#count + i];
    return validate.validateOrder(i, side, kind, priceE4, qty, SELLABLE_TRUSTED, bought);
  }
}
