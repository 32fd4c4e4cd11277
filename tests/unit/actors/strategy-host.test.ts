// The strategy host: user code gets its news in order, may throw, and stops alone.
// Run by vitest. Always: real rings and kernels, nothing of ours is mocked.
import { describe, expect, test } from 'vitest';
import { StillClock } from '../../../engine/actors/clock.ts';
import { NoTap } from '../../../engine/actors/port.ts';
import { StrategyHost } from '../../../engine/actors/strategy-host.ts';
import { REJECT_BUSY, REJECT_STRATEGY_STOPPED } from '../../../engine/core/reject-code.ts';
import type { Context, ParamSpecs, Strategy } from '../../../engine/core/strategy.ts';
import { loadKernels } from '../../../engine/host/kernels.ts';
import {
  ACTION_CANCEL,
  ACTION_PLACE,
  END_OF_DATA,
  FAULT_OFF_TICK,
  FLAG_STALE,
  SIDE_BUY,
  SIDE_SELL,
  STRATEGY_FAILED,
} from '../../../engine/messages/codes.ts';
import { End } from '../../../engine/messages/generated/control.ts';
import {
  Bar,
  FeedFault,
  FeedGap,
  SnapshotTick,
} from '../../../engine/messages/generated/market.ts';
import {
  AccountUpdate,
  Fill,
  OrderUpdate,
  PositionUpdate,
  Reject,
} from '../../../engine/messages/generated/order.ts';
import { Pipe, ShownEvents, settle } from '../../support/actor-harness.ts';
import { INSTRUMENTS } from './oms-kit.ts';

const { indicators } = loadKernels({ maxInstruments: 1, maxOrders: 1, maxLevels: 1 });
const MINUTE_NS = 60e9;

type Hooks = Partial<Omit<Strategy<ParamSpecs, unknown>, 'params'>>;

function host(hooks: Hooks, intentBytes = 65_536, lastIntentNo = 0, barred = '') {
  const ticks = new Pipe();
  const updates = new Pipe();
  const intents = new Pipe(intentBytes);
  const events = new ShownEvents();
  const log: string[] = [];
  const facts = {
    ...{ index: 3, name: 'mine', account: 1, day: 20_260_105, instruments: INSTRUMENTS },
    ...{ own: [0], params: { size: 4 }, lastIntentNo, barred },
  };
  const self = new StrategyHost(facts, { params: {}, ...hooks } as Strategy<ParamSpecs, unknown>, {
    ticks: ticks.ring,
    updates: updates.ring,
    intents: intents.out(),
    events,
    tap: new NoTap(),
    clock: new StillClock(),
    indicators,
    log: (_name, text) => log.push(text),
  });
  self.onStart();
  return {
    ...{ self, ticks, updates, intents, events, log },
    tick(eventNs: number, fields: object = {}): void {
      ticks.send(SnapshotTick, { eventNs, lastE4: 100_000, volume: 100, ...fields });
      settle(() => self.doWork());
    },
    end(eventNs = 0): void {
      ticks.send(End, { eventNs, reason: END_OF_DATA });
      settle(() => self.doWork());
    },
  };
}

