// What has been seen of each instrument's quotes, and whether the next one can be true. Called by
// quote-desk.ts for every quote. Pure.
// Always: a price off the instrument's tick, beyond its limits, a volume that steps back or another
// previous close is a fault of the source, never mended here.
import type { Instrument } from '../../../engine/core/instrument.ts';
import { formatYuan } from '../../../engine/core/price.ts';
import { PHASE_CONTINUOUS } from '../../../engine/messages/codes.ts';
import type { SnapshotTick } from '../../../engine/messages/generated/market.ts';

const LEVELS = 10;

/** Last quote of each instrument. */
export class SeenQuotes {
  /** Exchange time of the newest quote taken; 0 = none. */
  readonly exchangeNs: Float64Array;
  /** When the last one came, by our clock; 0 = none since the link came up. */
  readonly quotedNs: Float64Array;
  readonly volume: Float64Array;
  readonly amountE4: Float64Array;
  /** Hash of the newest quote. */
  readonly #hash: Float64Array;
  readonly #marked: Uint8Array;
  readonly #barred: Uint8Array;

  constructor(count: number) {
    this.exchangeNs = new Float64Array(count);
    this.quotedNs = new Float64Array(count);
    this.volume = new Float64Array(count);
    this.amountE4 = new Float64Array(count);
    this.#hash = new Float64Array(count);
    this.#marked = new Uint8Array(count);
    this.#barred = new Uint8Array(count);
  }

  /** Older than the newest one, or the same again. */
  isRepeated(tick: SnapshotTick): boolean {
    const i = tick.instrument;
    const lastNs = this.exchangeNs[i]!;
    if (lastNs === 0 || tick.eventNs > lastNs) return false;
    if (tick.eventNs < lastNs) return true;
    return hashOf(tick) === this.#hash[i];
  }

  remember(tick: SnapshotTick, exchangeNs: number, nowNs: number): void {
    const i = tick.instrument;
    this.exchangeNs[i] = exchangeNs;
    this.quotedNs[i] = nowNs;
    this.volume[i] = tick.volume;
    this.amountE4[i] = tick.amountE4;
    this.#hash[i] = hashOf(tick);
    this.#marked[i] = 0;
  }

  /** Its book becomes untrusted; false = it was. */
  mark(i: number): boolean {
    const was = this.#marked[i];
    this.#marked[i] = 1;
    return was === 0;
  }

  /** No quote of it is believed any more. */
  bar(i: number): void {
    this.#barred[i] = 1;
  }

  isBarred(i: number): boolean {
    return this.#barred[i] === 1;
  }

  /** A new connection: whatever came before is old. */
  forgetQuoted(): void {
    this.quotedNs.fill(0);
  }

  oldest(): { readonly quoted: number; readonly oldest: number; readonly oldestNs: number } {
    let quoted = 0;
    let oldest = -1;
    for (let i = 0; i < this.quotedNs.length; i++) {
      if (this.quotedNs[i] === 0) continue;
      quoted++;
      if (oldest < 0 || this.quotedNs[i]! < this.quotedNs[oldest]!) oldest = i;
    }
    return { quoted, oldest, oldestNs: oldest < 0 ? 0 : this.quotedNs[oldest]! };
  }
}

/** Over what a person would call the same quote; its phase is the clock's. */
function hashOf(tick: SnapshotTick): number {
  let a = Math.imul(tick.lastE4 | 0, 0x9e3779b1);
  a = Math.imul(a ^ ((tick.volume % 2_147_483_647) | 0), 0x85ebca6b);
  a = Math.imul(a ^ ((tick.amountE4 % 2_147_483_647) | 0), 0xc2b2ae35);
  for (let level = 0; level < LEVELS; level++) {
    a = Math.imul(a ^ tick.bidPriceE4(level), 0x27d4eb2f) ^ (tick.bidQty(level) | 0);
    a = Math.imul(a ^ tick.askPriceE4(level), 0x165667b1) ^ (tick.askQty(level) | 0);
  }
  return a;
}

/** Why a quote cannot be true; '' = it can. Its phase is already by the clock. */
export function quoteFault(tick: SnapshotTick, instrument: Instrument, seen: SeenQuotes): string {
  const { index: i, preCloseE4 } = instrument;
  if (seen.isBarred(i)) return 'changed details';
  if (tick.preCloseE4 > 0 && preCloseE4 > 0 && tick.preCloseE4 !== preCloseE4) {
    const told = `${formatYuan(tick.preCloseE4)}, its details ${formatYuan(preCloseE4)}`;
    return `previous close of the quote ${told}`;
  }
  if (tick.volume < seen.volume[i]! || tick.amountE4 < 0) {
    return `volume steps back from ${seen.volume[i]} to ${tick.volume}`;
  }
  const price = priceFault(tick, instrument);
  if (price !== '') return price;
  const bidE4 = tick.bidPriceE4(0);
  const askE4 = tick.askPriceE4(0);
  if (tick.phase === PHASE_CONTINUOUS && bidE4 > 0 && askE4 > 0 && bidE4 >= askE4) {
    return `crossed book in continuous trading, ${formatYuan(bidE4)} over ${formatYuan(askE4)}`;
  }
  return '';
}

function priceFault(tick: SnapshotTick, instrument: Instrument): string {
  const fault = oneFault('last', tick.lastE4, instrument);
  if (fault !== '') return fault;
  for (let level = 0; level < LEVELS; level++) {
    const bid = oneFault(`bid ${level + 1}`, tick.bidPriceE4(level), instrument);
    if (bid !== '') return bid;
    const ask = oneFault(`ask ${level + 1}`, tick.askPriceE4(level), instrument);
    if (ask !== '') return ask;
    if (tick.bidQty(level) < 0 || tick.askQty(level) < 0) return `negative quantity`;
  }
  return '';
}

function oneFault(what: string, priceE4: number, instrument: Instrument): string {
  if (priceE4 === 0) return '';
  const { tickE4, upperLimitE4, lowerLimitE4 } = instrument;
  if (priceE4 < 0 || priceE4 % tickE4 !== 0) {
    return `price off the tick of ${formatYuan(tickE4)}: ${what} ${formatYuan(priceE4)}`;
  }
  if (upperLimitE4 === 0 || (priceE4 <= upperLimitE4 && priceE4 >= lowerLimitE4)) return '';
  const range = `${formatYuan(lowerLimitE4)} to ${formatYuan(upperLimitE4)}`;
  return `limits of the day are ${range}: ${what} ${formatYuan(priceE4)}`;
}
