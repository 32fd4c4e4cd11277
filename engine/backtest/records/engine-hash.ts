// A fingerprint of the engine that ran: its version and a hash over its sources and kernels, since
// a version alone does not tell two working copies apart. Called for run records and sweeps, once a
// process. Always: the same sources give the same hash on every machine.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { version } from '../../version.ts';

export interface EngineMark {
  readonly version: string;
  /** First 16 hex digits of a sha256. */
  readonly hash: string;
}

/** Folders that decide what a backtest does. */
const PLACES = ['engine', 'gateways/sim', 'wasm/build', 'wasm/reference'] as const;
/** Rooms of the engine that a backtest does not run through. */
const OUTSIDE =
  /^engine\/(control|sim|verify\/leave-one-out|backtest\/(page|records|sweep|check))\//;
const COUNTED = /\.(ts|wasm|json)$/;
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

let made: EngineMark | null = null;

export function engineMark(): EngineMark {
  made ??= { version, hash: hashSources() };
  return made;
}

function hashSources(): string {
  const hash = createHash('sha256');
  for (const place of PLACES) {
    const folder = join(ROOT, place);
    if (!existsSync(folder)) continue;
    const names = (readdirSync(folder, { recursive: true }) as string[])
      .map((name) => `${place}/${name.split(sep).join('/')}`)
      .filter((name) => COUNTED.test(name) && !OUTSIDE.test(name))
      .sort();
    for (const name of names) hash.update(`${name}\0`).update(readFileSync(join(ROOT, name)));
  }
  return hash.digest('hex').slice(0, 16);
}
