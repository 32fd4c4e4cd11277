// An OMS between rings of the test, with the real validation kernel: used by the tests of the order
// manager. Two instruments: 0 of SZSE trades T+1, 1 of SSE trades T+0; limits 9.00 to 11.00 yuan
// around 10.00.

import { StillClock } from '../../../engine/actors/clock.ts';
import type { AutoCancel } from '../../../engine/actors/order-holds.ts';
import { OrderManager } from '../../../engine/actors/order-manager.ts';
import { NoTap } from '../../../engine/actors/port.ts';
import type { Account } from '../../../engine/core/account.ts';
import type { KernelRules } from '../../../engine/core/exchange-kernel.ts';
import { STATUS_NAMES } from '../../../engine/core/order-status.ts';
import { SessionPlan } from '../../../engine/core/session-plan.ts';
import type { AdoptedMovement, ExpectedMovement } from '../../../engine/core/statement.ts';
import { loadKernels } from '../../../engine/host/kernels.ts';
import {
  ACTION_CANCEL,
  ACTION_PLACE,
  KIND_LIMIT,
  PHASE_CONTINUOUS,
  SIDE_BUY,
  TIF_DAY,
} from '../../../engine/messages/codes.ts';
import { Quote } from '../../../engine/messages/generated/market.ts';
import { Fill, Intent, Report } from '../../../engine/messages/generated/order.ts';
import { type Fields, Pipe, type Shown, ShownEvents } from '../../support/actor-harness.ts';
import { kernelRulesOf, makeInstrument } from '../../support/instruments.ts';
import { type Opening, openAccount } from '../core/account-kit.ts';

export const DAY = 20_260_105;
export const INSTRUMENTS = [
  makeInstrument(0, '000001.SZ', { preCloseE4: 100_000 }),
  makeInstrument(1, '511880.SH', { preCloseE4: 100_000 }),
];
const validate = loadKernels({ maxInstruments: 2, maxOrders: 1, maxLevels: 1 }).validate;

export interface OmsOptions extends Opening {
  readonly cancelOnFailure?: readonly boolean[];
  readonly strategies?: readonly number[];
  readonly ordersBytes?: number;
  readonly updateBytes?: number;
  /** Daily buy cap of each instrument. */
  readonly buyCapQty?: number;
  readonly autoCancel?: readonly (AutoCancel | null)[];
  readonly releasesPerSecond?: number;
  readonly queuesOutsideSessions?: boolean;
  /** An account with a past instead of a new one. */
  readonly account?: Account;
  /** Changes what the kernel is told of each instrument. */
  readonly rules?: Partial<KernelRules>;
  /** Movements the broker was announced to make. */
  readonly expected?: readonly ExpectedMovement[];
  /** Those that an earlier life has adopted. */
  readonly adopted?: readonly AdoptedMovement[];
  /** Do not open trading. */
  readonly closed?: boolean;
}

export function oms(options: OmsOptions = {}) {
  const { buyCapQty = 0, rules = {} } = options;
  for (const [i, instrument] of INSTRUMENTS.entries()) {
    const record = kernelRulesOf(instrument, { preCloseE4: 100_000 });
    validate.setRules(i, { ...record, buyCap: buyCapQty, ...rules });
  }
  const account = options.account ?? openAccount({ instruments: 2, ...options });
  account.positions.turnround[1] = 1;
  const strategies = options.strategies ?? [0, 1];
  const pipes = {
    quotes: new Pipe(),
    reports: new Pipe(),
    control: new Pipe(),
    desk: new Pipe(),
    orders: new Pipe(options.ordersBytes),
  };
  const intents = strategies.map(() => new Pipe());
  const updates = strategies.map(() => new Pipe(options.updateBytes));
  const events = new ShownEvents();
  const manager = new OrderManager(
    account,
    {
      day: DAY,
      epoch: 3,
      strategies,
      expected: options.expected ?? [],
      adopted: options.adopted ?? [],
      cancelOnFailure: options.cancelOnFailure ?? strategies.map(() => true),
      instruments: INSTRUMENTS.map((i) => ({ ...i, buyCapQty })),
      plan: new SessionPlan(INSTRUMENTS),
      autoCancel: options.autoCancel ?? [],
      releasesPerSecond: options.releasesPerSecond ?? 20,
      queuesOutsideSessions: options.queuesOutsideSessions ?? false,
    },
    {
      quotes: pipes.quotes.ring,
      intents: intents.map((pipe) => pipe.ring),
      desk: pipes.desk.ring,
      reports: pipes.reports.ring,
      control: pipes.control.ring,
      orders: pipes.orders.out(),
      updates: updates.map((pipe) => pipe.out()),
      events,
      tap: new NoTap(),
      clock: new StillClock(),
      validate,
    },
  );
  const made = { manager, account, ...pipes, intents, updates, events, strategies };
  const self = { ...made, ...hands(made) };
  manager.onStart();
  if (options.closed !== true) self.quote();
  for (const pipe of updates) pipe.take();
  events.all = [];
  return self;
}

