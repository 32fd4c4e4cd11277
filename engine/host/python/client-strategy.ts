// A Python script over `pankou.Client`, as a strategy: the client's calls become those of the
// strategy's own context, the script sleeps while the market goes on. Called by
// python-strategy.ts. Always: one thread, in step; an order is `pending` when it was placed, what
// OMS, risk and exchange say comes to on_order, as in a run with a slow link.
import {
  type Context,
  type ParamSpecs,
  SIDE_BUY,
  SIDE_SELL,
  type Strategy,
  type Tick,
} from '../../core/strategy.ts';
import { ClientBook, type Row } from './client-book.ts';
import { tradingOf } from './client-trading.ts';
import type { PythonTalk, Started } from './python-talk.ts';

const LEVELS = 5;
const TICK_NS = 100e6;
const DAY_S = 86_400;
const ZONE_S = 8 * 3_600;

/** How a turn ended. */
interface Rest {
  /** Seconds since 1970 until which the script sleeps. */
  readonly wake?: number;
  /** Kinds of news it listens to. */
  readonly wants?: readonly string[];
  /** The script has ended. */
  readonly over?: boolean;
}

export function clientStrategy(
  talk: PythonTalk,
  begin: (instruments: readonly string[]) => Started,
): Strategy<ParamSpecs, unknown> {
  const script = new Script(talk, begin);
  const as = (ctx: object): Script => script.in(ctx as Context);
  return {
    params: {},
    onDay: (ctx) => as(ctx).openDay(),
    onTick: (ctx, tick) => {
      if (script.wants.has('tick')) as(ctx).onTick(tick);
    },
    onReject: (ctx, reject) => {
      const row = as(ctx).book.onReject(reject);
      if (row !== null) script.tellOrder(row);
    },
    onOrder: (ctx, order) => {
      script.tellOrder(as(ctx).book.onOrder(order));
    },
    onTrade: (ctx, trade) => {
      const row = as(ctx).book.onTrade(trade);
      script.tell('fill', { row });
    },
    onParent: (ctx, parent) => as(ctx).book.onParent(parent),
    onTimer: (ctx, timer) => as(ctx).onTimer(timer),
    onDayEnd: (ctx) => as(ctx).tell('day-end'),
    onStop: (ctx) => as(ctx).tell('end'),
  };
}

class Script {
  readonly book: ClientBook;
  wants: ReadonlySet<string> = new Set();
  readonly #talk: PythonTalk;
  readonly #begin: (instruments: readonly string[]) => Started;
  #ctx: Context | null = null;
  #begun = false;
  #over = false;
  #ended = false;
  /** What was told of each order last. */
  readonly #states = new Map<string, string>();
  /** Newest ticks that were not told yet, when one was told last, and who waits for its turn. */
  readonly #ticks = new Map<number, Row>();
  readonly #shownNs = new Map<number, number>();
  readonly #tickTimers = new Map<number, number>();
  /** Engine time of the timer that is set; Infinity = none. */
  #timerNs = Number.POSITIVE_INFINITY;

