// One security on a day as the rule book makes it, on the exchange layer of the kernel: rule book
// -> record -> kernel, driven by text and by the clock. Called by the tests of the worked examples.
// Always: prices are yuan as text, ids count from 1 in the order sent.

import type { BookKernel } from '../../engine/core/book.ts';
import type {
  ExchangeKernel,
  KernelRules,
  ValidationKernel,
} from '../../engine/core/exchange-kernel.ts';
import { SELLABLE_TRUSTED } from '../../engine/core/exchange-kernel.ts';
import { formatYuan, parsePriceE4 } from '../../engine/core/price.ts';
import { loadKernels } from '../../engine/host/kernels.ts';
import { timeNsOf } from '../../engine/rules/calendar-date.ts';
import { type KernelFacts, kernelRules, phaseNumberAt } from '../../engine/rules/kernel-rules.ts';
import { type DayRules, RuleBook } from '../../engine/rules/rule-book.ts';
import { type Subject, type SubjectFacts, subjectOf } from '../../engine/rules/subject.ts';

/** 2026-08-10: the rule books of 2026 hold. */
export const TODAY = 20260810;
const BOOK = new RuleBook();
const SIDES: { readonly [text: string]: number } = { buy: 1, sell: 2 };
const KINDS = ['', '', 'best5-ioc', 'best5-limit', 'opposite-best', 'own-best', 'ioc', 'fok'];

export interface MarketWish extends SubjectFacts, Omit<KernelFacts, 'preCloseE4'> {
  readonly day?: number;
  /** Yuan; default 10.00. */
  readonly preclose?: string;
  /** What a test changes in the record, to look at one mechanism alone. */
  readonly change?: Partial<KernelRules>;
}

export interface AccountFacts {
  readonly sellable?: number;
  readonly bought?: number;
}

export class RulesMarket {
  readonly dayRules: DayRules;
  readonly subject: Subject;
  readonly rules: KernelRules;
  readonly book: BookKernel;
  readonly exchange: ExchangeKernel;
  readonly validate: ValidationKernel;
  #lastId = 0;

  constructor(symbol: string, wish: MarketWish = {}) {
    this.dayRules = BOOK.on(wish.day ?? TODAY);
    this.subject = subjectOf(this.dayRules, symbol, wish);
    const preCloseE4 = parsePriceE4(wish.preclose ?? '10.00');
    const facts = { ...wish, preCloseE4, heldBook: 1 };
    this.rules = { ...kernelRules(this.dayRules, this.subject, facts), ...wish.change };
    const { tickE4, upperE4, lowerE4 } = this.rules;
    const [low, high] = upperE4 > 0 ? [lowerE4, upperE4] : [tickE4, preCloseE4 * 10];
    const levels = (high - low) / tickE4 + 1;
    const kernels = loadKernels({ maxInstruments: 2, maxOrders: 400, maxLevels: levels * 2 });
    this.book = kernels.book;
    this.exchange = kernels.exchange;
    this.validate = kernels.validate;
    for (const instr of [0, 1]) this.book.openInstrument(instr, tickE4, low, high, 200);
    const code = this.validate.setRules(0, this.rules);
    if (code !== 0) throw new Error(`setRules: ${code} for ${JSON.stringify(this.rules)}`);
  }

  /** The clock: enters the phase of this time by the rule book. Returns the trades of a call. */
  at(time: string): string[] {
    const timeNs = timeNsOf(time);
    this.exchange.setClock(timeNs);
    return this.enter(phaseNumberAt(this.dayRules, this.subject, timeNs));
  }

  /** Enters a phase; throws when the kernel refuses it. */
  enter(phase: number): string[] {
    const made = this.exchange.enterPhase(0, phase);
    if (made < 0) throw new Error(`enterPhase(${phase}): ${made}`);
    return this.trades();
  }

  /** `buy 300 @ 10.05`, `sell 100 own-best`, `buy 300 best5-ioc @ 10.20`: the kernel's answer. */
  send(text: string, { sellable = SELLABLE_TRUSTED, bought = 0 }: AccountFacts = {}): number {
    const { side, kind, priceE4, qty } = orderOf(text);
    return this.exchange.order(0, ++this.#lastId, side, kind, priceE4, qty, sellable, bought);
  }

  /** Sends orders that must all be taken. */
  fill(...orders: readonly string[]): void {
    for (const text of orders) {
      const code = this.send(text);
      if (code < 0) throw new Error(`${text}: ${code}`);
    }
  }

  /** The first violated rule of an order, without sending it. */
  check(text: string, { sellable = SELLABLE_TRUSTED, bought = 0 }: AccountFacts = {}): number {
    const { side, kind, priceE4, qty } = orderOf(text);
    return this.validate.validateOrder(0, side, kind, priceE4, qty, sellable, bought);
  }

  cancel(id: number): number {
    return this.exchange.withdraw(0, id);
  }

  /** Id of the order sent last. */
  get lastId(): number {
    return this.#lastId;
  }

  /** Trades of the last call, `100@10.01`. */
  trades(): string[] {
    const { book } = this;
    return Array.from({ length: book.tradeCount }, (_, i) => {
      return `${book.tradeQty(i)}@${formatYuan(book.tradePriceE4(i))}`;
    });
  }

  /** What became of the rest: `rests 200@10.01`, `cancels 500`, or `filled`. */
  outcome(): string {
    const { restedQty, restedPriceE4, killedQty } = this.book;
    if (restedQty > 0) return `rests ${restedQty}@${formatYuan(restedPriceE4)}`;
    return killedQty > 0 ? `cancels ${killedQty}` : 'filled';
  }
}

function orderOf(text: string) {
  const words = text.split(' ');
  const at = words.indexOf('@');
  const kind = KINDS.indexOf(words[2] === '@' ? '?' : (words[2] ?? '?'));
  return {
    side: SIDES[words[0]],
    qty: Number(words[1]),
    kind: Math.max(1, kind),
    priceE4: at < 0 ? 0 : parsePriceE4(words[at + 1]),
  };
}
