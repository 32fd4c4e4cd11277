// Worker entry of the import pool: one task is one
// file. Started by piscina through import.ts.
import { type ImportedFile, type ImportTask, importFile } from './import-file.ts';

/** Piscina calls the default export. */
export default function run(task: ImportTask): Promise<ImportedFile> {
  return importFile(task);
}
