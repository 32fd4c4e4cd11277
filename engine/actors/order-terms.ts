// What is asked of an order before the OMS takes it: the exchange's rules in the phase of its
// arrival, sellable shares, buy cap, and whether the broker's word lets anything be bought. Part of
// the order manager, split off for its size; parts of parent orders come through here like any
// order, and held orders a second time.
// Invariant: a check changes nothing but what the account found and allows.
import type { Account } from '../core/account.ts';
import { availableE4 } from '../core/cash.ts';
import type { Instrument } from '../core/instrument.ts';
import { sellable } from '../core/position.ts';
import { REJECT_BUY_CAP, REJECT_CASH, REJECT_CREDIT, REJECT_NONE } from '../core/reject-code.ts';
import { formRefusal } from '../core/time-in-force.ts';
import { INTENT_MARGIN, SIDE_BUY } from '../messages/codes.ts';
import type { Intent } from '../messages/generated/order.ts';
import type { BrokerWord } from './broker-word.ts';
import type { OrderRules } from './order-rules.ts';

export class OrderTerms {
  readonly #account: Account;
  readonly #instruments: readonly Instrument[];
  readonly #rules: OrderRules;
  readonly #broker: BrokerWord;
  /** INTENT_* marks that the account may have. */
  readonly #credit: number;

  constructor(
    account: Account,
    instruments: readonly Instrument[],
    rules: OrderRules,
    broker: BrokerWord,
    credit: number,
  ) {
    this.#account = account;
    this.#instruments = instruments;
    this.#rules = rules;
    this.#broker = broker;
    this.#credit = credit;
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
    const account = this.#account;
    const { boughtToday, openBuy } = account.positions;
    const isBuy = side === SIDE_BUY;
    const bought = boughtToday[i] + openBuy[i] - (isBuy ? own : 0);
    const free = sellable(account.positions, i) + (isBuy ? 0 : own);
    const found = this.#rules.check(i, side, kind, priceE4, qty, free, bought, phase);
    if (found === REJECT_BUY_CAP) {
      account.value = bought + qty;
      account.limit = this.#instruments[i]!.buyCapQty;
    }
    if (found !== REJECT_NONE) return found;
    return isBuy ? this.#broker.buyRefusal(i) : REJECT_NONE;
  }

  /** The same of an intent, and whether its time in force and its flags can be had at all. */
  ofIntent(intent: Intent, phase: number): number {
    const { instrument, side, kind, priceE4, qty, flags } = intent;
    const refused = formRefusal(kind, intent.timeInForce, flags, this.#credit);
    if (refused !== REJECT_NONE) return refused;
    // Borrowed money buys, borrowed shares are sold.
    const isMatched = flags === 0 || (flags === INTENT_MARGIN) === (side === SIDE_BUY);
    if (!isMatched) return REJECT_CREDIT;
    return this.check(instrument, side, kind, priceE4, qty, phase, 0);
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
    if (side === SIDE_BUY && this.#rules.upperE4[i] > 0) return this.#rules.upperE4[i];
    return this.#account.positions.lastE4[i];
  }
}
