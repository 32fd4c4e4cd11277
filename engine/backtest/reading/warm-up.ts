// Runs small synthetic days through the engine while the data of a run are read in another thread:
// a short day is otherwise over before the machine's compiler has seen the engine's code. Made by
// the backtest command. Always: own actors, memory and books, so the run that follows is the same.
import {
  type Context,
  defineStrategy,
  type Indicator,
  type OrderView,
  type ParamSpecs,
  PHASE_CONTINUOUS,
  STATUS_CANCELLED,
  STATUS_FILLED,
  STATUS_PARTLY_CANCELLED,
  STATUS_REJECTED,
  type Strategy,
  type Tick,
} from '../../core/strategy.ts';
import type { EngineSetup, SyntheticSource } from '../../host/setup.ts';
import type { LoadedStrategy } from '../../host/strategy-loader.ts';
import type { RuleBook } from '../../rules/rule-book.ts';
import { DEFAULT_DAY, DEFAULT_PRE_CLOSE_E4, DEFAULT_VOLATILITY } from '../defaults.ts';
import { BothHandlers, DetailRecorder, SHOWN } from '../detail/detail-recorder.ts';
import { borrowEngine, returnEngine } from '../kept-engine.ts';
import { syntheticFacts } from '../market-facts.ts';
import type { BacktestOptions } from '../options.ts';
import { RunCollector } from '../run-collector.ts';
import { setupOf } from '../run-setup.ts';

/** Behind so many events nothing gets faster. */
const ENOUGH_EVENTS = 140_000;
/** Of a piece: about 17,000 in all, some 50 ms. */
const EVENTS_PER_SECOND = 1;
const QTY = 100;
const TICKS_BETWEEN = 40;
const TICKS_OF_ORDER = 20;
const BASE_QTY = 10_000_000;
const CASH_E4 = 1e12;

const ENDED: readonly number[] = [
  ...[STATUS_FILLED, STATUS_CANCELLED, STATUS_PARTLY_CANCELLED, STATUS_REJECTED],
];

interface State {
  readonly average: Indicator;
  ticks: number;
  working: number;
}

/** Orders at the touch and a tick away from it, some of them cancelled: every way of an order. */
const exercise = defineStrategy({
  params: {},
  onInit(ctx): State {
    ctx.bars(0, 60);
    return { average: ctx.sma(5), ticks: 0, working: 0 };
  },
  onTick(ctx: Context<ParamSpecs, State>, tick: Tick) {
    const { state } = ctx;
    const at = ++state.ticks % TICKS_BETWEEN;
    if (tick.phase !== PHASE_CONTINUOUS) return;
    if (at === TICKS_OF_ORDER && state.working > 0) ctx.cancel(state.working);
    if (at !== 0 || state.working > 0) return;
    const [bidE4, askE4] = [tick.bidPriceE4(0), tick.askPriceE4(0)];
    if (bidE4 === 0 || askE4 === 0) return;
    const kind = (state.ticks / TICKS_BETWEEN) & 3;
    const priceE4 = kind === 0 || kind === 3 ? askE4 : bidE4;
    const ask = kind < 2 ? ctx.buy : ctx.sell;
    state.working = Math.max(0, ask.call(ctx, tick.instrument, priceE4, QTY));
  },
  onBar(ctx: Context<ParamSpecs, State>, bar) {
    ctx.state.average.next(bar.closeE4);
  },
  onOrder(ctx: Context<ParamSpecs, State>, order: OrderView) {
    if (ENDED.includes(order.status)) ctx.state.working = 0;
  },
  onReject(ctx: Context<ParamSpecs, State>) {
    ctx.state.working = 0;
  },
});

const LOADED: LoadedStrategy = {
  strategy: exercise as unknown as Strategy<ParamSpecs, unknown>,
  params: {},
};

export class WarmUp {
  readonly #options: BacktestOptions;
  readonly #book: RuleBook;
  #seed = 0;
  #events = 0;

  constructor(options: BacktestOptions, book: RuleBook) {
    this.#options = options;
    this.#book = book;
  }

  /** One small day; false = it is warm, or these instruments have no such day. */
  async piece(): Promise<boolean> {
    if (this.#events >= ENOUGH_EVENTS) return false;
    try {
      this.#events += await this.#runDay(++this.#seed);
      return true;
    } catch {
      // The run itself says what is wrong with its instruments, in its own words.
      this.#events = ENOUGH_EVENTS;
      return false;
    }
  }

  async #runDay(seed: number): Promise<number> {
    const setup = this.#setup(seed);
    const collector = new RunCollector(setup);
    const recorder = new DetailRecorder();
    recorder.begin(setup);
    const engine = borrowEngine();
    const { events } = await engine.runDay(setup, {
      ...collector.hooks,
      events: new BothHandlers(recorder, collector),
      types: SHOWN,
      wiring: () => ({
        ...{ loaded: LOADED, guarded: true },
        loopWatch: new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)),
      }),
    });
    returnEngine(engine);
    return events;
  }

  #setup(seed: number): EngineSetup {
    const { symbol } = this.#options.instruments[0]!;
    const of = { symbol, preCloseE4: DEFAULT_PRE_CLOSE_E4, volatility: DEFAULT_VOLATILITY };
    const instruments = [{ ...of, eventsPerSecond: EVENTS_PER_SECOND }];
    const source: SyntheticSource = { kind: 'synthetic', seed, instruments };
    const facts = syntheticFacts(seed, DEFAULT_DAY, instruments, this.#book);
    const options: BacktestOptions = {
      ...this.#options,
      ...{ instruments, positions: [{ symbol, qty: BASE_QTY }], cashE4: CASH_E4, params: {} },
    };
    return setupOf(options, source, facts, this.#book, false);
  }
}
