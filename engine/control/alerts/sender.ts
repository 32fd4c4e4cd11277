// The queue of one channel: sends what waits, the first at once, whatever gathers meanwhile as one
// message; slows down at the channel's rate and after failures. Called by alerts.ts. Always: one
// message at a time; nothing leaves the spool before the channel has taken it; what is a day old is
// given up, and said.
import type { AlertLevel, ChannelConfig } from '../../config-arming.ts';
import { type Rendered, rank, render } from './alert-message.ts';
import type { Spool, Waiting } from './spool.ts';

const MINUTE_MS = 60_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
const GIVE_UP_MS = 86_400_000;
/** Alerts a channel that is down may keep; beyond it the oldest of the lowest level go. */
const QUEUE_MAX = 1_000;

export interface SenderOptions {
  readonly name: string;
  readonly channel: ChannelConfig;
  /** Name of the run, for titles. */
  readonly run: string;
  readonly language: 'zh' | 'en';
  readonly perMinute: number;
  readonly spool: Spool;
  readonly deliver: (channel: ChannelConfig, message: Rendered) => Promise<void>;
  readonly log: (text: string) => void;
  readonly now: () => number;
}

export class Sender {
  /** Messages the channel has taken. */
  sent = 0;
  lastAtMs = 0;
  lastError = '';
  readonly #options: SenderOptions;
  #queue: Waiting[] = [];
  #sentMs: number[] = [];
  #pauseMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #busy: Promise<void> | null = null;
  #closed = false;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  get level(): AlertLevel {
    return this.#options.channel.level;
  }

  get waiting(): number {
    return this.#queue.length;
  }

  add(waiting: Waiting): void {
    this.#queue.push(waiting);
    if (this.#queue.length > QUEUE_MAX) this.#thinOut();
    this.#go();
  }

  /** Sends past the queue: a test. */
  async sendNow(message: Rendered): Promise<void> {
    await this.#options.deliver(this.#options.channel, message);
    this.#noteSent();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#busy;
  }

  #go(): void {
    if (this.#closed || this.#busy !== null || this.#timer !== undefined) return;
    if (this.#queue.length === 0) return;
    const waitMs = Math.max(this.#pauseMs, this.#rateMs());
    if (waitMs > 0) {
      this.#timer = setTimeout(() => {
        this.#timer = undefined;
        this.#pauseMs = 0;
        this.#go();
      }, waitMs);
      return;
    }
    this.#busy = this.#sendAll().finally(() => {
      this.#busy = null;
      this.#go();
    });
  }

  /** Milliseconds until the channel takes another message. */
  #rateMs(): number {
    const { now, perMinute } = this.#options;
    const since = now() - MINUTE_MS;
    this.#sentMs = this.#sentMs.filter((ms) => ms > since);
    return this.#sentMs.length < perMinute ? 0 : this.#sentMs[0]! - since;
  }

  async #sendAll(): Promise<void> {
    const { channel, run, language, spool, deliver, log, now, name } = this.#options;
    const batch = this.#queue;
    this.#queue = [];
    const old = batch.filter(({ alert }) => now() - alert.atMs > GIVE_UP_MS);
    if (old.length > 0) {
      log(`alert channel ${name}: ${old.length} alerts of a day ago are given up`);
      spool.done(old);
    }
    const fresh = batch.filter((one) => !old.includes(one));
    if (fresh.length === 0) return;
    try {
      const alerts = fresh.map(({ alert }) => alert);
      await deliver(channel, render(alerts, run, language));
      this.#noteSent();
      this.#failures = 0;
      spool.done(fresh);
    } catch (error) {
      this.lastError = error instanceof Error ? error.message : String(error);
      log(`alert channel ${name}: ${this.lastError}; trying again`);
      this.#queue = [...fresh, ...this.#queue];
      const pause = FIRST_PAUSE_MS * 2 ** Math.min(10, this.#failures++);
      this.#pauseMs = Math.min(LONGEST_PAUSE_MS, pause);
    }
  }

  #failures = 0;

  #noteSent(): void {
    this.sent++;
    this.lastAtMs = this.#options.now();
    this.lastError = '';
    this.#sentMs.push(this.lastAtMs);
  }

  #thinOut(): void {
    const lowest = Math.min(...this.#queue.map(({ alert }) => rank(alert.level)));
    const at = this.#queue.findIndex(({ alert }) => rank(alert.level) === lowest);
    this.#options.spool.done(this.#queue.splice(at, 1));
  }
}
