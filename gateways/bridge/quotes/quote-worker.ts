// The thread of the link to a quote bridge: holds the socket, asks for the instruments, lets the
// quote desk put quotes and phases into one order, records that order and passes it on through a
// ring. Started by quote-source.ts. Always: it connects for ever, slower and slower; a full ring
// stops the reading of the socket and nothing is dropped here; what was passed on was written to
// the raw log before (write(): it survives a kill).
import { writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import { QuoteLog } from '../../../engine/backtest/store/quote-log.ts';
import { MarketClock } from '../../../engine/host/market-clock.ts';
import { LINK_SILENT } from '../../../engine/messages/codes.ts';
import { copyFrame, FrameMemory, frameLength } from '../../../engine/messages/frames.ts';
import { SpscRing } from '../../../engine/ring/spsc-ring.ts';
import { QuoteConnection, type QuoteHandler } from './quote-connection.ts';
import { QuoteDesk } from './quote-desk.ts';
import type { Detail, Notice, Welcome } from './quote-messages.ts';
import { BEAT_MS, type QuoteStart, WORD_BEAT } from './quote-worker-start.ts';

const STDERR = 2;
const RETRY_MS = 100;
const RETRY_MAX_MS = 3_000;
const STALL_MS = 1;
/** Longest sleep between two looks at the clock. */
const LOOK_MS = 100;
/** A difference of the two machines' clocks that people must know, ms. */
const OFFSET_MAX_MS = 2_000;
/** A link that stays silent is made anew, host time. */
const RENEW_MS = 20_000;

class QuoteWorker implements QuoteHandler {
  readonly #start: QuoteStart;
  readonly #ring: SpscRing;
  #clock: MarketClock;
  readonly #desk: QuoteDesk;
  readonly #log: QuoteLog | null;
  /** Frames that found no room in the ring. */
  readonly #stalled: FrameMemory[] = [];
  #connection: QuoteConnection | null = null;
  #isAsked = false;
  #retryMs = RETRY_MS;
  #silentSinceMs = 0;
  #isOffset = false;
  #isLooking = false;
  /** What people were told last about the connection: a retry that meets the same is silent. */
  #toldLast = '';

  constructor(start: QuoteStart) {
    this.#start = start;
    this.#ring = new SpscRing(start.ring, 0, start.ringBytes);
    this.#clock = new MarketClock(start.clock);
    this.#log = this.#openLog();
    const { instruments, day, untilNs } = start;
    // Quotes of an earlier life of this day are never recorded twice, nor before others.
    const fromNs = Math.max(start.fromNs, this.#log?.lastNs ?? 0);
    this.#desk = new QuoteDesk(
      { instruments, day, fromNs, untilNs },
      (memory, at) => this.#put(memory, at),
      (text) => this.#say(text),
    );
    this.#desk.isRecording = this.#log !== null;
  }

  run(): void {
    setInterval(() => Atomics.add(this.#start.words, WORD_BEAT, 1), BEAT_MS);
    // A rehearsal has no time but the one its bridge says.
    if (!this.#start.isRehearsal) this.#look();
    this.#connect();
  }

  onWelcome(welcome: Welcome): void {
    this.#retryMs = RETRY_MS;
    const { isRehearsal } = this.#start;
    if (welcome.rehearsal !== isRehearsal) {
      const now = welcome.rehearsal ? 'plays a day that is not now' : 'sends the quotes of now';
      this.#connection?.end(`the bridge ${now}: start the session again`);
      return;
    }
    if (isRehearsal) this.#rehearse(welcome);
    this.#tell(`connected${welcome.about === '' ? '' : ` to ${welcome.about}`}`);
    this.onClock(welcome.clockMs);
  }

  #rehearse({ clockMs, speed }: Welcome): void {
    this.#clock = new MarketClock({ hostMs: Date.now(), marketMs: clockMs, speed });
    if (!this.#isLooking) this.#look();
  }

  onDetails(rows: readonly Detail[]): void {
    const { instruments } = this.#start;
    for (const [i, row] of rows.entries()) {
      const { preCloseE4, upperLimitE4 } = instruments[i]!;
      if (preCloseE4 > 0 && row.preCloseE4 > 0 && row.preCloseE4 !== preCloseE4) {
        this.#desk.onChangedDetail(i, 'the previous close in its details changed');
      } else if (upperLimitE4 > 0 && row.upperLimitE4 > 0 && row.upperLimitE4 !== upperLimitE4) {
        this.#desk.onChangedDetail(i, 'its limit prices changed');
      }
    }
    this.#isAsked = true;
    this.#desk.onUp(this.#nowNs());
    this.onPiece();
  }

  onQuote(memory: FrameMemory, at: number): void {
    this.#desk.onQuote(memory, at, this.#nowNs());
  }

  onClock(clockMs: number): void {
    if (this.#start.isRehearsal) return;
    const offsetMs = clockMs - this.#clock.nowMs();
    this.#desk.clockOffsetMs = Math.max(-1e9, Math.min(1e9, offsetMs));
    const isOffset = Math.abs(offsetMs) > OFFSET_MAX_MS;
    if (isOffset && !this.#isOffset) {
      const way = offsetMs > 0 ? 'ahead of' : 'behind';
      const by = (Math.abs(offsetMs) / 1_000).toFixed(1);
      this.#say(
        `the clock of the bridge's machine is ${by} s ${way} this one: set both by time server; ` +
          'phases go by the clock of this machine',
      );
    }
    this.#isOffset = isOffset;
  }

  onNotice({ level, text }: Notice): void {
    this.#say(level === 'info' ? text : `${level}: ${text}`);
  }

  onPiece(): void {
    this.#flush();
    if (this.#stalled.length === 0) return;
    this.#connection?.pause();
    setTimeout(() => this.#drain(), STALL_MS);
  }

  onEnd(why: string, refused: boolean): void {
    if (this.#desk.ended) return;
    if (this.#isAsked) this.#tell(`connection lost: ${why}; trying again`);
    else if (refused) this.#tell(`${why}; trying again`);
    else this.#tell(`cannot be reached (${why}): is it running? Trying again`);
    this.#isAsked = false;
    this.#connection = null;
    this.#desk.onDown(this.#nowNs());
    this.#flush();
    setTimeout(() => this.#connect(), this.#retryMs);
    this.#retryMs = Math.min(RETRY_MAX_MS, this.#retryMs * 2);
  }

  #connect(): void {
    if (this.#desk.ended) return;
    const { address, secret, day, instruments } = this.#start;
    const symbols = instruments.map(({ symbol }) => symbol);
    this.#silentSinceMs = 0;
    this.#connection = new QuoteConnection({ address, secret, symbols, day, watch: true }, this);
  }

  /** Looks at the clock: phases, silence, the end. Again when the next phase is due. */
  #look(): void {
    this.#isLooking = true;
    const nowNs = this.#nowNs();
    this.#desk.onTime(nowNs);
    this.#renewSilent();
    this.#flush();
    if (this.#desk.ended) {
      this.#connection?.end('the session is over');
      return;
    }
    const dueMs = (this.#desk.nextNs() - nowNs) / 1e6 / this.#clock.speed;
    setTimeout(() => this.#look(), Math.max(1, Math.min(LOOK_MS, Math.ceil(dueMs))));
  }

  /** Subscriptions can stop silently: after a while all is asked for anew. */
  #renewSilent(): void {
    if (this.#desk.state !== LINK_SILENT) this.#silentSinceMs = 0;
    else if (this.#silentSinceMs === 0) this.#silentSinceMs = performance.now();
    else if (performance.now() - this.#silentSinceMs > RENEW_MS / this.#clock.speed) {
      this.#connection?.end('silent for too long: subscribing anew');
    }
  }

  #nowNs(): number {
    return this.#clock.nowNs(this.#start.day);
  }

  /** One frame of the market, in its final order. */
  #put(memory: FrameMemory, at: number): void {
    this.#record(memory, at);
    if (this.#stalled.length === 0 && this.#ring.offer(memory, at) >= 0) return;
    const copy = new FrameMemory(new ArrayBuffer(frameLength(memory, at)));
    copyFrame(memory, at, copy, 0);
    this.#stalled.push(copy);
  }

  #record(memory: FrameMemory, at: number): void {
    if (this.#log === null || !this.#desk.isRecording) return;
    try {
      this.#log.append(memory, at);
    } catch (error) {
      this.#stopLog(error);
    }
  }

  /** Written first, then shown to the engine. */
  #flush(): void {
    try {
      if (this.#desk.isRecording) this.#log?.flush();
    } catch (error) {
      this.#stopLog(error);
    }
    this.#ring.publish();
  }

  #stopLog(error: unknown): void {
    this.#desk.isRecording = false;
    this.#say(`RECORDING STOPPED: ${textOf(error)}; trading goes on, this day's file ends here`);
  }

  #openLog(): QuoteLog | null {
    const { store, day, instruments } = this.#start;
    try {
      return QuoteLog.create(store, day, instruments);
    } catch (error) {
      this.#say(`NOT RECORDING: ${textOf(error)}`);
      return null;
    }
  }

  /** The engine has made room: what waits goes first, then the socket is read again. */
  #drain(): void {
    while (this.#stalled.length > 0 && this.#ring.offer(this.#stalled[0]!, 0) >= 0) {
      this.#stalled.shift();
    }
    this.#ring.publish();
    if (this.#stalled.length === 0) this.#connection?.resume();
    else setTimeout(() => this.#drain(), STALL_MS);
  }

  #tell(text: string): void {
    if (text === this.#toldLast) return;
    this.#toldLast = text;
    this.#say(text);
  }

  #say(text: string): void {
    // The thread above never turns its event loop, so neither messages nor its streams get out.
    writeSync(STDERR, `quotes ${this.#start.address}: ${text}\n`);
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

new QuoteWorker(workerData as QuoteStart).run();
