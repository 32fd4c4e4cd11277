// Reads a target-position file, CSV or JSON: which instrument, how many shares at the end. Called
// by target-watcher.ts and by tests. Pure. Always: a file is taken whole or refused whole, with the
// line or field that is wrong; half a file (cut off while it was written) is such a file.
//
//   symbol,target          {"targets": {"600519.SH": 100, "000001.SZ": 0}, "complete": true}
//   600519.SH,100
//   end                    the last line or the field says that the file is whole
import { z } from 'zod';
import { parseSymbol } from '../core/instrument.ts';
import { readJson } from './field-check.ts';

export interface Target {
  readonly instrument: string;
  /** Shares to hold. */
  readonly qty: number;
  /** Line of a CSV file, 0 in JSON. */
  readonly line: number;
}

export type TargetFile =
  | { readonly ok: true; readonly targets: readonly Target[] }
  | { readonly ok: false; readonly line: number; readonly field: string; readonly why: string };

const QTY_MAX = 2_147_483_647;
const ROWS_MAX = 6_000;

const Json = z.strictObject({
  comment: z.string().optional(),
  targets: z.record(z.string(), z.int().min(0).max(QTY_MAX)),
  complete: z.literal(true),
});

/** The targets of a file's text, or the first thing wrong with it. */
export function readTargets(text: string): TargetFile {
  const body = text.replace(/^\ufeff/, '');
  const found = body.trimStart().startsWith('{') ? readTargetsJson(body) : readTargetsCsv(body);
  if (!found.ok) return found;
  const { targets } = found;
  if (targets.length === 0) return refuse(0, 'targets', 'the file names no instrument');
  if (targets.length > ROWS_MAX) return refuse(0, 'targets', `more than ${ROWS_MAX} instruments`);
  const seen = new Set<string>();
  for (const { instrument, line } of targets) {
    if (seen.has(instrument)) return refuse(line, instrument, 'the instrument is given twice');
    seen.add(instrument);
  }
  return found;
}

function readTargetsJson(text: string): TargetFile {
  const json = readJson(text);
  if (!json.ok) {
    const why = json.field === '' ? 'not JSON, or cut off' : 'the field is given twice';
    return refuse(0, json.field, why);
  }
  const parsed = Json.safeParse(json.value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const field = issue?.code === 'unrecognized_keys' ? issue.keys[0] : issue?.path.join('.');
    return refuse(0, field ?? '', issue?.message ?? 'not a target file');
  }
  const targets: Target[] = [];
  for (const [symbol, qty] of Object.entries(parsed.data.targets)) {
    const instrument = symbolOf(symbol);
    if (instrument === null)
      return refuse(0, `targets.${symbol}`, 'expected a code like 600519.SH');
    targets.push({ instrument, qty, line: 0 });
  }
  return { ok: true, targets };
}

function readTargetsCsv(text: string): TargetFile {
  const lines = text.split(/\r?\n/);
  const targets: Target[] = [];
  let state: 'head' | 'rows' | 'end' = 'head';
  for (const [i, raw] of lines.entries()) {
    const row = raw.trim();
    const line = i + 1;
    if (row === '' || row.startsWith('#')) continue;
    if (state === 'head') {
      if (row.toLowerCase().replaceAll(' ', '') !== 'symbol,target') {
        return refuse(line, 'symbol,target', 'expected the heading symbol,target');
      }
      state = 'rows';
    } else if (state === 'end') return refuse(line, 'end', 'something follows the line `end`');
    else if (row.toLowerCase() === 'end') state = 'end';
    else {
      const target = rowOf(row, line);
      if ('ok' in target) return target;
      targets.push(target);
    }
  }
  if (state !== 'end') {
    return refuse(lines.length, 'end', 'the last line must be `end`: the file may be cut off');
  }
  return { ok: true, targets };
}

function rowOf(row: string, line: number): Target | Extract<TargetFile, { ok: false }> {
  const cells = row.split(',').map((cell) => cell.trim());
  if (cells.length !== 2) return refuse(line, 'target', `${cells.length} columns, expected 2`);
  const [symbol = '', shares = ''] = cells;
  const instrument = symbolOf(symbol);
  if (instrument === null) return refuse(line, 'symbol', 'expected a code like 600519.SH');
  const qty = /^\d{1,10}$/.test(shares) ? Number(shares) : -1;
  if (qty < 0 || qty > QTY_MAX) {
    return refuse(line, 'target', `expected whole shares from 0 to ${QTY_MAX}`);
  }
  return { instrument, qty, line };
}

function symbolOf(text: string): string | null {
  try {
    return parseSymbol(text).symbol;
  } catch {
    return null;
  }
}

function refuse(line: number, field: string, why: string) {
  return { ok: false as const, line, field: field.slice(0, 60), why };
}
