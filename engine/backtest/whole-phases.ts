// A phase of the whole market, or a block of bars, as the OMS takes it on a day of daily bars: one
// frame instead of a quote for each of thousands of instruments, of which nearly all meet no order
// until the next phase. Made by runner.ts for setups with `wholePhases`; stands between the OMS and
// its rings. Always: before the OMS handles anything that could look at an instrument (an intent; a
// phase or bar while it has open orders there) it has been given the quote that the feed would have
// sent, and its shares are valued at every bar's close, so its orders, checks and values are those
// of one quote each (a differential test).
import type { FrameInput } from '../actors/port.ts';
import type { Account } from '../core/account.ts';
import { type BarBlocks, BLOCK_STEP } from '../core/bar-blocks.ts';
import type { Instrument } from '../core/instrument.ts';
import { setLastPrice } from '../core/position.ts';
import { STAGE_FEED } from '../messages/codes.ts';
import { FrameMemory, frameEventNs, frameRecvNs } from '../messages/frames.ts';
import { Bar, BarBlock, Phase, Quote } from '../messages/generated/market.ts';
import { Intent } from '../messages/generated/order.ts';
import { TYPE_END, TYPE_STRATEGY_STATE } from '../messages/generated/types.ts';
import type { FrameHandler } from '../ring/frame-handler.ts';

/** Stands between a ring and who polls it. */
abstract class Between implements FrameInput, FrameHandler {
  readonly #ring: FrameInput;
  #handler: FrameHandler | null = null;

  constructor(ring: FrameInput) {
    this.#ring = ring;
  }

  poll(handler: FrameHandler, limit: number): number {
    this.#handler = handler;
    return this.#ring.poll(this, limit);
  }

  isEmpty(): boolean {
    return this.#ring.isEmpty();
  }

  onFrame(type: number, memory: FrameMemory, at: number): void {
    this.take(type, memory, at, this.#handler!);
  }

  /** A frame of the ring, and who is to have it. */
  abstract take(type: number, memory: FrameMemory, at: number, handler: FrameHandler): void;
}

/** The quotes of one OMS. */
export class PhaseQuotes extends Between {
  readonly #instruments: readonly Instrument[];
  readonly #account: Account;
  /** Last prices as quotes told them, and the phase (counted) that each instrument was told. */
  readonly #lastE4: Int32Array;
  readonly #told: Int32Array;
  #phases = 0;
  #phase = 0;
  readonly #memory = new FrameMemory(new ArrayBuffer(Quote.BYTES));
  readonly #head = new Float64Array(2);
  readonly #in = new Quote();
  readonly #out = new Quote();
  readonly #whole = new Phase();
  readonly #block = new BarBlock();
  readonly #bar = new Bar();
  readonly #blocks: BarBlocks;
  /** Something stands that watches prices by itself: everything is told at once. */
  #tellsAll = false;

  constructor(
    ring: FrameInput,
    instruments: readonly Instrument[],
    account: Account,
    blocks: BarBlocks,
  ) {
    super(ring);
    this.#blocks = blocks;
    this.#instruments = instruments;
    this.#account = account;
    this.#lastE4 = new Int32Array(instruments.length);
    this.#told = new Int32Array(instruments.length);
  }

  take(type: number, memory: FrameMemory, at: number, handler: FrameHandler): void {
    if (type === Phase.TYPE) {
      this.#onPhase(memory, at, handler);
      return;
    }
    if (type === BarBlock.TYPE) {
      this.#onBlock(memory, at, handler);
      return;
    }
    if (type === Quote.TYPE) {
      const { instrument, lastE4 } = this.#in.wrap(memory, at);
      this.#lastE4[instrument] = lastE4;
      this.#told[instrument] = this.#phases;
    }
    handler.onFrame(type, memory, at);
  }

