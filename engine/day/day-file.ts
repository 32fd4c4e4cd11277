// The sheet of a trading day in a run folder: the setup its journals were written with, so that a
// later start or command can read them as that day's engine did (instruments, fees, strategies).
// Written by the core at each start, before the first order. Always: whole or not at all; a folder
// holds the sheet of one day only, its journals' day.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineSetup } from '../host/setup.ts';
import { SCHEMA_HASH } from '../messages/generated/types.ts';

export const DAY_FILE = 'day.json';
/** Folder of closed days in a run folder; each is a folder named by its day. */
export const DAYS_FOLDER = 'days';

export interface DaySheet {
  readonly day: number;
  readonly schemaHash: string;
  readonly setup: EngineSetup;
}

export function writeDaySheet(runDir: string, setup: EngineSetup): void {
  const sheet: DaySheet = { day: setup.day, schemaHash: SCHEMA_HASH, setup };
  const path = join(runDir, DAY_FILE);
  writeFileSync(`${path}.draft`, `${JSON.stringify(sheet, null, 1)}\n`);
  renameSync(`${path}.draft`, path);
}

/** The sheet of a run folder or of a closed day; null = none. Throws a text for people. */
export function readDaySheet(dir: string): DaySheet | null {
  const path = join(dir, DAY_FILE);
  if (!existsSync(path)) return null;
  try {
    const sheet = JSON.parse(readFileSync(path, 'utf8')) as DaySheet;
    if (Number.isSafeInteger(sheet.day) && Array.isArray(sheet.setup?.accounts)) return sheet;
  } catch {
    // Said below, with what to do.
  }
  throw new Error(`${path} is damaged: restore it from a copy of the run folder`);
}

/** Folder of an account's journal in a run folder or a closed day. */
export function journalFolder(dir: string, account: number): string {
  return join(dir, `journal-${account}`);
}

/** Folder of a closed day. */
export function closedDayFolder(runDir: string, day: number): string {
  return join(runDir, DAYS_FOLDER, String(day));
}