interface Made {
  readonly manager: OrderManager;
  readonly account: Account;
  readonly quotes: Pipe;
  readonly reports: Pipe;
  readonly orders: Pipe;
  readonly intents: readonly Pipe[];
  readonly updates: readonly Pipe[];
  readonly events: ShownEvents;
  readonly strategies: readonly number[];
}

/** What a test does to an OMS and asks of it. */
function hands(made: Made) {
  const { manager, account, quotes, reports, orders, intents, updates, events } = made;
  const { strategies } = made;
  let intentNo = 0;
  return {
    quote(fields: Fields<Quote> = {}): void {
      for (const instrument of fields.instrument === undefined ? [0, 1] : [fields.instrument]) {
        quotes.send(Quote, {
          ...{ phase: PHASE_CONTINUOUS, lastE4: 100_000, upperLimitE4: 110_000 },
          ...{ lowerLimitE4: 90_000, ...fields, instrument },
        });
      }
      manager.doWork();
    },
    /** A strategy's wish; returns its intent number. */
    place(fields: Fields<Intent> = {}): number {
      const strategy = fields.strategy ?? strategies[0]!;
      intents[strategies.indexOf(strategy)]!.send(Intent, {
        ...{ strategy, intentNo: ++intentNo, action: ACTION_PLACE, instrument: 0, side: SIDE_BUY },
        ...{ kind: KIND_LIMIT, timeInForce: TIF_DAY, priceE4: 100_000, qty: 100, ...fields },
      });
      manager.doWork();
      return intentNo;
    },
    cancel(target: number, strategy = strategies[0]!): void {
      const fields = { strategy, action: ACTION_CANCEL, targetIntentNo: target };
      intents[strategies.indexOf(strategy)]!.send(Intent, fields);
      manager.doWork();
    },
    report(coidC: number, kind: number, fields: Fields<Report> = {}): void {
      reports.send(Report, { coidA: account.orders.idA[0]!, coidC, kind, ...fields });
      manager.doWork();
    },
    fill(coidC: number, qty: number, fields: Fields<Fill> = {}): void {
      const price = { priceE4: 100_000, qty, ...fields };
      reports.send(Fill, { coidA: account.orders.idA[0]!, coidC, ...price });
      manager.doWork();
    },
    status(slot: number): string {
      return STATUS_NAMES[account.orders.status[slot]!]!;
    },
    /** Refusals shown to people, and those the strategy got, as codes. */
    codes(strategy = 0): { people: number[]; strategy: number[] } {
      const people = events.of('Reject').map((reject) => reject.code!);
      const own = updates[strategy]!.take().filter((update) => update.type === 'Reject');
      return { people, strategy: own.map((reject) => reject.code!) };
    },
    /** What went on to risk, but for the quotes ahead of orders. */
    passed(): Shown[] {
      return orders.take().filter(({ type }) => type !== 'Quote');
    },
  };
}
