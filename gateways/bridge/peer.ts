// One connection to the bridge: handshake, then requests, fences and queries of an engine, or the
// kill switch of the control link. Made by the bridge process for each socket. Invariants: nothing
// is read before the proof of the secret; an account's requests count only behind a fence of this
// connection; a query gets exactly one end.
import type { Socket } from 'node:net';
import {
  ACTION_PLACE,
  ARM_DISARMED,
  ARM_NAMES,
  LINK_DOWN,
  LINK_FENCED,
  LINK_REFUSED,
  LINK_UP,
  QUERY_BRIDGE,
  QUERY_CASH,
  QUERY_COMPLETE,
  QUERY_FAILED,
  QUERY_ORDERS,
  QUERY_POSITIONS,
  QUERY_TRADES,
} from '../../engine/messages/codes.ts';
import type { FrameMemory } from '../../engine/messages/frames.ts';
import { Arming, Fence, LinkState, Query } from '../../engine/messages/generated/broker.ts';
import { End } from '../../engine/messages/generated/control.ts';
import { Request } from '../../engine/messages/generated/order.ts';
import type { BrokerPort } from '../broker-port.ts';
import type { Bridge } from './bridge.ts';
import * as shake from './handshake.ts';
import type { BridgeStage } from './limits.ts';
import { type ChannelHandler, HEARTBEAT_MS, LinkChannel } from './link-channel.ts';
import { WireFrames } from './wire-frames.ts';

/** An engine that reads nothing costs this much memory and then its connection. */
const BACKLOG_BYTES_MAX = 64 * 1_048_576;

/** What all connections share. */
export interface BridgeHouse {
  readonly secret: string;
  readonly broker: BrokerPort;
  /** By account index; empty until the broker said its day. */
  readonly bridges: readonly Bridge[];
  readonly accounts: readonly string[];
  /** 0 = the broker has not yet said it. */
  readonly day: number;
  readonly brokerUp: boolean;
  log(text: string): void;
  onGone(peer: Peer): void;
  /** The account is this connection's alone from here on. */
  onFenced(peer: Peer, account: number): void;
}

export class Peer implements ChannelHandler {
  readonly wire: WireFrames;
  readonly channel: LinkChannel;
  /** Epoch with which each account was fenced on this connection; 0 = not. */
  readonly epochs: number[];
  readonly #house: BridgeHouse;
  readonly #timer: ReturnType<typeof setTimeout>;
  readonly #nonce = shake.newNonce();
  readonly #request = new Request();
  readonly #fence = new Fence();
  readonly #query = new Query();
  readonly #arming = new Arming();
  /** Stocks of the pilot of each account whose stage this engine tells. */
  readonly #pilots = new Map<string, ReadonlySet<string>>();
  #hello: shake.Hello | null = null;
  #login: shake.Login | null = null;
  /** The control link proved the secret. */
  #isControl = false;
  #isRefused = false;

  constructor(socket: Socket, house: BridgeHouse) {
    this.#house = house;
    this.epochs = house.accounts.map(() => 0);
    this.channel = new LinkChannel(socket, this);
    this.wire = new WireFrames(this.channel);
    this.#timer = setTimeout(() => this.#refuse('no handshake'), shake.HANDSHAKE_MS);
  }

  /** Whether events of the account are for this connection. */
  holds(account: number): boolean {
    const bridge = this.#house.bridges[account];
    const epoch = this.epochs[account];
    return bridge !== undefined && epoch !== 0 && epoch === bridge.journal.fence;
  }

