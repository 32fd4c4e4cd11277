// A backtest's setup over a recorded folder. Used by tests of the worlds. Always: facts come from
// the loader, as for `pankou backtest`.
import { fileFacts } from '../../engine/backtest/market-facts.ts';
import type { EngineSetup, SetupStrategy } from '../../engine/host/setup.ts';
import { builtInBook } from '../../engine/rules/rule-book.ts';
import { makeSetup } from './make-setup.ts';

export async function recordedSetup(
  path: string,
  symbols: readonly string[],
  strategies: readonly Partial<SetupStrategy>[] = [],
): Promise<EngineSetup> {
  const source = { path, instruments: [...symbols], day: 0, skipBadRows: false, rules: [] };
  const facts = await fileFacts(source, builtInBook(), new Map(), null);
  const draft = makeSetup({ strategies: [...strategies] as never });
  const { windows, quota, instruments, kernelRules, fullStream, contiguous, day } = facts;
  const { wholeChannels } = facts;
  const made = { windows, quota, instruments, kernelRules, fullStream, contiguous, day };
  return { ...draft, ...made, wholeChannels, source: { kind: 'files', ...source } };
}
