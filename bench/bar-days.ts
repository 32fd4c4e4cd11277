// Bars of many stocks and days for bench/backtest-bars.bench.ts: drawn from a seed, written as CSV
// files of a day's bars a stock or as a store, read and run as `pankou backtest` does; and the same
// averages and crossings, with cash and positions, in one plain loop. Always: the same seed gives
// the same bars; prices stay within the day's limits, so that no buy is refused.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ACTION_SETTINGS } from '../engine/backtest/actions/holder.ts';
import { DEFAULT_DAY, DEFAULT_FEES } from '../engine/backtest/defaults.ts';
import { runDays } from '../engine/backtest/many-days.ts';
import { makeRunReport } from '../engine/backtest/report.ts';
import { METRICS_OPTIONS } from '../engine/backtest/run-metrics.ts';
import { defaultLimits } from '../engine/risk-limits.ts';
import { dayText } from '../engine/rules/calendar-date.ts';
import { builtInBook } from '../engine/rules/rule-book.ts';
import { repositoryFile } from './bench-setups.ts';
import { weekdays, writeDailyStore } from './daily-store.ts';

const STRATEGY = repositoryFile('examples/strategies/ma-cross.ts');
const LOT = 100;
const SHANGHAI = 2_000;
const FIRST_STORED = 20160104;
/** Minutes of a day by their end: 9:31 to 11:30 and 13:01 to 15:00. */
const MINUTES = Array.from({ length: 240 }, (_, n) => (n < 120 ? 571 + n : 661 + n));

export interface BarShape {
  readonly stocks: number;
  readonly days: number;
  /** 240 minute bars, or one bar of the whole day. */
  readonly perDay: 240 | 1;
  /** A store instead of CSV files; its days begin in 2016. Daily bars only. */
  readonly stored?: boolean;
  /** Bars in the two averages: short ones cross often, and each crossing is an order. */
  readonly averages: readonly [fast: number, slow: number];
}

export class BarDays {
  readonly bars: number;
  readonly #shape: BarShape;
  /** Fen, by stock and bar. */
  readonly #closes: Int32Array[];
  readonly #days: readonly number[];
  readonly #dir = mkdtempSync(join(tmpdir(), 'pankou-bars-'));

  constructor(shape: BarShape) {
    this.#shape = shape;
    const { stocks, days, perDay } = shape;
    this.bars = stocks * days * perDay;
    this.#days =
      shape.stored === true
        ? weekdays(FIRST_STORED, days)
        : builtInBook().calendar.tradingDays(20260105, 20260930).slice(0, days);
    let state = 7;
    this.#closes = Array.from({ length: stocks }, () => {
      let price = 1_000;
      return Int32Array.from({ length: days * perDay }, () => {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
        price = Math.min(1_050, Math.max(960, price + ((state >>> 16) % 11) - 5));
        return price;
      });
    });
    if (shape.stored === true) {
      const symbols = this.#closes.map((_, stock) => this.#symbol(stock));
      writeDailyStore(this.#dir, symbols, this.#days, this.#closes);
    } else for (const [stock] of this.#closes.entries()) this.#write(stock);
  }

  /** The first thousands in Shanghai, the rest in Shenzhen. */
  #symbol(stock: number): string {
    if (stock < SHANGHAI) return `${600_000 + stock}.SH`;
    return `${String(stock - SHANGHAI + 1).padStart(6, '0')}.SZ`;
  }

  #write(stock: number): void {
    const { perDay } = this.#shape;
    const lines = ['time,code,open,close,high,low,volume,money'];
    for (const [n, fen] of this.#closes[stock]!.entries()) {
      const day = dayText(this.#days[Math.floor(n / perDay)]!);
      const minute = MINUTES[n % perDay]!;
      const clock = [Math.floor(minute / 60), minute % 60].map((v) => String(v).padStart(2, '0'));
      const time = perDay === 1 ? day : `${day} ${clock.join(':')}:00`;
      const price = (fen / 100).toFixed(2);
      lines.push(`${time},${600_000 + stock}.XSHG,${price},${price},${price},${price},1000000,0`);
    }
    writeFileSync(join(this.#dir, `${this.#symbol(stock)}.csv`), `${lines.join('\n')}\n`);
  }

  /** Buys that the two averages ask for, and the cash that is left. */
  loop(): { buys: number; cash: number } {
    const [fastBars, slowBars] = this.#shape.averages;
    const held = new Int32Array(this.#closes.length);
    let [buys, cash] = [0, 1e13];
    for (const [stock, closes] of this.#closes.entries()) {
      let [fast, slow, before] = [0, 0, 0];
      for (let n = 0; n < closes.length; n++) {
        fast += closes[n]! - (n >= fastBars ? closes[n - fastBars]! : 0);
        slow += closes[n]! - (n >= slowBars ? closes[n - slowBars]! : 0);
        if (n < slowBars - 1) continue;
        const above = fast * slowBars > slow * fastBars ? 1 : -1;
        if (above > 0 && before < 0) {
          buys++;
          held[stock]! += LOT;
          cash -= LOT * closes[n]!;
        } else if (above < 0 && before > 0 && held[stock]! > 0) {
          cash += held[stock]! * closes[n]!;
          held[stock] = 0;
        }
        before = above;
      }
    }
    return { buys, cash };
  }

  /** The whole run: buys it made, state hash over all days, seconds of the days and in all. */
  async run(): Promise<{ buys: number; hash: string; seconds: number; wall: number }> {
    const started = performance.now();
    const [fast, slow] = this.#shape.averages;
    const run = await runDays(
      {
        ...{ strategyFile: STRATEGY, data: { kind: 'files', path: this.#dir }, day: DEFAULT_DAY },
        instruments: this.#closes.map((_, s) => ({
          symbol: this.#symbol(s),
          preCloseE4: 100_000,
        })),
        ...{ positions: [], cashE4: 1e15, params: { fast, slow, lots: 1 } },
        ...{ fees: DEFAULT_FEES, limits: noLimits(), metrics: METRICS_OPTIONS },
        ...{ actions: ACTION_SETTINGS, rules: [], world: 'orders', outDir: '', runsDir: null },
        ...{ mustRecord: false, files: [], json: true, skipBadRows: false },
        frequency: this.#shape.perDay === 1 ? '1d' : '1m',
      },
      builtInBook(),
      {
        log: () => {},
        onProgress: () => {},
        onDay: () => {},
        recorder: null,
        orderEvents: false,
        noTicks: true,
      },
    );
    const { records: days, instruments, sha256 } = run;
    const failed = days.flatMap(({ failures }) => failures).map(({ text }) => text);
    if (failed.length > 0) throw new Error(`the strategy failed: ${failed.join('; ')}`);
    const buys = days.flatMap(({ orders }) => orders).filter(({ side }) => side === 'buy').length;
    return {
      buys,
      hash: makeRunReport({ strategy: 'cross', instruments, days, sha256 }).stateHash,
      seconds: days.reduce((sum, { seconds }) => sum + seconds, 0),
      wall: (performance.now() - started) / 1000,
    };
  }

  close(): void {
    rmSync(this.#dir, { recursive: true });
  }
}

/** Risk that refuses nothing: a thousand stocks may cross in one minute. */
function noLimits() {
  return { ...defaultLimits(), firm: {}, account: {}, strategy: {}, instrument: {} };
}
