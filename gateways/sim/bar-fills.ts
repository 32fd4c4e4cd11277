// Fills from bars: a decision trades in a later bar, never in the one it has seen. Called by
// touch-world.ts for instruments that come as bars. The rules with their reasons: docs/BACKTEST.md.
// Always: own orders of one bar trade at most their share of its volume together; a bar that lay at
// the limit all the time sells us nothing (buys nothing from us); no volume, no fill.
import type { Instrument } from '../../engine/core/instrument.ts';
import {
  KIND_BEST5_CANCEL,
  KIND_FOK,
  KIND_IOC,
  KIND_LIMIT,
  SIDE_BUY,
} from '../../engine/messages/codes.ts';
import type { OwnSide } from './exchange-world.ts';

/** Share of a bar's volume that own orders may trade, unless set. */
export const BAR_SHARE = 0.1;
/**
 * The closing call begins (14:57, rules sheet 5). A day of bars has no event before it since 13:00:
 * what a timer of the afternoon asks for comes with this one, and is in time; later is too late.
 */
const CLOSING_CALL_NS = 53_820e9;
const DAY_S = 86_400;

/** What the rule looks at; prices in 1/10,000 yuan, limits 0 = none or not known. */
export interface BarFacts {
  readonly intervalS: number;
  readonly startNs: number;
  readonly openE4: number;
  readonly highE4: number;
  readonly lowE4: number;
  readonly closeE4: number;
  readonly volume: number;
  readonly upperE4: number;
  readonly lowerE4: number;
}

/**
 * Price at which an order trades in a bar, 0 = not at all. `limitE4` 0 = a market order. An order
 * from before the bar trades at its open, or at its own limit when prices went beyond it; one made
 * during a daily bar, by 14:57, trades at the close, through the closing call.
 */
export function barPriceE4(
  side: number,
  limitE4: number,
  arrivedNs: number,
  bar: BarFacts,
): number {
  if (bar.volume <= 0) return 0;
  const buys = side === SIDE_BUY;
  // Sealed all through: whoever buys at the upper limit stands in a queue that no bar shows.
  if (buys && bar.upperE4 > 0 && bar.lowE4 >= bar.upperE4) return 0;
  if (!buys && bar.lowerE4 > 0 && bar.highE4 <= bar.lowerE4) return 0;
  const takes = (priceE4: number): boolean =>
    limitE4 === 0 || (buys ? priceE4 <= limitE4 : priceE4 >= limitE4);
  if (arrivedNs > bar.startNs) {
    const inTime = bar.intervalS >= DAY_S && arrivedNs <= CLOSING_CALL_NS;
    return inTime && takes(bar.closeE4) ? bar.closeE4 : 0;
  }
  if (takes(bar.openE4)) return bar.openE4;
  // Only beyond the limit is it sure that everybody at the limit has traded.
  return (buys ? bar.lowE4 < limitE4 : bar.highE4 > limitE4) ? limitE4 : 0;
}

/** A price of a bar need not lie on the tick: ours does, rounded against us. */
function onTick(priceE4: number, tickE4: number, side: number): number {
  const ticks = priceE4 / tickE4;
  return (side === SIDE_BUY ? Math.ceil(ticks) : Math.floor(ticks)) * tickE4;
}

export class BarFills {
  readonly #instruments: readonly Instrument[];
  readonly #own: OwnSide;
  readonly #share: number;
  /** Engine time an order came, by slot. */
  readonly #arrivedNs: Float64Array;

  constructor(instruments: readonly Instrument[], own: OwnSide, share = BAR_SHARE) {
    this.#instruments = instruments;
    this.#own = own;
    this.#share = share;
    this.#arrivedNs = own.working.arrivedNs;
  }

  arrive(slot: number, nowNs: number): void {
    this.#arrivedNs[slot] = nowNs;
  }

  /** A complete bar of the instrument: own orders trade in it, in order of arrival. */
  onBar(i: number, bar: BarFacts): void {
    const { working, fills } = this.#own;
    let left = Math.floor(bar.volume * this.#share);
    for (let n = 0; n < working.liveCount; n++) {
      const slot = working.liveSlots[n]!;
      if (working.instrument[slot] !== i) continue;
      const before = working.liveCount;
      left -= this.#trade(slot, bar, left);
      const isLive = working.live[slot] === 1;
      if (isLive && isImmediate(working.kind[slot]!) && this.#wasOpen(slot, bar)) {
        fills.expireOrder(slot);
      }
      if (working.liveCount < before) n--;
    }
  }

  /** Whether the order had a chance in this bar. */
  #wasOpen(slot: number, bar: BarFacts): boolean {
    return this.#arrivedNs[slot]! <= bar.startNs || bar.intervalS >= DAY_S;
  }

  /** Trades one order; the shares it took. */
  #trade(slot: number, bar: BarFacts, room: number): number {
    const { working, fills } = this.#own;
    const side = working.side[slot]!;
    const kind = working.kind[slot]!;
    const protectionE4 = working.priceE4[slot]!;
    const found = barPriceE4(side, protectionE4, this.#arrivedNs[slot]!, bar);
    const leaves = working.leaves(slot);
    const qty = Math.min(leaves, room);
    if (found <= 0 || qty <= 0 || (kind === KIND_FOK && qty < leaves)) return 0;
    const { tickE4 } = this.#instruments[working.instrument[slot]!]!;
    const rounded = onTick(found, tickE4, side);
    fills.fillOrder(slot, kind === KIND_LIMIT ? within(rounded, protectionE4, side) : rounded, qty);
    return qty;
  }
}

/** Never beyond the order's own limit. */
function within(priceE4: number, limitE4: number, side: number): number {
  return side === SIDE_BUY ? Math.min(priceE4, limitE4) : Math.max(priceE4, limitE4);
}

function isImmediate(kind: number): boolean {
  return kind === KIND_IOC || kind === KIND_FOK || kind === KIND_BEST5_CANCEL;
}
