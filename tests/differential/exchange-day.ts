// One random day of one instrument on the exchange layer and on its twin, with a ledger of what
// became of every share. Called by exchange.test.ts and subjects.ts. Always: one seed gives the
// same day; runDay() throws an Error that names seed, step and the first difference.

import type { BookKernel } from '../../engine/core/book.ts';
import type { ExchangeKernel, KernelRules } from '../../engine/core/exchange-kernel.ts';
import { CageMode } from '../../engine/core/exchange-kernel.ts';
import { type Kernels, loadKernels } from '../../engine/host/kernels.ts';
import * as codes from '../../wasm/assembly/codes.ts';
import { ReferenceBook } from '../../wasm/reference/book.ts';
import { ReferenceExchange } from '../../wasm/reference/exchange.ts';
import { booksDiffer, outcomesDiffer, tradesDiffer } from './comparison.ts';
import type { Random } from './operations.ts';
import { below, seeded } from './operations.ts';
import { pick, randomRules } from './random-rules.ts';

const INSTR = 0;
const HELD = 1;
const QUOTA = 400;
export const DAY_SIZES = { maxInstruments: 2, maxOrders: QUOTA * 2, maxLevels: 2 * 601 };

/** What happened on a day, by name: result codes, phases, halts, held and released orders. */
export type Seen = Map<string, number>;

interface Order {
  left: number;
  /** Number of the operation that let it rest, for time priority. */
  readonly arrival: number;
}

type Twin = ExchangeKernel & Pick<ReferenceExchange, 'validateOrder'>;

class RandomDay {
  readonly #random: Random;
  readonly #kernels: Kernels;
  readonly #twinBook = new ReferenceBook(2, QUOTA * 2, 2 * 601);
  readonly #twin: Twin;
  readonly #rules: KernelRules;
  readonly #orders = new Map<number, Order>();
  readonly #seen: Seen;
  #timeNs = 34_200_000_000_000;
  #nextId = 1;
  #step = 0;