describe('a strategy', () => {
  test('asks by intents that carry its number, account and the time of the cause', () => {
    const h = host(
      {
        onTick(ctx, tick) {
          const buy = ctx.buy(tick.instrument, 99_900, 200);
          expect([buy, ctx.sell(0, 100_100, 100), ctx.cancel(buy)]).toEqual([8, 9, 1]);
        },
      },
      65_536,
      7,
    );
    h.tick(5e9, { recvNs: 77 });
    const common = { type: 'Intent', strategy: 3, account: 1, eventNs: 5e9, recvNs: 77 };
    expect(h.intents.take()).toMatchObject([
      { ...common, intentNo: 8, action: ACTION_PLACE, side: SIDE_BUY, priceE4: 99_900, qty: 200 },
      { ...common, intentNo: 9, action: ACTION_PLACE, side: SIDE_SELL, priceE4: 100_100 },
      { ...common, intentNo: 0, action: ACTION_CANCEL, targetIntentNo: 8 },
    ]);
  });

  test('hears of losses in channels, and of faults in the books of its own instruments', () => {
    const heard: unknown[] = [];
    const h = host({
      onFeedGap: (ctx, gap) => heard.push([ctx.nowNs, gap.channel, gap.expectedSeq]),
      onFeedFault: (ctx, fault) => heard.push([ctx.nowNs, fault.instrument, fault.code]),
      onTick: (_, tick) => heard.push(tick.flags),
    });
    h.ticks.send(FeedGap, { eventNs: 1e9, instrument: -1, channel: 6, expectedSeq: 9 });
    h.ticks.send(FeedGap, { eventNs: 2e9, instrument: 1, channel: 6 });
    h.ticks.send(FeedFault, { eventNs: 3e9, instrument: 0, code: FAULT_OFF_TICK });
    h.ticks.send(FeedFault, { eventNs: 4e9, instrument: 1, code: FAULT_OFF_TICK });
    h.tick(5e9, { flags: FLAG_STALE });
    expect(heard).toEqual([[1e9, 6, 9], [3e9, 0, FAULT_OFF_TICK], FLAG_STALE]);
  });

  test('that sends no whole number sends 0, which the OMS refuses', () => {
    const h = host({ onInit: (ctx) => ctx.buy(0, 100_000.5, Number.NaN) });
    expect(h.intents.take()).toMatchObject([{ priceE4: 0, qty: 0 }]);
  });

  test('hears BUSY when its ring is full, and may ask again once there is room', () => {
    let answers: number[] = [];
    const h = host(
      {
        onTick(ctx) {
          answers = [];
          for (let n = 0; n < 60; n++) answers.push(ctx.buy(0, 100_000, 100));
          answers.push(ctx.cancel(1));
        },
      },
      4_096,
    );
    h.tick(1e9);
    const taken = answers.filter((answer) => answer > 0);
    expect(taken).toEqual(taken.map((_, n) => n + 1));
    expect(answers.slice(taken.length)).toEqual(Array(61 - taken.length).fill(-REJECT_BUSY));
    expect(h.intents.take()).toHaveLength(taken.length);
    h.tick(2e9);
    expect(answers[0]).toBe(taken.length + 1);
  });

  test('hears of its orders before the tick that came at the same time', () => {
    const heard: string[] = [];
    const h = host({
      onTick: () => heard.push('tick') && undefined,
      onOrder: (_, order) => heard.push(`order ${order.status}`) && undefined,
      onTrade: (_, fill) => heard.push(`fill ${fill.qty}`) && undefined,
      onReject: (_, reject) => heard.push(`reject ${reject.code}`) && undefined,
    } as Hooks);
    h.ticks.send(SnapshotTick, { eventNs: 1 });
    h.updates.send(OrderUpdate, { status: 3 });
    h.updates.send(Fill, { qty: 100 });
    h.updates.send(Reject, { code: 306 });
    h.self.doWork();
    expect(heard).toEqual(['order 3', 'fill 100', 'reject 306', 'tick']);
  });

  test('sees ticks and bars of its own instruments only', () => {
    const heard: number[] = [];
    const h = host({
      onTick: (_, tick) => void heard.push(tick.instrument),
      onBar: (_, bar) => void heard.push(bar.instrument),
    });
    h.tick(1e9, { instrument: 1 });
    h.tick(2e9);
    h.ticks.send(Bar, { instrument: 1 });
    h.ticks.send(Bar, { instrument: 0 });
    h.self.doWork();
    expect(heard).toEqual([0, 0]);
  });

  test('sees position, account and last price as the OMS and the feed told them', () => {
    let ctx: Context | undefined;
    const keep = (given: unknown): void => {
      ctx = given as Context;
    };
    const h = host({ onInit: keep });
    h.updates.send(PositionUpdate, { instrument: 0, qty: 500, sellableQty: 300, frozenQty: 100 });
    h.updates.send(AccountUpdate, { cashE4: 1e10, reservedE4: 5, feesE4: 6, marketValueE4: 7 });
    h.tick(1e9, { lastE4: 101_000 });
    expect(ctx!.position(0)).toMatchObject({ qty: 500, sellableQty: 300, frozenQty: 100 });
    expect(ctx!.account()).toEqual({ cashE4: 1e10, reservedE4: 5, feesE4: 6, marketValueE4: 7 });
    expect([ctx!.lastE4(0), ctx!.lastE4(1)]).toEqual([101_000, 0]);
  });

  test('is woken by its timers in order, before the event that brings them', () => {
    const heard: string[] = [];
    const h = host({
      onInit(ctx) {
        for (const at of [3e9, 1e9, 9e9]) ctx.timerAt(at);
      },
      onTimer: (ctx, timer) => void heard.push(`timer ${timer} at ${ctx.nowNs}`),
      onTick: () => void heard.push('tick'),
    });
    h.tick(4e9);
    expect(heard).toEqual(['timer 2 at 4000000000', 'timer 1 at 4000000000', 'tick']);
  });

  test('gets a bar when a tick of a later interval comes', () => {
    const bars: number[][] = [];
    const h = host({
      onInit: (ctx) => ctx.bars(0, 60),
      onBar: (_, bar) => void bars.push([bar.eventNs, bar.closeE4, bar.volume]),
    });
    h.tick(10 * MINUTE_NS, { volume: 100 });
    h.tick(10 * MINUTE_NS + 1e9, { volume: 300, lastE4: 100_500 });
    expect(bars).toEqual([]);
    h.tick(12 * MINUTE_NS, { volume: 400 });
    expect(bars).toEqual([[11 * MINUTE_NS, 100_500, 300]]);
  });
});

