// Everything an engine is built from, as plain data: made once from configuration and market data,
// handed to every thread, written beside a recording and read back by its replay.
// Invariant: two engines with equal setups and equal inputs reach equal state hashes.
import type { AutoCancel, LinkDownPolicy } from '../actors/order-holds.ts';
import type { EventContent } from '../backtest/data/frequency.ts';
import type { Latency } from '../backtest/latency.ts';
import type { ArmingSetup } from '../core/arming.ts';
import type { BookWindow } from '../core/book-builder.ts';
import type { ChannelName } from '../core/channel-table.ts';
import type { RecordList } from '../core/exchange-kernel.ts';
import type { FeeSchedule } from '../core/fees.ts';
import type { Instrument } from '../core/instrument.ts';
import type { LinkOptions } from '../core/link-options.ts';
import type { RuleEntries } from '../core/risk/rule-entry.ts';
import type { ExpectedMovement } from '../core/statement.ts';
import type { DayPlace } from '../core/strategy-kit.ts';
import type { FlushPolicy } from '../journal/writer.ts';
import type { ClockSetting } from './market-clock.ts';

export interface SetupPosition {
  readonly instrument: number;
  readonly qty: number;
  /** Average price paid. */
  readonly costE4: number;
  /** What all of it cost, where that is known to the fen; absent = costE4 x qty. */
  readonly costAmountE4?: number;
  /** Shares that may be sold from the open; absent = all. */
  readonly sellableQty?: number;
}

/** What a strategy (or the desk) brings into the day of an instrument. */
export interface SetupBook {
  /** Strategy index; DESK_STRATEGY = the desk, whose line comes behind those of strategies. */
  readonly strategy: number;
  readonly instrument: number;
  readonly qty: number;
  readonly costAmountE4: number;
  /** Trading days the account holds it; -1 = not known. */
  readonly heldDays: number;
}

export interface SetupAccount {
  readonly id: string;
  readonly cashE4: number;
  readonly positions: readonly SetupPosition[];
  /** Whose they are; absent = the desk's. */
  readonly books?: readonly SetupBook[];
  /** By instrument. */
  readonly fees: readonly FeeSchedule[];
  /** Journal of this account; '' = none (a backtest). */
  readonly journalDir: string;
  /** How patient its link is; absent = LINK_DEFAULTS. */
  readonly link?: LinkOptions;
  /** INTENT_* marks that its orders may have; absent = none. */
  readonly credit?: number;
  /** What becomes of new orders while its link takes none; absent = they are refused. */
  readonly whileLinkDown?: LinkDownPolicy;
  /** Stage and pilot of an account behind a real broker; absent = it needs none. */
  readonly arming?: ArmingSetup;
  /** Dividends, bonus shares, transfers ... that its statement may show; absent = none. */
  readonly expected?: readonly ExpectedMovement[];
}

export interface SetupStrategy {
  readonly name: string;
  /** Absolute path. */
  readonly file: string;
  /** Account index. */
  readonly account: number;
  /** Instrument indices it was given. */
  readonly own: readonly number[];
  /** As configured; checked against the strategy's declaration when it is loaded. */
  readonly params: Readonly<Record<string, number | boolean | string>>;
  readonly cancelOnFailure: boolean;
  /** Codes of the rules of risk it breaches as it would start: it does not; absent = none. */
  readonly barred?: readonly number[];
  /** Cancels without being asked; absent = none. */
  readonly autoCancel?: AutoCancel;
  /** It has hooks for single orders or trades of the feed. */
  readonly orderEvents?: boolean;
  /** What an earlier life of it saved; absent = nothing. */
  readonly saved?: string;
  /** Where what it saves is written, absolute; absent = nowhere. */
  readonly stateFile?: string;
}

export interface SyntheticSource {
  readonly kind: 'synthetic';
  readonly seed: number;
  readonly instruments: readonly {
    readonly symbol: string;
    readonly preCloseE4: number;
    readonly volatility: number;
    readonly eventsPerSecond: number;
  }[];
}