  constructor(seed: number, kernels: Kernels, seen: Seen, holds: boolean) {
    this.#random = seeded(seed);
    this.#kernels = kernels;
    this.#seen = seen;
    const rules = { ...randomRules(this.#random, HELD), tickE4: pick(this.#random, [50, 100]) };
    const hold = { cageMode: CageMode.HOLD, suspended: 0 };
    this.#rules = holds ? { ...rules, ...hold } : rules;
    const { tickE4 } = this.#rules;
    const exchange = new ReferenceExchange(this.#twinBook);
    this.#twin = exchange;
    kernels.book.resetAll();
    for (const book of [kernels.book, this.#twinBook] as BookKernel[]) {
      for (const instr of [INSTR, HELD]) {
        this.#same('open', book.openInstrument(instr, tickE4, 85_000, 115_000, QUOTA), 0);
      }
    }
    this.#same('setRules', kernels.validate.setRules(INSTR, this.#rules), 0);
    exchange.setRules(INSTR, this.#rules);
  }

  /** Runs one operation on both sides and compares everything they show. */
  step(): void {
    this.#step++;
    this.#timeNs += below(this.#random, 10) * 1_000_000_000;
    this.#kernels.exchange.setClock(this.#timeNs);
    this.#twin.setClock(this.#timeNs);
    const what = this.#random();
    if (what < 0.025) this.#enterPhase();
    else if (what < 0.25) this.#withdraw();
    else this.#order();
    this.#compare();
  }

  #enterPhase(): void {
    const now = this.#twin.phase(INSTR);
    // Forwards most of the time; anything at all sometimes.
    const next = now === 8 ? pick(this.#random, [4, 6]) : pick(this.#random, NEXT[now + 1]);
    const phase = this.#random() < 0.9 ? next : below(this.#random, 13) - 2;
    const expires = phase === codes.PHASE_AFTER_HOURS && now !== phase;
    const result = this.#kernels.exchange.enterPhase(INSTR, phase);
    this.#same(`enterPhase ${now} to ${phase}`, result, this.#twin.enterPhase(INSTR, phase));
    this.#count(`enter ${phase} ${Math.sign(result)}`);
    this.#takeTrades();
    if (expires && result >= 0) this.#orders.clear();
  }

  #withdraw(): void {
    const id = 1 + below(this.#random, this.#nextId + 2);
    const held = this.#twin.heldQty(INSTR, id);
    const result = this.#kernels.exchange.withdraw(INSTR, id);
    this.#same(`withdraw ${id}`, result, this.#twin.withdraw(INSTR, id));
    this.#count(held > 0 && result > 0 ? 'withdraw held' : `withdraw ${Math.sign(result)}`);
    if (result > 0) {
      this.#same('shares of a cancel', result, this.#orders.get(id)?.left ?? 0);
      this.#orders.delete(id);
    }
    if (result < -100) this.#count(`withdraw ${result}`);
    this.#takeTrades();
  }

  #order(): void {
    const random = this.#random;
    const duplicate = random() < 0.03;
    const id = duplicate ? 1 + below(random, this.#nextId) : this.#nextId++;
    const side = 1 + below(random, 2);
    const kind = random() < 0.75 ? codes.KIND_LIMIT : 1 + below(random, 7);
    const { tickE4 } = this.#rules;
    const spread = pick(random, [400, 2_000, 12_000]);
    const ticks = Math.round((100_000 + (random() * 2 - 1) * spread) / tickE4);
    const offTick = random() < 0.02 ? 7 : 0;
    const priceE4 = kind !== 1 && random() < 0.5 ? 0 : ticks * tickE4 + offTick;
    const qty = random() < 0.06 ? pick(random, [150, 6_000]) : 100 * (1 + below(random, 12));
    const [sellable, bought] = [pick(random, [-2, -1, 1_030]), pick(random, [0, 0, 4_500])];
    const args = [INSTR, id, side, kind, priceE4, qty, sellable, bought] as const;
    const result = this.#kernels.exchange.order(...args);
    this.#same(`order ${args.join(' ')}`, result, this.#twin.order(...args));
    this.#count(`order ${Math.min(result, 1)}`);
    if (result >= 0) this.#accepted(id, qty);
    this.#takeTrades();
  }

  #accepted(id: number, qty: number): void {
    const { killedQty } = this.#kernels.book;
    if (this.#kernels.exchange.heldQty(INSTR, id) > 0) this.#count('held');
    this.#orders.set(id, { left: qty - killedQty, arrival: this.#step });
  }

  /** Trades take shares off both orders; of two at one price the older rests first. */
  #takeTrades(): void {
    const { book } = this.#kernels;
    for (let i = 0; i < book.tradeCount; i++) {
      const qty = book.tradeQty(i);
      for (const id of [book.tradeBuyId(i), book.tradeSellId(i)]) {
        const order = this.#orders.get(id);
        if (order === undefined || order.left < qty) this.#fail(`trade ${i} of order ${id}`);
        order.left -= qty;
      }
      this.#keepsTime(i);
    }
    for (const [id, { left }] of this.#orders) if (left === 0) this.#orders.delete(id);
  }

  /** Where nothing is held, arrival is time priority. */
  #keepsTime(i: number): void {
    const { book } = this.#kernels;
    const side = book.tradeAggressor(i);
    if (i === 0 || side === 0 || this.#rules.cageMode === CageMode.HOLD) return;
    const restingId = (at: number) => (side === 1 ? book.tradeSellId(at) : book.tradeBuyId(at));
    if (book.tradePriceE4(i) !== book.tradePriceE4(i - 1)) return;
    const [before, after] = [restingId(i - 1), restingId(i)].map((id) => this.#orders.get(id));
    if (before!.arrival >= after!.arrival) this.#fail(`trade ${i} breaks time priority`);
  }

  #compare(): void {
    const { book, exchange } = this.#kernels;
    const twin = this.#twin;
    const text =
      tradesDiffer(book, this.#twinBook) ??
      outcomesDiffer(book, this.#twinBook) ??
      booksDiffer(book, this.#twinBook, INSTR, 3);
    if (text !== undefined) this.#fail(text);
    for (const name of ['phase', 'haltLevel', 'openE4', 'lastE4', 'closeE4'] as const) {
      this.#same(name, exchange[name](INSTR), twin[name](INSTR));
    }
    if (this.#step % 10 === 0) this.#compareCall();
    if (exchange.haltLevel(INSTR) > 0) this.#count(`halt ${exchange.haltLevel(INSTR)}`);
    const [bid, ask] = [book.bestBid(INSTR), book.bestAsk(INSTR)];
    if (exchange.phase(INSTR) === codes.PHASE_CONTINUOUS && ask > 0 && bid >= ask) {
      this.#fail(`crossed: ${bid} ${ask}`);
    }
    if (this.#step % 20 === 0) this.#compareOrders();
  }

  /** The auction's price now, whatever the phase. */
  #compareCall(): void {
    const { book, exchange } = this.#kernels;
    this.#same('callPriceE4', exchange.callPriceE4(INSTR), this.#twin.callPriceE4(INSTR));
    this.#same('auctionQty', book.auctionQty, this.#twinBook.auctionQty);
    this.#same('auctionImbalance', book.auctionImbalance, this.#twinBook.auctionImbalance);
  }

  /** Every live share rests or is held, and nothing else does. */
  #compareOrders(): void {
    const { book, exchange } = this.#kernels;
    for (const [id, { left }] of this.#orders) {
      const held = exchange.heldQty(INSTR, id);
      this.#same(`heldQty ${id}`, held, this.#twin.heldQty(INSTR, id));
      const resting = book.orderQty(INSTR, id);
      this.#same(`shares of ${id}`, Math.max(0, held) + Math.max(0, resting), left);
    }
    const orders = book.orderCount(INSTR) + book.orderCount(HELD);
    this.#same('orders', orders, this.#orders.size);
  }

  #same(what: string, kernel: number, twin: number): void {
    if (kernel !== twin) this.#fail(`${what}: kernel ${kernel}, twin ${twin}`);
  }

  #count(name: string): void {
    this.#seen.set(name, (this.#seen.get(name) ?? 0) + 1);
  }

  #fail(text: string): never {
    throw new Error(`step ${this.#step}: ${text}; rules ${JSON.stringify(this.#rules)}`);
  }
}

/** Where the day may go from each phase, from -1 (unknown) on. */
const NEXT: readonly (readonly number[])[] = [
  ...[[0, 1], [1], [2, 2, 8], [3, 3, 4], [4, 4, 8], [5, 6, 6, 7, 8], [4]],
  ...[[7, 7, 9], [9], [4, 6], [7]],
];

/** Runs `steps` operations of the day of a seed; throws on the first difference. */
export function runDay(
  seed: number,
  steps: number,
  kernels: Kernels,
  seen: Seen,
  holds = false,
): void {
  try {
    const day = new RandomDay(seed, kernels, seen, holds);
    for (let i = 0; i < steps; i++) day.step();
  } catch (error) {
    throw new Error(`seed ${seed}: ${(error as Error).message}`);
  }
}

const DAY_STEPS = 250;
let kernels: Kernels | undefined;

/** Days of a seed until so many operations have run; the first difference as text. */
export function runDays(seed: number, operations: number, holds: boolean): string | undefined {
  kernels ??= loadKernels(DAY_SIZES);
  const seen: Seen = new Map();
  try {
    for (let day = 0; day * DAY_STEPS < operations; day++) {
      runDay(seed * 1_000 + day, DAY_STEPS, kernels, seen, holds);
    }
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
