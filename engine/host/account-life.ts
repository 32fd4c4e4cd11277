// What a process life writes first into an account's journal: which instrument has which index,
// what the account opens with, and that nobody knows the fate of what was left open. Called by
// whoever opened the journal, before the gateway runs. Invariant: written before the first order.
import type { JournalWriter } from '../journal/writer.ts';
import { FrameMemory } from '../messages/frames.ts';
import { InstrumentName } from '../messages/generated/control.ts';
import type { AccountState } from './account-state.ts';
import type { EngineSetup } from './setup.ts';

/** Bytes no opening frame exceeds. */
const SCRATCH_BYTES = 512;

/** Writes the opening records; the number of orders of unknown fate. */
export function beginLife(
  setup: EngineSetup,
  state: AccountState,
  writer: JournalWriter,
  monoNs: () => number,
): number {
  const memory = new FrameMemory(new ArrayBuffer(SCRATCH_BYTES));
  const write = (source: FrameMemory, at: number): void => {
    writer.append(source, at, state.lastNs, monoNs());
  };
  const name = new InstrumentName();
  for (const instrument of setup.instruments) {
    name.begin(memory, 0).instrument = instrument.index;
    name.market = instrument.market;
    name.securityCode = instrument.code;
    write(memory, 0);
  }
  if (!state.opened) state.open(setup, write, memory);
  const unknown = state.beginLife();
  writer.flush();
  return unknown;
}
