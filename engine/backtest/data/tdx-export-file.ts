// Reads the text export of 通达信 (数据导出): a title with code and adjustment, a header, rows cut by
// tabs or commas, a last line that names the source; GBK or UTF-8. Called by file-rows.ts for .txt
// files. Always: adjusted prices are refused, they carry the future back into the past.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { CsvHandler } from './csv-file.ts';
import { MarketDataError } from './errors.ts';

const ADJUSTED = /前复权|后复权|定点复权/;
const FOOTER = /^#?数据来源/;

/** Reads the file through; returns the sha256 of its bytes in hex. Throws MarketDataError. */
export function readTdxExport(path: string, handler: CsvHandler): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new MarketDataError(`${path}: cannot be read (${code})`);
  }
  const lines = textOf(bytes).split(/\r\n|\n/);
  let width = 0;
  let ended = false;
  for (const [i, line] of lines.entries()) {
    if (line.trim() === '') continue;
    if (ended) throw new MarketDataError(`${path}:${i + 1}: a row behind the export's last line`);
    if (FOOTER.test(line.trim())) {
      ended = true;
      continue;
    }
    const fields = line.split(/[\t,]/).map((field) => field.trim());
    if (width > 0) handler.onRow(fields, i + 1);
    else if (fields.includes('日期')) {
      width = fields.length;
      handler.onHeader(fields);
    } else if (ADJUSTED.test(line)) {
      throw new MarketDataError(
        `${path}: the title says adjusted prices (${line.trim()}); export 不复权, adjusted prices ` +
          'are restated by every later dividend',
      );
    }
  }
  if (width === 0) throw new MarketDataError(`${path}: no header with 日期, as TDX exports have`);
  if (!ended) {
    throw new MarketDataError(`${path}: the last line (数据来源…) is missing: the file is cut off`);
  }
  handler.onBytes(bytes.length);
  return createHash('sha256').update(bytes).digest('hex');
}

function textOf(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('gbk').decode(bytes);
  }
}
