// `context`, `data`, positions and snapshots under PTrade's and JoinQuant's names. Made by
// ptrade.ts; values are read at the moment they are asked for, never copied. Always: yuan and
// shares as these platforms have them; a code may be spelled as any of them does.
import type { Instrument } from '../../core/instrument.ts';
import { toYuan } from '../../core/price.ts';
import type { Context } from '../../core/strategy.ts';
import { codeOf, instrumentOf, running, type Session } from './session.ts';

/** A holding; PTrade's names, and JoinQuant's for the same. */
export interface Position {
  readonly sid: string;
  readonly security: string;
  readonly amount: number;
  readonly total_amount: number;
  readonly enable_amount: number;
  readonly closeable_amount: number;
  readonly last_sale_price: number;
  readonly price: number;
  readonly cost_basis: number;
  readonly avg_cost: number;
  readonly value: number;
}

/** The last complete minute bar of a code. */
export interface BarData {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** The last price. */
  readonly price: number;
  readonly volume: number;
  readonly money: number;
}

export interface MarketTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** `2026-01-05 09:31:00` */
  toString(): string;
}

export interface Portfolio {
  readonly cash: number;
  readonly available_cash: number;
  readonly portfolio_value: number;
  readonly total_value: number;
  readonly positions_value: number;
  readonly positions: Readonly<Record<string, Position>>;
}

export interface PtradeContext<P = Readonly<Record<string, number | boolean | string>>> {
  readonly params: P;
  readonly portfolio: Portfolio;
  readonly current_dt: MarketTime;
  readonly blotter: { readonly current_dt: MarketTime };
  readonly universe: readonly string[];
}

export type Data = Readonly<Record<string, BarData>>;

export function makeContext(ctx: Context): PtradeContext {
  const context = {
    params: ctx.params,
    get current_dt() {
      return timeOf(ctx);
    },
    blotter: {
      get current_dt() {
        return timeOf(ctx);
      },
    },
    get universe() {
      return running('context.universe').universe.map(codeOf);
    },
    portfolio: {
      get cash() {
        return toYuan(ctx.availableE4());
      },
      get available_cash() {
        return toYuan(ctx.availableE4());
      },
      get portfolio_value() {
        return worthOf(ctx);
      },
      get total_value() {
        return worthOf(ctx);
      },
      get positions_value() {
        return toYuan(ctx.account().marketValueE4);
      },
      positions: byCode(
        (one) => positionOf(ctx, one),
        () => ctx.instruments.filter(({ index }) => ctx.position(index).qty > 0),
        'context.portfolio.positions',
      ),
    },
  };
  return context;
}

/** `data[code]`: bars of the universe. */
export function makeData(session: () => Session): Data {
  return byCode(
    (one) => barOf(session(), one),
    () => session().universe,
    'data',
  );
}

export function positionOf(ctx: Context, one: Instrument): Position {
  const { qty, sellableQty, costAmountE4 } = ctx.position(one.index);
  const last = toYuan(ctx.lastE4(one.index) || one.preCloseE4);
  const cost = qty === 0 ? 0 : toYuan(costAmountE4 / qty);
  return {
    ...{ sid: codeOf(one), security: codeOf(one), amount: qty, total_amount: qty },
    ...{ enable_amount: sellableQty, closeable_amount: sellableQty },
    ...{ last_sale_price: last, price: last, cost_basis: cost, avg_cost: cost },
    value: Math.round(qty * last * 10_000) / 10_000,
  };
}

function barOf({ ctx, minutes }: Session, one: Instrument): BarData {
  const bars = minutes.get(one.index);
  const price = toYuan(ctx.lastE4(one.index) || one.preCloseE4);
  if (bars === undefined || bars.length === 0) {
    return { open: price, high: price, low: price, close: price, price, volume: 0, money: 0 };
  }
  return {
    ...{ open: toYuan(bars.openE4(0)), high: toYuan(bars.highE4(0)), low: toYuan(bars.lowE4(0)) },
    ...{ close: toYuan(bars.closeE4(0)), price },
    ...{ volume: bars.volume(0), money: toYuan(bars.amountE4(0)) },
  };
}

function worthOf(ctx: Context): number {
  const { cashE4, marketValueE4 } = ctx.account();
  return toYuan(cashE4 + marketValueE4);
}

function timeOf({ day, nowNs }: Context): MarketTime {
  const s = Math.floor(nowNs / 1e9);
  const [year, month, date] = [Math.floor(day / 10_000), Math.floor(day / 100) % 100, day % 100];
  const [hour, minute, second] = [Math.floor(s / 3_600), Math.floor(s / 60) % 60, s % 60];
  const two = (n: number): string => String(n).padStart(2, '0');
  const text = `${year}-${two(month)}-${two(date)} ${[hour, minute, second].map(two).join(':')}`;
  return { year, month, day: date, hour, minute, second, toString: () => text };
}

/** An object whose keys are codes in any spelling; listed are those of `present`. */
function byCode<T>(
  read: (one: Instrument) => T,
  present: () => readonly Instrument[],
  what: string,
): Readonly<Record<string, T>> {
  return new Proxy({} as Record<string, T>, {
    get: (_, key) => (typeof key === 'string' ? read(instrumentOf(key, what)) : undefined),
    has: (_, key) => {
      if (typeof key !== 'string') return false;
      const { index } = instrumentOf(key, what);
      return present().some((one) => one.index === index);
    },
    ownKeys: () => present().map(codeOf),
    getOwnPropertyDescriptor: (_, key) => {
      const value = read(instrumentOf(String(key), what));
      return { value, enumerable: true, configurable: true };
    },
  });
}