  /** Gives the OMS the quote of an instrument that it has not been given since the last phase. */
  tell(i: number, handler: FrameHandler): void {
    if (i < 0 || i >= this.#told.length || this.#told[i] === this.#phases) return;
    this.#told[i] = this.#phases;
    const { preCloseE4, upperLimitE4, lowerLimitE4 } = this.#instruments[i]!;
    const quote = this.#out.begin(this.#memory, 0);
    quote.source = STAGE_FEED;
    quote.eventNs = this.#head[0]!;
    quote.recvNs = this.#head[1]!;
    quote.instrument = i;
    quote.phase = this.#phase;
    quote.lastE4 = this.#lastE4[i]!;
    quote.preCloseE4 = preCloseE4;
    quote.upperLimitE4 = upperLimitE4;
    quote.lowerLimitE4 = lowerLimitE4;
    handler.onFrame(Quote.TYPE, this.#memory, 0);
  }

  /** From now on every phase is told of every instrument. */
  tellAll(handler: FrameHandler): void {
    this.#tellsAll = true;
    for (let i = 0; i < this.#told.length; i++) this.tell(i, handler);
  }

  #onPhase(memory: FrameMemory, at: number, handler: FrameHandler): void {
    this.#phases++;
    this.#phase = this.#whole.wrap(memory, at).phase;
    this.#now(memory, at);
    // The first also brings the time, and with it what the OMS does once a second.
    this.tell(0, handler);
    if (!this.#watchesAny) return;
    for (let i = 1; i < this.#told.length; i++) if (this.#isWatched(i)) this.tell(i, handler);
  }

  /** The time of quotes told from now on. */
  #now(memory: FrameMemory, at: number): void {
    this.#head[0] = frameEventNs(memory, at);
    this.#head[1] = frameRecvNs(memory, at);
  }

  /** An order, or whatever watches prices by itself, hangs on what an instrument does now. */
  #isWatched(i: number): boolean {
    const { openBuy, frozen } = this.#account.positions;
    return this.#tellsAll || openBuy[i]! + frozen[i]! > 0;
  }

  get #watchesAny(): boolean {
    return this.#tellsAll || this.#account.openOrders > 0;
  }

  /** A bar's close values shares at once; the OMS hears of it where an order hangs on it. */
  #onBlock(memory: FrameMemory, at: number, handler: FrameHandler): void {
    const { firstAt, count } = this.#block.wrap(memory, at);
    this.#now(memory, at);
    const bars = this.#blocks.memory;
    const { positions } = this.#account;
    const end = firstAt + count * BLOCK_STEP;
    for (let next = firstAt; next < end; next += BLOCK_STEP) {
      const { instrument: i, closeE4 } = this.#bar.wrap(bars, next);
      this.#lastE4[i] = closeE4;
      this.#told[i] = this.#phases - 1;
      if (!this.#isWatched(i)) setLastPrice(positions, i, closeE4);
    }
    // The first also brings the time.
    this.tell(this.#bar.wrap(bars, firstAt).instrument, handler);
    if (!this.#watchesAny) return;
    for (let next = firstAt; next < end; next += BLOCK_STEP) {
      const i = this.#bar.wrap(bars, next).instrument;
      if (this.#isWatched(i)) this.tell(i, handler);
    }
  }
}

/** The intents of its strategy, each behind the quote of its instrument. */
export class PhaseIntents extends Between {
  readonly #quotes: PhaseQuotes;
  readonly #intent = new Intent();

  constructor(ring: FrameInput, quotes: PhaseQuotes) {
    super(ring);
    this.#quotes = quotes;
  }

  take(type: number, memory: FrameMemory, at: number, handler: FrameHandler): void {
    if (type === Intent.TYPE) {
      this.#quotes.tell(this.#intent.wrap(memory, at).instrument, handler);
    } else if (type !== TYPE_END && type !== TYPE_STRATEGY_STATE) this.#quotes.tellAll(handler);
    handler.onFrame(type, memory, at);
  }
}
