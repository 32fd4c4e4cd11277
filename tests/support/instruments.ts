// Instruments of the built-in rule book, for tests that need one and do not care about overlays.
// Always: by the rules of 2026 unless the test names a day.
import type { KernelRules } from '../../engine/core/exchange-kernel.ts';
import type { Instrument } from '../../engine/core/instrument.ts';
import { recordOf } from '../../engine/rules/kernel-rules.ts';
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

/** What kernels are told of that instrument on that day: rows that are not sure refuse too. */
export function kernelRulesOf(
  instrument: Instrument,
  facts: InstrumentFacts = {},
  day = RULES_2026,
): KernelRules {
  return recordOf(builtInBook().on(day), instrument, facts, 'backtest');
}
