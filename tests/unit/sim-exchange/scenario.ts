// The simulated exchange between rings of the test, played from tables. Used by the tests of the
// exchange and by its contract test. One step:
//   phase continuous [1] | add 5 sell 100 @ 10.00 [on 1] | drop 5 buy 100
//   trade 4 5 100 @ 10.00 by buy
//   picture bid 100 @ 9.99 ask 200 @ 10.01 [traded 300 @ 9.99]
//   bar 10.00 volume 5000 [open 9.95] [high 10.1] [low 9.9] [daily]
//   place A buy 300 @ 10.00 [ioc|fok|...] [on 1] [for 1] | cancel A | gateway-end 0 | end
import { expect } from 'vitest';
import { DEFAULT_DAY, DEFAULT_FEES } from '../../../engine/backtest/defaults.ts';
import { BookBuilder } from '../../../engine/core/book-builder.ts';
import type { KernelRules } from '../../../engine/core/exchange-kernel.ts';
import { type MarketSource, SOURCE_END } from '../../../engine/core/market-source.ts';
import { formatYuan } from '../../../engine/core/price.ts';
import { loadKernels } from '../../../engine/host/kernels.ts';
import * as codes from '../../../engine/messages/codes.ts';
import { copyFrame, FrameMemory, frameLength } from '../../../engine/messages/frames.ts';
import { LinkState } from '../../../engine/messages/generated/broker.ts';
import { End } from '../../../engine/messages/generated/control.ts';
import {
  Bar,
  MarketOrder,
  MarketTrade,
  Phase,
  SnapshotTick,
} from '../../../engine/messages/generated/market.ts';
import { Request } from '../../../engine/messages/generated/order.ts';
import { feeSchedules } from '../../../engine/rules/fee-dates.ts';
import { builtInBook } from '../../../engine/rules/rule-book.ts';
import { SimExchange } from '../../../gateways/sim/sim-exchange.ts';
import { type FillModels, TouchWorld } from '../../../gateways/sim/touch-world.ts';
import {
  type Fields,
  type MessageClass,
  Pipe,
  type Shown,
  settle,
} from '../../support/actor-harness.ts';
import { kernelRulesOf, makeInstrument } from '../../support/instruments.ts';
import { fail, parseTable, priceOf, type Step, wholeOf } from '../../support/table.ts';

const SIDES: Record<string, number> = { buy: codes.SIDE_BUY, sell: codes.SIDE_SELL };
const KINDS: Record<string, number> = {
  limit: codes.KIND_LIMIT,
  best5: codes.KIND_BEST5_CANCEL,
  'opposite-best': codes.KIND_OPPOSITE_BEST,
  'own-best': codes.KIND_OWN_BEST,
  ioc: codes.KIND_IOC,
  fok: codes.KIND_FOK,
};
const REPORTS = ['', 'written', 'accepted', 'rejected', 'cancelled', 'cancel-rejected', 'unknown'];

/** A market that the test feeds event by event. */
class FedSource implements MarketSource {
  readonly count = -1;
  readonly #frames: FrameMemory[] = [];
  nowNs = 9.5 * 3_600e9;
  finished = false;

  get waiting(): number {
    return this.#frames.length;
  }

  /** Appends an event; `more` sets what no plain field can, such as levels. */
  push<T>(message: MessageClass<T>, fields: Fields<T>, more: (event: T) => void = () => {}): void {
    const memory = new FrameMemory(new ArrayBuffer(message.BYTES));
    this.nowNs += 1e6;
    const event = new message().begin(memory, 0);
    Object.assign(event as object, { ...fields, eventNs: this.nowNs });
    more(event);
    this.#frames.push(memory);
  }

  nextNs(): number {
    if (this.waiting > 0) return this.nowNs;
    return this.finished ? SOURCE_END : Number.MAX_VALUE;
  }

  next(target: FrameMemory, at: number): number {
    const frame = this.#frames.shift()!;
    copyFrame(frame, 0, target, at);
    return frameLength(frame, 0);
  }
}

export interface SceneOptions {
  readonly accounts?: number;
  readonly orders?: number;
  readonly reportBytes?: number;
  /** Every order is published in full; default: only what rests. */
  readonly full?: boolean;
  readonly skipUntilNs?: number;
  readonly models?: FillModels;
  /** Changes what the kernel is told of each instrument. */
  readonly rules?: Partial<KernelRules>;
  /** Two of them. */
  readonly symbols?: readonly string[];
}

