// What an account opens its day with: cash, shares, whose they are. Part of AccountState, split off
// for its size; the same whether it comes from a setup or from journaled frames. Invariant: risk
// hears of the same opening as the account had.
import type { Account } from '../core/account.ts';
import { openPosition } from '../core/position.ts';
import { onOpeningCash, onOpeningPosition } from '../core/risk/risk-events.ts';
import type { RiskState } from '../core/risk/risk-state.ts';
import { openBookLine, openDeskBook } from '../core/strategy-books.ts';

export class AccountOpening {
  readonly #account: Account;
  /** Instrument, shares, average price: three numbers each. */
  readonly #shares: number[] = [];
  #cashE4 = 0;

  constructor(account: Account) {
    this.#account = account;
  }

  cash(cashE4: number): void {
    this.#account.cash.cashE4 = cashE4;
    this.#account.cash.openingEquityE4 = cashE4;
    this.#account.books.openingCashE4 = cashE4;
    this.#cashE4 = cashE4;
  }

  position(instrument: number, qty: number, sellableQty: number, costAmountE4: number): void {
    const { positions, books, cash } = this.#account;
    openPosition(positions, instrument, qty, sellableQty, costAmountE4);
    openDeskBook(books, instrument, qty, costAmountE4);
    const costE4 = qty > 0 ? Math.round(costAmountE4 / qty) : 0;
    this.#shares.push(instrument, qty, costE4);
    const preCloseE4 = positions.lastE4[instrument]!;
    cash.openingEquityE4 += preCloseE4 > 0 ? preCloseE4 * qty : costAmountE4;
  }

  /** Whose shares of an instrument they are. */
  line(
    strategy: number,
    instrument: number,
    qty: number,
    costAmountE4: number,
    heldDays: number,
  ): void {
    const { books, positions } = this.#account;
    const accountCostE4 = positions.costAmountE4[instrument]!;
    openBookLine(books, strategy, instrument, qty, costAmountE4, accountCostE4);
    positions.heldDays[instrument] = heldDays;
  }

  /** A movement that counts as if it had been there at the open; `instrument` -1 = cash only. */
  moved(instrument: number, qty: number, amountE4: number): void {
    this.#cashE4 += amountE4;
    if (instrument >= 0) this.#shares.push(instrument, qty, 0);
  }

  tellRisk(state: RiskState): void {
    const { index } = this.#account;
    onOpeningCash(state, index, this.#cashE4);
    const s = this.#shares;
    for (let n = 0; n < s.length; n += 3) {
      onOpeningPosition(state, index, s[n]!, s[n + 1]!, s[n + 2]!);
    }
  }
}
