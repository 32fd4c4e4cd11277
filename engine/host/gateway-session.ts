// The contract of a gateway session: what stands behind the rings of the gateway links. The link
// I/O thread runs it; engine actors see only the rings. gateways/<name>/session.ts implements it
// and is loaded by the path the topology names, so the engine imports no gateway.
// A session is dumb: it says what it knows and refuses what it must; the gateway link decides.
// Invariants every session keeps: an id it has seen is refused, never sent again; every request
// gets at least one report; a fill names its order by client order id and carries a number that
// is unique in account, instrument, side and day; what is unknown is said to be unknown.

// From the link, by account: Request, End, Fence, Query, LinkState. To the link: Report, Fill,
// LinkState, BridgeRow, BrokerOrder, BrokerTrade, BrokerPosition, BrokerCash, QueryEnd, Clock.
//
//  session                           gateway link
//  LinkState UP ────────────────────▶          connected; `sessionNo` raised, TRAIT_* said
//               ◀──────────── Fence(epoch)     the bridge stores the epoch before it answers
//  LinkState FENCED ────────────────▶          lower epochs are refused from here on
//  (LinkState REFUSED: it has seen a higher one; nothing but cancels of that epoch passes)
//               ◀──────────── Query            BRIDGE, ORDERS, TRADES, later POSITIONS, CASH
//  rows, QueryEnd ──────────────────▶          every query gets exactly one QueryEnd
//               ◀──────────── LinkState READY  the link reconciled: requests follow
//  LinkState DOWN ──────────────────▶          the connection went; UP starts it all again
//
// * It speaks first: LinkState UP after onStart, or as soon as it is connected.
// * Only BEHIND its QueryEnd does a complete answer say anything about what is not in it.
//   "None", an error and a timeout are QUERY_FAILED; a list that may lack rows is QUERY_PARTIAL.
//   `rows` counts the rows sent; `day` is the broker's day of the answer, 0 = it does not say.
// * BrokerOrder and BrokerTrade rows carry the broker's order number (never 0), the same number
//   that Reports carry; their coid is all zero when the remark is missing, altered or not ours.
// * QUERY_BRIDGE: one row for each client order id the bridge's journal knows of the day, also
//   those it refused. Behind a fence a missing row proves that the id was never handed over, so
//   a session whose bridge keeps no flushed journal answers QUERY_FAILED. Answering it with
//   QUERY_COMPLETE is that promise.
// * A Request that it takes while not connected, or before the fence, is not kept for later: Report
//   REJECTED (a cancel: CANCEL_REJECTED) with REJECT_LINK_DOWN. It was never handed over.
// * Requests of an epoch below the fence are refused: Report REJECTED (a cancel: CANCEL_REJECTED)
//   with REJECT_FENCED. An id seen before is never sent again: the state it has is reported.
// * eventNs of every frame is engine time and never goes back. While connected and nothing else
//   is said, a Clock frame (307) goes to every link at least each 250 ms of engine time: the
//   links have no clock of their own. A Clock says that time passes, not that the broker lives.
// * TRAIT_EXACT: broker and engine are one process; no Clock needed, no timeout, one snapshot.
//   TRAIT_FORGETS: the broker died with the process life before; what it does not list, ended.
// * A full ring: it stops reading its socket and goes on later; nothing is dropped.
import type { Agent } from '../actors/agent.ts';
import type { FrameInput, OutPort } from '../actors/port.ts';
import type { BarBlocks } from '../core/bar-blocks.ts';
import type { Tables } from '../core/tables.ts';
import type { KernelOptions, Kernels } from './kernels.ts';
import type { EngineSetup } from './setup.ts';

/** Decides when the next market event may be released. */
export interface Pacer {
  /** Whether an event of engine time `eventNs` may be released now. */
  mayRelease(eventNs: number): boolean;
}

/** The rings of a session. */
export interface SessionPorts {
  /** From each gateway link, and to it (reports, rows, states), by account index. */
  readonly requests: readonly FrameInput[];
  readonly reports: readonly OutPort[];
  /** To the feed handler. */
  readonly market: OutPort;
  /** End frames of the supervisor. */
  readonly control: FrameInput;
  readonly pacer: Pacer;
  /** Host times at which progress is told to people; null = nobody asks. */
  readonly onProgress: ((fraction: number, text: string) => void) | null;
  /** Where tables of a day come from; absent = new ones. */
  readonly tables?: Tables;
  /** Kernels for this thread; absent = loadKernels(). */
  readonly kernels?: (options: KernelOptions) => Kernels;
  /** Where bars of one moment lie, to be told as one; absent = each is told. */
  readonly blocks?: BarBlocks;
}

/** How far one instrument's day with own orders in it has left its recording; volumes in shares. */
export interface StreamDivergence {
  readonly instrument: string;
  /** Trades of the recording so far. */
  readonly recordedTrades: number;
  /** Trades with own orders. */
  readonly ownTrades: number;
  readonly ownQty: number;
  /** Recorded trades that did not happen, and trades between real orders that were not recorded. */
  readonly lostTrades: number;
  readonly lostQty: number;
  readonly newTrades: number;
  readonly newQty: number;
  /** Real orders that traded less, or more, than in history; shares that the former lack. */
  readonly ordersLess: number;
  readonly ordersMore: number;
  readonly displacedQty: number;
  /** Real cancels whose order had traded, or had other shares left than recorded. */
  readonly cancelsOfGone: number;
  readonly cancelsOfOtherQty: number;
  /** Real orders that the changed book had no room for. */
  readonly refusedOrders: number;
  /** Recorded trades that do not follow from the recorded orders, own orders apart. */
  readonly unexplained: number;
  /** Engine time of the first difference; -1 = none. */
  readonly firstNs: number;
}

export interface GatewaySession extends Agent {
  /** Market events released, and requests received, so far. */
  readonly eventCount: number;
  readonly received: number;
  readonly ended: boolean;
  /** Engine time of the last market event. */
  readonly nowNs: number;
  /** What went wrong without stopping anything, one line each. */
  problems(): readonly string[];
  /** By instrument with an order stream that is matched anew; absent = no such world. */
  divergence?(): readonly StreamDivergence[];
}

/** What gateways/<name>/session.ts exports. */
export interface SessionModule {
  createSession(setup: EngineSetup, ports: SessionPorts): Promise<GatewaySession>;
}
