// The raw log of live quotes: every frame of the market as the engine got it, in its final order,
// written as it comes. Written by the thread of the quote link (gateways/bridge/quotes); turned
// into day files by finish-quotes.ts when the session ends, or at the next start after a kill.
// Always: what flush() wrote survives a kill of the process; a log has beside it who its
// instruments are; a log is never changed by a later life, which writes one of its own.
//
//   STORE/live/20260105-1.pkfl   frames          STORE/live/20260105-1.json   instruments
//   STORE/live/last.json         day and time that the day files reach
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Instrument } from '../../core/instrument.ts';
import { FrameLogWriter } from '../../journal/frame-log.ts';
import type { FrameMemory } from '../../messages/frames.ts';
import { createStore } from './store-folder.ts';

const FOLDER = 'live';
const NAME = /^(\d{8})-(\d+)\.pkfl$/;

const instrumentSchema = z.object({
  symbol: z.string(),
  preCloseE4: z.number(),
  upperLimitE4: z.number(),
  lowerLimitE4: z.number(),
  /** The limits are those of the day: given by the exchange, or known to be none. */
  limitsKnown: z.boolean(),
});
const headSchema = z.object({ day: z.number(), instruments: z.array(instrumentSchema) });
const lastSchema = z.object({ day: z.number(), lastNs: z.number() });

export type LogHead = z.output<typeof headSchema>;

/** A raw log that waits to become day files. */
export interface StoredLog {
  readonly path: string;
  readonly headPath: string;
  readonly day: number;
  readonly number: number;
}

export class QuoteLog {
  /** Event time that earlier lives of this day recorded; 0 = none. */
  readonly lastNs: number;
  readonly #writer: FrameLogWriter;

  private constructor(writer: FrameLogWriter, lastNs: number) {
    this.#writer = writer;
    this.lastNs = lastNs;
  }

  /** A new log in the store, which is made if need be. Throws when the disk refuses. */
  static create(store: string, day: number, instruments: readonly Instrument[]): QuoteLog {
    createStore(store);
    const dir = liveFolder(store);
    mkdirSync(dir, { recursive: true });
    const number = Math.max(0, ...waitingLogs(store).map((log) => log.number)) + 1;
    const path = join(dir, `${day}-${number}.pkfl`);
    const head: LogHead = {
      day,
      instruments: instruments.map(({ symbol, preCloseE4, upperLimitE4, lowerLimitE4, isFree }) => {
        const limitsKnown = preCloseE4 > 0 && (upperLimitE4 > 0 || isFree === 1);
        return { symbol, preCloseE4, upperLimitE4, lowerLimitE4, limitsKnown };
      }),
    };
    writeWhole(path.replace(/pkfl$/, 'json'), head);
    return new QuoteLog(new FrameLogWriter(path), lastNsOf(store, day));
  }

  append(memory: FrameMemory, at: number): void {
    this.#writer.append(memory, at);
  }

  /** Survives a kill from here on. */
  flush(): void {
    this.#writer.flush();
  }

  /** On the device, and closed. */
  close(): void {
    this.#writer.close();
  }
}

/** Where raw logs lie; it is locked by the engine that records. */
export function liveFolder(store: string): string {
  return join(store, FOLDER);
}

/** Logs in the order of day and life; empty where nothing was ever recorded. */
export function waitingLogs(store: string): StoredLog[] {
  let names: string[];
  try {
    names = readdirSync(liveFolder(store));
  } catch {
    return [];
  }
  const logs = names.flatMap((name) => {
    const match = NAME.exec(name);
    if (match === null) return [];
    const path = join(liveFolder(store), name);
    const [, day, number] = match;
    const headPath = path.replace(/pkfl$/, 'json');
    return [{ path, headPath, day: Number(day), number: Number(number) }];
  });
  return logs.sort((a, b) => a.day - b.day || a.number - b.number);
}

/** Throws when the file is not what create() writes. */
export function readLogHead(log: StoredLog): LogHead {
  return headSchema.parse(JSON.parse(readFileSync(log.headPath, 'utf8')));
}

/** Event time that the day files of a day reach; 0 = there are none. */
export function lastNsOf(store: string, day: number): number {
  try {
    const text = readFileSync(join(liveFolder(store), 'last.json'), 'utf8');
    const last = lastSchema.parse(JSON.parse(text));
    return last.day === day ? last.lastNs : 0;
  } catch {
    return 0;
  }
}

export function writeLastNs(store: string, day: number, lastNs: number): void {
  writeWhole(join(liveFolder(store), 'last.json'), { day, lastNs });
}

function writeWhole(path: string, value: object): void {
  writeFileSync(`${path}.part`, JSON.stringify(value));
  renameSync(`${path}.part`, path);
}