export class Scene {
  readonly exchange: SimExchange;
  readonly source = new FedSource();
  readonly market = new Pipe(1 << 20);
  readonly control = new Pipe();
  readonly requests: Pipe[];
  readonly reports: Pipe[];
  /** Names of orders by their number, and their accounts. */
  readonly #names: string[] = [];
  readonly #accounts: number[] = [];
  /** Events the pacer still lets go. */
  releases = Number.POSITIVE_INFINITY;
  /** Of the pictures, so far today. */
  #volume = 0;
  #amountE4 = 0;

  constructor(options: SceneOptions = {}) {
    const accounts = Array.from({ length: options.accounts ?? 1 }, (_, a) => a);
    this.requests = accounts.map(() => new Pipe());
    this.reports = accounts.map(() => new Pipe(options.reportBytes ?? 262_144));
    const facts = { preCloseE4: 100_000 };
    // SZSE knows every kind but one and wants no protection price.
    const symbols = options.symbols ?? ['000001.SZ', '000002.SZ'];
    const instruments = symbols.map((s, i) => makeInstrument(i, s, facts));
    const windows = instruments.map(() => ({ lowE4: 90_000, highE4: 110_000 }));
    const size = { maxInstruments: 2, maxOrders: 256, maxLevels: 512 };
    const { book, validate } = loadKernels(size);
    for (const [i, instrument] of instruments.entries()) {
      validate.setRules(i, { ...kernelRulesOf(instrument, facts), ...options.rules });
    }
    const books = new BookBuilder(book, instruments, windows, options.full ?? false, 128);
    const fees = feeSchedules(DEFAULT_FEES, builtInBook().on(DEFAULT_DAY), instruments);
    const opening = { cashE4: 10_000_000_000, positions: [], fees };
    const size2 = { capacity: options.orders ?? 64, skipUntilNs: options.skipUntilNs ?? 0 };
    const ledger = { accounts: accounts.map(() => opening), instruments, numberBase: 1_000 };
    const life = { isLaterLife: false, day: DEFAULT_DAY };
    const all = { ...size2, ...ledger, ...life };
    this.exchange = new SimExchange(all, {
      requests: this.requests.map((pipe) => pipe.ring),
      reports: this.reports.map((pipe) => pipe.out()),
      market: this.market.out(),
      control: this.control.ring,
      pacer: { mayRelease: (ns) => ns < Number.MAX_VALUE && this.releases-- > 0 },
      onProgress: null,
      makeWorld: (own) => new TouchWorld(books, instruments, this.source, own, options.models),
      validate,
    });
    this.exchange.onStart();
    for (const [account, pipe] of this.requests.entries()) {
      pipe.send(LinkState, { account, state: codes.LINK_READY });
    }
    this.work();
    this.heard();
  }

  /** Plays a table; every step must bring exactly what stands behind its arrow. */
  play(table: string): this {
    for (const step of parseTable(table)) {
      this.#do(step);
      this.work();
      expect(this.heard(), `line ${step.line}: ${step.text}`).toEqual(step.expected);
    }
    return this;
  }

  /** One step, whatever it brings. */
  event(line: string): void {
    for (const step of parseTable(line)) this.#do(step);
    this.work();
  }

  work(): void {
    settle(() => this.exchange.doWork());
  }