  constructor(talk: PythonTalk, begin: (instruments: readonly string[]) => Started) {
    this.#talk = talk;
    this.#begin = begin;
    this.book = new ClientBook(() => this.#ctx!);
    talk.calls = {
      trading: tradingOf(this.book, () => ({ ctx: this.#ctx!, ended: this.#ended })),
      log: (level: string, text: string) => this.#ctx!.log(level + text),
    };
  }

  in(ctx: Context): Script {
    this.#ctx = ctx;
    return this;
  }

  /** The first day runs the script to its first sleep. */
  openDay(): void {
    this.#timerNs = Number.POSITIVE_INFINITY;
    for (const kept of [this.#ticks, this.#shownNs, this.#tickTimers]) kept.clear();
    if (this.#begun) {
      this.tell('day');
      return;
    }
    this.#begun = true;
    this.book.begin();
    this.#begin(this.#ctx!.instruments.map(({ symbol }) => symbol));
    this.#turn('initialize', {});
  }

  /** At most ten a second of an instrument, the newest, as the pages and programs get them. */
  onTick(tick: Tick): void {
    const ctx = this.#ctx!;
    const { instrument } = tick;
    const nextNs = (this.#shownNs.get(instrument) ?? Number.NEGATIVE_INFINITY) + TICK_NS;
    const waits = this.#ticks.has(instrument);
    this.#ticks.set(instrument, tickRow(ctx, tick));
    if (ctx.nowNs >= nextNs) this.#showTick(instrument);
    else if (!waits) this.#tickTimers.set(ctx.timerAt(nextNs), instrument);
  }

  onTimer(timer: number): void {
    const instrument = this.#tickTimers.get(timer);
    if (instrument === undefined) {
      this.#timerNs = Number.POSITIVE_INFINITY;
      this.tell('wake');
      return;
    }
    this.#tickTimers.delete(timer);
    this.#showTick(instrument);
  }

  #showTick(instrument: number): void {
    const row = this.#ticks.get(instrument);
    if (row === undefined) return;
    this.#ticks.delete(instrument);
    this.#shownNs.set(instrument, this.#ctx!.nowNs);
    this.tell('tick', { row });
  }

  /** Each state once: a refusal comes as one and as the order's own end. */
  tellOrder(row: Row): void {
    const coid = String(row['coid']);
    const state = `${String(row['status'])} ${String(row['filledQty'])}`;
    if (this.#states.get(coid) === state) return;
    this.#states.set(coid, state);
    this.tell('order', { row });
  }

  tell(what: string, more: object = {}): void {
    if (!this.#begun || this.#over) return;
    if ((what === 'order' || what === 'fill') && !this.wants.has(what)) return;
    if (what === 'end') this.#ended = true;
    this.#turn(what, more);
  }

  #turn(what: string, more: object): void {
    const ctx = this.#ctx!;
    const { day, nowNs } = ctx;
    const rest = (this.#talk.tell({ do: what, day, ns: nowNs, ...more }) ?? {}) as Rest;
    this.wants = new Set(rest.wants);
    this.#over = rest.over === true;
    if (this.#ended) this.#talk.close();
    if (this.#over || rest.wake === undefined || this.#ended) return;
    const wakeNs = Math.ceil((rest.wake - midnightOf(day)) * 1e9);
    if (wakeNs >= this.#timerNs || wakeNs >= DAY_S * 1e9) return;
    if (ctx.timerAt(Math.max(wakeNs, nowNs + 1)) > 0) this.#timerNs = wakeNs;
  }
}

/** Seconds since 1970 of midnight in China. */
function midnightOf(day: number): number {
  const [y, m, d] = [Math.floor(day / 10_000), Math.floor(day / 100) % 100, day % 100];
  return Date.UTC(y, m - 1, d) / 1000 - ZONE_S;
}

function tickRow(ctx: Context, tick: Tick): Row {
  const side = (of: 1 | 2): number[][] => {
    const rows: number[][] = [];
    for (let level = 0; level < LEVELS; level++) {
      const priceE4 = of === SIDE_BUY ? tick.bidPriceE4(level) : tick.askPriceE4(level);
      if (priceE4 === 0) break;
      rows.push([priceE4, of === SIDE_BUY ? tick.bidQty(level) : tick.askQty(level), 0]);
    }
    return rows;
  };
  const one = ctx.instruments.find(({ index }) => index === tick.instrument);
  return {
    instrument: one?.symbol ?? '',
    ...{ lastE4: tick.lastE4, preCloseE4: tick.preCloseE4 },
    ...{ upperLimitE4: tick.upperLimitE4, lowerLimitE4: tick.lowerLimitE4 },
    ...{ volume: tick.volume, ns: tick.eventNs, bids: side(SIDE_BUY), asks: side(SIDE_SELL) },
  };
}
