// Instruments of the built-in rule book, for tests that need one and do not care about overlays.
// Always: by the rules of 2026 unless the test names a day.
import type { Instrument } from '../../engine/core/instrument.ts';
import {
  type InstrumentFacts,
  makeInstrument as make,
} from '../../engine/rules/make-instrument.ts';
import { builtInBook } from '../../engine/rules/rule-book.ts';

/** A day of the rules of 2026. */
export const RULES_2026 = 20260810;

/** The instrument of a symbol on a day. */
export function makeInstrument(
  index: number,
  symbol: string,
  facts: InstrumentFacts = {},
  day = RULES_2026,
): Instrument {
  return make(builtInBook().on(day), index, symbol, facts);
}