  /** What was reported since the last look, account by account. */
  heard(): string[] {
    return this.reports.flatMap((pipe) => pipe.take().map((frame) => this.#text(frame)));
  }

  place(name: string, fields: Fields<Request>): void {
    const account = fields.account ?? 0;
    let id = this.#names.indexOf(name);
    if (id < 0) {
      id = this.#names.push(name) - 1;
      this.#accounts.push(account);
    }
    const order = { side: codes.SIDE_BUY, kind: codes.KIND_LIMIT, priceE4: 100_000, qty: 100 };
    const coid = { coidA: account, coidC: id + 1, coidD: 7, account };
    const sent = this.requests[account]!.send(Request, {
      ...{ action: codes.ACTION_PLACE, ...coid, ...order, ...fields },
    });
    if (!sent) throw new Error('the ring of requests is full');
  }

  cancel(name: string): void {
    const id = this.#names.indexOf(name);
    const account = this.#accounts[id] ?? 0;
    const coidC = id < 0 ? 999 : id + 1;
    const fields = { action: codes.ACTION_CANCEL, coidA: account, coidC, account };
    this.requests[account]!.send(Request, fields);
  }

  #text(frame: Shown): string {
    const name = this.#names[frame.coidC! - 1] ?? '?';
    if (frame.type === 'Fill') {
      const left = frame.leavesQty === 0 ? '' : ` left ${frame.leavesQty}`;
      return `${name} fill ${frame.qty} @ ${formatYuan(frame.priceE4!)}${left}`;
    }
    const code = frame.code === 0 ? '' : ` ${frame.code}`;
    return `${name} ${REPORTS[frame.kind!]}${code}`;
  }

  #do(step: Step): void {
    const [verb, ...rest] = step.words;
    const number = (n: number): number => wholeOf(rest[n], step);
    switch (verb) {
      case 'phase': {
        const phase = codes.PHASE_NAMES.indexOf(rest[0]!);
        if (phase < 0) fail(step, 'no such phase');
        const instrument = rest[1] === undefined ? -1 : number(1);
        this.source.push(Phase, { instrument, phase });
        return;
      }
      case 'add':
      case 'drop':
        this.#order(step, rest);
        return;
      case 'trade':
        this.source.push(MarketTrade, {
          ...{ buyNo: number(0), sellNo: number(1), qty: number(2) },
          ...{ priceE4: priceOf(rest[4], step), aggressor: SIDES[rest[6] ?? ''] ?? 0 },
        });
        return;
      case 'picture':
        this.#picture(step, rest);
        return;
      case 'bar':
        this.#bar(step, rest);
        return;
      case 'place':
        this.#place(step, rest);
        return;
      case 'cancel':
        this.cancel(rest[0]!);
        return;
      case 'gateway-end':
        this.requests[number(0)]!.send(End, { account: number(0) });
        return;
      case 'end':
        this.source.finished = true;
        return;
      default:
        fail(step, 'no such step');
    }
  }

  #order(step: Step, rest: readonly string[]): void {
    const add = step.words[0] === 'add';
    const on = rest.indexOf('on');
    this.source.push(MarketOrder, {
      action: add ? codes.MARKET_ADD : codes.MARKET_CANCEL,
      instrument: on < 0 ? 0 : wholeOf(rest[on + 1], step),
      orderNo: wholeOf(rest[0], step),
      side: SIDES[rest[1]!]!,
      kind: codes.KIND_LIMIT,
      qty: wholeOf(rest[2], step),
      priceE4: add ? priceOf(rest[4], step) : 0,
    });
  }

  /** A minute from the event before on, or with `daily` the whole day. */
  #bar(step: Step, rest: readonly string[]): void {
    const price = (word: string): number =>
      priceOf(rest.includes(word) ? rest[rest.indexOf(word) + 1] : rest[0], step);
    const daily = rest.includes('daily');
    this.source.push(Bar, {
      ...{ openE4: price('open'), highE4: price('high'), lowE4: price('low') },
      ...{ closeE4: priceOf(rest[0], step), volume: wholeOf(rest[2], step) },
      ...{ intervalS: daily ? 86_400 : 60, startNs: daily ? 34_200e9 : this.source.nowNs },
    });
  }

  #picture(step: Step, rest: readonly string[]): void {
    const traded = rest.indexOf('traded');
    if (traded >= 0) {
      const qty = wholeOf(rest[traded + 1], step);
      this.#volume += qty;
      this.#amountE4 += qty * priceOf(rest[traded + 3], step);
    }
    const totals = { volume: this.#volume, amountE4: this.#amountE4 };
    this.source.push(SnapshotTick, { phase: codes.PHASE_CONTINUOUS, ...totals }, (tick) => {
      tick.setBidQty(0, wholeOf(rest[1], step));
      tick.setBidPriceE4(0, priceOf(rest[3], step));
      tick.setAskQty(0, wholeOf(rest[5], step));
      tick.setAskPriceE4(0, priceOf(rest[7], step));
    });
  }

  #place(step: Step, rest: readonly string[]): void {
    const after = (word: string): number => {
      const at = rest.indexOf(word);
      return at < 0 ? 0 : wholeOf(rest[at + 1], step);
    };
    const kind = Object.entries(KINDS).find(([name]) => rest.includes(name));
    this.place(rest[0]!, {
      side: SIDES[rest[1]!]!,
      qty: wholeOf(rest[2], step),
      priceE4: priceOf(rest[4], step),
      kind: kind === undefined ? codes.KIND_LIMIT : kind[1],
      instrument: after('on'),
      account: after('for'),
    });
  }
}
