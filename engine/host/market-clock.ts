// The clock of a live market: China time of this machine, or, in a rehearsal, the time that the
// quote bridge plays a day at. Made from plain data by every thread that needs it (the maker of
// the setup, the quote link). Always: a day is 20260105 in China, times are ns since its midnight;
// China has one time zone and no summer time, so the machine's own zone does not matter.
import { dayOfNumber, numberOfDay } from '../rules/calendar-date.ts';

const CHINA_AHEAD_MS = 8 * 3_600_000;
const MS_PER_DAY = 86_400_000;
const NS_PER_MS = 1_000_000;

/** At host time `hostMs` the market's clock showed `marketMs`; it runs `speed` times as fast. */
export interface ClockSetting {
  /** Epoch milliseconds of the host's clock, and of the market's. */
  readonly hostMs: number;
  readonly marketMs: number;
  readonly speed: number;
}

/** The host's clock as it is. */
export const WALL_CLOCK: ClockSetting = Object.freeze({ hostMs: 0, marketMs: 0, speed: 1 });

export class MarketClock {
  readonly speed: number;
  readonly #hostMs: number;
  readonly #marketMs: number;
  readonly #host: () => number;

  /** `host` gives epoch milliseconds. */
  constructor(setting: ClockSetting = WALL_CLOCK, host: () => number = Date.now) {
    this.speed = setting.speed;
    this.#hostMs = setting.hostMs;
    this.#marketMs = setting.marketMs;
    this.#host = host;
  }

  /** Epoch milliseconds of the market's clock. */
  nowMs(): number {
    return this.#marketMs + (this.#host() - this.#hostMs) * this.speed;
  }

  /** Day in China. */
  day(): number {
    return dayOfNumber(Math.floor((this.nowMs() + CHINA_AHEAD_MS) / MS_PER_DAY));
  }

  /** ns since midnight China time of `day`; beyond 24 hours on later days. */
  nowNs(day: number): number {
    return this.nsOn(day, this.nowMs());
  }

  /** ns since midnight China time of `day` at a moment in epoch milliseconds. */
  nsOn(day: number, ms: number): number {
    return Math.round((ms + CHINA_AHEAD_MS - numberOfDay(day) * MS_PER_DAY) * NS_PER_MS);
  }
}
