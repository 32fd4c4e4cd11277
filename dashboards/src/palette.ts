// The colours of both themes and both market conventions, as data. main.ts writes them to CSS
// variables; the charts, which draw on canvas and cannot read CSS, take them from here, so page and
// charts never differ. Always holds: text on its panel has a contrast of at least 4.5 to 1 in every
// combination (tested).

export type ThemeName = 'dark' | 'light';
/** 'cn': red up / buy, green down / sell. 'western': the other way round. */
export type MarketColours = 'cn' | 'western';

export interface Palette {
  bg: string;
  panel: string;
  raised: string;
  line: string;
  text: string;
  dim: string;
  accent: string;
  warn: string;
  danger: string;
  dangerText: string;
  /** Text that reports a failure; its own hue, so that no market convention takes it. */
  alarm: string;
  ok: string;
  up: string;
  down: string;
}

const RED = { dark: '#ff5c67', light: '#c9252d' } as const;
const GREEN = { dark: '#22c08a', light: '#0a7a4b' } as const;

const BASE: Record<ThemeName, Omit<Palette, 'up' | 'down'>> = {
  dark: {
    bg: '#0a0d11',
    panel: '#11161d',
    raised: '#1a212b',
    line: '#242d39',
    text: '#dbe2ea',
    dim: '#8b98a8',
    accent: '#5aa9ff',
    warn: '#f0b429',
    danger: '#d3202f',
    dangerText: '#ffffff',
    alarm: '#ff8a4c',
    ok: '#7fb2e5',
  },
  light: {
    bg: '#e9edf2',
    panel: '#ffffff',
    raised: '#f1f4f8',
    line: '#d5dce5',
    text: '#17202b',
    dim: '#586577',
    accent: '#0b63c5',
    warn: '#8a5a00',
    danger: '#c4162a',
    dangerText: '#ffffff',
    alarm: '#a83a00',
    ok: '#2a5f96',
  },
};

export function paletteOf(theme: ThemeName, market: MarketColours): Palette {
  const red = RED[theme];
  const green = GREEN[theme];
  const cn = market === 'cn';
  return { ...BASE[theme], up: cn ? red : green, down: cn ? green : red };
}

/** The same colour with an opacity between 0 and 1, for fills and depth bars. */
export function withAlpha(hex: string, alpha: number): string {
  const byte = Math.round(Math.min(1, Math.max(0, alpha)) * 255);
  return hex + byte.toString(16).padStart(2, '0');
}
