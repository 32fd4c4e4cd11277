// What waits to be sent, on disk: an alert is in the spool before its channel sees it and leaves it
// once the channel has taken it, so that a restart loses none. One file per run folder, appended
// line by line, written anew at start. Always: a damaged line costs that line only; bounded.
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { ALERT_EVENTS } from '../../alert-events.ts';
import type { Alert } from './alert-message.ts';

const alert = z.object({
  event: z.enum(ALERT_EVENTS),
  level: z.enum(['info', 'warning', 'critical']),
  subject: z.string(),
  text: z.object({ zh: z.string(), en: z.string() }),
  atMs: z.number(),
  more: z.number().optional(),
});
const line = z.union([
  z.object({ id: z.number(), channel: z.string(), alert }),
  z.object({ done: z.array(z.number()) }),
]);

/** An alert that a channel has not taken yet. */
export interface Waiting {
  readonly id: number;
  readonly channel: string;
  readonly alert: Alert;
}

export class Spool {
  readonly #path: string;
  readonly #waiting = new Map<number, Waiting>();
  #file = -1;
  #nextId = 1;

  constructor(path: string) {
    this.#path = path;
  }

  /** Opens the file; what an earlier life has left, oldest first. */
  open(): readonly Waiting[] {
    mkdirSync(dirname(this.#path), { recursive: true });
    for (const text of linesOf(this.#path)) this.#takeUp(text);
    const draft = `${this.#path}.${process.pid}`;
    const file = openSync(draft, 'w', 0o600);
    for (const one of this.#waiting.values()) writeSync(file, `${JSON.stringify(one)}\n`);
    fsyncSync(file);
    closeSync(file);
    renameSync(draft, this.#path);
    this.#file = openSync(this.#path, 'a', 0o600);
    return [...this.#waiting.values()];
  }

  /** On the device when it returns. Throws what the disk throws. */
  add(channel: string, one: Alert): Waiting {
    const waiting = { id: this.#nextId++, channel, alert: one };
    this.#waiting.set(waiting.id, waiting);
    this.#append(waiting);
    return waiting;
  }

  done(all: readonly Waiting[]): void {
    for (const { id } of all) this.#waiting.delete(id);
    // When this is lost in a crash, they are sent once more: better twice than never.
    this.#append({ done: all.map(({ id }) => id) });
  }

  close(): void {
    if (this.#file >= 0) closeSync(this.#file);
    this.#file = -1;
  }

  #append(value: object): void {
    if (this.#file < 0) return;
    writeSync(this.#file, `${JSON.stringify(value)}\n`);
    fsyncSync(this.#file);
  }

  #takeUp(text: string): void {
    const found = line.safeParse(parsed(text));
    if (!found.success) return;
    if ('done' in found.data) {
      for (const id of found.data.done) this.#waiting.delete(id);
      return;
    }
    const { id, channel, alert: one } = found.data;
    this.#nextId = Math.max(this.#nextId, id + 1);
    this.#waiting.set(id, { id, channel, alert: one as Alert });
  }
}

function linesOf(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch {
    return [];
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
