// Candles of one instrument from the last prices a run showed, or from the data's own bars. Fed by
// detail-recorder.ts. Always: at most DETAIL_MAX.candles rows; when there are more, neighbours are
// joined into longer ones, so that a year of ticks costs no more memory than a day.
import { E4_PER_YUAN } from '../../core/price.ts';
import { type CandleRow, type CandleSeries, DETAIL_MAX } from './run-detail.ts';

const DAY_S = 86_400;
/** Lengths that candles grow through, in seconds. */
const LENGTHS = [60, 300, 900, 1_800, 3_600, DAY_S] as const;

interface Candle {
  day: number;
  second: number;
  openE4: number;
  highE4: number;
  lowE4: number;
  closeE4: number;
  volume: number;
}

export class CandleBuilder {
  readonly #instrument: string;
  #seconds: number = LENGTHS[0];
  #isOfBars = false;
  #candles: Candle[] = [];
  #dayVolume = 0;
  #volumeDay = 0;

  constructor(instrument: string) {
    this.#instrument = instrument;
  }

  /** A last price at `ns`; `volume` counts the day's shares so far. */
  price(day: number, ns: number, lastE4: number, volume: number): void {
    if (lastE4 <= 0 || this.#isOfBars) return;
    if (day !== this.#volumeDay) {
      this.#volumeDay = day;
      this.#dayVolume = 0;
    }
    const traded = Math.max(0, volume - this.#dayVolume);
    this.#dayVolume = Math.max(volume, this.#dayVolume);
    const second = Math.floor(ns / 1e9 / this.#seconds) * this.#seconds;
    const last = this.#candles[this.#candles.length - 1];
    if (last !== undefined && last.day === day && last.second === second) {
      if (lastE4 > last.highE4) last.highE4 = lastE4;
      if (lastE4 < last.lowE4) last.lowE4 = lastE4;
      last.closeE4 = lastE4;
      last.volume += traded;
      return;
    }
    const [openE4, highE4, lowE4, closeE4] = [lastE4, lastE4, lastE4, lastE4];
    this.#add({ day, second, openE4, highE4, lowE4, closeE4, volume: traded });
  }

  /** A bar of the data itself; from then on ticks are not looked at. */
  bar(day: number, startNs: number, bar: Omit<Candle, 'day' | 'second'>): void {
    if (bar.highE4 <= 0) return;
    if (!this.#isOfBars) this.#candles = [];
    this.#isOfBars = true;
    this.#add({ day, second: Math.max(0, Math.floor(startNs / 1e9)), ...bar });
  }

  series(): CandleSeries {
    const yuan = (e4: number): number => e4 / E4_PER_YUAN;
    const rows = this.#candles.map((c): CandleRow => {
      const prices = [yuan(c.openE4), yuan(c.highE4), yuan(c.lowE4), yuan(c.closeE4)] as const;
      return [c.day, c.second, ...prices, c.volume];
    });
    const isOwn = this.#isOfBars && this.#seconds === LENGTHS[0];
    return { instrument: this.#instrument, seconds: isOwn ? 0 : this.#seconds, rows };
  }

  #add(candle: Candle): void {
    this.#candles.push(candle);
    if (this.#candles.length > DETAIL_MAX.candles) this.#lengthen();
  }

  /** Joins candles until half of the room is free, or only days are left: then pairs of them. */
  #lengthen(): void {
    while (this.#candles.length * 2 > DETAIL_MAX.candles) {
      const longer = LENGTHS.find((length) => length > this.#seconds);
      if (longer === undefined) {
        this.#candles = this.#candles.filter((_, i) => i % 2 === 0 || !this.#joinInto(i - 1, i));
        return;
      }
      this.#seconds = longer;
      this.#joinEqual();
    }
  }

  #joinEqual(): void {
    const joined: Candle[] = [];
    for (const candle of this.#candles) {
      candle.second = Math.floor(candle.second / this.#seconds) * this.#seconds;
      const last = joined[joined.length - 1];
      if (last === undefined || last.day !== candle.day || last.second !== candle.second) {
        joined.push(candle);
      } else join(last, candle);
    }
    this.#candles = joined;
  }

  #joinInto(to: number, from: number): boolean {
    join(this.#candles[to]!, this.#candles[from]!);
    return true;
  }
}

function join(to: Candle, from: Candle): void {
  to.highE4 = Math.max(to.highE4, from.highE4);
  to.lowE4 = Math.min(to.lowE4, from.lowE4);
  to.closeE4 = from.closeE4;
  to.volume += from.volume;
}
