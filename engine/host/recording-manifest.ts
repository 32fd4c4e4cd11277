// The sheet beside a recording: the setup it was made with, so that its replay builds the same
// engine. Written by the core process, read by `pankou replay`. Invariant: written before any event
// is recorded, whole or not at all.
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SCHEMA_HASH } from '../messages/generated/types.ts';
import type { EngineSetup } from './setup.ts';

const FILE = 'manifest.json';
const FOLDER = /^recording-(\d+)$/;

export interface RecordingManifest {
  readonly schemaHash: string;
  readonly setup: EngineSetup;
  readonly lastIntentNos: readonly number[];
}

/** Folder of one process life's recording inside a run folder. */
export function recordingDir(runDir: string, epoch: number): string {
  return join(runDir, `recording-${String(epoch).padStart(4, '0')}`);
}

/** Recordings in a run folder, oldest first. */
export function listRecordings(runDir: string): string[] {
  if (!existsSync(runDir)) return [];
  const names = readdirSync(runDir).filter((name) => FOLDER.test(name));
  return names.sort().map((name) => join(runDir, name));
}

export function writeManifest(
  dir: string,
  setup: EngineSetup,
  lastIntentNos: readonly number[],
): void {
  const manifest: RecordingManifest = { schemaHash: SCHEMA_HASH, setup, lastIntentNos };
  const path = join(dir, FILE);
  writeFileSync(`${path}.draft`, `${JSON.stringify(manifest, null, 1)}\n`);
  renameSync(`${path}.draft`, path);
}

/** Reads it back; throws a text for people. */
export function readManifest(dir: string): RecordingManifest {
  const path = join(dir, FILE);
  if (!existsSync(path)) throw new Error(`${dir}: no ${FILE}; expected a recording of pankou run`);
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as RecordingManifest;
  if (manifest.schemaHash !== SCHEMA_HASH) {
    const made = `was made with message schema ${manifest.schemaHash}`;
    throw new Error(`${dir} ${made}, this engine has ${SCHEMA_HASH}: replay it with that engine`);
  }
  return manifest;
}
