// The way between engine and simulated broker: session, wire and bridge of each account. It takes
// fence, questions and requests, drops and loses what the fault plan says, and answers with rows.
// Called by the world. Invariants: what the bridge has seen outlives every crash of the engine and
// is never placed twice; behind a fence nothing of an older epoch or connection gets through.
import type { OutPort } from '../actors/port.ts';
import { REJECT_LINK_DOWN, REJECT_UNKNOWN_FATE } from '../core/reject-code.ts';
import {
  ACTION_CANCEL,
  BRIDGE_HANDED_OVER,
  LINK_DOWN,
  LINK_FENCED,
  LINK_REFUSED,
  LINK_UP,
  QUERY_BRIDGE,
  QUERY_CASH,
  QUERY_COMPLETE,
  QUERY_FAILED,
  QUERY_ORDERS,
  QUERY_PARTIAL,
  QUERY_POSITIONS,
  QUERY_TRADES,
  REPORT_CANCEL_REJECTED,
  REPORT_REJECTED,
  REPORT_UNKNOWN,
  TRAIT_EXACT,
  TRAIT_FORGETS,
} from '../messages/codes.ts';
import type { FrameMemory } from '../messages/frames.ts';
import { Fence, Query } from '../messages/generated/broker.ts';
import { Request } from '../messages/generated/order.ts';
import { type DeskFrame, DeskWriter } from './desk-writer.ts';
import type { FaultPlan } from './faults.ts';
import { coidKey } from './journal-eye.ts';
import type { Random } from './random.ts';
import { type Asked, isTraceable, type SimBroker } from './sim-broker.ts';

const MS = 1_000_000;
/** Engine time between two Clock frames; a hundredth of production's, as all patience here. */
const CLOCK_NS = 2.5 * MS;
const ROOM = 512;
/** Oldest a counter's cache can be. */
const STALE_NS = 300 * MS;
/** Frames of the desk that one call writes at most. */
const FRAMES_MAX = 16;

/** A request between session and bridge. */
interface OnWire {
  readonly asked: Asked;
  readonly epoch: number;
  readonly session: number;
  /** Process life that sent it. */
  readonly life: number;
  dueNs: number;
}

interface Line {
  connected: boolean;
  /** The engine's session of this connection was fenced. */
  fenced: boolean;
  session: number;
  /** Kept by the bridge: the highest epoch it has seen. */
  epoch: number;
  connectNs: number;
  clockNs: number;
  wire: OnWire[];
  /** Ids the bridge has journaled. */
  readonly bridge: Map<number, Asked>;
  out: DeskFrame[];
  /** What the counter's cache shows, by kind of question, and since when. */
  cache: Map<number, DeskFrame[]>;
  cacheNs: number;
  /** The bridge dies at the next order, between its journal and the broker's answer. */
  bridgeDies: boolean;
}

export class SimDesk {
  /** Requests that reached the session, and frames of a broker's push that went up. */
  requests = 0;
  /** Orders whose fate nobody can prove: only the day's statement would. */
  readonly beyondProof = new Set<number>();
  /** Nothing is dropped, lost or refused any more. */
  calm = false;
  /** Cancels that take their connection down, and all it carries with it, before they arrive. */
  swallows = 0;
  #life = 0;
  readonly #lines: Line[];
  readonly #broker: SimBroker;
  readonly #faults: FaultPlan;
  readonly #random: Random;
  readonly #day: number;
  readonly #writer = new DeskWriter();
  readonly #fence = new Fence();
  readonly #query = new Query();
  readonly #request = new Request();

