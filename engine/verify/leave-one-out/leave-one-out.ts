// `pankou leave-one-out`: takes recorded resting orders out of the order stream, puts them in again
// through a strategy at the same moment with zero latency, and compares the fills with history.
// Called by tools/commands/leave-one-out.ts and tests. Many samples share a pass over the day, none
// of them with an order it traded with; of a pass only the first difference counts, whatever comes
// behind it is judged again in another pass, so no difference is caused, or hidden, by another.
// Always: the whole engine runs, from the tick to the exchange; history is read, never written.
import type { MarketDay } from '../../backtest/data/load.ts';
import { loadMarketData } from '../../backtest/data/load.ts';
import { DEFAULT_FEES } from '../../backtest/defaults.ts';
import type { Latency } from '../../backtest/latency.ts';
import { fileFacts } from '../../backtest/market-facts.ts';
import { runBacktest } from '../../backtest/runner.ts';
import { Prng } from '../../backtest/synthetic/prng.ts';
import { hasClosingCall } from '../../core/instrument.ts';
import { rejectText } from '../../core/reject-code.ts';
import { NO_RULES } from '../../core/risk/rule-entry.ts';
import { loadKernels } from '../../host/kernels.ts';
import type { EngineSetup, FileSource } from '../../host/setup.ts';
import { MARKET_SSE } from '../../messages/codes.ts';
import type { FrameMemory } from '../../messages/frames.ts';
import { Fill, Reject } from '../../messages/generated/order.ts';
import { feeSchedules } from '../../rules/fee-dates.ts';
import { builtInBook, type RuleBook } from '../../rules/rule-book.ts';
import { version } from '../../version.ts';
import { deriveOps } from '../derive-ops.ts';
import { feedsOfTape, ROW_ADD } from '../feed-rows.ts';
import { VerifyError } from '../verify-day.ts';
import { restingOrders, type Sample, type SampleFill } from './samples.ts';
import { scheduleOf } from './schedule.ts';

export interface LeaveOneOutOptions {
  /** A folder of feed files with an order stream. */
  readonly path: string;
  /** Orders to sample of each instrument; fewer when fewer rested. */
  readonly samples: number;
  /** Which ones; default 1. */
  readonly seed?: number;
  /** Samples that share a pass; default 250. */
  readonly perPass?: number;
  readonly rules?: RuleBook;
  /** Put them in again so late; default: at the same moment. */
  readonly latency?: Latency;
  readonly onProgress?: (fraction: number, text: string) => void;
}

/** A sample whose fills are not those of history. */
export interface SampleDifference {
  readonly order: {
    readonly instrument: string;
    readonly orderNo: number;
    readonly side: number;
    readonly kind: number;
    readonly priceE4: number;
    readonly qty: number;
    readonly ns: number;
  };
  readonly real: readonly SampleFill[];
  readonly ours: readonly SampleFill[];
  readonly why: string;
}

export interface LeaveOneOutReport {
  readonly samples: number;
  readonly equal: number;
  readonly differences: readonly SampleDifference[];
  /** Fills of all samples in history: what there was to get right. */
  readonly fills: number;
  /** Samples with a fill. */
  readonly filled: number;
  readonly instruments: readonly {
    readonly instrument: string;
    /** Orders of continuous trading that rested. */
    readonly population: number;
    readonly samples: number;
    readonly equal: number;
    readonly passes: number;
  }[];
}

/** Sampled orders that rest are withheld at once from at most so many passes. */
const PER_PASS = 250;
/** Shares and cash that no sample can use up, small enough for exact sums. */
const POSITION_QTY = 100_000_000;
const CASH_E4 = 4_000_000_000_000_000;
const STRATEGY = new URL('./reinject.ts', import.meta.url);

/** Throws MarketDataError, CsvRowError (data) or VerifyError (nothing to sample). */
export async function leaveOneOut(options: LeaveOneOutOptions): Promise<LeaveOneOutReport> {
  const { path, onProgress } = options;
  const rules = options.rules ?? builtInBook();
  const contents = ['orders', 'trades'] as const;
  const load = { path, instruments: 'all', skipBadRows: false, rules, contents } as const;
  const day = await loadMarketData({ ...load, onProgress: (_, text) => onProgress?.(0, text) });
  const differences: SampleDifference[] = [];
  const instruments: LeaveOneOutReport['instruments'][number][] = [];
  const totals = { samples: 0, equal: 0, fills: 0, filled: 0 };
  for (const [n, { symbol, index }] of day.instruments.entries()) {
    const all = samplesOf(day, index);
    const chosen = choose(all, options.samples, options.seed ?? 1);
    if (chosen.length === 0) continue;
    const setup = await setupOf(path, symbol, rules);
    const late = options.latency === undefined ? setup : { ...setup, latency: options.latency };
    const job = new Job(late, chosen, options.perPass ?? PER_PASS);
    await job.run((done) => {
      onProgress?.((n + done) / day.instruments.length, `${symbol} pass ${job.passes}`);
    });
    const equal = chosen.length - job.differences.length;
    const counts = { population: all.length, samples: chosen.length, equal, passes: job.passes };
    instruments.push({ instrument: symbol, ...counts });
    differences.push(...job.differences);
    totals.samples += chosen.length;
    totals.equal += equal;
    totals.fills += chosen.reduce((sum, { fills }) => sum + fills.length, 0);
    totals.filled += chosen.filter(({ fills }) => fills.length > 0).length;
  }
  if (totals.samples === 0) {
    throw new VerifyError(`${path}: no order of continuous trading rests in these data`);
  }
  return { ...totals, differences, instruments };
}

