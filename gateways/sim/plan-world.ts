// Which world the simulated exchange stands in, and what it is made of: the recorded order stream
// matched anew where there is one, fills at the touch elsewhere or when the setup asks for them.
// Called by session.ts. Always: data are read whole and checked before the first event.
import { BarBlockSource } from '../../engine/backtest/bar-block-source.ts';
import type { MarketDay } from '../../engine/backtest/data/load.ts';
import { loadDay } from '../../engine/backtest/loaded-day.ts';
import { openSource, tapeOf } from '../../engine/backtest/source.ts';
import { type Tape, TapeSource } from '../../engine/backtest/tape.ts';
import type { ValidationKernel } from '../../engine/core/exchange-kernel.ts';
import type { MarketSource } from '../../engine/core/market-source.ts';
import type { Tables } from '../../engine/core/tables.ts';
import { levelsOf, openExchangeBooks } from '../../engine/host/assembly.ts';
import { openBooksOf, openDayBooks } from '../../engine/host/day-books.ts';
import type { SessionPorts } from '../../engine/host/gateway-session.ts';
import { loadKernels } from '../../engine/host/kernels.ts';
import type { EngineSetup } from '../../engine/host/setup.ts';
import { WORKING_ORDERS_MAX } from '../../engine/limits.ts';
import type { ExchangeWorld, OwnSide } from './exchange-world.ts';
import { OrderWorld } from './order-world.ts';
import { type RecordedStream, recordedStreams } from './recorded-stream.ts';
import { type FillModels, TouchWorld } from './touch-world.ts';

/** A world to be made, and the validation kernel beside its books. */
interface WorldPlan {
  readonly makeWorld: (own: OwnSide) => ExchangeWorld;
  readonly validate: ValidationKernel;
}

type PlanPorts = Pick<SessionPorts, 'onProgress' | 'kernels' | 'blocks' | 'tables'>;

/** Throws MarketDataError, CsvRowError, or Error for a stream that cannot be matched. */
export async function planWorld(
  setup: EngineSetup,
  { onProgress, kernels: load = loadKernels, blocks, tables }: PlanPorts,
): Promise<WorldPlan> {
  // Phases are whole on days of nothing but bars: no look for orders among thousands of them.
  if (wantsOrders(setup) && setup.wholePhases !== true) {
    const { tape, orderLayouts, layouts } = await dayOf(setup, onProgress);
    const hasStartBook = layouts.includes('start-book');
    const streams = streamsOf(tape, setup, orderLayouts, hasStartBook);
    if (streams.some((stream) => stream !== null)) {
      return planOrders(setup, tape, streams, load, tables);
    }
  }
  const source = await openSource(setup, onProgress);
  const { books, validate } = openExchangeBooks(setup, load, tables);
  const models = { ...modelsOf(setup, tables), ...(blocks === undefined ? {} : { blocks }) };
  const sourceOf = ({ working }: OwnSide): MarketSource => {
    const isBlocks = blocks !== undefined && source instanceof TapeSource;
    return isBlocks ? new BarBlockSource(source.tape, blocks, working.liveIn) : source;
  };
  return {
    makeWorld: (own) => new TouchWorld(books, setup.instruments, sourceOf(own), own, models),
    validate,
  };
}

/** What was derived from a tape: runs over the same day read the same streams. */
const derived = new WeakMap<Tape, readonly (RecordedStream | null)[]>();

function streamsOf(
  tape: Tape,
  { instruments }: EngineSetup,
  orderLayouts: readonly string[],
  hasStartBook: boolean,
): readonly (RecordedStream | null)[] {
  const known = derived.get(tape);
  if (known !== undefined) return known;
  const made = recordedStreams({ tape, instruments, orderLayouts, hasStartBook });
  derived.set(tape, made);
  return made;
}

/** A kernel with a book per stream; instruments without one trade at the touch. */
function planOrders(
  setup: EngineSetup,
  tape: Tape,
  streams: readonly (RecordedStream | null)[],
  load: typeof loadKernels,
  tables?: Tables,
): WorldPlan {
  const { instruments, windows, withheld } = setup;
  const quotas = streams.map(
    (stream) => (stream === null ? 0 : stream.orders) + WORKING_ORDERS_MAX,
  );
  const sizes = {
    maxInstruments: instruments.length,
    maxOrders: quotas.reduce((sum, quota) => sum + quota, 0),
    maxLevels: levelsOf(instruments, windows),
  };
  const { book, validate } = openKernels(sizes, setup, load);
  const open = tables === undefined ? openBooksOf : openDayBooks;
  open(book, instruments, windows, quotas);
  const others = streams.includes(null) ? openExchangeBooks(setup, load, tables).books : null;
  const source = new TapeSource(tape);
  const models = modelsOf(setup, tables);
  const held = withheld?.map((numbers) => new Set(numbers));
  const makeWorld = (own: OwnSide): ExchangeWorld =>
    new OrderWorld(
      {
        ...{ instruments, streams, book, quotas, windows, source },
        fallback: others && new TouchWorld(others, instruments, source, own, models),
        ...(held === undefined ? {} : { withheld: held }),
      },
      own,
    );
  return { makeWorld, validate };
}

/** Kernel memory ends below 4 GiB: a day with more orders is refused with what to do. */
function openKernels(
  sizes: Parameters<typeof loadKernels>[0],
  { instruments }: EngineSetup,
  load: typeof loadKernels,
) {
  try {
    return load(sizes);
  } catch (error) {
    const orders = sizes.maxOrders.toLocaleString('en-US');
    const what = `${orders} order slots for ${instruments.length} instruments`;
    const how = 'run fewer instruments at once, or fill at the touch (--world touch)';
    throw new Error(`the order stream needs ${what}: ${how}; ${(error as Error).message}`);
  }
}

/**
 * The synthetic market is made as it goes, and matching it anew takes the whole day beforehand:
 * seconds and memory that a session by the clock, at any number of events, should not pay.
 */
function wantsOrders({ world, pace, source }: EngineSetup): boolean {
  if (world !== undefined) return world === 'orders';
  return source.kind === 'files' || pace === 'lockstep';
}

function modelsOf({ queue, barShare }: EngineSetup, tables?: Tables): FillModels {
  return {
    ...(tables === undefined ? {} : { tables }),
    ...(queue === undefined ? {} : { queue }),
    ...(barShare === undefined ? {} : { barShare }),
  };
}

/** The whole day: as loaded, or as the synthetic market makes it. */
async function dayOf(
  setup: EngineSetup,
  onProgress: SessionPorts['onProgress'],
): Promise<Pick<MarketDay, 'tape' | 'orderLayouts' | 'layouts'>> {
  if (setup.source.kind === 'files') return loadDay(setup.source, onProgress);
  const source = await openSource(setup, onProgress);
  const tape = source instanceof TapeSource ? source.tape : tapeOf(source);
  return { tape, orderLayouts: setup.instruments.map(() => 'pankou-orders'), layouts: [] };
}
