// Finds the running engine that a command means, and speaks with it over its local socket: the same
// way as the api process, but without needing it. Called by the desk commands. Always: more than
// one candidate is an error that names them; the connection is closed whatever happens.
import { existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadConfig } from '../../engine/config.ts';
import { EngineLink } from '../../engine/control/engine-link.ts';
import { Replica } from '../../engine/control/replica.ts';
import { Trading } from '../../engine/control/trading.ts';
import { type FoundEngine, findEngines } from '../../engine/host/engine-address.ts';
import type { FrameMemory } from '../../engine/messages/frames.ts';

/** Longest wait for the engine's state after the socket is open. */
const READY_MS = 5_000;

export interface DeskSession {
  readonly engine: FoundEngine;
  readonly replica: Replica;
  readonly trading: Trading;
  /** Hands a frame to the core; false when it is not there. */
  readonly send: (memory: FrameMemory, at: number) => boolean;
}

/** The engine of a run folder, a configuration, or (null) of this folder. Throws for a reader. */
export function findEngine(where: string | null): FoundEngine {
  const places = where === null ? [process.cwd()] : [placeOf(where)];
  const found = places.flatMap((place) => findEngines(place));
  const [only] = found;
  if (found.length === 1) return only!;
  if (found.length === 0) {
    const looked = `looked for engine.json in ${places.join(', ')} and below`;
    throw new Error(`no running engine here: ${looked}; start one with 'pankou run', or --dir`);
  }
  const names = found.map(({ name, dir }) => `  ${name}: ${dir}`).join('\n');
  throw new Error(`${found.length} engines run here; choose one with --dir:\n${names}`);
}

/** The run folder (or the folder of run folders) that a folder or a configuration means. */
export function placeOf(where: string): string {
  const path = resolve(where);
  if (!existsSync(path)) throw new Error(`${path} does not exist; give a run folder`);
  if (statSync(path).isDirectory()) return path;
  const { journal } = loadConfig(path);
  const mark = journal.dir.indexOf('{start}');
  return mark < 0 ? journal.dir : dirname(`${journal.dir.slice(0, mark)}x`);
}

/** Runs `use` with a connection to the engine that has given its whole state. */
export async function withEngine<Result>(
  where: string | null,
  use: (session: DeskSession) => Promise<Result>,
): Promise<Result> {
  const engine = findEngine(where);
  const replica = new Replica();
  let why = '';
  const link = new EngineLink({
    address: engine.socket,
    secret: engine.secret,
    replica,
    log: (level, text) => {
      if (level === 'warn') why = text;
    },
  });
  link.open();
  try {
    const until = performance.now() + READY_MS;
    while (!link.up) {
      if (performance.now() > until) {
        throw new Error(`the engine in ${engine.dir} does not answer: ${why || 'no connection'}`);
      }
      await sleep(10);
    }
    const send = (memory: FrameMemory, at: number): boolean => link.sendCommand(memory, at);
    const trading = new Trading({ replica, sendCommand: send });
    return await use({ engine, replica, trading, send });
  } finally {
    link.close();
  }
}
