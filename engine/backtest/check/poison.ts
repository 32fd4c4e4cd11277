// The poisoned future: a tape that is the recorded one up to a moment and noise behind it. Called
// by check.ts. Always: frames at or before the moment are the same bytes; noise stays inside the
// prices of the whole tape and touches both of its ends, so that nothing which the exchange derives
// from a whole day (price windows) tells the two apart.
import { KIND_LIMIT, MARKET_ADD, SIDE_BUY, SIDE_SELL } from '../../messages/codes.ts';
import { Bar, MarketOrder, MarketTrade, SnapshotTick } from '../../messages/generated/market.ts';
import { Prng } from '../synthetic/prng.ts';
import { Tape, TapeCursor } from '../tape.ts';

/** Order numbers of noise begin here: above recorded ones, below own ones. */
const NOISE_ORDERS = 1_400_000_000;
/** Noise orders stand at most so many parts of a thousand away. */
const SPREAD = 20;

interface Range {
  lowE4: number;
  highE4: number;
  lastE4: number;
}

/** `ticksE4` by instrument; the noise lies above or below what was last known. */
export function poisonedTape(
  tape: Tape,
  afterNs: number,
  ticksE4: readonly number[],
  seed: number,
  way: 'up' | 'down',
): Tape {
  const noise = new Noise(rangesOf(tape, ticksE4.length), ticksE4, seed, way);
  const made = new Tape();
  for (const cursor = new TapeCursor(tape); !cursor.done; cursor.advance()) {
    if (cursor.eventNs <= afterNs) {
      made.append(cursor.memory, cursor.at);
      noise.heard(cursor);
    } else noise.write(made, cursor);
  }
  return made;
}

function rangesOf(tape: Tape, count: number): Range[] {
  const ranges = Array.from({ length: count }, (): Range => {
    return { lowE4: Number.POSITIVE_INFINITY, highE4: 0, lastE4: 0 };
  });
  const see = (instrument: number, priceE4: number): void => {
    const range = ranges[instrument];
    if (range === undefined || priceE4 <= 0) return;
    range.lowE4 = Math.min(range.lowE4, priceE4);
    range.highE4 = Math.max(range.highE4, priceE4);
  };
  const [order, trade] = [new MarketOrder(), new MarketTrade()];
  for (const cursor = new TapeCursor(tape); !cursor.done; cursor.advance()) {
    if (cursor.type === MarketOrder.TYPE) {
      const { instrument, priceE4 } = order.wrap(cursor.memory, cursor.at);
      see(instrument, priceE4);
    } else if (cursor.type === MarketTrade.TYPE) {
      const { instrument, priceE4 } = trade.wrap(cursor.memory, cursor.at);
      see(instrument, priceE4);
    }
  }
  return ranges;
}

class Noise {
  readonly #ranges: readonly Range[];
  readonly #ticksE4: readonly number[];
  readonly #prng: Prng;
  readonly #order = new MarketOrder();
  readonly #trade = new MarketTrade();
  readonly #tick = new SnapshotTick();
  readonly #bar = new Bar();
  /** Noise orders written, by instrument: the first two stand at both ends of the range. */
  readonly #written: number[];
  readonly #sign: number;
  #orders = 0;

  constructor(
    ranges: readonly Range[],
    ticksE4: readonly number[],
    seed: number,
    way: 'up' | 'down',
  ) {
    this.#sign = way === 'up' ? 1 : -1;
    this.#ranges = ranges;
    this.#ticksE4 = ticksE4;
    this.#prng = new Prng(seed, 7);
    this.#written = ranges.map(() => 0);
  }

  /** What has traded so far is the middle of the noise. */
  heard(cursor: TapeCursor): void {
    if (cursor.type !== MarketTrade.TYPE) return;
    const { instrument, priceE4 } = this.#trade.wrap(cursor.memory, cursor.at);
    if (priceE4 > 0 && this.#ranges[instrument] !== undefined) {
      this.#ranges[instrument].lastE4 = priceE4;
    }
  }

  write(tape: Tape, cursor: TapeCursor): void {
    if (cursor.type === MarketOrder.TYPE) this.#writeOrder(tape, cursor);
    else if (cursor.type === SnapshotTick.TYPE) this.#writeTick(tape, cursor);
    else if (cursor.type === Bar.TYPE) this.#writeBar(tape, cursor);
    // Trades are left out: what the noise orders trade is for the exchange to say.
    else if (cursor.type !== MarketTrade.TYPE) tape.append(cursor.memory, cursor.at);
  }

  #writeOrder(tape: Tape, cursor: TapeCursor): void {
    tape.append(cursor.memory, cursor.at);
    const order = this.#order.wrap(tape.tail, tape.tailAt);
    const i = order.instrument;
    const range = this.#ranges[i];
    if (range === undefined || range.highE4 === 0) return;
    const middleE4 = range.lastE4 || (range.lowE4 + range.highE4) / 2;
    const nth = this.#written[i]!++;
    const wanted = nth === 0 ? range.lowE4 : nth === 1 ? range.highE4 : middleE4 * this.#near();
    order.action = MARKET_ADD;
    order.kind = KIND_LIMIT;
    order.side = nth === 0 || (nth > 1 && this.#prng.oneIn(2)) ? SIDE_BUY : SIDE_SELL;
    order.priceE4 = this.#onTick(i, Math.min(range.highE4, Math.max(range.lowE4, wanted)));
    order.qty = 100 * (1 + this.#prng.below(50));
    order.orderNo = NOISE_ORDERS + this.#orders++;
  }

  #writeTick(tape: Tape, cursor: TapeCursor): void {
    tape.append(cursor.memory, cursor.at);
    const tick = this.#tick.wrap(tape.tail, tape.tailAt);
    const by = this.#near();
    const i = tick.instrument;
    const move = (e4: number): number => (e4 <= 0 ? e4 : this.#onTick(i, e4 * by));
    tick.lastE4 = move(tick.lastE4);
    tick.highE4 = move(tick.highE4);
    tick.lowE4 = move(tick.lowE4);
    for (let level = 0; level < 10; level++) {
      tick.setBidPriceE4(level, move(tick.bidPriceE4(level)));
      tick.setAskPriceE4(level, move(tick.askPriceE4(level)));
    }
  }

  #writeBar(tape: Tape, cursor: TapeCursor): void {
    tape.append(cursor.memory, cursor.at);
    const bar = this.#bar.wrap(tape.tail, tape.tailAt);
    const by = this.#near();
    const move = (e4: number): number => (e4 <= 0 ? e4 : this.#onTick(bar.instrument, e4 * by));
    bar.openE4 = move(bar.openE4);
    bar.highE4 = move(bar.highE4);
    bar.lowE4 = move(bar.lowE4);
    bar.closeE4 = move(bar.closeE4);
    bar.volume = Math.ceil((bar.volume * (1 + this.#prng.below(200))) / 100);
  }

  #near(): number {
    return 1 + (this.#sign * (2 + this.#prng.below(SPREAD))) / 1000;
  }

  #onTick(instrument: number, e4: number): number {
    const tickE4 = this.#ticksE4[instrument] || 100;
    return Math.max(tickE4, Math.round(e4 / tickE4) * tickE4);
  }
}
