// The runs store: a folder for each run, written once, and an LMDB index over them. Used by
// `pankou backtest`, `pankou runs` and the pages. Always: a folder appears whole (renamed from a
// draft) and its files are read-only from then on; the index holds nothing that the folders do not
// tell, and takes up what it misses when the store is opened.
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { open, type RootDatabase } from 'lmdb';
import type { RunFigures, RunFile, RunRecord } from './run-record.ts';

const RECORD = 'run.json';
const INDEX = 'index';
const DRAFT = '.draft-';
/** Day, time, milliseconds and three digits of a hash: ids sort by time. */
const ID = /^\d{8}-\d{6}-\d{3}[0-9a-f]{3}$/;
const READ_ONLY = 0o444;

/** What is wrong with a store or an id, for people. */
export class RunStoreError extends Error {
  override readonly name = 'RunStoreError';
}

/** One line of a list. */
export interface RunRow {
  readonly id: string;
  readonly at: string;
  readonly strategy: string;
  readonly instruments: readonly string[];
  readonly days: readonly [first: number, last: number, count: number];
  readonly params: Readonly<Record<string, number | boolean | string>>;
  readonly figures: RunFigures;
  readonly stateHash: string;
  readonly inputsHash: string;
}

export class RunStore {
  readonly dir: string;
  readonly #root: RootDatabase;
  readonly #rows;

  /** Opens the store, made when `create`; throws RunStoreError. */
  constructor(dir: string, create: boolean) {
    this.dir = dir;
    if (!create && !existsSync(dir)) {
      throw new RunStoreError(`${dir}: no runs here; \`pankou backtest\` records its runs there`);
    }
    mkdirSync(join(dir, INDEX), { recursive: true });
    this.#root = open({ path: join(dir, INDEX), maxDbs: 2, compression: false });
    this.#rows = this.#root.openDB<RunRow, string>({ name: 'runs' });
    this.takeUp();
  }

  async close(): Promise<void> {
    await this.#root.close();
  }

  /** All runs, the newest first. */
  rows(): RunRow[] {
    return [...this.#rows.getRange({ reverse: true })].map(({ value }) => value);
  }

  /** Runs that had the same inputs, oldest first. */
  sameInputs(inputsHash: string): RunRow[] {
    return [...this.#rows.getRange()]
      .map(({ value }) => value)
      .filter((row) => row.inputsHash === inputsHash);
  }

  /**
   * Stores a run: files as name and content, `run.json` among them. Throws what the disk throws;
   * then nothing of the run is in the store.
   */
  async add(
    record: Omit<RunRecord, 'id' | 'files'>,
    files: ReadonlyMap<string, string | Uint8Array>,
  ): Promise<RunRecord> {
    const id = this.#newId(record);
    const draft = join(this.dir, `${DRAFT}${id}`);
    try {
      const kept: RunFile[] = [];
      for (const [name, content] of files) {
        const bytes = typeof content === 'string' ? Buffer.from(content) : content;
        writeKept(join(draft, name), bytes);
        kept.push({ name, bytes: bytes.length, sha256: sha256(bytes) });
      }
      const whole: RunRecord = { ...record, id, files: kept };
      writeKept(join(draft, RECORD), Buffer.from(`${JSON.stringify(whole, null, 2)}\n`));
      renameSync(draft, this.folder(id));
      await this.#rows.put(id, rowOf(whole));
      return whole;
    } catch (error) {
      rmSync(draft, { recursive: true, force: true });
      throw error;
    }
  }

  folder(id: string): string {
    return join(this.dir, id);
  }

  /** The record; throws RunStoreError when it is gone or cannot be read. */
  record(id: string): RunRecord {
    const path = join(this.folder(id), RECORD);
    try {
      return JSON.parse(readFileSync(path, 'utf8')) as RunRecord;
    } catch (error) {
      throw new RunStoreError(`${path}: ${(error as Error).message}`);
    }
  }

  /** Files of a run that are not as they were recorded. */
  changedFiles(record: RunRecord): string[] {
    return record.files
      .filter(({ name, sha256: recorded }) => {
        const path = join(this.folder(record.id), name);
        return !existsSync(path) || sha256(readFileSync(path)) !== recorded;
      })
      .map(({ name }) => name);
  }

  /**
   * The id that `text` means: an id, the end or beginning of one, `last`, or `last~2` (two before
   * the last). Throws RunStoreError when it means none or several.
   */
  find(text: string): string {
    const ids = this.rows().map(({ id }) => id);
    const back = /^last(?:~(\d{1,6}))?$/.exec(text);
    if (back !== null) {
      const id = ids[Number(back[1] ?? 0)];
      if (id !== undefined) return id;
      throw new RunStoreError(`${text}: the store has ${ids.length} runs`);
    }
    if (ids.includes(text)) return text;
    const fit = text.length < 3 ? [] : ids.filter((id) => id.startsWith(text) || id.endsWith(text));
    if (fit.length === 1) return fit[0]!;
    const why = fit.length === 0 ? 'no such run' : `means ${fit.length} runs: ${fit.join(', ')}`;
    throw new RunStoreError(`${text}: ${why}; \`pankou runs list\` shows all`);
  }

  /** Folders that the index does not know go in, rows without a folder go; on opening, too. */
  takeUp(): void {
    const folders = new Set(readdirSync(this.dir).filter((name) => ID.test(name)));
    const known = new Set([...this.#rows.getKeys()]);
    const missing = [...folders].filter((id) => !known.has(id));
    const gone = [...known].filter((id) => !folders.has(id));
    if (missing.length + gone.length === 0) return;
    this.#rows.transactionSync(() => {
      for (const id of gone) this.#rows.remove(id);
      for (const id of missing) {
        if (existsSync(join(this.folder(id), RECORD))) this.#rows.put(id, rowOf(this.record(id)));
      }
    });
  }

  #newId({ at, inputsHash }: Pick<RunRecord, 'at' | 'inputsHash'>): string {
    const [day, time] = [at.slice(0, 10).replaceAll('-', ''), at.slice(11, 19).replaceAll(':', '')];
    for (let n = 0; ; n++) {
      const mark = sha256(Buffer.from(`${inputsHash} ${process.pid} ${at} ${n}`)).slice(0, 3);
      const id = `${day}-${time}-${at.slice(20, 23)}${mark}`;
      if (!existsSync(this.folder(id))) return id;
    }
  }
}

function rowOf(record: RunRecord): RunRow {
  const { id, at, strategy, instruments, inputs, figures, stateHash, inputsHash } = record;
  const { days, params } = inputs;
  const span = [days[0] ?? 0, days[days.length - 1] ?? 0, days.length] as const;
  return { id, at, strategy, instruments, days: span, params, figures, stateHash, inputsHash };
}

function writeKept(path: string, bytes: Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes, { flag: 'wx' });
  chmodSync(path, READ_ONLY);
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
