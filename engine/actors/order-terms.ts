// What the exchange asks of an order, as the OMS checks it: kind, phase of arrival, tick, lot,
// limits, sellable shares, buy cap. Part of the order manager, split off for its size; execution
// asks nothing of its own, its parts come through here like any order.
// Invariant: a check changes nothing but what the account found and allows.
import { type Account, isAboveBuyCap } from '../core/account.ts';
import { availableE4 } from '../core/cash.ts';
import type { ValidationKernel } from '../core/exchange-kernel.ts';
import { checkKind, type Instrument } from '../core/instrument.ts';
import { sellable } from '../core/position.ts';
import {
  REJECT_BUY_CAP,
  REJECT_CASH,
  REJECT_KIND_NOT_SUPPORTED,
  REJECT_NONE,
  REJECT_UNKNOWN_INSTRUMENT,
} from '../core/reject-code.ts';
import { KIND_LIMIT, PHASE_CONTINUOUS, SIDE_BUY } from '../messages/codes.ts';

export class OrderTerms {
  readonly #account: Account;
  readonly #instruments: readonly Instrument[];
  readonly #validate: ValidationKernel;
  readonly #upperE4: Int32Array;
  readonly #lowerE4: Int32Array;

  constructor(account: Account, instruments: readonly Instrument[], validate: ValidationKernel) {
    this.#account = account;
    this.#instruments = instruments;
    this.#validate = validate;
    this.#upperE4 = Int32Array.from(instruments, (i) => i.upperLimitE4);
    this.#lowerE4 = Int32Array.from(instruments, (i) => i.lowerLimitE4);
  }

  /** The feed told the day's limits (they win over computed ones): orders are checked by them. */
  setLimits(i: number, upperE4: number, lowerE4: number): void {
    if (upperE4 === this.#upperE4[i] && lowerE4 === this.#lowerE4[i]) return;
    this.#upperE4[i] = upperE4;
    this.#lowerE4[i] = lowerE4;
    this.#validate.setLimits(i, upperE4, lowerE4);
  }

  /**
   * REJECT_NONE or why not, for an order that arrives in `phase`; `own` shares of it are counted in
   * the books already (a held order).
   */
  check(
    i: number,
    side: number,
    kind: number,
    priceE4: number,
    qty: number,
    phase: number,
    own: number,
  ): number {
    if (kind !== KIND_LIMIT && phase !== PHASE_CONTINUOUS) return REJECT_KIND_NOT_SUPPORTED;
    const account = this.#account;
    const instrument = this.#instruments[i]!;
    const refused = checkKind(instrument, kind, priceE4);
    if (refused !== REJECT_NONE) return refused;
    const free = sellable(account.positions, i) + own;
    const found = this.#validate.validateOrder(i, side, kind, priceE4, qty, free, 0);
    if (found !== 0) return found < 0 ? REJECT_UNKNOWN_INSTRUMENT : found;
    if (side === SIDE_BUY && isAboveBuyCap(account, instrument, qty - own)) return REJECT_BUY_CAP;
    return REJECT_NONE;
  }

  /** A held order whose session opens: everything but the reservation it has is asked again. */
  recheck(slot: number, phase: number): number {
    const { orders, cash } = this.#account;
    const { side, kind, priceE4, qty } = orders;
    if (side[slot] === SIDE_BUY && availableE4(cash) < 0) return REJECT_CASH;
    const i = orders.instrument[slot];
    return this.check(i, side[slot], kind[slot], priceE4[slot], qty[slot], phase, qty[slot]);
  }

  /** A limit order at its price; others at the protection price, else the day's limit price. */
  valueE4(i: number, side: number, priceE4: number): number {
    if (priceE4 > 0) return priceE4;
    if (side === SIDE_BUY && this.#upperE4[i] > 0) return this.#upperE4[i];
    return this.#account.positions.lastE4[i];
  }
}
