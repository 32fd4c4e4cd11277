// What the time between a mended link and the first order behind it is spent on, as heard on the
// wire itself. Told by link-proxy.ts what passes, asked by link-times.ts. Always: listens only;
// the parts are those of the one connection that brought an order, in the order of docs/BRIDGE.md.
import {
  ACTION_PLACE,
  LINK_FENCED,
  QUERY_BRIDGE,
  QUERY_CASH,
  QUERY_FAILED,
  QUERY_ORDERS,
  QUERY_POSITIONS,
  QUERY_TRADES,
} from '../../engine/messages/codes.ts';
import type { FrameMemory } from '../../engine/messages/frames.ts';
import { LinkState, Query, QueryEnd } from '../../engine/messages/generated/broker.ts';
import { Request } from '../../engine/messages/generated/order.ts';
import { type LinkHandler, LinkReader } from '../../engine/messages/link-format.ts';

/** ms, but for the two counts. */
export interface Parts {
  /** Until the engine says hello over a connection that passes. */
  readonly reconnect: number;
  /** Hello, proof, login, fence. */
  readonly login: number;
  /** The bridge's journal, row by row. */
  readonly journal: number;
  /** Orders and trades until they are believed, with the pauses between. */
  readonly rounds: number;
  readonly askedRounds: number;
  /** Answers of orders and trades that were none (None of the client, a time-out). */
  readonly failedAnswers: number;
  /** Positions and cash. */
  readonly statement: number;
  /** Until the strategy, told that it may, has an order on the wire. */
  readonly order: number;
}

export class LinkSteps {
  #mendedAt = 0;
  #parts: Parts | null = null;

  /** The link passes again: what follows counts. */
  begin(atMs: number): void {
    this.#mendedAt = atMs;
    this.#parts = null;
  }

  /** Of the recovery since `begin`; null = there was none, or no order yet. */
  get parts(): Parts | null {
    return this.#parts;
  }

  /** A connection of the engine; told the bytes of both ends. */
  connection(): ConnectionEar {
    return new ConnectionEar((ear) => this.#onOrder(ear));
  }

  #onOrder(ear: ConnectionEar): void {
    const from = this.#mendedAt;
    if (from === 0 || this.#parts !== null || ear.fencedAt < from) return;
    const helloAt = Math.max(from, ear.helloAt);
    this.#parts = {
      reconnect: helloAt - from,
      login: ear.fencedAt - helloAt,
      journal: ear.journalAt - ear.fencedAt,
      rounds: ear.believedAt - ear.journalAt,
      askedRounds: ear.askedRounds,
      failedAnswers: ear.failedAnswers,
      statement: ear.statedAt - ear.believedAt,
      order: performance.now() - ear.statedAt,
    };
  }
}

class ConnectionEar {
  helloAt = 0;
  fencedAt = 0;
  journalAt = 0;
  believedAt = 0;
  statedAt = 0;
  askedRounds = 0;
  failedAnswers = 0;
  readonly #onOrder: (ear: ConnectionEar) => void;
  readonly #ofEngine = new LinkReader();
  readonly #ofBridge = new LinkReader();
  readonly #query = new Query();
  readonly #end = new QueryEnd();
  readonly #state = new LinkState();
  readonly #request = new Request();
  #hasTraded = false;

  constructor(onOrder: (ear: ConnectionEar) => void) {
    this.#onOrder = onOrder;
  }

  fromEngine(bytes: Uint8Array): void {
    if (this.helloAt === 0) this.helloAt = performance.now();
    if (!this.#hasTraded) this.#ofEngine.push(bytes, this.#engine);
  }

  fromBridge(bytes: Uint8Array): void {
    if (!this.#hasTraded) this.#ofBridge.push(bytes, this.#bridge);
  }

  readonly #engine: LinkHandler = {
    onJson: () => true,
    onFrame: (type: number, memory: FrameMemory, at: number): boolean => {
      if (type === Query.TYPE) this.#onAsked(this.#query.wrap(memory, at).kind);
      else if (type === Request.TYPE && this.#request.wrap(memory, at).action === ACTION_PLACE) {
        this.#hasTraded = true;
        this.#onOrder(this);
      }
      return true;
    },
  };

  readonly #bridge: LinkHandler = {
    onJson: () => true,
    onFrame: (type: number, memory: FrameMemory, at: number): boolean => {
      if (type === QueryEnd.TYPE) this.#onEnded(this.#end.wrap(memory, at));
      else if (type === LinkState.TYPE && this.#state.wrap(memory, at).state === LINK_FENCED) {
        this.fencedAt = performance.now();
      }
      return true;
    },
  };

  #onAsked(kind: number): void {
    if (kind === QUERY_ORDERS) this.askedRounds++;
    // What the engine has believed it goes on from.
    else if (kind === QUERY_POSITIONS) this.believedAt = performance.now();
  }

  #onEnded({ kind, result }: QueryEnd): void {
    const isList = kind === QUERY_ORDERS || kind === QUERY_TRADES;
    if (isList && result === QUERY_FAILED) this.failedAnswers++;
    if (kind === QUERY_BRIDGE && this.journalAt === 0) this.journalAt = performance.now();
    else if (kind === QUERY_CASH) this.statedAt = performance.now();
    else if (kind === QUERY_TRADES && this.believedAt === 0) this.statedAt = performance.now();
  }
}
