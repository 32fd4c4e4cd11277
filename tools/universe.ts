// The instruments of a run as the command line names them: a list, a file of symbols, or all that a
// store has. Called by the commands that run strategies. Always: whoever names all gets what can be
// traded and has such data, in the order of the symbols.
import type { Frequency } from '../engine/backtest/data/frequency.ts';
import type { BacktestData } from '../engine/backtest/options.ts';
import { filesIn, isStore, symbolsIn } from '../engine/backtest/store/store-folder.ts';
import type { RuleBook } from '../engine/rules/rule-book.ts';
import { RuleError } from '../engine/rules/rule-error.ts';
import { latestRules, subjectOf } from '../engine/rules/subject.ts';

interface Wish {
  readonly instruments: readonly string[] | 'all';
  readonly data: BacktestData;
  readonly freq?: Frequency;
  readonly benchmark?: string;
}

/** `wrongUse` must not return. */
export function universeOf(
  { instruments, data, freq, benchmark }: Wish,
  book: RuleBook,
  wrongUse: (message: string) => never,
): readonly string[] {
  if (instruments !== 'all') return instruments;
  if (data.kind !== 'files' || !isStore(data.path)) {
    const how = 'make one: pankou data import FILES --store DIR';
    return wrongUse(`--instruments all: --data is no store of day files; ${how}`);
  }
  const kind = freq === undefined || freq === 'tick' ? '' : `bars-${freq}`;
  const found = symbolsIn(data.path).filter((symbol) => {
    if (symbol === benchmark || isIndex(book, symbol)) return false;
    return kind === '' || filesIn(data.path, [symbol]).some((file) => file.kind === kind);
  });
  if (found.length > 0) return found;
  return wrongUse(`--instruments all: ${data.path} holds no ${kind || 'data'} of an instrument`);
}

/** Quoted, never traded. A code that the rules do not know is refused by whoever makes the day. */
function isIndex(book: RuleBook, symbol: string): boolean {
  try {
    return subjectOf(latestRules(book, symbol), symbol).kind === 'index';
  } catch (error) {
    if (error instanceof RuleError) return false;
    throw error;
  }
}
