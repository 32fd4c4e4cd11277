// Numbers and times as the page shows them. Called by all parts of the page; pure.
// Always: null is the word for none.
import { t } from './texts.ts';

export function money(value: number | null | undefined): string {
  if (value === null || value === undefined) return t('none');
  return value.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}

/** With a sign in front, also when it gains. */
export function signed(value: number): string {
  return `${value > 0 ? '+' : ''}${money(value)}`;
}

export function percent(value: number | null | undefined, digits = 2): string {
  if (value === null || value === undefined) return t('none');
  // Minus nothing is nothing.
  return `${(value * 100).toFixed(digits).replace(/^-(0(\.0*)?)$/, '$1')} %`;
}

export function plain(value: number | null | undefined, digits = 2): string {
  if (value === null || value === undefined) return t('none');
  return Number.isInteger(value) ? value.toLocaleString('en-US') : value.toFixed(digits);
}

const two = (n: number): string => String(n).padStart(2, '0');

/** 09:30:00 of a second of the day; with milliseconds where there are any. */
export function clock(second: number): string {
  const whole = Math.floor(second);
  const ms = Math.round((second - whole) * 1000);
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const text = parts.map(two).join(':');
  return ms === 0 ? text : `${text}.${String(ms).padStart(3, '0')}`;
}

/** 2026-01-09 of 20260109. */
export function dayText(day: number): string {
  const text = String(day);
  return `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}`;
}

/** A duration in ns: 350 µs, 1.5 ms, 12 s. */
export function duration(ns: number): string {
  const units = [
    [3600e9, 'h'],
    [60e9, 'min'],
    [1e9, 's'],
    [1e6, 'ms'],
    [1e3, 'µs'],
  ] as const;
  const [size, name] = units.find(([one]) => ns >= one) ?? [1, 'ns'];
  const value = ns / size;
  const isWhole = value >= 100 || Number.isInteger(value);
  return `${isWhole ? Math.round(value) : value.toFixed(1)} ${name}`;
}
