// A quote bridge for tests: plays a scripted or drawn day as live, at a speed, over the real
// protocol. Used by tests of the live market and by hand rehearsals. Whole, but no broker's client
// stands behind it. Always: a quote is sent when the clock it tells reaches its time; who connects
// gets the newest quote of every instrument first, as a client's subscription does.
import { createServer, type Server, type Socket } from 'node:net';
import { MarketClock } from '../../../engine/host/market-clock.ts';
import { PHASE_CONTINUOUS } from '../../../engine/messages/codes.ts';
import { FrameMemory } from '../../../engine/messages/frames.ts';
import { SnapshotTick } from '../../../engine/messages/generated/market.ts';
import { targetOf } from '../../../gateways/bridge/address.ts';
import * as shake from '../../../gateways/bridge/handshake.ts';
import { type ChannelHandler, LinkChannel } from '../../../gateways/bridge/link-channel.ts';
import * as say from '../../../gateways/bridge/quotes/quote-messages.ts';

/** One picture; what is absent is 0. Levels are [priceE4, shares], best first. */
export interface TestQuote {
  readonly symbol: string;
  /** Exchange time, ns since midnight China time. */
  readonly ns: number;
  readonly phase?: number;
  readonly lastE4?: number;
  readonly preCloseE4?: number;
  readonly openE4?: number;
  readonly highE4?: number;
  readonly lowE4?: number;
  readonly volume?: number;
  readonly amountE4?: number;
  readonly bids?: readonly (readonly [number, number])[];
  readonly asks?: readonly (readonly [number, number])[];
}

export interface QuoteServerOptions {
  readonly address: string;
  readonly secret: string;
  readonly day: number;
  /** What the client says of each symbol it knows. */
  readonly details: readonly Partial<say.Detail>[];
  readonly quotes: readonly TestQuote[];
  /** Time of day at which the clock stands until quotes are asked for, and its speed then. */
  readonly startNs: number;
  readonly speed: number;
  /** Default true: the day is not now. */
  readonly rehearsal?: boolean;
  /** Its clock is off by this much, ms. */
  readonly offsetMs?: number;
}

export class QuoteServer {
  readonly options: QuoteServerOptions;
  connections = 0;
  /** Details that changed since the start, by symbol. */
  readonly changed = new Map<string, Partial<say.Detail>>();
  /** Nothing is sent while true (a subscription that stopped silently). */
  isMute = false;
  clock: MarketClock;
  readonly #server: Server;
  readonly #peers = new Set<QuotePeer>();
  #timer: NodeJS.Timeout | undefined;
  #sent = 0;

