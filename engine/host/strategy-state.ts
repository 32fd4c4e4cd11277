// The files in which strategies keep their state over a restart: one in the run folder for each.
// Read when a run is prepared, written by the thread of the strategy. Always: whole or the one
// before (written beside, flushed, renamed), so neither kill -9 nor a power cut leaves half a
// file.
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/** State file of a strategy in a run folder; the configuration keeps names fit for files. */
export function stateFileOf(runDir: string, strategy: string): string {
  return join(runDir, `state-${strategy}.json`);
}

/** What an earlier life saved; '' = nothing. */
export function readState(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

/** Throws what the disk says. */
export function writeState(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  const draft = `${file}.draft`;
  const fd = openSync(draft, 'w');
  try {
    const bytes = Buffer.from(text, 'utf8');
    for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(draft, file);
}
