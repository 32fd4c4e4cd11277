// Client order id: four int32 inside, 16 ASCII characters at the edge (alone in the broker's order
// remark): version, account, day, epoch, sequence, check digits. Called by OMS, gateway and edges.
// Invariant: (account, epoch, sequence) never repeats within a journal, so neither does the id.
import { assert } from '../assert.ts';

const DIGITS = '0123456789abcdefghijklmnopqrstuvwxyz';
const VERSION = '1';
/** The last epoch that fits: two base-32 digits. A start beyond it is refused. */
export const EPOCH_LAST = 32 ** 2 - 1;
const SEQUENCE_MAX = 32 ** 6;
/** Days from this one on fit three base-36 digits until 2117; those from 1990 on lie behind. */
const DAY_NUMBERS = 36 ** 3;
const DAYS_BEFORE = 10_957;
const DAY_ZERO = Date.UTC(2020, 0, 1); // hot-ok: a constant, read once at import
const DAY_MS = 86_400_000;

/** First word: account in the high 8 bits, epoch in the low 24. */
export function idAccountEpoch(account: number, epoch: number): number {
  return (account << 24) | (epoch & 0xffffff);
}

/** Account index of a first word. */
export function idAccount(a: number): number {
  return a >>> 24;
}

/** Epoch of a first word. */
export function idEpoch(a: number): number {
  return a & 0xffffff;
}

/** Fourth word: check value over the other three, never 0. */
export function idCheck(a: number, b: number, c: number): number {
  let h = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b) ^ Math.imul(c, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 15), 0x27d4eb2f);
  return (h ^ (h >>> 13)) | 1;
}

/** The 16 characters of an id. `b` is the trading day as 20260109. Cold: allocates. */
export function formatOrderId(a: number, b: number, c: number): string {
  const epoch = idEpoch(a);
  assert(epoch <= EPOCH_LAST, `epoch=${epoch}, expected at most ${EPOCH_LAST}`);
  assert(c >= 0 && c < SEQUENCE_MAX, `sequence=${c}, expected below ${SEQUENCE_MAX}`);
  const y = Math.floor(b / 10_000);
  const at = Date.UTC(y, (Math.floor(b / 100) % 100) - 1, b % 100); // hot-ok: cold edge function
  const day = Math.round((at - DAY_ZERO) / DAY_MS);
  assert(day >= -DAYS_BEFORE && day < DAY_NUMBERS - DAYS_BEFORE, `day=${b}, expected 1990 to 2117`);
  const text =
    VERSION +
    digits(idAccount(a), 36, 2) +
    digits(day < 0 ? day + DAY_NUMBERS : day, 36, 3) +
    digits(epoch, 32, 2) +
    digits(c, 32, 6);
  return text + digits(textCheck(text), 36, 2);
}

/** The three free words of a formatted id, or null when text or check digits are wrong. Cold. */
export function parseOrderId(text: string): { a: number; b: number; c: number } | null {
  if (!/^1[0-9a-z]{15}$/.test(text)) return null;
  if (digits(textCheck(text.slice(0, 14)), 36, 2) !== text.slice(14)) return null;
  const account = Number.parseInt(text.slice(1, 3), 36);
  const epoch = Number.parseInt(text.slice(6, 8), 32);
  const c = Number.parseInt(text.slice(8, 14), 32);
  const number = Number.parseInt(text.slice(3, 6), 36);
  const day = number < DAY_NUMBERS - DAYS_BEFORE ? number : number - DAY_NUMBERS;
  const ms = DAY_ZERO + day * DAY_MS;
  const iso = new Date(ms).toISOString().slice(0, 10); // hot-ok: cold edge function
  const b = Number(iso.replaceAll('-', ''));
  if (account > 255 || !Number.isFinite(epoch) || !Number.isFinite(c)) return null;
  return { a: idAccountEpoch(account, epoch), b, c }; // hot-ok: cold edge function
}

function digits(value: number, base: number, width: number): string {
  let text = '';
  let rest = value;
  for (let i = 0; i < width; i++) {
    text = DIGITS[rest % base]! + text;
    rest = Math.floor(rest / base);
  }
  return text;
}

function textCheck(text: string): number {
  let sum = 7;
  for (let i = 0; i < text.length; i++) sum = (sum * 31 + text.charCodeAt(i)) % 1296;
  return sum;
}
