// Says whether a journal folder is whole and what it holds. Called by `pankou journal verify`, by
// `pankou doctor` and by tests. Cold; reads only. Damage becomes part of the report, while a folder
// that is no journal at all is thrown (JournalError), since then there is nothing to report on.
import { JournalCorruptError, JournalError } from './journal-error.ts';
import type { JournalRecord } from './journal-record.ts';
import { type JournalEnd, type JournalTail, readJournal, type SegmentInfo } from './reader.ts';
import { RECORD_CLOSE, RECORD_NAMES } from './record.ts';

/** Damage as a tool reads it. */
export interface VerifyProblem {
  readonly message: string;
  readonly file?: string;
  readonly record?: number;
  readonly offset?: number;
  readonly field?: string;
  readonly expected?: string;
  readonly found?: string;
}

export interface VerifyReport {
  readonly dir: string;
  /** CRC, sequence, chain and epochs hold from the first record to the last one counted here. */
  readonly chainOk: boolean;
  /** What breaks it; null = nothing. */
  readonly problem: VerifyProblem | null;
  /** Number of records by type name, SEGMENT records excluded. */
  readonly records: Readonly<Record<string, number>>;
  readonly total: number;
  readonly lastSeq: number;
  readonly account: number;
  readonly epochs: readonly number[];
  /** Trading days in order of first appearance. */
  readonly days: readonly number[];
  /** Day and engine time of day (ns) of the first and last record; null = no record. */
  readonly first: { readonly day: number; readonly atNs: number } | null;
  readonly last: { readonly day: number; readonly atNs: number } | null;
  readonly segments: readonly SegmentInfo[];
  readonly tail: JournalTail | null;
  /** Whether the last process life ended in order, and with which state hash. */
  readonly closed: boolean;
  readonly stateHash: string;
}

/** A journal that is being written may look damaged for a moment: read it again this often. */
const TRIES = 3;

/** Reads the whole journal. Throws JournalError when `dir` holds no journal. */
export function verifyJournal(dir: string): VerifyReport {
  let report = new Tally(dir).run();
  for (let i = 1; i < TRIES && report.problem !== null; i++) report = new Tally(dir).run();
  return report;
}

class Tally {
  readonly #dir: string;
  readonly #records: Record<string, number> = {};
  readonly #epochs: number[] = [];
  readonly #days = new Set<number>();
  #total = 0;
  #lastSeq = 0;
  #account = -1;
  #first: { day: number; atNs: number } | null = null;
  #last: { day: number; atNs: number } | null = null;
  #stateHash = '';

  constructor(dir: string) {
    this.#dir = dir;
  }

  run(): VerifyReport {
    try {
      return this.#report(
        readJournal(this.#dir, (record) => this.#count(record)),
        null,
      );
    } catch (error) {
      if (error instanceof JournalCorruptError) {
        const { message, file, record, offset, field, expected, found } = error;
        return this.#report(null, { message, file, record, offset, field, expected, found });
      }
      if (error instanceof JournalError && error.trouble === 'missing-segment') {
        return this.#report(null, { message: error.message });
      }
      throw error;
    }
  }

  #count(record: JournalRecord): void {
    const name = RECORD_NAMES[record.type];
    this.#records[name] = (this.#records[name] ?? 0) + 1;
    this.#total++;
    this.#lastSeq = record.seq;
    this.#account = record.account;
    if (this.#epochs.at(-1) !== record.epoch) this.#epochs.push(record.epoch);
    this.#days.add(record.day);
    this.#last = { day: record.day, atNs: record.atNs };
    this.#first ??= this.#last;
    this.#stateHash = record.type === RECORD_CLOSE ? record.stateHash : '';
  }

  #report(end: JournalEnd | null, problem: VerifyProblem | null): VerifyReport {
    return {
      dir: this.#dir,
      chainOk: problem === null,
      problem,
      records: this.#records,
      total: this.#total,
      lastSeq: this.#lastSeq,
      account: this.#account,
      epochs: this.#epochs,
      days: [...this.#days],
      first: this.#first,
      last: this.#last,
      segments: end?.segments ?? [],
      tail: end?.tail ?? null,
      closed: end?.closed ?? false,
      stateHash: this.#stateHash,
    };
  }
}
