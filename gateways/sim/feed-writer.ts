// What the exchange publishes beyond the recording: orders and trades of a matching that history
// did not have, and the running numbers of the channels they go through. Called by order-world.ts.
// Always: numbers of a channel rise by one for each row published in place of, or beside, recorded
// ones, so a reader who looks for losses finds none; frames leave in the order they were written.
import { KIND_LIMIT, MARKET_ADD, MARKET_CANCEL } from '../../engine/messages/codes.ts';
import { BODY_OFFSET, copyFrame, FrameMemory, frameLength } from '../../engine/messages/frames.ts';
import { MarketOrder, MarketTrade } from '../../engine/messages/generated/market.ts';

/** int32 words of channel and channelSeq from the start of an order or trade frame. */
const CHANNEL_WORD = (BODY_OFFSET + 28) >> 2;
const CHANNEL_SEQ_WORD = CHANNEL_WORD + 1;
const QUEUE_BYTES = 1 << 16;

/** One feed channel of one market. */
interface Channel {
  /** Last number published. */
  last: number;
  /** Rows published less rows recorded, so far. */
  shift: number;
}

export class FeedWriter {
  /** Rows written beyond the recording, and recorded rows left out. */
  written = 0;
  left = 0;
  readonly #channels = new Map<number, Channel>();
  #memory = new FrameMemory(new ArrayBuffer(QUEUE_BYTES));
  #from = 0;
  #to = 0;
  readonly #order = new MarketOrder();
  readonly #trade = new MarketTrade();

  /** Nothing waits to be published. */
  get isEmpty(): boolean {
    return this.#from === this.#to;
  }

  /** Takes the oldest frame; its length. */
  take(target: FrameMemory, at: number): number {
    const bytes = copyFrame(this.#memory, this.#from, target, at);
    this.#from += bytes;
    if (this.#from === this.#to) this.#from = this.#to = 0;
    return bytes;
  }

  /** A recorded frame that has to wait behind what was written. */
  append(source: FrameMemory, at: number): void {
    const to = this.#claim(frameLength(source, at));
    copyFrame(source, at, this.#memory, to);
  }

  /** A recorded row goes out: it gets its number in what is really published. */
  pass(market: number, memory: FrameMemory, at: number): void {
    const word = at >> 2;
    const channel = this.#channel(market, memory.i32[word + CHANNEL_WORD]!);
    if (channel.shift !== 0) memory.i32[word + CHANNEL_SEQ_WORD]! += channel.shift;
    channel.last = memory.i32[word + CHANNEL_SEQ_WORD]!;
  }

  /** A recorded row of this channel does not happen. */
  leaveOut(market: number, channel: number): void {
    this.#channel(market, channel).shift--;
    this.left++;
  }

  /** An order enters, at its limit. */
  add(head: FeedHead, orderNo: number, side: number, priceE4: number, qty: number): void {
    this.#writeOrder(head, MARKET_ADD, orderNo, side, priceE4, qty);
  }

  /** What is left of an order leaves. */
  cancel(head: FeedHead, orderNo: number, side: number, qty: number): void {
    this.#writeOrder(head, MARKET_CANCEL, orderNo, side, 0, qty);
  }

  trade(
    head: FeedHead,
    buyNo: number,
    sellNo: number,
    aggressor: number,
    priceE4: number,
    qty: number,
  ): void {
    const at = this.#claim(MarketTrade.BYTES);
    const trade = this.#trade.begin(this.#memory, at);
    trade.eventNs = head.ns;
    trade.instrument = head.instrument;
    trade.channel = head.tradeChannel;
    trade.channelSeq = this.#number(head.market, head.tradeChannel);
    trade.buyNo = buyNo;
    trade.sellNo = sellNo;
    trade.aggressor = aggressor;
    trade.priceE4 = priceE4;
    trade.qty = qty;
  }

  #writeOrder(
    head: FeedHead,
    action: number,
    orderNo: number,
    side: number,
    priceE4: number,
    qty: number,
  ): void {
    const at = this.#claim(MarketOrder.BYTES);
    const order = this.#order.begin(this.#memory, at);
    order.eventNs = head.ns;
    order.instrument = head.instrument;
    order.channel = head.orderChannel;
    order.channelSeq = this.#number(head.market, head.orderChannel);
    order.orderNo = orderNo;
    order.action = action;
    order.side = side;
    order.kind = KIND_LIMIT;
    order.priceE4 = priceE4;
    order.qty = qty;
    order.reserved = 0;
  }

  #number(market: number, number: number): number {
    const channel = this.#channel(market, number);
    channel.shift++;
    this.written++;
    return ++channel.last;
  }

  #channel(market: number, number: number): Channel {
    const key = market * 1_048_576 + number;
    let channel = this.#channels.get(key);
    if (channel === undefined) {
      channel = { last: 0, shift: 0 };
      this.#channels.set(key, channel);
    }
    return channel;
  }

  #claim(bytes: number): number {
    const at = this.#to;
    if (at + bytes > this.#memory.byteLength) {
      const grown = new FrameMemory(new ArrayBuffer(this.#memory.byteLength * 2));
      grown.u8.set(this.#memory.u8);
      this.#memory = grown;
    }
    this.#to = at + bytes;
    return at;
  }
}

/** What the rows of one matching share. */
export interface FeedHead {
  ns: number;
  instrument: number;
  market: number;
  orderChannel: number;
  tradeChannel: number;
}