function samplesOf(day: MarketDay, index: number): Sample[] {
  const instrument = day.instruments[index]!;
  const { rows } = feedsOfTape(day.tape, day.instruments.length)[index]!;
  if (!rows.type.includes(ROW_ADD)) return [];
  const isOwn = day.orderLayouts[index]!.startsWith('pankou');
  const style = isOwn ? 'full' : instrument.market === MARKET_SSE ? 'sse' : 'szse';
  const hasStartBook = day.layouts.includes('start-book');
  const derived = deriveOps(rows, {
    ...{ style, hasStartBook },
    hasClosingCall: hasClosingCall(instrument),
  });
  const { ops } = derived;
  let lowE4 = Number.MAX_SAFE_INTEGER;
  let highE4 = 0;
  for (let at = 0; at < ops.count; at++) {
    if (ops.priceE4[at]! <= 0) continue;
    lowE4 = Math.min(lowE4, ops.priceE4[at]!);
    highE4 = Math.max(highE4, ops.priceE4[at]!);
  }
  const levels = (highE4 - lowE4) / instrument.tickE4 + 1;
  const orders = Math.max(1, ops.count);
  const { book } = loadKernels({ maxInstruments: 1, maxOrders: orders, maxLevels: levels });
  book.openInstrument(0, instrument.tickE4, lowE4, highE4, orders);
  return restingOrders(instrument, day.tape, rows, derived, book);
}

/** `count` of the samples, each equally likely, in the order of the day. */
function choose(all: readonly Sample[], count: number, seed: number): Sample[] {
  const random = new Prng(seed);
  const pool = [...all];
  const size = Math.min(count, pool.length);
  for (let n = 0; n < size; n++) {
    const other = n + (random.uint32() % (pool.length - n));
    const sample = pool[other]!;
    pool[other] = pool[n]!;
    pool[n] = sample;
  }
  return pool.slice(0, size).sort((a, b) => a.enterAfter - b.enterAfter);
}

/** A setup of one instrument whose account can carry every sample. */
async function setupOf(path: string, symbol: string, rules: RuleBook): Promise<EngineSetup> {
  const wish = { path, instruments: [symbol], day: 0, skipBadRows: false, rules: [] };
  const source: FileSource = { kind: 'files', ...wish, contents: ['orders', 'trades'] };
  const facts = await fileFacts(source, rules, new Map(), null);
  const { day, instruments, windows, quota, fullStream, contiguous, wholeChannels } = facts;
  const costE4 = facts.firstPricesE4[0]!;
  return {
    ...{ engineVersion: version, name: 'leave-one-out', day, pace: 'lockstep', speed: 1 },
    ...{ instruments, windows, quota, fullStream, contiguous, wholeChannels, source },
    // The owner of a recorded odd lot held just that; our one large holding has no odd part.
    kernelRules: instruments.map((_, i) => {
      return { ...facts.kernelRules.at(i)!, sellMin: 1, sellStep: 1 };
    }),
    accounts: [
      {
        ...{ id: 'leave-one-out', cashE4: CASH_E4, journalDir: '' },
        positions: [{ instrument: 0, qty: POSITION_QTY, costE4 }],
        fees: feeSchedules(DEFAULT_FEES, rules.on(day), instruments),
      },
    ],
    strategies: [],
    risk: NO_RULES,
    ...{ gateway: 'sim', flush: 'none', segmentBytes: 0, recording: false },
    ...{ epochs: [1], skipUntilNs: 0, ringScale: 1, world: 'orders' },
  };
}

/** The passes over one instrument's day. */
class Job {
  passes = 0;
  readonly differences: SampleDifference[] = [];
  readonly #setup: EngineSetup;
  readonly #perPass: number;
  #open: readonly Sample[];
  readonly #all: number;

