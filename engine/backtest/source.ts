// Opens the market a setup names: recorded files, the synthetic market, or live quotes. Called by
// the sessions on the exchange's thread. Invariant: the same setup gives the same events, but for
// live quotes, which are recorded as they come.
import { type MarketSource, SOURCE_END } from '../core/market-source.ts';
import { quoteMarket } from '../host/quote-market.ts';
import type { EngineSetup } from '../host/setup.ts';
import { FrameMemory } from '../messages/frames.ts';
import { MAX_FRAME_BYTES } from '../messages/generated/types.ts';
import { isShelving, shelvedTape, shelveTape } from './day-shelf.ts';
import { loadDay } from './loaded-day.ts';
import { createSyntheticMarket } from './synthetic/synthetic-market.ts';
import { Tape, TapeSource } from './tape.ts';

/** Market events in feed order; throws MarketDataError or CsvRowError for files that are off. */
export async function openSource(
  setup: EngineSetup,
  onProgress: ((fraction: number, text: string) => void) | null,
): Promise<MarketSource> {
  const source = setup.source;
  if (source.kind === 'bridge') return (await quoteMarket()).openQuotes(setup);
  if (source.kind === 'files') return new TapeSource((await loadDay(source, onProgress)).tape);
  const key = JSON.stringify(['synthetic', setup.day, source]);
  const shelved = shelvedTape(key);
  if (shelved !== null) return new TapeSource(shelved);
  const market = createSyntheticMarket({
    seed: source.seed,
    day: setup.day,
    instruments: source.instruments,
    made: setup.instruments,
  });
  return isShelving() ? new TapeSource(shelveTape(key, tapeOf(market))) : market;
}

/** Everything a source has left, as a tape. */
export function tapeOf(source: MarketSource): Tape {
  const tape = new Tape();
  const scratch = new FrameMemory(new ArrayBuffer(MAX_FRAME_BYTES + (-MAX_FRAME_BYTES & 7)));
  while (source.next(scratch, 0) !== SOURCE_END) tape.append(scratch, 0);
  return tape;
}