export interface FileSource {
  readonly kind: 'files';
  /** Overlays of the rule book, absolute paths of files. */
  readonly rules: readonly string[];
  readonly path: string;
  readonly instruments: readonly string[];
  readonly day: number;
  readonly skipBadRows: boolean;
  /** Which events are wanted; absent = all. */
  readonly contents?: readonly EventContent[];
}

/** Live quotes of a bridge beside a broker's client. */
export interface BridgeSource {
  readonly kind: 'bridge';
  readonly address: string;
  /** Absolute; the secret itself stays in its file. */
  readonly secretFile: string;
  readonly clock: ClockSetting;
  /** The bridge plays a day that is not now. */
  readonly isRehearsal: boolean;
  /** End of the session. */
  readonly untilNs: number;
  /** Where quotes are recorded: a store of day files, absolute. */
  readonly store: string;
}

export interface EngineSetup {
  /**
   * Phases of the market and bars of one moment go to strategy and OMS whole (backtests of bars,
   * whose runner gives the OMS what it looks at); absent = a tick and a quote of each instrument.
   */
  readonly wholePhases?: boolean;
  readonly engineVersion: string;
  readonly name: string;
  readonly day: number;
  readonly pace: 'realtime' | 'lockstep';
  readonly speed: number;
  readonly instruments: readonly Instrument[];
  /** What validation kernels are told, by instrument: one record for OMS and exchange. */
  readonly kernelRules: RecordList;
  readonly windows: readonly BookWindow[];
  /** Book orders of one instrument at once. */
  readonly quota: number;
  /** Every order is published in full (SZSE, synthetic), not only what rests (SSE); of all
   *  instruments, or by index. */
  readonly fullStream: boolean | readonly boolean[];
  /** Channel sequences have no holes. */
  readonly contiguous: boolean;
  /** Channels of which that is so although it is not of all. */
  readonly wholeChannels?: readonly ChannelName[];
  readonly accounts: readonly SetupAccount[];
  readonly strategies: readonly SetupStrategy[];
  /** Rules of risk in force at the start. */
  readonly risk: RuleEntries;
  readonly source: SyntheticSource | FileSource | BridgeSource;
  /** Instruments that nobody may trade today, whatever limits say; absent = none. */
  readonly barred?: readonly number[];
  /** Folder name under gateways/. */
  readonly gateway: string;
  /** The broker keeps orders made outside sessions, so the OMS need not hold them. */
  readonly queuesOutsideSessions?: boolean;
  /** Where the bridge is, for gateway 'bridge'; the secret itself stays in its file. */
  readonly bridge?: { readonly address: string; readonly secretFile: string };
  readonly flush: FlushPolicy;
  readonly segmentBytes: number;
  readonly recording: boolean;
  /** Epoch of this process life by account; 1 for a backtest. */
  readonly epochs: readonly number[];
  /** Events before this engine time were traded on in an earlier life; 0 = start at the open. */
  readonly skipUntilNs: number;
  /** Where the day stands in its week and month; absent = the calendar does not know. */
  readonly dayPlace?: DayPlace;
  /** Bytes of the rings between actors, at least; tests make them small. */
  readonly ringScale: number;
  /** How own orders meet an order stream: matched anew with it, or at the touch; absent = matched,
   *  but for a synthetic market by the clock. */
  readonly world?: 'orders' | 'touch';
  /** Where a resting order stands in a queue that only pictures show; absent = prob. */
  readonly queue?: 'prob' | 'pro-rata' | 'front';
  /** Share of a bar's volume that own orders may trade; absent = 0.1. */
  readonly barShare?: number;
  /** How late data, orders and reports are; absent = not at all. */
  readonly latency?: Latency;
  /** Recorded orders that never arrive, by instrument: numbers of the feed (leave-one-out). */
  readonly withheld?: readonly (readonly number[])[];
  /** Orders an account may make in this run, default ORDERS_MAX; the simulator's days are short. */
  readonly ordersMax?: number;
}