  constructor(setup: EngineSetup, samples: readonly Sample[], perPass: number) {
    this.#setup = setup;
    this.#open = samples;
    this.#all = samples.length;
    this.#perPass = perPass;
  }

  async run(onProgress: (done: number) => void): Promise<void> {
    while (this.#open.length > 0) {
      const pass = this.#next();
      this.passes++;
      const again = await this.#pass(pass);
      const taken = new Set(pass);
      this.#open = [...this.#open.filter((sample) => !taken.has(sample)), ...again];
      onProgress(1 - this.#open.length / this.#all);
    }
  }

  /** Samples spread over the day, none of which traded with another. */
  #next(): Sample[] {
    const step = Math.max(1, Math.ceil(this.#open.length / this.#perPass));
    const pass: Sample[] = [];
    const inPass = new Set<number>();
    for (let from = 0; from < step && pass.length < this.#perPass; from++) {
      for (let n = from; n < this.#open.length && pass.length < this.#perPass; n += step) {
        const sample = this.#open[n]!;
        if (inPass.has(sample.orderNo)) continue;
        if (![...sample.partners].every((other) => !inPass.has(other))) continue;
        inPass.add(sample.orderNo);
        pass.push(sample);
      }
      if (from === 0 && pass.length >= Math.min(this.#perPass, this.#open.length) / 2) break;
    }
    return pass.sort((a, b) => a.enterAfter - b.enterAfter);
  }

  /** Runs a pass; returns the samples that have to be judged again. */
  async #pass(pass: readonly Sample[]): Promise<Sample[]> {
    const { text, sampleOf } = scheduleOf(pass);
    const { instruments } = this.#setup;
    const setup: EngineSetup = {
      ...this.#setup,
      withheld: [pass.map(({ orderNo }) => orderNo)],
      strategies: [
        {
          ...{ name: 'reinject', file: STRATEGY.pathname, account: 0, own: [0] },
          ...{ params: { schedule: text }, cancelOnFailure: true },
        },
      ],
    };
    const heard = new Heard();
    const types = new Set([Fill.TYPE, Reject.TYPE]);
    const result = await runBacktest(setup, { events: heard, types });
    if (result.strategyFailures.length > 0) {
      throw new Error(`leave-one-out: ${result.strategyFailures[0]!.text}`);
    }
    const again: Sample[] = [];
    let isFirst = true;
    for (const [intentNo, sample] of sampleOf) {
      const ours = heard.fills.get(intentNo) ?? [];
      if (sameFills(sample, ours)) continue;
      if (!isFirst) {
        again.push(sample);
        continue;
      }
      isFirst = false;
      const { orderNo, side, kind, priceE4, qty, ns, fills } = sample;
      const instrument = instruments[0]!.symbol;
      this.differences.push({
        order: { instrument, orderNo, side, kind, priceE4, qty, ns },
        ...{ real: fills, ours, why: whyOf(heard.refused.get(intentNo), fills, ours) },
      });
    }
    return again;
  }
}

/** Keeps own fills and refusals by intent number. */
class Heard {
  readonly fills = new Map<number, SampleFill[]>();
  readonly refused = new Map<number, number>();
  readonly #fill = new Fill();
  readonly #reject = new Reject();

  onFrame(type: number, memory: FrameMemory, at: number): void {
    if (type === Reject.TYPE) {
      const { intentNo, code } = this.#reject.wrap(memory, at);
      this.refused.set(intentNo, code);
      return;
    }
    const { intentNo, eventNs: ns, priceE4, qty } = this.#fill.wrap(memory, at);
    const known = this.fills.get(intentNo);
    if (known === undefined) this.fills.set(intentNo, [{ ns, priceE4, qty }]);
    else known.push({ ns, priceE4, qty });
  }
}

/**
 * Same number, price, shares and moment of each. What trades on entering does so on the exchange's
 * clock, which stands at the event before until the next one comes.
 */
function sameFills({ fills, ns }: Sample, ours: readonly SampleFill[]): boolean {
  if (fills.length !== ours.length) return false;
  return fills.every((fill, n) => {
    const other = ours[n]!;
    const sameTime = fill.ns === other.ns || (fill.ns === ns && other.ns <= ns);
    return sameTime && fill.priceE4 === other.priceE4 && fill.qty === other.qty;
  });
}

function whyOf(
  code: number | undefined,
  real: readonly SampleFill[],
  ours: readonly SampleFill[],
): string {
  if (code !== undefined) return `the order was refused: ${rejectText(code).en} (${code})`;
  const sum = (fills: readonly SampleFill[]): number => fills.reduce((n, { qty }) => n + qty, 0);
  const [a, b] = [sum(real), sum(ours)];
  if (a !== b) return `${b} shares traded instead of ${a}`;
  return 'the same shares in other pieces, at other prices or moments';
}
