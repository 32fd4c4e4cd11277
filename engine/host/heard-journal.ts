// What a journal refused is a decision of the disk, so a recording must know it: the live side
// tells the gateway's tap which appends and flushes failed, the replay's side fails at the same
// ones. Made by worker.ts and replay.ts around the gateway's journal. Invariant: attempts are
// counted alike on both sides. Hot on the live side: allocates nothing.
import type { JournalPort } from '../actors/link-voice.ts';
import type { RefusalPlan, Tap } from '../actors/port.ts';
import { JOURNAL_NO_SPACE } from '../journal/journal-code.ts';
import type { FrameMemory } from '../messages/frames.ts';

/** Ports of a gateway's refusals in a recording, beyond those of its rings. */
const APPEND_PORT = 62;
const FLUSH_PORT = 63;

/** A journal whose refusals are recorded. */
export class HeardJournal implements JournalPort {
  readonly stamps: Float64Array;
  readonly #journal: JournalPort;
  readonly #tap: Tap;
  #appends = 0;
  #flushes = 0;

  constructor(journal: JournalPort, tap: Tap) {
    this.stamps = journal.stamps;
    this.#journal = journal;
    this.#tap = tap;
  }

  appendStamped(memory: FrameMemory, at: number): number {
    const seq = this.#journal.appendStamped(memory, at);
    if (seq < 0) this.#tap.refused(APPEND_PORT, this.#appends);
    this.#appends++;
    return seq;
  }

  flush(): number {
    const code = this.#journal.flush();
    if (code < 0) this.#tap.refused(FLUSH_PORT, this.#flushes);
    this.#flushes++;
    return code;
  }
}

/** Writes nothing, and refuses what was refused then. */
export class ReplayedJournal implements JournalPort {
  readonly stamps = new Float64Array(2);
  readonly #plan: RefusalPlan;
  #appends = 0;
  #flushes = 0;

  constructor(plan: RefusalPlan) {
    this.#plan = plan;
  }

  appendStamped(): number {
    return this.#plan.wasRefused(APPEND_PORT, this.#appends++) ? JOURNAL_NO_SPACE : 1;
  }

  flush(): number {
    return this.#plan.wasRefused(FLUSH_PORT, this.#flushes++) ? JOURNAL_NO_SPACE : 0;
  }
}
