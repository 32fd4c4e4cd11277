// Files of market data for tests: small CSVs written into a fresh folder, and where the real data
// for verification lies, which is absent outside the workshop. Used by tests of the loaders.
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';

/** Folder of real exchange data, beside the repository. */
export const REAL_DATA = resolve(import.meta.dirname, '../../../shared/data');
export const hasRealData = existsSync(REAL_DATA);

/** A fresh folder holding these files; names ending in .gz are compressed. Returns its path. */
export function folderOf(files: { readonly [name: string]: string | readonly string[] }): string {
  const folder = mkdtempSync(join(tmpdir(), 'pankou-data-'));
  for (const [name, content] of Object.entries(files)) {
    const text = typeof content === 'string' ? content : `${content.join('\n')}\n`;
    writeFileSync(join(folder, name), name.endsWith('.gz') ? gzipSync(text) : text);
  }
  return folder;
}
