// What the order manager is given: its rings, and the facts of its account. Read by the assembly,
// which makes them, and by the order manager. Always: arrays by strategy have one order.
import type { ValidationKernel } from '../core/exchange-kernel.ts';
import type { Instrument } from '../core/instrument.ts';
import type { SessionPlan } from '../core/session-plan.ts';
import type { BrokerWordOptions } from './broker-word.ts';
import type { MonoClock } from './clock.ts';
import type { AutoCancel, LinkDownPolicy } from './order-holds.ts';
import type { EventSink, FrameInput, OutPort, Tap } from './port.ts';

export interface OrderManagerPorts {
  readonly quotes: FrameInput;
  /** One of each strategy of this account, same order as `strategies`. */
  readonly intents: readonly FrameInput[];
  /** Orders of people and of programs outside, from the host. */
  readonly desk: FrameInput;
  /** From the gateway. */
  readonly reports: FrameInput;
  /** Commands of people and of the supervisor. */
  readonly control: FrameInput;
  readonly orders: OutPort;
  /** To each strategy, same order as `strategies`. */
  readonly updates: readonly OutPort[];
  readonly events: EventSink;
  readonly tap: Tap;
  readonly clock: MonoClock;
  readonly validate: ValidationKernel;
}

export interface OrderManagerOptions extends BrokerWordOptions {
  readonly day: number;
  readonly epoch: number;
  /** Strategy indices of this account, in port order. */
  readonly strategies: readonly number[];
  /** 1 = cancel the strategy's orders when it fails, by position in `strategies`. */
  readonly cancelOnFailure: readonly boolean[];
  readonly instruments: readonly Instrument[];
  /** The trading day of each instrument. */
  readonly plan: SessionPlan;
  /** INTENT_* marks that orders of the account may have; absent = none. */
  readonly credit?: number;
  /** What becomes of new orders while the link takes none; absent = the gateway refuses them. */
  readonly whileLinkDown?: LinkDownPolicy | undefined;
  /** By position in `strategies`; absent or null = none. */
  readonly autoCancel?: readonly (AutoCancel | null)[];
  /** Held orders that go out within a second; absent = 20. */
  readonly releasesPerSecond?: number;
  /** Strategies know the account's shares of the open; absent = they are told. */
  readonly opensKnown?: boolean;
  /** The broker keeps orders made outside sessions. */
  readonly queuesOutsideSessions?: boolean;
}
