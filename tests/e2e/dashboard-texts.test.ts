// What the page says and how: both languages complete, every key used exists and every key is used,
// numbers as a desk reads them, colours with enough contrast. Pure, no browser.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import * as format from '../../dashboards/src/format.ts';
import { en } from '../../dashboards/src/locales/en.ts';
import { zhCn } from '../../dashboards/src/locales/zh-cn.ts';
import { paletteOf } from '../../dashboards/src/palette.ts';
import { PHASE_NAMES } from '../../engine/messages/codes.ts';

const SOURCE = fileURLToPath(new URL('../../dashboards/src', import.meta.url));

/** Every text by its full key: `kill.button` -> `Hold to kill`. */
function texts(tree: object, prefix = ''): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value === 'string') found.set(prefix + key, value);
    else for (const [k, v] of texts(value as object, `${prefix}${key}.`)) found.set(k, v);
  }
  return found;
}

function sources(): string {
  const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(ts|vue)$/.test(file) && !file.startsWith('locales'))
    .map((file) => readFileSync(join(SOURCE, file), 'utf8'));
  return files.join('\n');
}

const placeholders = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort();
const english = texts(en);
const chinese = texts(zhCn);

describe('languages', () => {
  test('have the same keys', () => {
    expect([...chinese.keys()].sort()).toEqual([...english.keys()].sort());
  });

  test('have no empty text', () => {
    const empty = [...english, ...chinese].filter(([, text]) => text.trim() === '');
    expect(empty).toEqual([]);
  });

  test('name every phase that the engine knows', () => {
    expect(Object.keys(en.phase).sort()).toEqual([...PHASE_NAMES].sort());
  });

  test('fill the same placeholders in both', () => {
    for (const [key, text] of english) {
      expect(placeholders(chinese.get(key) ?? ''), key).toEqual(placeholders(text));
    }
  });

  test('have Chinese words in the Chinese file and none in the English one', () => {
    // The same in both by intent: the word a person types to confirm a kill.
    const latin = [...chinese].filter(([, text]) => !/\p{Script=Han}/u.test(text));
    expect(latin.map(([key]) => key)).toEqual(['kill.word']);
    expect([...english].filter(([, text]) => /\p{Script=Han}/u.test(text))).toEqual([]);
  });

  test('know every key that the page asks for', () => {
    const asked = [...sources().matchAll(/\bt\(\s*'([\w.-]+)'/g)].map((m) => m[1]!);
    expect(asked.length).toBeGreaterThan(80);
    expect(asked.filter((key) => !english.has(key))).toEqual([]);
  });

  test('hold no key that nothing asks for', () => {
    const source = sources();
    // Groups read with a key made at run time: t(`book.${fact.key}`), wordFor('phase', x).
    const made = [...source.matchAll(/`(\w+)\.\$\{/g)].map((m) => m[1]);
    const words = [...source.matchAll(/wordFor\(\s*'(\w+)'/g)].map((m) => m[1]);
    const groups = new Set([...made, ...words]);
    const unused = [...english.keys()].filter(
      (key) => !source.includes(`'${key}'`) && !groups.has(key.split('.')[0]!),
    );
    expect(unused).toEqual([]);
  });
});

describe('numbers', () => {
  test('amounts carry thousands separators and two decimals, from E4 integers', () => {
    expect(format.amount(12_345_678_901)).toBe('1,234,567.89');
    expect(format.amount(-50_000)).toBe('-5.00');
    expect(format.amount(9_007_199_254_740_991)).toBe('900,719,925,474.10');
    expect(format.amount(undefined)).toBe('–');
  });

  test('a loss smaller than half a fen is not shown as minus zero', () => {
    expect(format.amount(-49)).toBe('0.00');
    expect(format.signedAmount(-1)).toBe('0.00');
    expect(format.signedAmount(50)).toBe('+0.01');
    expect(format.signedAmount(-50)).toBe('-0.01');
  });

  test('prices have two decimals for shares and three for funds', () => {
    expect(format.price(16_880_000, format.priceDecimals('600519.SH'))).toBe('1,688.00');
    expect(format.price(39_120, format.priceDecimals('510300.SH'))).toBe('3.912');
    expect(format.price(12_340, format.priceDecimals('159915.SZ'))).toBe('1.234');
    expect(format.priceDecimals('000001.SZ')).toBe(2);
    expect(format.priceDecimals('688981.SH')).toBe(2);
    expect(format.priceDecimals('920002.BJ')).toBe(2);
    expect(format.price(0)).toBe('–');
  });

  test('changes are signed and dashed where there is no base', () => {
    expect(format.changePercent(110_000, 100_000)).toBe('+10.00%');
    expect(format.changePercent(99_999, 100_000)).toBe('0.00%');
    expect(format.changePercent(99_500, 100_000)).toBe('-0.50%');
    expect(format.changePercent(99_500, 0)).toBe('–');
  });

  test('clock and day are those of the market, not of the reader', () => {
    expect(format.clock((9 * 3600 + 30 * 60 + 5) * 1e9)).toBe('09:30:05');
    expect(format.clock(undefined)).toBe('--:--:--');
    expect(format.tradingDay(20260105)).toBe('2026-01-05');
  });

  test('latencies keep three digits and change unit instead of rounding to a thousand', () => {
    const shown = [870, 999.6, 12_345, 999_499, 999_600, 4_560_000, 2e9].map(format.duration);
    expect(shown).toEqual([
      '870 ns',
      '1.00 µs',
      '12.3 µs',
      '999 µs',
      '1.00 ms',
      '4.56 ms',
      '2.00 s',
    ]);
  });

  test('large counts are shortened the reader’s way', () => {
    expect(format.compact(123_456_789, true)).toBe('1.23亿');
    expect(format.compact(45_600, true)).toBe('4.56万');
    expect(format.compact(123_456_789, false)).toBe('123.46M');
  });
});

/** Contrast ratio of two #rrggbb colours (WCAG 2.2, relative luminance). */
function contrast(a: string, b: string): number {
  const luminance = (hex: string): number => {
    const [r, g, blue] = [1, 3, 5].map((at) => {
      const c = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
      return c <= 0.040_45 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    }) as [number, number, number];
    return 0.2126 * r + 0.7152 * g + 0.0722 * blue;
  };
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

describe('colours', () => {
  test.each(['dark', 'light'] as const)('can be read on every surface of the %s theme', (theme) => {
    for (const market of ['cn', 'western'] as const) {
      const p = paletteOf(theme, market);
      for (const surface of [p.panel, p.raised]) {
        for (const name of [
          'text',
          'dim',
          'up',
          'down',
          'warn',
          'alarm',
          'ok',
          'accent',
        ] as const) {
          expect(contrast(p[name], surface), `${name} on ${surface}`).toBeGreaterThanOrEqual(4.5);
        }
      }
      expect(contrast(p.dangerText, p.danger)).toBeGreaterThanOrEqual(4.5);
    }
  });

  test('rise in red by default and in green the western way', () => {
    expect(paletteOf('dark', 'cn').up).toBe(paletteOf('dark', 'western').down);
    expect(paletteOf('dark', 'cn').up).toBe('#ff5c67');
  });
});