  constructor(options: QuoteServerOptions) {
    this.options = options;
    this.clock = new MarketClock();
    this.#server = createServer((socket) => {
      this.connections++;
      this.#peers.add(new QuotePeer(socket, this));
    });
  }

  async listen(): Promise<void> {
    await new Promise<void>((done, fail) => {
      this.#server.once('error', fail);
      this.#server.listen(targetOf(this.options.address), done);
    });
    const { day, startNs } = this.options;
    const midnightMs = -new MarketClock().nsOn(day, 0) / 1e6;
    const marketMs = midnightMs + startNs / 1e6;
    this.clock = new MarketClock({ hostMs: Date.now(), marketMs, speed: 0 });
    this.#timer = setInterval(() => this.#play(), 2);
  }

  /** Whether every quote of the script was due. */
  get isOver(): boolean {
    return this.#sent >= this.options.quotes.length;
  }

  nowNs(): number {
    return this.clock.nowNs(this.options.day);
  }

  /** Its time stands still until somebody asks for quotes. */
  freeze(): void {
    this.clock = new MarketClock({ hostMs: Date.now(), marketMs: this.clock.nowMs(), speed: 0 });
  }

  /** Somebody asks for quotes: the day goes on. */
  go(): void {
    if (this.clock.speed > 0) return;
    const { speed } = this.options;
    this.clock = new MarketClock({ hostMs: Date.now(), marketMs: this.clock.nowMs(), speed });
  }

  /** Ends all connections; who comes back is served again. */
  drop(): void {
    for (const peer of this.#peers) peer.end();
  }

  /** Sends a quote now, whatever its time. */
  send(quote: TestQuote): void {
    for (const peer of this.#peers) peer.send(quote);
  }

  notice(text: string): void {
    for (const peer of this.#peers) peer.notice(text);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.drop();
    await new Promise((done) => this.#server.close(done));
  }

  gone(peer: QuotePeer): void {
    this.#peers.delete(peer);
  }

  /** Quotes of the script that are due. */
  newest(): TestQuote[] {
    const newest = new Map<string, TestQuote>();
    for (const quote of this.options.quotes.slice(0, this.#sent)) newest.set(quote.symbol, quote);
    return [...newest.values()];
  }

  detailOf(symbol: string): object {
    const known = this.options.details.find((detail) => detail.symbol === symbol);
    if (known === undefined) return { symbol, state: 'missing' };
    const { day } = this.options;
    const preCloseE4 = known.preCloseE4 ?? 0;
    const proof = { quoteDay: day, quotePreCloseE4: preCloseE4 };
    return { state: 'ok', ...proof, ...known, ...this.changed.get(symbol), symbol };
  }

  #play(): void {
    const { quotes } = this.options;
    const nowNs = this.nowNs();
    for (; this.#sent < quotes.length && quotes[this.#sent]!.ns <= nowNs; this.#sent++) {
      if (!this.isMute) this.send(quotes[this.#sent]!);
    }
  }
}

class QuotePeer implements ChannelHandler {
  readonly #server: QuoteServer;
  readonly #channel: LinkChannel;
  readonly #nonce = shake.newNonce();
  readonly #symbols: string[] = [];
  readonly #memory = new FrameMemory(new ArrayBuffer(SnapshotTick.BYTES));
  #engineNonce = '';
  #isKnown = false;
  #isWatching = false;

  constructor(socket: Socket, server: QuoteServer) {
    this.#server = server;
    this.#channel = new LinkChannel(socket, this);
  }

  end(): void {
    this.#channel.close('dropped by the test');
  }

  notice(text: string): void {
    this.#channel.sendJson({ kind: 'notice', level: 'warn', text });
  }

  onJson(message: unknown): boolean {
    const { secret, day, speed, offsetMs = 0, rehearsal = true } = this.#server.options;
    const hello = shake.helloSchema.safeParse(message);
    if (hello.success) {
      this.#engineNonce = hello.data.nonce;
      const proof = shake.proofOf(secret, 'bridge', this.#nonce, this.#engineNonce);
      this.#channel.sendJson({ kind: 'challenge', nonce: this.#nonce, proof });
      return true;
    }
    const login = shake.loginSchema.safeParse(message);
    if (login.success) {
      const expected = shake.proofOf(secret, 'quotes', this.#engineNonce, this.#nonce);
      if (!shake.isProof(login.data.proof, expected)) return this.#refuse('wrong secret');
      this.#isKnown = true;
      const clockMs = this.#server.clock.nowMs() + offsetMs;
      const about = 'the test server';
      const welcome = { kind: 'welcome', heartbeatMs: 500, day, clockMs, speed, rehearsal, about };
      this.#channel.sendJson(welcome);
      return true;
    }
    const subscribe = say.subscribeSchema.safeParse(message);
    return subscribe.success && this.#isKnown && this.#onSubscribe(subscribe.data);
  }

  onFrame(): boolean {
    return false;
  }

  onPiece(): void {}

  onClosed(): void {
    this.#server.gone(this);
  }

  send(quote: TestQuote): void {
    const i = this.#symbols.indexOf(quote.symbol);
    if (!this.#isWatching || i < 0) return;
    writeQuote(this.#memory, i, quote);
    this.#channel.sendFrame(this.#memory, 0);
  }

  #onSubscribe({ symbols, watch, last }: say.Subscribe): boolean {
    this.#symbols.push(...symbols);
    if (!last) return true;
    let isLast = false;
    for (let i = 0; !isLast; i += say.ROWS_PER_MESSAGE) {
      const part = this.#symbols.slice(i, i + say.ROWS_PER_MESSAGE);
      const rows = part.map((symbol) => this.#server.detailOf(symbol));
      isLast = i + part.length === this.#symbols.length;
      this.#channel.sendJson({ kind: 'details', rows, last: isLast });
    }
    this.#isWatching = watch;
    if (watch) this.#server.go();
    if (watch && !this.#server.isMute) for (const quote of this.#server.newest()) this.send(quote);
    return true;
  }

  #refuse(text: string): false {
    this.#channel.sendJson({ kind: 'refused', text });
    this.#channel.end(text);
    return false;
  }
}

/** The frame of a quote at byte 0. */
export function writeQuote(memory: FrameMemory, instrument: number, quote: TestQuote): void {
  const tick = new SnapshotTick().begin(memory, 0);
  tick.eventNs = quote.ns;
  tick.instrument = instrument;
  tick.phase = quote.phase ?? PHASE_CONTINUOUS;
  tick.lastE4 = quote.lastE4 ?? 0;
  tick.preCloseE4 = quote.preCloseE4 ?? 0;
  tick.openE4 = quote.openE4 ?? 0;
  tick.highE4 = quote.highE4 ?? 0;
  tick.lowE4 = quote.lowE4 ?? 0;
  tick.volume = quote.volume ?? 0;
  tick.amountE4 = quote.amountE4 ?? 0;
  for (const [level, [priceE4, qty]] of (quote.bids ?? []).entries()) {
    tick.setBidPriceE4(level, priceE4);
    tick.setBidQty(level, qty);
  }
  for (const [level, [priceE4, qty]] of (quote.asks ?? []).entries()) {
    tick.setAskPriceE4(level, priceE4);
    tick.setAskQty(level, qty);
  }
}

/** A drawn stretch of a day: a picture of every symbol each `stepNs`, five levels, no gaps. */
export function drawnQuotes(options: {
  readonly symbols: readonly string[];
  readonly fromNs: number;
  readonly toNs: number;
  readonly stepNs: number;
  readonly preCloseE4: number;
  readonly seed?: number;
}): TestQuote[] {
  const { symbols, fromNs, toNs, stepNs, preCloseE4 } = options;
  let state = options.seed ?? 1;
  const draw = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >>> 8) % below;
  };
  const quotes: TestQuote[] = [];
  const stand = symbols.map(() => ({ midE4: preCloseE4, volume: 0, amountE4: 0 }));
  for (let ns = fromNs; ns < toNs; ns += stepNs) {
    for (const [i, symbol] of symbols.entries()) {
      const now = stand[i]!;
      now.midE4 += (draw(5) - 2) * 100;
      const traded = draw(50) * 100;
      now.volume += traded;
      now.amountE4 += traded * now.midE4;
      const side = (sign: 1 | -1): [number, number][] =>
        [1, 2, 3, 4, 5].map((n) => [now.midE4 + sign * n * 100, (1 + draw(40)) * 100]);
      quotes.push({
        ...{ symbol, ns, lastE4: now.midE4, preCloseE4 },
        ...{ openE4: preCloseE4, highE4: now.midE4, lowE4: now.midE4 },
        ...{ volume: now.volume, amountE4: now.amountE4, bids: side(-1), asks: side(1) },
      });
    }
  }
  return quotes;
}