  constructor(broker: SimBroker, faults: FaultPlan, random: Random, day: number) {
    this.#broker = broker;
    this.#faults = faults;
    this.#random = random;
    this.#day = day;
    this.#lines = broker.ledgers.map(() => ({
      ...{ connected: false, fenced: false, session: 0, epoch: 0, connectNs: 0, clockNs: 0 },
      ...{ wire: [], bridge: new Map(), out: [], cache: new Map(), cacheNs: 0 },
      bridgeDies: false,
    }));
  }

  /** A new engine process: its sessions connect after a while. */
  beginLife(nowNs: number): void {
    this.#life++;
    for (const line of this.#lines) {
      line.connected = false;
      line.fenced = false;
      line.connectNs = nowNs + this.#latency();
    }
  }

  /** The engine process died; what it had on the wire may still come out at the other end. */
  endLife(): void {
    for (const [a, line] of this.#lines.entries()) {
      this.#cut(a, line);
      line.out = [];
      line.connected = false;
    }
  }

  /** A second engine takes over; the first one lives on behind its old connection. */
  splitLife(): void {
    for (const [a, line] of this.#lines.entries()) {
      line.out = [];
      this.#broker.answers[a]!.length = 0;
    }
  }

  /** The bridge's epoch. */
  epochOf(account: number): number {
    return this.#lines[account]!.epoch;
  }

  /** An engine that was replaced sends an order or a cancel over its old connection. */
  takeOld(request: Request, epoch: number, nowNs: number): void {
    const dueNs = nowNs + this.#latency();
    const { wire } = this.#lines[request.account]!;
    wire.push({ asked: copyOf(request), epoch, session: 0, life: 0, dueNs });
  }

  /** Tells such an engine that it is fenced off. */
  refuse(account: number, out: OutPort, nowNs: number): void {
    const { session, epoch } = this.#lines[account]!;
    this.#writer.state(account, LINK_REFUSED, session, epoch, this.#day, 0).write(out, nowNs);
    out.commit();
    out.publish();
  }

  /** Tells it what time it is. */
  tick(out: OutPort, nowNs: number): void {
    this.#writer.clock(out, nowNs);
    out.commit();
    out.publish();
  }

  /** The bridge dies now, or at the next order; its journal is kept. */
  crashBridge(account: number, nowNs: number): void {
    const line = this.#lines[account]!;
    if (this.#random.chance(0.7)) line.bridgeDies = true;
    else this.#killBridge(account, line, nowNs);
  }

  #killBridge(account: number, line: Line, nowNs: number): void {
    line.bridgeDies = false;
    this.drop(account, nowNs);
    line.wire = [];
  }

  /** The link goes, for `awayNs` or by chance; then half of the time nobody says so before UP. */
  drop(account: number, nowNs: number, awayNs = 0): void {
    const line = this.#lines[account]!;
    if (!line.connected || this.#broker.pack.inside) return;
    this.#cut(account, line);
    line.connected = false;
    line.connectNs = nowNs + Math.max(awayNs, this.#random.between(1, 150) * MS);
    if (awayNs > 0 || this.#random.chance(0.5)) this.#say(account, line, LINK_DOWN, nowNs);
  }

  #cut(account: number, line: Line): void {
    line.fenced = false;
    line.out = line.out.filter((frame) => frame.isLocal);
    if (this.#broker.pack.inside) line.wire = [];
    else this.#broker.answers[account]!.length = 0;
    // What is on the wire is lost, or hangs in a buffer and comes out later, behind a new fence.
    line.wire = line.wire.filter(() => this.#random.chance(0.7));
    for (const sent of line.wire) sent.dueNs += this.#random.below(300) * MS;
  }

  /** Whether something is on its way that nothing else waits for. */
  get busy(): boolean {
    return this.#lines.some((line) => !line.fenced || line.wire.length > 0);
  }

  /** Whether rows or states are on their way to a gateway link. */
  get talks(): boolean {
    return this.#lines.some((line) => line.out.length > 0);
  }

  /** A frame of a gateway link; true when it was a request. */
  take(type: number, memory: FrameMemory, at: number, nowNs: number): boolean {
    if (type === Fence.TYPE) this.#onFence(this.#fence.wrap(memory, at), nowNs);
    else if (type === Query.TYPE) this.#onQuery(this.#query.wrap(memory, at), nowNs);
    if (type !== Request.TYPE) return false;
    this.requests++;
    this.#onRequest(this.#request.wrap(memory, at), nowNs);
    return true;
  }

  #onFence(fence: Fence, nowNs: number): void {
    const line = this.#lines[fence.account]!;
    if (!line.connected) return;
    if (fence.epoch < line.epoch) {
      this.#say(fence.account, line, LINK_REFUSED, nowNs);
      return;
    }
    line.epoch = fence.epoch;
    line.fenced = true;
    this.#say(fence.account, line, LINK_FENCED, nowNs + this.#latency());
  }

  #onRequest(request: Request, nowNs: number): void {
    const { account } = request;
    const line = this.#lines[account]!;
    const asked = copyOf(request);
    if (!line.connected || !line.fenced) {
      const kind = asked.action === ACTION_CANCEL ? REPORT_CANCEL_REJECTED : REPORT_REJECTED;
      const refusal = this.#writer.refusal(asked, kind, REJECT_LINK_DOWN);
      refusal.isLocal = true;
      this.#push(line, refusal, nowNs);
      return;
    }
    if (this.#broker.pack.inside) {
      this.#reach(line, asked, nowNs);
      return;
    }
    const { session, epoch } = line;
    const before = line.wire.at(-1)?.dueNs ?? 0;
    const slow = this.#random.chance(0.1) ? this.#random.below(40) * MS : 0;
    const dueNs = Math.max(before, nowNs + slow + this.#latency());
    line.wire.push({ asked, epoch, session, life: this.#life, dueNs });
    if (asked.action !== ACTION_CANCEL || this.swallows === 0 || this.calm) return;
    this.swallows--;
    this.drop(account, nowNs);
    line.wire = [];
  }

  /** The bridge: fenced, of this connection, not seen before; then journaled and handed over. */
  #reach(line: Line, asked: Asked, nowNs: number): void {
    const key = coidKey(asked.coidA, asked.coidC);
    const isNew = asked.action !== ACTION_CANCEL && !line.bridge.has(key);
    if (isNew) line.bridge.set(key, asked);
    const order = this.#broker.byKey.get(key);
    if (asked.action !== ACTION_CANCEL && !isNew && !(order && isTraceable(order))) {
      // In its journal, and it never learned what came of it: never handed over again.
      const unknown = this.#writer.refusal(asked, REPORT_UNKNOWN, REJECT_UNKNOWN_FATE);
      this.#push(line, unknown, nowNs + this.#latency());
      return;
    }
    const dies = isNew && line.bridgeDies && !this.calm && !this.#broker.pack.inside;
    // F19: dead before the call, it leaves a record of an order that never was; dead behind it, one
    // whose number it never learned.
    if (dies && this.#random.chance(0.4)) this.beyondProof.add(key);
    else this.#broker.receive(asked, nowNs);
    if (dies) this.#loseNumber(line, key, nowNs);
  }

  #loseNumber(line: Line, key: number, nowNs: number): void {
    const order = this.#broker.byKey.get(key);
    const { account } = line.bridge.get(key)!;
    if (order !== undefined) order.isBound = false;
    if (order !== undefined && !order.hasRemark) {
      this.#broker.ledgers[account]!.misled = true;
      this.beyondProof.add(key);
    }
    this.#killBridge(account, line, nowNs);
  }

  /** Time passes: connections come up, requests arrive; how many. */
  work(nowNs: number): number {
    let arrived = 0;
    for (const [a, line] of this.#lines.entries()) {
      if (!line.connected && nowNs >= line.connectNs) this.#connect(a, line, nowNs);
      const due = line.wire.filter((sent) => sent.dueNs <= nowNs);
      if (due.length === 0) continue;
      line.wire = line.wire.filter((sent) => sent.dueNs > nowNs);
      for (const { asked, epoch, session, life } of due) {
        arrived++;
        // An older epoch is behind the fence; a process's older connection is closed.
        if (epoch < line.epoch || (life === this.#life && session !== line.session)) continue;
        const key = coidKey(asked.coidA, asked.coidC);
        const isKnown = this.#broker.byKey.has(key);
        this.#reach(line, asked, nowNs);
        // Of an engine that was replaced, and without remark: its successor cannot know it.
        const order = this.#broker.byKey.get(key);
        if (life !== 0 || isKnown || order?.hasRemark !== false) continue;
        order.isBound = false;
        this.beyondProof.add(key);
      }
    }
    return arrived;
  }

  #connect(account: number, line: Line, nowNs: number): void {
    line.connected = true;
    line.session++;
    this.#say(account, line, LINK_UP, nowNs);
    if (line.session > 1 && this.#broker.pack.repeats) this.#broker.replay(account, nowNs);
  }

  #say(account: number, line: Line, state: number, dueNs: number): void {
    const { session, epoch } = line;
    const traits = this.#broker.pack.inside ? TRAIT_EXACT | TRAIT_FORGETS : 0;
    const frame = this.#writer.state(account, state, session, epoch, this.#day, traits);
    frame.isLocal = state === LINK_UP || state === LINK_DOWN;
    this.#push(line, frame, dueNs);
  }

  /** Frames of a line keep their order. */
  #push(line: Line, frame: DeskFrame, dueNs: number): void {
    frame.dueNs = Math.max(dueNs, line.out.at(-1)?.dueNs ?? 0);
    line.out.push(frame);
  }

  #onQuery(query: Query, nowNs: number): void {
    const { account, queryNo, kind } = query;
    const line = this.#lines[account]!;
    if (!line.connected) return;
    const dueNs = nowNs + this.#latency();
    if (this.#draws('query-silent', 0.2)) return;
    const end = (result: number, rows: number, day = this.#day): DeskFrame =>
      this.#writer.end(account, queryNo, kind, result, rows, day);
    if (this.#draws('query-none', 0.35)) {
      this.#push(line, end(QUERY_FAILED, 0), dueNs);
      return;
    }
    const isBrokers = kind !== QUERY_BRIDGE;
    const isOld = isBrokers && this.#draws('query-yesterday', 0.35);
    let rows = isBrokers ? this.#cached(kind, account, nowNs) : this.#rows(kind, account);
    if (isOld) rows = this.#yesterday(kind, account);
    let result = QUERY_COMPLETE;
    if (isBrokers && this.#draws('query-partial', 0.35)) {
      rows = rows.filter(() => this.#random.chance(0.5));
      // A counter that knows its list is cut says so; others do not know it themselves.
      if (this.#random.chance(0.5)) result = QUERY_PARTIAL;
    }
    for (const row of rows) this.#push(line, row.again(queryNo), dueNs);
    this.#push(line, end(result, rows.length, isOld ? this.#day - 1 : this.#day), dueNs);
  }

  /** Q9: the counter answers from a cache that it refreshes now and then, all lists at once. */
  #cached(kind: number, account: number, nowNs: number): DeskFrame[] {
    const line = this.#lines[account]!;
    const oldNs = this.calm ? 0 : this.#faults.strength('query-stale') * STALE_NS;
    if (nowNs - line.cacheNs >= oldNs) {
      const kinds = [QUERY_ORDERS, QUERY_TRADES, QUERY_POSITIONS, QUERY_CASH];
      line.cache = new Map(kinds.map((each) => [each, this.#rows(each, account)]));
      line.cacheNs = nowNs;
    }
    return line.cache.get(kind) ?? [];
  }

  /** The list of the day before: an order that nobody knows today. */
  #yesterday(kind: number, account: number): DeskFrame[] {
    const ids = { key: -1, account, idA: 0, idB: 0, idC: 0, strategy: 0, external: true };
    const facts = { instrument: 0, side: 1, kind: 1, priceE4: 10_000, holdE4: 10_000, qty: 100 };
    const fill = { fillNo: 1_000_000 + account, priceE4: 10_000, qty: 100 };
    const done = { state: 'filled' as const, filled: 100, amountE4: 1_000_000, fills: [fill] };
    const rest = { forgotten: false, cancels: 0, hasRemark: true, isBound: true };
    const order = { ...ids, ...facts, ...done, ...rest, no: 1_000_000 + account };
    if (kind === QUERY_ORDERS) return [this.#writer.order(order)];
    return kind === QUERY_TRADES ? [this.#writer.trade(order, fill)] : [];
  }

  #rows(kind: number, account: number): DeskFrame[] {
    const ledger = this.#broker.ledgers[account]!;
    const writer = this.#writer;
    const listed = ledger.orders.filter((order) => !order.forgotten);
    switch (kind) {
      case QUERY_BRIDGE:
        return [...this.#lines[account]!.bridge].map(([key, asked]) => {
          const order = this.#broker.byKey.get(key);
          const no = order?.isBound ? order.no : 0;
          return writer.bridge(asked, BRIDGE_HANDED_OVER, no);
        });
      case QUERY_ORDERS:
        return listed.map((order) => writer.order(order));
      case QUERY_TRADES:
        return listed.flatMap((order) => order.fills.map((fill) => writer.trade(order, fill)));
      case QUERY_POSITIONS:
        return ledger.openingQty.map((_, i) => writer.position(account, i, ledger.qty(i)));
      case QUERY_CASH:
        return [writer.cash(account, ledger.cashE4())];
      default:
        return [];
    }
  }

  /** Whether the broker's pushes reach the engine now. */
  hears(account: number): boolean {
    return this.#lines[account]!.connected;
  }

  /** Puts what is due into the ring to the gateway; frames written. */
  give(account: number, out: OutPort, nowNs: number): number {
    const line = this.#lines[account]!;
    let given = 0;
    const silent = nowNs < this.#broker.silentUntilNs;
    while (given < FRAMES_MAX && out.room() >= ROOM && !silent) {
      const frame = line.out[0];
      if (frame === undefined || frame.dueNs > nowNs) break;
      line.out.shift();
      frame.write(out, nowNs);
      out.commit();
      given++;
    }
    // A session tells the time when nothing else moves: not behind frames that nobody has read.
    const isRead = out.room() + ROOM >= out.capacityBytes;
    const clocks = line.connected && !this.#broker.pack.inside && given === 0 && isRead;
    if (clocks && nowNs - line.clockNs >= CLOCK_NS && out.room() >= ROOM) {
      line.clockNs = nowNs;
      this.#writer.clock(out, nowNs);
      out.commit();
      given++;
    }
    if (given > 0) out.publish();
    return given;
  }

  /** Of the wire, and of a question: shorter than that of a counter's pushes. */
  #latency(): number {
    const { inside, delayMs } = this.#broker.pack;
    return inside ? 0 : this.#random.below((delayMs * MS) / 5 + 1);
  }

  #draws(name: Parameters<FaultPlan['strength']>[0], most: number): boolean {
    if (this.calm || this.#broker.pack.inside) return false;
    return this.#random.chance(this.#faults.strength(name) * most);
  }
}

function copyOf(r: Request): Asked {
  const { account, action, coidA, coidB, coidC, strategy, instrument, side, kind, priceE4, qty } =
    r;
  return { account, action, coidA, coidB, coidC, strategy, instrument, side, kind, priceE4, qty };
}
