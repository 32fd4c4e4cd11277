// Slow twins of the candlestick patterns: TA-Lib's rules over whole rows, its settings by name.
// Used by tests/differential/indicator-kernels.test.ts through twins.ts.
// Always: a pattern that needs rows before it is empty until they are there.
import type { Asked, Twin } from './series.ts';
import { meanOf } from './series.ts';

/** One row and those before it. */
class Row {
  readonly #a: Asked;
  readonly #i: number;

  constructor(a: Asked, i: number) {
    this.#a = a;
    this.#i = i;
  }

  back(k: number): Row {
    return new Row(this.#a, this.#i - k);
  }

  get open(): number {
    return this.#a.open[this.#i]!;
  }

  get high(): number {
    return this.#a.high[this.#i]!;
  }

  get low(): number {
    return this.#a.low[this.#i]!;
  }

  get close(): number {
    return this.#a.close[this.#i]!;
  }

  get isWhite(): boolean {
    return this.close >= this.open;
  }

  get top(): number {
    return Math.max(this.open, this.close);
  }

  get bottom(): number {
    return Math.min(this.open, this.close);
  }

  get body(): number {
    return this.top - this.bottom;
  }

  get upper(): number {
    return this.high - this.top;
  }

  get lower(): number {
    return this.bottom - this.low;
  }

  /** Mean over the `count` rows before this one. */
  #before(count: number, f: (row: Row) => number): number {
    return meanOf(Array.from({ length: count }, (_, k) => f(this.back(k + 1))));
  }

  get usualBody(): number {
    return this.#before(10, (row) => row.body);
  }

  range(count: number): number {
    return this.#before(count, (row) => row.high - row.low);
  }

  get isLong(): boolean {
    return this.body > this.usualBody;
  }

  get isDoji(): boolean {
    return this.body <= 0.1 * this.range(10);
  }

  get hasNoUpper(): boolean {
    return this.upper < 0.1 * this.range(10);
  }

  get hasNoLower(): boolean {
    return this.lower < 0.1 * this.range(10);
  }

  get color(): number {
    return this.isWhite ? 1 : -1;
  }
}

type Judge = (row: Row, p: number) => number;

/** A pattern that needs `rows` rows before the first answer. */
function pattern(rows: number, judge: Judge): Twin {
  return (a) => [
    a.close.map((_, i) => (i < rows ? Number.NaN : judge(new Row(a, i), a.p['penetration'] ?? 0))),
  ];
}

const hundred = (yes: boolean): number => (yes ? 100 : 0);
const short = (row: Row): boolean => row.body < row.usualBody;
const hammerShape = (row: Row): boolean => short(row) && row.lower > row.body && row.hasNoUpper;
const hatShape = (row: Row): boolean => short(row) && row.upper > row.body && row.hasNoLower;

function engulfing(row: Row): number {
  const last = row.back(1);
  if (row.isWhite === last.isWhite) return 0;
  if (row.top < last.top || row.bottom > last.bottom) return 0;
  if (row.top === last.top && row.bottom === last.bottom) return 0;
  return row.color * (row.top > last.top && row.bottom < last.bottom ? 100 : 80);
}

function inside(row: Row): number {
  const last = row.back(1);
  if (row.top > last.top || row.bottom < last.bottom) return 0;
  return -last.color * (row.top < last.top && row.bottom > last.bottom ? 100 : 80);
}

function morning(row: Row, p: number): boolean {
  const [middle, first] = [row.back(1), row.back(2)];
  const falls = first.isLong && !first.isWhite;
  const small = middle.body <= middle.usualBody && middle.top < first.bottom;
  return falls && small && row.isLong && row.isWhite && row.close > first.close + first.body * p;
}

function evening(row: Row, p: number): boolean {
  const [middle, first] = [row.back(1), row.back(2)];
  const rises = first.isLong && first.isWhite;
  const small = middle.body <= middle.usualBody && middle.bottom > first.top;
  return rises && small && row.isLong && !row.isWhite && row.close < first.close - first.body * p;
}

