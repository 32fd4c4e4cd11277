// ctx.indicators: made in onInit, fed before the hooks, wrong options refused by name.
// Run by vitest. Always: real rings and kernels, nothing of ours is mocked.
import { describe, expect, test } from 'vitest';
import { StillClock } from '../../../engine/actors/clock.ts';
import { NoTap } from '../../../engine/actors/port.ts';
import { StrategyHost } from '../../../engine/actors/strategy-host.ts';
import type { Context, ParamSpecs, Strategy } from '../../../engine/core/strategy.ts';
import { makeIndicators } from '../../../engine/host/indicators/factory.ts';
import { loadKernels } from '../../../engine/host/kernels.ts';
import { Bar, SnapshotTick } from '../../../engine/messages/generated/market.ts';
import { Pipe, ShownEvents, settle } from '../../support/actor-harness.ts';
import { INSTRUMENTS } from './oms-kit.ts';

const { indicators } = loadKernels({ maxInstruments: 1, maxOrders: 1, maxLevels: 1 });
const MINUTE_NS = 60e9;

function host<S>(hooks: Partial<Strategy<ParamSpecs, S>>, own: readonly number[] = [0]) {
  const ticks = new Pipe();
  const log: string[] = [];
  const facts = {
    ...{ index: 0, name: 'mine', account: 0, day: 20_260_105, instruments: INSTRUMENTS },
    ...{ own, params: {}, lastIntentNo: 0 },
  };
  const strategy = { params: {}, ...hooks } as unknown as Strategy<ParamSpecs, unknown>;
  const self = new StrategyHost(facts, strategy, {
    ticks: ticks.ring,
    updates: new Pipe().ring,
    intents: new Pipe().out(),
    events: new ShownEvents(),
    tap: new NoTap(),
    clock: new StillClock(),
    indicators,
    makeIndicators: (attach) => makeIndicators(own, attach),
    log: (_name, text) => log.push(text),
  });
  self.onStart();
  return {
    ...{ self, log },
    send(type: typeof Bar | typeof SnapshotTick, fields: object): void {
      ticks.send(type as typeof Bar, fields);
      settle(() => self.doWork());
    },
  };
}

function bar(closeE4: number, fields: object = {}): object {
  const prices = { openE4: closeE4, highE4: closeE4 + 100, lowE4: closeE4 - 100, closeE4 };
  return { ...prices, instrument: 0, intervalS: 60, volume: 100, ...fields };
}

describe('indicators of a strategy', () => {
  test('have taken the bar in when onBar is called, and are ready after their warm-up', () => {
    const seen: unknown[] = [];
    const h = host({
      onInit: (ctx: Context) => ctx.indicators.sma({ period: 3, on: 'close' }),
      onBar: (ctx) => seen.push([ctx.state.ready, ctx.state.value]),
    });
    for (const close of [100_000, 100_300, 100_600, 100_900]) h.send(Bar, bar(close));
    expect(h.log).toEqual([]);
    expect(seen).toEqual([
      [false, Number.NaN],
      [false, Number.NaN],
      [true, 100_300],
      [true, 100_600],
    ]);
  });

  test('give every output by its name and take high, low and close from the bar', () => {
    const seen: number[][] = [];
    const h = host({
      onInit: (ctx: Context) => ({
        kdj: ctx.indicators.kdj({ period: 2, convention: 'tdx' }),
        range: ctx.indicators.trange(),
      }),
      onBar: (ctx) => {
        const { kdj, range } = ctx.state;
        seen.push([kdj.k, kdj.d, kdj.j, range.value]);
      },
    });
    h.send(Bar, bar(100_000));
    h.send(Bar, bar(100_200));
    // RSV = (100200 - 99900) / (100300 - 99900) * 100 = 75: the seed of K and D.
    expect(seen[1]).toEqual([75, 75, 75, 300]);
  });

  test('on ticks take every last price of their own instrument, and no tick without one', () => {
    const seen: number[] = [];
    const h = host(
      {
        onInit: (ctx: Context) => ctx.indicators.mom({ period: 1, on: 'tick', instrument: 1 }),
        onTick: (ctx) => seen.push(ctx.state.value),
      },
      [0, 1],
    );
    const tick = (instrument: number, lastE4: number) =>
      h.send(SnapshotTick, { eventNs: 1e9, instrument, lastE4, volume: 1 });
    tick(1, 100_000);
    tick(0, 500_000);
    tick(1, 0);
    tick(1, 100_700);
    expect(seen).toEqual([Number.NaN, Number.NaN, Number.NaN, 700]);
  });

  test('with seconds ask for bars of that length themselves, once, and take no others', () => {
    const seen: number[][] = [];
    const h = host({
      onInit: (ctx: Context) => {
        ctx.bars(0, 60);
        ctx.bars(0, 300);
        return ctx.indicators.sum({ period: 1, seconds: 60 });
      },
      onBar: (ctx, one) => seen.push([one.intervalS, one.closeE4, ctx.state.value]),
    });
    const prices = [100_000, 101_000, 102_000, 103_000, 104_000, 105_000];
    for (const [k, lastE4] of prices.entries()) {
      h.send(SnapshotTick, { eventNs: k * MINUTE_NS, instrument: 0, lastE4, volume: k + 1 });
    }
    expect(seen.filter(([seconds]) => seconds === 60)).toHaveLength(5);
    expect(seen.at(-1)).toEqual([300, 104_000, 104_000]);
    expect(seen.at(-2)).toEqual([60, 104_000, 104_000]);
  });

  test.each([
    ['rsi', { period: 1 }, 'indicator rsi: period=1, expected a whole number from 2 to 100000'],
    ['rsi', { perod: 9 }, 'no parameter is called perod; it takes period'],
    ['rsi', { convention: 'metastock' }, "convention 'metastock', expected one of talib, tdx"],
    ['rsi', { on: 'last' }, "on='last', expected one of open, high"],
    ['rsi', { on: ['close', 'open'] }, 'on=close,open, it takes 1'],
    ['atr', { on: 'close' }, 'on=close, it always takes high, low, close'],
    ['vwma', { on: 'tick' }, "on='tick' has one price a row, it needs real, volume"],
    ['rsi', { seconds: -1 }, 'seconds=-1, expected a whole number from 0'],
    ['rsi', { instrument: 1 }, 'instrument=1 was not given to this strategy'],
    ['rsi', { period: '14' }, 'period=14, expected a number'],
  ] as const)('%s with %j stops the strategy and says why', (name, options, message) => {
    const h = host({
      onInit(ctx: Context) {
        const all = ctx.indicators as unknown as Record<string, (given: unknown) => unknown>;
        all[name]!(options);
      },
    });
    expect(h.self.failure).toContain(message);
  });

  test('want to know the instrument of a strategy with several', () => {
    const h = host({ onInit: (ctx: Context) => ctx.indicators.rsi() }, [0, 1]);
    expect(h.self.failure).toContain('the strategy has 2 instruments, say which');
  });

  test('are made in onInit and not later', () => {
    const h = host({ onBar: (ctx) => ctx.indicators.rsi() });
    h.send(Bar, bar(100_000));
    expect(h.self.failure).toContain('indicators are made in onInit, not later');
  });
});
