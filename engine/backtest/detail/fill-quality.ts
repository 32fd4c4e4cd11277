// How good the fills of a run were beyond their price: where the market stood some seconds later,
// and which share of the market's volume they took, hence how much money the strategy may carry.
// Fed by detail-recorder.ts. Always: only what a run showed is looked at; what cannot be known (no
// book behind a fill, no volume of the day) is left out and counted as such.
import { SIDE_BUY } from '../../messages/codes.ts';
import { quantile } from '../analytics/statistics.ts';
import type { FillQuality } from './run-detail.ts';

/** Seconds behind a fill at which the market is looked at. */
export const HORIZONS_S = [1, 10, 60] as const;
/** Share of an instrument's volume of a day that a strategy may trade before it moves the price. */
export const CAPACITY_SHARE = 0.1;

interface Waiting {
  readonly ns: number;
  readonly side: number;
  readonly priceE4: number;
  readonly qty: number;
}

/** What one instrument did today. */
class Today {
  readonly fills: Waiting[] = [];
  /** First fill that has not reached each horizon. */
  readonly next = HORIZONS_S.map(() => 0);
  ownQty = 0;
  tickVolume = 0;
  barVolume = 0;
}

interface Sum {
  bpQty: number;
  qty: number;
  fills: number;
}

export class FillQualityMeter {
  readonly #sums: Sum[] = HORIZONS_S.map(() => ({ bpQty: 0, qty: 0, fills: 0 }));
  readonly #shares: number[] = [];
  #today: Today[] = [];
  #fills = 0;

  /** A day begins; instruments may be numbered anew. */
  beginDay(count: number): void {
    this.#close();
    this.#today = Array.from({ length: count }, () => new Today());
  }

  fill(instrument: number, ns: number, side: number, priceE4: number, qty: number): void {
    const today = this.#today[instrument]!;
    this.#fills++;
    today.ownQty += qty;
    today.fills.push({ ns, side, priceE4, qty });
  }

  /** The book as shown at `ns`; a side that is empty has price 0. `volume`: of the day so far. */
  book(instrument: number, ns: number, bidE4: number, askE4: number, volume: number): void {
    const today = this.#today[instrument]!;
    if (volume > today.tickVolume) today.tickVolume = volume;
    if (today.fills.length === 0 || bidE4 <= 0 || askE4 <= 0) return;
    const midE4 = (bidE4 + askE4) / 2;
    for (const [h, seconds] of HORIZONS_S.entries()) {
      const sum = this.#sums[h]!;
      for (let n = today.next[h]!; n < today.fills.length; n++) {
        const fill = today.fills[n]!;
        if (ns < fill.ns + seconds * 1e9) break;
        const against = fill.side === SIDE_BUY ? fill.priceE4 - midE4 : midE4 - fill.priceE4;
        sum.bpQty += (against / fill.priceE4) * 10_000 * fill.qty;
        sum.qty += fill.qty;
        sum.fills++;
        today.next[h] = n + 1;
      }
    }
  }

  /** A bar of the data. */
  bar(instrument: number, volume: number): void {
    this.#today[instrument]!.barVolume += volume;
  }

  /** Closes the day at hand. */
  result(): FillQuality {
    this.#close();
    const shares = this.#shares;
    const high = quantile(shares, 0.95);
    return {
      fills: this.#fills,
      adverse: HORIZONS_S.map((seconds, h) => {
        const { bpQty, qty, fills } = this.#sums[h]!;
        return { seconds, fills, meanBp: qty === 0 ? null : bpQty / qty };
      }),
      days: shares.length,
      medianShare: quantile(shares, 0.5),
      highShare: high,
      maxShare: quantile(shares, 1),
      capacityShare: CAPACITY_SHARE,
      capacityMultiple: high === null || high === 0 ? null : CAPACITY_SHARE / high,
    };
  }

  #close(): void {
    for (const { ownQty, tickVolume, barVolume } of this.#today) {
      const volume = Math.max(tickVolume, barVolume);
      if (ownQty > 0 && volume > 0) this.#shares.push(ownQty / volume);
    }
    this.#today = [];
  }
}
