// The contract of a gateway session: what stands behind the rings of the gateway links. The link
// I/O thread runs it; engine actors see only the rings. gateways/<name>/session.ts implements it
// and is loaded by the path the topology names, so the engine imports no gateway.
// Invariants every session keeps: an id it has seen is refused, never sent again; every request
// gets at least one report; a fill names its order by client order id and carries a number that
// is unique in account and day; what is unknown is said to be unknown.
import type { Agent } from '../actors/agent.ts';
import type { FrameInput, OutPort } from '../actors/port.ts';
import type { EngineSetup } from './setup.ts';

/** Decides when the next market event may be released. */
export interface Pacer {
  /** Whether an event of engine time `eventNs` may be released now. */
  mayRelease(eventNs: number): boolean;
}

/** The rings of a session. */
export interface SessionPorts {
  /** Requests of each account's gateway link, and reports to it, by account index. */
  readonly requests: readonly FrameInput[];
  readonly reports: readonly OutPort[];
  /** To the feed handler. */
  readonly market: OutPort;
  /** End frames of the supervisor. */
  readonly control: FrameInput;
  readonly pacer: Pacer;
  /** Host times at which progress is told to people; null = nobody asks. */
  readonly onProgress: ((fraction: number, text: string) => void) | null;
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
}

/** What gateways/<name>/session.ts exports. */
export interface SessionModule {
  createSession(setup: EngineSetup, ports: SessionPorts): Promise<GatewaySession>;
}
