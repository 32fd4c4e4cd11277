// A quote desk between lists: what it puts out as rows, what it tells as lines. Used by the tests
// of the desk and of the recording.
import type { Instrument } from '../../../engine/core/instrument.ts';
import { PHASE_NAMES } from '../../../engine/messages/codes.ts';
import { copyFrame, FrameMemory, frameLength, frameType } from '../../../engine/messages/frames.ts';
import { End } from '../../../engine/messages/generated/control.ts';
import {
  FeedGap,
  Phase,
  QuoteLink,
  SnapshotTick,
} from '../../../engine/messages/generated/market.ts';
import { makeInstrument } from '../../../engine/rules/make-instrument.ts';
import { builtInBook } from '../../../engine/rules/rule-book.ts';
import { QuoteDesk } from '../../../gateways/bridge/quotes/quote-desk.ts';
import { type TestQuote, writeQuote } from '../../support/qmt/quote-server.ts';

export const DAY = 20260105;
export const S = 1_000_000_000;
export const at = (h: number, m: number, s = 0): number => ((h * 60 + m) * 60 + s) * S;
export const SYMBOLS = ['600001.SH', '000003.SZ'];

/** Two shares of 12.50 with limits 13.75 and 11.25. */
export function twoShares(): Instrument[] {
  const rules = builtInBook().on(DAY);
  return SYMBOLS.map((symbol, i) => makeInstrument(rules, i, symbol, { preCloseE4: 125_000 }));
}

/** A quiet, sound quote of 12.50. */
export function quoteOf(ns: number, changes: Partial<TestQuote> = {}): TestQuote {
  return {
    ...{ symbol: SYMBOLS[0]!, ns, lastE4: 125_000, preCloseE4: 125_000, volume: 1_000 },
    ...{ amountE4: 125_000_000, bids: [[124_900, 500]], asks: [[125_000, 300]] },
    ...changes,
  };
}

export class DeskRun {
  readonly frames: FrameMemory[] = [];
  readonly told: string[] = [];
  readonly desk: QuoteDesk;

  constructor(options: { fromNs?: number; untilNs?: number } = {}) {
    const { fromNs = 0, untilNs = at(15, 10) } = options;
    this.desk = new QuoteDesk(
      { instruments: twoShares(), day: DAY, fromNs, untilNs },
      (memory, from) => {
        const copy = new FrameMemory(new ArrayBuffer(frameLength(memory, from)));
        copyFrame(memory, from, copy, 0);
        this.frames.push(copy);
      },
      (text) => this.told.push(text),
    );
  }

  /** A quote that comes at `nowNs`, default its own time and a moment. */
  quote(quote: TestQuote, nowNs = quote.ns + 40_000_000): this {
    const memory = new FrameMemory(new ArrayBuffer(SnapshotTick.BYTES));
    const place = SYMBOLS.indexOf(quote.symbol);
    writeQuote(memory, place < 0 ? SYMBOLS.length : place, quote);
    this.desk.onQuote(memory, 0, nowNs);
    return this;
  }

  /** `09:30:00 continuous`, `09:30:03 600001.SH 12.5 continuous`, `gap all`, `end`. */
  rows(): string[] {
    return this.frames.flatMap((frame) => {
      const text = rowOf(frame);
      return text === null ? [] : [text];
    });
  }

  /** Times of what came out, links apart. */
  times(): number[] {
    const links = (frame: FrameMemory): boolean => frameType(frame, 0) !== QuoteLink.TYPE;
    return this.frames.filter(links).map((frame) => new Phase().wrap(frame, 0).eventNs);
  }

  /** LINK_* as said, each change once. */
  states(): number[] {
    const links = this.frames.filter((frame) => frameType(frame, 0) === QuoteLink.TYPE);
    const states = links.map((frame) => new QuoteLink().wrap(frame, 0).state);
    return states.filter((state, n) => state !== states[n - 1]);
  }
}

function rowOf(frame: FrameMemory): string | null {
  const type = frameType(frame, 0);
  if (type === Phase.TYPE) {
    const phase = new Phase().wrap(frame, 0);
    const whose = phase.instrument < 0 ? '' : ` of ${SYMBOLS[phase.instrument]}`;
    return `${clock(phase.eventNs)} ${PHASE_NAMES[phase.phase]}${whose}`;
  }
  if (type === SnapshotTick.TYPE) {
    const tick = new SnapshotTick().wrap(frame, 0);
    const price = tick.lastE4 / 10_000;
    const phase = PHASE_NAMES[tick.phase];
    return `${clock(tick.eventNs)} ${SYMBOLS[tick.instrument]} ${price} ${phase}`;
  }
  if (type === FeedGap.TYPE) {
    const { instrument } = new FeedGap().wrap(frame, 0);
    return `gap ${instrument < 0 ? 'all' : SYMBOLS[instrument]}`;
  }
  return type === End.TYPE ? 'end' : null;
}

/** Whole seconds. */
function clock(ns: number): string {
  const s = Math.floor(ns / S);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${two(Math.floor(s / 3600))}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
}
