// The account against the slow model: random orders, fills, cancels and refusals in a hundred
// thousand and more steps; T+1 and T+0, fees over whole orders, reservations to the last fen.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Account, applyEvent, applyFill, checkFunds } from '../../../engine/core/account.ts';
import { availableE4 } from '../../../engine/core/cash.ts';
import { EVENT_ACCEPTED, EVENT_CANCELLED, EVENT_REJECTED } from '../../../engine/core/order.ts';
import { sellable } from '../../../engine/core/position.ts';
import { REJECT_CASH, REJECT_NONE, REJECT_SELLABLE } from '../../../engine/core/reject-code.ts';
import { SIDE_BUY } from '../../../engine/messages/codes.ts';
import { FEES, openAccount, place } from './account-kit.ts';
import { ModelAccount, type ModelOrder } from './account-model.ts';

const INSTRUMENTS = 2;
const OPEN_QTY = 3_000;
const OPEN_CASH_E4 = 500_000_000;
const STEPS = 200;
const RUNS = 500;

interface Step {
  readonly what: number;
  readonly pick: number;
  readonly instrument: number;
  readonly side: number;
  readonly ticks: number;
  readonly qty: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  what: fc.integer({ min: 0, max: 9 }),
  pick: fc.nat(),
  instrument: fc.integer({ min: 0, max: INSTRUMENTS - 1 }),
  side: fc.integer({ min: 1, max: 2 }),
  ticks: fc.integer({ min: 1, max: 3_000 }),
  qty: fc.integer({ min: 1, max: 2_500 }),
});

class Pair {
  readonly account: Account;
  readonly model: ModelAccount;
  ops = 0;
  refusals = 0;

  constructor() {
    this.account = openAccount({
      cashE4: OPEN_CASH_E4,
      qty: OPEN_QTY,
      instruments: INSTRUMENTS,
      orders: STEPS,
    });
    this.account.positions.turnround[1] = 1;
    const qty = [OPEN_QTY, OPEN_QTY];
    this.model = new ModelAccount(FEES, OPEN_CASH_E4, qty, [false, true]);
  }

  /** Asks for funds as the OMS does, and enters the order when both say it can be paid. */
  #place({ instrument, side, ticks, qty }: Step): void {
    const priceE4 = ticks * 100;
    const order: ModelOrder = { side, instrument, priceE4, qty, fills: [], open: true };
    const left = this.model.cashE4() - this.model.allReservedE4();
    const free = this.model.sellable(instrument);
    const enough = side === SIDE_BUY ? this.model.reservedE4(order) <= left : qty <= free;
    const code = checkFunds(this.account, side, instrument, priceE4, qty);
    const refused = side === SIDE_BUY ? REJECT_CASH : REJECT_SELLABLE;
    expect(code).toBe(enough ? REJECT_NONE : refused);
    if (!enough) {
      this.refusals++;
      return;
    }
    expect(place(this.account, side, priceE4, qty, instrument)).toBe(this.model.orders.length);
    this.model.orders.push(order);
  }

  /** A fill of an open order, at its limit or better. */
  #fill(slot: number, { ticks, qty }: Step): void {
    const order = this.model.orders[slot]!;
    const leaves = this.model.leaves(order);
    const part = Math.min(leaves, qty);
    const better = (ticks % 5) * 100;
    const priceE4 =
      order.side === SIDE_BUY ? Math.max(100, order.priceE4 - better) : order.priceE4 + better;
    const before = this.model.feesE4(order);
    order.fills.push({ priceE4, qty: part });
    if (part === leaves) order.open = false;
    applyFill(this.account, slot, priceE4, part);
    expect(this.account.lastFillFeeE4).toBe(this.model.feesE4(order) - before);
  }

  run(step: Step): void {
    this.ops++;
    const open = this.model.orders.flatMap((order, slot) => (order.open ? [slot] : []));
    if (step.what < 4 || open.length === 0) this.#place(step);
    else {
      const slot = open[step.pick % open.length]!;
      if (step.what < 8) this.#fill(slot, step);
      else if (step.what === 8) applyEvent(this.account, slot, EVENT_ACCEPTED, 0, 0);
      else this.#end(slot, step);
    }
    this.#compare();
  }

  /** Refused while nothing has traded, else cancelled. */
  #end(slot: number, { pick }: Step): void {
    const order = this.model.orders[slot]!;
    applyEvent(this.account, slot, EVENT_ACCEPTED, 0, 0);
    const refuse = order.fills.length === 0 && pick % 2 === 0;
    applyEvent(this.account, slot, refuse ? EVENT_REJECTED : EVENT_CANCELLED, 0, 0);
    order.open = false;
  }

  #compare(): void {
    const { account, model } = this;
    const reserved = model.allReservedE4();
    const wrong =
      account.cash.cashE4 !== model.cashE4() ||
      account.cash.reservedE4 !== reserved ||
      availableE4(account.cash) < 0;
    if (wrong) {
      const { cashE4, reservedE4 } = account.cash;
      expect({ cashE4, reservedE4 }).toEqual({ cashE4: model.cashE4(), reservedE4: reserved });
      expect(availableE4(account.cash)).toBeGreaterThanOrEqual(0);
    }
    for (let i = 0; i < INSTRUMENTS; i++) {
      const same = sellable(account.positions, i) === model.sellable(i);
      if (!same) expect(sellable(account.positions, i), `sellable ${i}`).toBe(model.sellable(i));
      if (model.sellable(i) < 0) expect.fail(`sold more of ${i} than was held`);
      if (account.positions.qty[i] !== model.qty(i)) expect.fail(`qty of ${i} differs`);
    }
  }
}

describe('the account', () => {
  test('agrees with the slow model in cash, shares, fees and reservations', () => {
    let ops = 0;
    let refusals = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: STEPS, maxLength: STEPS }), (steps) => {
        const pair = new Pair();
        for (const one of steps) pair.run(one);
        ops += pair.ops;
        refusals += pair.refusals;
      }),
      { numRuns: RUNS, seed: 20_260_105 },
    );
    expect(ops).toBeGreaterThanOrEqual(100_000);
    expect(refusals).toBeGreaterThan(1_000);
  });
});