const failures: [string, Hooks, (h: ReturnType<typeof host>) => void][] = [
  ['onInit', { onInit: () => boom() }, () => {}],
  ['onTick', { onTick: () => boom() }, (h) => h.tick(1e9)],
  ['onTimer', { onInit: (ctx) => void ctx.timerAt(1), onTimer: () => boom() }, (h) => h.tick(1e9)],
  ['onBar', { onBar: () => boom() }, (h) => h.ticks.send(Bar, {})],
  ['onOrder', { onOrder: () => boom() }, (h) => h.updates.send(OrderUpdate, {})],
  ['onTrade', { onTrade: () => boom() }, (h) => h.updates.send(Fill, {})],
  ['onReject', { onReject: () => boom() }, (h) => h.updates.send(Reject, {})],
];

function boom(): never {
  throw new Error('boom');
}

describe('a strategy that throws', () => {
  for (const [name, hooks, cause] of failures) {
    test(`in ${name} stops alone, tells the OMS once, and no hook runs again`, () => {
      let calls = 0;
      const counted = Object.fromEntries(
        Object.entries(hooks).map(([hook, run]) => [
          hook,
          (...args: unknown[]) => {
            if (hook === name) calls++;
            return (run as (...all: unknown[]) => unknown)(...args);
          },
        ]),
      );
      const h = host(counted as Hooks);
      cause(h);
      settle(() => h.self.doWork());
      h.tick(5e9);
      cause(h);
      settle(() => h.self.doWork());
      expect(calls).toBe(1);
      expect(h.self.failure).toContain('boom');
      expect(h.intents.take()).toMatchObject([
        { type: 'StrategyState', strategy: 3, state: STRATEGY_FAILED, code: 0 },
      ]);
      expect(h.events.of('StrategyState')).toHaveLength(1);
      expect(h.self.context.buy(0, 1, 1)).toBe(-REJECT_STRATEGY_STOPPED);
      h.end();
      expect(h.intents.take()).toMatchObject([{ type: 'End', reason: END_OF_DATA }]);
      expect([h.self.ended, h.self.context.buy(0, 1, 1)]).toEqual([true, -REJECT_STRATEGY_STOPPED]);
    });
  }

  test('an empty text has failed all the same', () => {
    const h = host({
      onTick() {
        throw '';
      },
    });
    h.tick(1e9);
    h.tick(2e9);
    expect(h.self.failure).not.toBe('');
    expect(h.intents.take()).toHaveLength(1);
  });

  test('in a timer or in onStop at the end still ends', () => {
    const cases: Hooks[] = [
      { onInit: (ctx) => void ctx.timerAt(9e9), onTimer: () => boom() },
      { onStop: () => boom() },
    ];
    for (const hooks of cases) {
      const h = host(hooks);
      h.end(10e9);
      const types = h.intents.take().map((frame) => frame.type);
      expect(types).toEqual(['StrategyState', 'End']);
      expect(h.self.ended).toBe(true);
    }
  });

  test('while its ring is full tells the OMS as soon as there is room', () => {
    const h = host(
      {
        onTick(ctx) {
          while (ctx.buy(0, 100_000, 100) > 0);
          boom();
        },
      },
      4_096,
    );
    h.tick(1e9);
    h.end();
    expect(h.self.isIdle()).toBe(false);
    expect(h.intents.take().every((frame) => frame.type === 'Intent')).toBe(true);
    h.self.doWork();
    expect(h.intents.take().map((frame) => frame.type)).toEqual(['StrategyState', 'End']);
  });
});

describe('a strategy that may not start', () => {
  test('runs no hook, says why, tells the OMS, and ends with the others', () => {
    const h = host(
      { onInit: () => boom(), onTick: () => boom(), onStop: () => boom() },
      65_536,
      0,
      'late',
    );
    h.tick(1e9);
    expect(h.log).toEqual(['not started: late']);
    h.end();
    const frames = h.intents.take();
    expect(frames.map(({ type }) => type)).toEqual(['StrategyState', 'End']);
    expect(frames[0]).toMatchObject({ state: STRATEGY_FAILED, strategy: 3 });
    expect([h.self.failure, h.self.ended]).toEqual(['late', true]);
  });
});

describe('the end', () => {
  test('lets the strategy say its last word, which reaches the OMS before the end does', () => {
    const h = host({ onStop: (ctx) => void ctx.sell(0, 100_000, 100) });
    h.end(7e9);
    expect(h.intents.take().map((frame) => frame.type)).toEqual(['Intent', 'End']);
    expect(h.self.failure).toBe('');
  });
});
