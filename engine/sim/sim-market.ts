// The simulated market: a random walk of last prices within the day's limits, told as ten-level
// ticks; halts, limit moves and gaps come from the fault plan. Called by the world.
// Invariant: prices stay on the tick and within the limits.
import type { OutPort } from '../actors/port.ts';
import type { Instrument } from '../core/instrument.ts';
import { PHASE_CONTINUOUS, PHASE_HALTED, SIDE_BUY, SIDE_SELL } from '../messages/codes.ts';
import { FeedGap, SnapshotTick } from '../messages/generated/market.ts';
import type { FaultPlan } from './faults.ts';
import type { Random } from './random.ts';
import type { MarketView } from './sim-broker.ts';

const LEVELS = 5;
const MOVE_QTY = 5_000;

export class SimMarket implements MarketView {
  readonly #instruments: readonly Instrument[];
  readonly #last: number[];
  readonly #halted: boolean[];
  /** Shares traded so far: so many with every move. */
  readonly #volume: number[];
  readonly #limit: number[];
  readonly #random: Random;
  readonly #faults: FaultPlan;
  readonly #tick = new SnapshotTick();
  readonly #gap = new FeedGap();
  /** Added to the event times it tells: a stepped clock. */
  clockOffsetNs = 0;
  calm = false;
  /** Of all instruments; a halted one says so in continuous trading only. */
  phase = PHASE_CONTINUOUS;

  constructor(instruments: readonly Instrument[], faults: FaultPlan, random: Random) {
    this.#instruments = instruments;
    this.#last = instruments.map((i) => i.preCloseE4);
    this.#halted = instruments.map(() => false);
    this.#volume = instruments.map(() => 0);
    this.#limit = instruments.map(() => 0);
    this.#random = random;
    this.#faults = faults;
  }

  lastE4(instrument: number): number {
    return this.#last[instrument]!;
  }
  halted(instrument: number): boolean {
    return this.#halted[instrument]! || this.phase !== PHASE_CONTINUOUS;
  }
  atLimit(instrument: number): number {
    return this.#limit[instrument]!;
  }
  upperE4(instrument: number): number {
    return this.#instruments[instrument]!.upperLimitE4;
  }

  /** One instrument moves, and says so into the ring when it has room. */
  move(out: OutPort, nowNs: number): void {
    const i = this.#random.below(this.#instruments.length);
    this.#shake(i);
    this.#volume[i]! += MOVE_QTY;
    if (!this.calm && this.#random.chance(this.#faults.strength('feed-gap') * 0.1)) {
      this.#tellGap(out, i, nowNs);
      return;
    }
    this.#tell(out, i, nowNs);
  }

  #shake(i: number): void {
    const { tickE4, upperLimitE4, lowerLimitE4 } = this.#instruments[i]!;
    const random = this.#random;
    const { calm } = this;
    if (calm || random.chance(0.1)) this.#halted[i] = false;
    else if (random.chance(this.#faults.strength('halt') * 0.1)) this.#halted[i] = true;
    let last = this.#last[i]! + tickE4 * random.between(-3, 3);
    if (!calm && random.chance(this.#faults.strength('limit-move') * 0.1)) {
      last = random.chance(0.5) ? upperLimitE4 : lowerLimitE4;
    }
    last = Math.max(lowerLimitE4, Math.min(upperLimitE4, last));
    this.#last[i] = last;
    this.#limit[i] = last === upperLimitE4 ? SIDE_BUY : last === lowerLimitE4 ? SIDE_SELL : 0;
  }

  /** Every instrument as it stands: what an engine hears first after a start. */
  tellAll(out: OutPort, nowNs: number): void {
    for (let i = 0; i < this.#instruments.length; i++) this.#tell(out, i, nowNs);
  }

  #tell(out: OutPort, i: number, nowNs: number): void {
    const at = out.claim(SnapshotTick.BYTES);
    if (at < 0) return;
    const { tickE4, preCloseE4, upperLimitE4, lowerLimitE4 } = this.#instruments[i]!;
    const tick = this.#tick.begin(out.memory, at);
    tick.eventNs = nowNs + this.clockOffsetNs;
    tick.instrument = i;
    const isHalted = this.#halted[i] && this.phase === PHASE_CONTINUOUS;
    tick.phase = isHalted ? PHASE_HALTED : this.phase;
    tick.lastE4 = this.#last[i]!;
    tick.preCloseE4 = preCloseE4;
    tick.volume = this.#volume[i]!;
    tick.upperLimitE4 = upperLimitE4;
    tick.lowerLimitE4 = lowerLimitE4;
    for (let level = 0; level < LEVELS; level++) {
      const away = tickE4 * (level + 1);
      tick.setBidPriceE4(level, Math.max(lowerLimitE4, this.#last[i]! - away));
      tick.setBidQty(level, 1_000);
      tick.setAskPriceE4(level, Math.min(upperLimitE4, this.#last[i]! + away));
      tick.setAskQty(level, 1_000);
    }
    out.commit();
    out.publish();
  }

  #tellGap(out: OutPort, i: number, nowNs: number): void {
    const at = out.claim(FeedGap.BYTES);
    if (at < 0) return;
    const gap = this.#gap.begin(out.memory, at);
    gap.eventNs = nowNs + this.clockOffsetNs;
    gap.instrument = i;
    out.commit();
    out.publish();
  }
}
