// Opens the market a setup names: recorded files or the synthetic market. Called by the simulated
// exchange's session on its own thread. Invariant: the same setup gives the same events.
import type { MarketSource } from '../core/market-source.ts';
import type { EngineSetup } from '../host/setup.ts';
import { loadDay } from './loaded-day.ts';
import { createSyntheticMarket } from './synthetic/synthetic-market.ts';
import { TapeSource } from './tape.ts';

/** Market events in feed order; throws MarketDataError or CsvRowError for files that are off. */
export async function openSource(
  setup: EngineSetup,
  onProgress: ((fraction: number, text: string) => void) | null,
): Promise<MarketSource> {
  const source = setup.source;
  if (source.kind === 'synthetic') {
    return createSyntheticMarket({
      seed: source.seed,
      day: setup.day,
      instruments: source.instruments,
      made: setup.instruments,
    });
  }
  const day = await loadDay(source, onProgress);
  return new TapeSource(day.tape);
}
