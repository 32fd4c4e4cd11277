// A strategy host with one instrument of every board, its books in the test's hands: for tests of
// order helpers, timers and state. Always: real rings, the real kit, nothing of ours is mocked.
import { StillClock } from '../../engine/actors/clock.ts';
import { NoTap } from '../../engine/actors/port.ts';
import { StrategyHost } from '../../engine/actors/strategy-host.ts';
import type { FeeSchedule } from '../../engine/core/fees.ts';
import type { Context, ParamSpecs, Strategy } from '../../engine/core/strategy.ts';
import type { DayPlace } from '../../engine/core/strategy-kit.ts';
import { loadKernels } from '../../engine/host/kernels.ts';
import { END_OF_DATA, PHASE_CONTINUOUS } from '../../engine/messages/codes.ts';
import { End } from '../../engine/messages/generated/control.ts';
import { SnapshotTick } from '../../engine/messages/generated/market.ts';
import {
  AccountUpdate,
  Fill,
  OrderUpdate,
  PositionUpdate,
  Reject,
} from '../../engine/messages/generated/order.ts';
import { Kit } from '../../engine/strategy/kit.ts';
import { type Fields, Pipe, type Shown, ShownEvents, settle } from './actor-harness.ts';
import { makeInstrument } from './instruments.ts';

export const MAIN = 0;
export const STAR = 1;
export const BSE = 2;
export const BOND = 3;
export const ETF = 4;
const SYMBOLS = ['600000.SH', '688981.SH', '920002.BJ', '113050.SH', '510300.SH'];
export const BOARDS = SYMBOLS.map((symbol, i) =>
  makeInstrument(i, symbol, { preCloseE4: 100_000 }),
);
/** 0.025 % and at least 5 yuan, stamp duty 0.05 %, transfer 0.001 %. */
export const FEES: FeeSchedule = {
  ...{ commissionRateE7: 2_500, commissionMinE4: 50_000, stampDutyRateE7: 5_000 },
  ...{ transferRateE7: 100, handlingRateE7: 0, regulatoryRateE7: 0 },
};

export type Hooks = Partial<Omit<Strategy<ParamSpecs, unknown>, 'params'>>;

export interface DeskOptions {
  readonly saved?: string;
  readonly day?: number;
  readonly place?: DayPlace | null;
}

export interface Book {
  readonly bid?: number;
  readonly ask?: number;
  readonly last?: number;
  readonly fields?: Fields<SnapshotTick>;
}

export const S = 1e9;
/** ns of 9:30 and of a clock time. */
export const at = (h: number, m: number, s = 0): number => ((h * 60 + m) * 60 + s) * S;
export const OPEN = at(9, 30);

const { indicators } = loadKernels({ maxInstruments: 1, maxOrders: 1, maxLevels: 1 });

export function strategyDesk(hooks: Hooks = {}, options: DeskOptions = {}) {
  const ticks = new Pipe(262_144);
  const updates = new Pipe(262_144);
  const intents = new Pipe(262_144);
  const out = intents.out();
  const log: string[] = [];
  const series: [string, number, number][] = [];
  const saves: string[] = [];
  const strategy = { params: {}, ...hooks } as Strategy<ParamSpecs, unknown>;
  const facts = {
    ...{ index: 0, name: 'mine', account: 0, day: options.day ?? 20_260_105, params: {} },
    ...{ instruments: BOARDS, own: BOARDS.map(({ index }) => index), lastIntentNo: 0 },
    fees: BOARDS.map(() => FEES),
  };
  const kitPorts = {
    ...{ strategy: 'mine', saved: options.saved ?? '', place: options.place ?? null },
    save: (text: string) => void saves.push(text),
    series: (name: string, ns: number, value: number) => void series.push([name, ns, value]),
  };
  const self = new StrategyHost(facts, strategy, {
    ...{ ticks: ticks.ring, updates: updates.ring, intents: out },
    ...{ events: new ShownEvents(), tap: new NoTap(), clock: new StillClock(), indicators },
    makeKit: (context, tell) => new Kit(context, strategy, kitPorts, tell),
    log: (_, text) => void log.push(text),
  });
  self.onStart();
  const ctx = self.context as unknown as Context;
  const work = (): void => void settle(() => self.doWork());
  const desk = {
    ...{ self, ctx, log, series, saves, updates },
    /** Frames to the OMS; tests call the context outside of a duty cycle. */
    sent(): Shown[] {
      out.publish();
      return intents.take();
    },
    /** The same as `buy 100 at 10.2`. */
    asked: (): string[] => desk.sent().map(askText),
    tick(i: number, ns: number, { bid = 0, ask = 0, last = 0, fields = {} }: Book = {}): void {
      const frame = ticks.ring.tryClaim(SnapshotTick.BYTES);
      const tick = new SnapshotTick().begin(ticks.ring.memory, frame);
      const { upperLimitE4, lowerLimitE4 } = BOARDS[i]!;
      const base = { instrument: i, eventNs: ns, phase: PHASE_CONTINUOUS, preCloseE4: 100_000 };
      Object.assign(tick, base, { upperLimitE4, lowerLimitE4, lastE4: last || bid || ask });
      Object.assign(tick, fields);
      tick.setBidPriceE4(0, bid);
      tick.setAskPriceE4(0, ask);
      ticks.ring.commit();
      ticks.ring.publish();
      work();
    },
    told<T>(message: Parameters<typeof updates.send<T>>[0], fields: Fields<T>): void {
      updates.send(message, fields);
      work();
    },
    hold: (i: number, qty: number, sellableQty = qty, frozenQty = 0): void =>
      desk.told(PositionUpdate, { instrument: i, qty, sellableQty, frozenQty }),
    cash: (cashE4: number, reservedE4 = 0, marketValueE4 = 0): void =>
      desk.told(AccountUpdate, { cashE4, reservedE4, marketValueE4 }),
    order: (fields: Fields<OrderUpdate>): void => desk.told(OrderUpdate, fields),
    fill: (fields: Fields<Fill>): void => desk.told(Fill, fields),
    refuse: (intentNo: number, code: number): void =>
      desk.told(Reject, { intentNo, code, action: 1 }),
    end(ns: number): void {
      ticks.send(End, { eventNs: ns, reason: END_OF_DATA });
      work();
    },
  };
  return desk;
}

function askText({ type, action, side, priceE4, qty, targetIntentNo }: Shown): string {
  if (type !== 'Intent') return type;
  if (action !== 1) return `cancel ${targetIntentNo}`;
  return `${side === 1 ? 'buy' : 'sell'} ${qty} at ${Number(priceE4) / 10_000}`;
}