function soldiers(row: Row): boolean {
  const rows = [row.back(2), row.back(1), row];
  if (!rows.every((one) => one.isWhite && one.hasNoUpper)) return false;
  const steps = [rows.slice(0, 2), rows.slice(1)] as [Row, Row][];
  const climbs = steps.every(
    ([a, b]) =>
      b.close > a.close &&
      b.open > a.open &&
      b.open <= a.close + 0.2 * a.range(5) &&
      b.body > a.body - 0.6 * a.range(5),
  );
  return climbs && row.body > row.usualBody;
}

function crows(row: Row): boolean {
  const rows = [row.back(2), row.back(1), row];
  if (!row.back(3).isWhite || !rows.every((one) => !one.isWhite && one.hasNoLower)) return false;
  const steps = [rows.slice(0, 2), rows.slice(1)] as [Row, Row][];
  const falls = steps.every(([a, b]) => b.open < a.open && b.open > a.close && b.close < a.close);
  return falls && row.back(3).high > rows[0]!.close;
}

export const CANDLES: { readonly [name: string]: Twin } = {
  cdlDoji: pattern(10, (row) => hundred(row.isDoji)),
  cdlDragonflyDoji: pattern(10, (row) =>
    hundred(row.isDoji && row.hasNoUpper && row.lower > 0.1 * row.range(10)),
  ),
  cdlGravestoneDoji: pattern(10, (row) =>
    hundred(row.isDoji && row.hasNoLower && row.upper > 0.1 * row.range(10)),
  ),
  cdlLongLeggedDoji: pattern(10, (row) =>
    hundred(row.isDoji && Math.max(row.upper, row.lower) > row.body),
  ),
  cdlMarubozu: pattern(10, (row) =>
    row.isLong && row.hasNoUpper && row.hasNoLower ? 100 * row.color : 0,
  ),
  cdlSpinningTop: pattern(10, (row) =>
    short(row) && Math.min(row.upper, row.lower) > row.body ? 100 * row.color : 0,
  ),
  cdlHammer: pattern(11, (row) => {
    const last = row.back(1);
    return hundred(hammerShape(row) && row.bottom <= last.low + 0.2 * last.range(5));
  }),
  cdlHangingMan: pattern(11, (row) => {
    const last = row.back(1);
    return -hundred(hammerShape(row) && row.bottom >= last.high - 0.2 * last.range(5));
  }),
  cdlInvertedHammer: pattern(11, (row) => hundred(hatShape(row) && row.top < row.back(1).bottom)),
  cdlShootingStar: pattern(11, (row) => -hundred(hatShape(row) && row.bottom > row.back(1).top)),
  cdlEngulfing: pattern(2, engulfing),
  cdlHarami: pattern(11, (row) => (row.back(1).isLong && !row.isLong ? inside(row) : 0)),
  cdlHaramiCross: pattern(11, (row) => (row.back(1).isLong && row.isDoji ? inside(row) : 0)),
  cdlPiercing: pattern(11, (row) => {
    const last = row.back(1);
    const bodies = !last.isWhite && last.isLong && row.isWhite && row.isLong;
    const middle = last.close + 0.5 * last.body;
    return hundred(bodies && row.open < last.low && row.close < last.open && row.close > middle);
  }),
  cdlDarkCloudCover: pattern(11, (row, p) => {
    const last = row.back(1);
    const bodies = last.isWhite && last.isLong && !row.isWhite && row.open > last.high;
    return -hundred(bodies && row.close > last.open && row.close < last.close - last.body * p);
  }),
  cdlMorningStar: pattern(12, (row, p) => hundred(morning(row, p))),
  cdlEveningStar: pattern(12, (row, p) => -hundred(evening(row, p))),
  cdl3WhiteSoldiers: pattern(12, (row) => hundred(soldiers(row))),
  cdl3BlackCrows: pattern(13, (row) => -hundred(crows(row))),
};
