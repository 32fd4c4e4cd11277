// Figures of a report as text. Used by the list, the page of a run and the comparison. Always
// holds: what is not there is a dash; no minus zero.
import { formOf } from './figure-words.ts';

const MISSING = '–';
const E4 = 10_000;

function fixed(value: number, digits: number): string {
  const text = value.toLocaleString('en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return /^-0(?:\.0+)?$/.test(text) ? text.slice(1) : text;
}

export function yuan(value: number | null | undefined): string {
  return value === null || value === undefined ? MISSING : fixed(value, 2);
}

export function percent(value: number | null | undefined, digits = 2): string {
  return value === null || value === undefined ? MISSING : `${fixed(value * 100, digits)} %`;
}

export function plain(value: number | null | undefined, digits = 3): string {
  if (value === null || value === undefined) return MISSING;
  return Number.isInteger(value) ? fixed(value, 0) : fixed(value, digits);
}

/** A figure as its path says it is written. */
export function figureText(path: string, value: string | number | boolean | null): string {
  if (value === null) return MISSING;
  if (typeof value !== 'number') return String(value);
  const form = formOf(path);
  if (form === 'percent') return percent(value, 3);
  if (form === 'e4') return yuan(value / E4);
  if (form === 'yuan') return yuan(value);
  if (/(?:day|^performance\.(?:from|to))$/i.test(path)) return String(value);
  return plain(value);
}

/** 2026-01-09 of 20260109. */
export function dayText(day: number): string {
  const text = String(day);
  return `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}`;
}

/** `fast=5 slow=20` */
export function paramsText(params: Readonly<Record<string, unknown>>): string {
  return Object.entries(params)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(' ');
}

/** An ISO time in the reader's own zone: 11-21 18:41:50. */
export function timeText(iso: string): string {
  const at = new Date(iso);
  const two = (n: number): string => String(n).padStart(2, '0');
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

export function tone(value: number | null | undefined): string {
  return value === null || value === undefined || value === 0 ? '' : value > 0 ? 'up' : 'down';
}
