// Turns the fields of a frame into text for people: numbers that are codes get their names, prices
// their yuan, the four words of an order id their 16 characters. Called by dump.ts. Cold.
import { formatOrderId } from '../core/order-id.ts';
import { rejectText } from '../core/reject-code.ts';
import {
  ADJUST_NAMES,
  ENGINE_NAMES,
  LINK_NAMES,
  MARKET_SUFFIXES,
  PARENT_STATE_NAMES,
  STAGE_NAMES,
} from '../messages/codes.ts';
import type { FrameMemory } from '../messages/frames.ts';
import {
  TYPE_ADJUSTMENT,
  TYPE_BOOK_LINE,
  TYPE_BRIDGE_ROW,
  TYPE_LINK_STATE,
  TYPE_PARENT_INTENT,
  TYPE_PARENT_UPDATE,
  TYPE_REPORT,
  TYPE_RISK_COMMIT,
} from '../messages/generated/types.ts';
import { FIELDS } from '../messages/generated/verify.ts';

/** Field names with their raw values, in schema order; repeated fields as `name0`, `name1`. */
export function frameValues(type: number, memory: FrameMemory, at: number): Map<string, number> {
  const values = new Map<string, number>();
  for (const { name, kind, offset, count, stride } of FIELDS.get(type) ?? []) {
    for (let i = 0; i < count; i++) {
      const place = at + offset + i * stride;
      values.set(count === 1 ? name : `${name}${i}`, readNumber(memory, kind, place));
    }
  }
  return values;
}

/** The order id of a frame as 16 characters; '' when it has none. */
export function orderIdText(values: ReadonlyMap<string, number>): string {
  const a = values.get('coidA') ?? 0;
  const b = values.get('coidB') ?? 0;
  const c = values.get('coidC') ?? 0;
  if (a === 0 && b === 0 && c === 0) return '';
  try {
    return formatOrderId(a, b, c);
  } catch {
    return `${a}.${b}.${c}`; // Not an id of ours: shown as the words are.
  }
}

/** Name of a code field's value, or '' when the field is no code or the value has no name. */
export function codeText(type: number, field: string, value: number): string {
  if (field === 'kind') return names(KIND_NAMES.get(type) ?? PRICE_KINDS, value);
  if (field === 'state') {
    const states = STATE_NAMES.get(type);
    if (states !== undefined) return names(states, value);
  }
  const list = CODE_NAMES.get(field);
  if (list !== undefined) return names(list, value);
  if (field === 'code' && value !== 0) return rejectText(value).en;
  return '';
}

/** `name=value`, with the name of a code or the yuan of a price behind it. */
export function fieldText(type: number, field: string, value: number): string {
  const code = codeText(type, field, value);
  if (code !== '') return `${field}=${value}(${code})`;
  if (field.endsWith('E4') && value !== 0) return `${field}=${value}(${yuan(value)})`;
  return `${field}=${value}`;
}

/** `09:30:00.123456789` of nanoseconds since midnight. */
export function timeText(ns: number): string {
  const seconds = Math.floor(ns / 1e9);
  const rest = String(Math.floor(ns - seconds * 1e9)).padStart(9, '0');
  return `${two(seconds / 3600)}:${two((seconds / 60) % 60)}:${two(seconds % 60)}.${rest}`;
}

const PRICE_KINDS = [
  '',
  'limit',
  'best5-cancel',
  'best5-limit',
  'opposite-best',
  'own-best',
  'ioc',
  'fok',
];
const REPORT_KINDS = [
  '',
  'written',
  'accepted',
  'rejected',
  'cancelled',
  'cancel-rejected',
  'unknown',
  'held',
  'parked',
];
const PARENT_KINDS = ['', 'conditional', 'twap', 'vwap', 'pov', 'iceberg', 'replace'];
/** A state is another word in each frame that has one; all else is a strategy's. */
const STATE_NAMES: ReadonlyMap<number, readonly string[]> = new Map([
  [TYPE_LINK_STATE, LINK_NAMES],
  [TYPE_PARENT_UPDATE, PARENT_STATE_NAMES],
  [TYPE_RISK_COMMIT, ['', 'in-force']],
  [TYPE_BRIDGE_ROW, ['', 'refused', 'handed-over', 'answered', 'failed']],
]);
const KIND_NAMES: ReadonlyMap<number, readonly string[]> = new Map([
  [TYPE_REPORT, REPORT_KINDS],
  [TYPE_ADJUSTMENT, ADJUST_NAMES],
  [TYPE_BOOK_LINE, ['opening', 'now', 'closing']],
  [TYPE_PARENT_INTENT, PARENT_KINDS],
  [TYPE_PARENT_UPDATE, PARENT_KINDS],
]);
const CODE_NAMES: ReadonlyMap<string, readonly string[]> = new Map([
  ['side', ['', 'buy', 'sell']],
  ['action', ['', 'place', 'cancel', 'hold', 'park', 'await', 'split', 'confirm', 'settle']],
  ['decision', ['', 'confirm', 'refuse']],
  ['outcome', ['', 'filled', 'cancelled', 'rejected']],
  ['timeInForce', ['', 'day', 'ioc', 'fok']],
  ['stage', STAGE_NAMES],
  ['source', STAGE_NAMES],
  ['scope', ['', 'firm', 'account', 'strategy', 'order']],
  ['on', ['off', 'on']],
  ['state', ['', 'running', 'stopped', 'failed']],
  ['engineState', ENGINE_NAMES],
  ['market', MARKET_SUFFIXES],
  ['reason', ['', 'end-of-data', 'by-user', 'by-fault']],
]);

function names(list: readonly string[], value: number): string {
  return list[value] ?? '';
}

function yuan(valueE4: number): string {
  return (valueE4 / 10_000).toFixed(4);
}

function two(value: number): string {
  return String(Math.floor(value)).padStart(2, '0');
}

function readNumber(memory: FrameMemory, kind: string, at: number): number {
  if (kind === 'float64') return memory.f64[at >> 3];
  return kind === 'int16' ? memory.i16[at >> 1] : memory.i32[at >> 2];
}