  /** The broker's client connected or lost its connection. */
  onBroker(up: boolean): void {
    if (this.#login === null) return;
    for (const a of this.#house.accounts.keys()) {
      this.epochs[a] = 0;
      this.#sayState(a, up ? LINK_UP : LINK_DOWN);
    }
  }

  onJson(message: unknown): boolean {
    if (this.#hello === null) return this.#onHello(message);
    const kill = shake.killSchema.safeParse(message);
    if (this.#isControl && kill.success) return this.#onKill(kill.data);
    const symbols = shake.symbolsSchema.safeParse(message);
    if (this.#login === null && symbols.success) {
      this.wire.addSymbols(symbols.data.symbols);
      return true;
    }
    const login = shake.loginSchema.safeParse(message);
    if (this.#login === null && login.success) return this.#onLogin(login.data);
    return this.#refuse('a message that is none of the protocol');
  }

  onFrame(type: number, memory: FrameMemory, at: number): boolean {
    if (this.#login === null) return this.#refuse('frames before the login');
    if (this.channel.backlogBytes > BACKLOG_BYTES_MAX) return this.#refuse('reads too slowly');
    if (!this.#house.brokerUp) return true;
    if (type === Request.TYPE) return this.#onRequest(memory, at);
    if (type === Fence.TYPE) this.#onFence(this.#fence.wrap(memory, at));
    else if (type === Query.TYPE) void this.#onQuery(this.#query.wrap(memory, at));
    else if (type === End.TYPE) this.#onEnd(memory, at);
    else if (type === Arming.TYPE) this.#onArming(this.#arming.wrap(memory, at));
    else if (type !== LinkState.TYPE) return this.#refuse(`frame type ${type}`);
    return true;
  }

  onPiece(): void {
    for (const bridge of this.#house.bridges) bridge.commit();
  }

  onClosed(why: string): void {
    clearTimeout(this.#timer);
    if (this.#login !== null) this.#house.log(`engine ${this.#login.engineId} gone: ${why}`);
    else if (!this.#isControl && !this.#isRefused) {
      const hint = this.#hello === null ? 'not a pankou engine?' : 'another secret there?';
      this.#house.log(`a connection left before its proof of the secret (${why}): ${hint}`);
    }
    this.#house.onGone(this);
  }

  #onHello(message: unknown): boolean {
    const hello = shake.helloSchema.safeParse(message);
    if (!hello.success) return this.#refuse('expected a hello of a pankou engine');
    const refusal = shake.refusalOf(hello.data);
    if (refusal !== '') return this.#refuse(refusal);
    this.#hello = hello.data;
    const proof = shake.proofOf(this.#house.secret, 'bridge', this.#nonce, hello.data.nonce);
    this.channel.sendJson({ kind: 'challenge', nonce: this.#nonce, proof });
    return true;
  }

  #onLogin(login: shake.Login): boolean {
    const hello = this.#hello!;
    const { secret, day, accounts } = this.#house;
    const expected = shake.proofOf(secret, hello.role, hello.nonce, this.#nonce);
    if (!shake.isProof(login.proof, expected)) return this.#refuse('wrong secret');
    clearTimeout(this.#timer);
    if (hello.role === 'control') {
      this.#isControl = true;
      this.channel.sendJson({ kind: 'welcome', heartbeatMs: HEARTBEAT_MS });
      return true;
    }
    if (hello.role === 'quotes') return this.#refuse('this bridge gives no quotes, orders only');
    if (day === 0) return this.#refuse('the bridge has not reached its broker yet');
    if (login.day !== day) {
      return this.#refuse(`the broker's trading day is ${day}, the engine's ${login.day}`);
    }
    if (login.accounts.join() !== accounts.join()) {
      const have = `this bridge serves accounts ${accounts.join(', ')} in this order`;
      return this.#refuse(`${have}, the engine has ${login.accounts.join(', ')}`);
    }
    this.#login = login;
    for (const { account, symbols } of login.arming ?? []) {
      this.#pilots.set(account, new Set(symbols));
    }
    this.#house.log(`engine ${login.engineId} connected`);
    this.channel.sendJson({
      ...{ kind: 'welcome', heartbeatMs: HEARTBEAT_MS, nowMs: Date.now() },
      capabilities: [shake.CAPABILITY_ARMING],
    });
    if (this.#house.brokerUp) this.onBroker(true);
    return true;
  }

  #onKill(kill: { account: string; on: boolean }): boolean {
    const { bridges } = this.#house;
    const meant = bridges.filter((b) => kill.account === '*' || b.account === kill.account);
    if (meant.length === 0) return this.#refuse(`no account ${kill.account}, or no day yet`);
    for (const bridge of meant) bridge.kill(kill.on);
    this.channel.sendJson({ kind: 'killed', accounts: meant.map((b) => b.account), on: kill.on });
    return true;
  }

  #onRequest(memory: FrameMemory, at: number): boolean {
    const { account } = this.#request.wrap(memory, at);
    const bridge = this.#house.bridges[account];
    const epoch = this.epochs[account];
    if (bridge === undefined) return this.#refuse(`no account ${account}`);
    // Sent before this connection's fence: the engine asks again what became of it.
    if (epoch === 0) return true;
    const request = this.wire.readRequest(memory, at, epoch);
    if (request === null) return this.#refuse('a request for an instrument it never named');
    bridge.take(request);
    return true;
  }

  #onFence(fence: Fence): void {
    const { account, epoch } = fence;
    const bridge = this.#house.bridges[account];
    if (bridge === undefined) return;
    bridge.commit();
    const taken = bridge.fence(epoch, this.#login!.engineId);
    this.epochs[account] = taken ? epoch : 0;
    // What a dead connection of the same engine still has unread must not be done any more: the
    // engine is about to hear that it never arrived.
    if (taken) {
      this.#house.onFenced(this, account);
      bridge.arm(this.#stageOf(bridge.account, ARM_DISARMED));
    }
    this.#sayState(account, taken ? LINK_FENCED : LINK_REFUSED);
    if (taken) return;
    const { fence: seen, fencedEngine } = bridge.journal;
    const whose = `epoch ${seen} of engine ${fencedEngine} was seen`;
    this.#house.log(`account ${bridge.account}: epoch ${epoch} is refused, ${whose}`);
  }

  /** The engine tells the stage of an account; only the one that holds the fence is heard. */
  #onArming({ account, stage, orderAmountE4, dayAmountE4 }: Arming): void {
    const bridge = this.#house.bridges[account];
    if (bridge === undefined || !this.holds(account)) return;
    const told = this.#stageOf(bridge.account, stage, orderAmountE4, dayAmountE4);
    bridge.arm(told);
    if (told !== null) this.#house.log(`account ${bridge.account} is ${ARM_NAMES[stage] ?? stage}`);
  }

  /** null = the engine tells no stage of this account. */
  #stageOf(account: string, stage: number, orderE4 = 0, dayE4 = 0): BridgeStage | null {
    const symbols = this.#pilots.get(account);
    if (symbols === undefined) return null;
    return { stage, orderAmountE4: orderE4, dayAmountE4: dayE4, symbols };
  }

  /** The account's session ends in order: its day orders are cancelled. */
  #onEnd(memory: FrameMemory, at: number): void {
    const { account } = new End().wrap(memory, at);
    const bridge = this.#house.bridges[account];
    if (bridge === undefined || !this.holds(account)) return;
    bridge.commit();
    bridge.cancelAll();
  }

  async #onQuery(query: Query): Promise<void> {
    const { account, queryNo, kind } = query;
    const bridge = this.#house.bridges[account];
    if (bridge === undefined) return;
    bridge.commit();
    const rows = await this.#answer(bridge, account, queryNo, kind);
    const result = rows < 0 ? QUERY_FAILED : QUERY_COMPLETE;
    this.wire.sayEnd(account, queryNo, kind, result, Math.max(0, rows), this.#house.day);
  }

  /** Sends the rows of a query; how many, or -1 = the broker gave no answer. */
  async #answer(bridge: Bridge, account: number, queryNo: number, kind: number): Promise<number> {
    const { wire } = this;
    const { broker } = this.#house;
    const name = bridge.account;
    if (kind === QUERY_BRIDGE) {
      if (!this.holds(account)) return -1;
      const { orders } = bridge.journal;
      for (const order of orders.values()) {
        wire.sayBridgeRow(account, queryNo, order, ACTION_PLACE);
      }
      return orders.size;
    }
    if (kind === QUERY_ORDERS) {
      const rows = await broker.orders(name);
      for (const row of rows ?? []) {
        wire.sayOrder(account, queryNo, row, bridge.orderOf(row.remark, row.orderNo) ?? null);
      }
      return rows?.length ?? -1;
    }
    if (kind === QUERY_TRADES) {
      const rows = await broker.trades(name);
      for (const row of rows ?? []) {
        wire.sayTrade(account, queryNo, row, bridge.orderOf(row.remark, row.orderNo) ?? null);
      }
      return rows?.length ?? -1;
    }
    if (kind === QUERY_POSITIONS) {
      const rows = await broker.positions(name);
      for (const row of rows ?? []) wire.sayPosition(account, queryNo, row);
      return rows?.length ?? -1;
    }
    const cash = kind === QUERY_CASH ? await broker.cash(name) : null;
    if (cash !== null) wire.sayCash(account, queryNo, cash);
    return cash === null ? -1 : 1;
  }

  #sayState(account: number, state: number): void {
    const epoch = this.#house.bridges[account]?.journal.fence ?? 0;
    this.wire.sayState({ account, state, epoch, day: this.#house.day });
  }

  #refuse(text: string): false {
    clearTimeout(this.#timer);
    this.#isRefused = true;
    this.#house.log(`connection refused: ${text}`);
    this.channel.sendJson({ kind: 'refused', text });
    this.channel.end(text);
    return false;
  }
}
