// A day's tape whose bars of one moment, where there are several, are told as one block instead of
// frame by frame. Made by the simulated exchange's plan for setups with `wholePhases`, played by
// its world.
// Always: the same bars in the same order; a block has at most so many own orders in its bars that
// what becomes of them finds room in one go.
import type { BarBlocks } from '../core/bar-blocks.ts';
import { type MarketSource, SOURCE_END } from '../core/market-source.ts';
import { STAGE_FEED } from '../messages/codes.ts';
import { copyFrame, type FrameMemory } from '../messages/frames.ts';
import { Bar, BarBlock } from '../messages/generated/market.ts';
import { type Tape, TapeCursor } from './tape.ts';

/** Own orders in the bars of a block, at most; a bar with more is a block of its own. */
const ORDERS_MAX = 64;

export class BarBlockSource implements MarketSource {
  readonly count: number;
  readonly #cursor: TapeCursor;
  readonly #blocks: BarBlocks;
  readonly #liveIn: Int32Array;
  readonly #bar = new Bar();
  readonly #block = new BarBlock();

  /** `liveIn`: own orders by instrument. */
  constructor(tape: Tape, blocks: BarBlocks, liveIn: Int32Array) {
    this.count = tape.count;
    this.#cursor = new TapeCursor(tape);
    this.#blocks = blocks;
    this.#liveIn = liveIn;
  }

  nextNs(): number {
    return this.#cursor.done ? SOURCE_END : this.#cursor.eventNs;
  }

  next(target: FrameMemory, at: number): number {
    const cursor = this.#cursor;
    if (cursor.done) return SOURCE_END;
    if (cursor.type === Bar.TYPE) return this.#writeBars(target, at);
    const bytes = copyFrame(cursor.memory, cursor.at, target, at);
    cursor.advance();
    return bytes;
  }

  /** One bar, or a block: those of its moment in its chunk, as far as own orders let them. */
  #writeBars(target: FrameMemory, at: number): number {
    const cursor = this.#cursor;
    const { memory, eventNs } = cursor;
    const block = this.#block.begin(target, at);
    block.source = STAGE_FEED;
    block.eventNs = eventNs;
    block.firstAt = cursor.at;
    let orders = 0;
    let count = 0;
    do {
      orders += this.#liveIn[this.#bar.wrap(memory, cursor.at).instrument] ?? 0;
      if (count > 0 && orders > ORDERS_MAX) break;
      count++;
      cursor.advance();
    } while (!cursor.done && this.#isMore(memory, eventNs));
    if (count === 1) return copyFrame(memory, block.firstAt, target, at);
    block.count = count;
    this.#blocks.memory = memory;
    return BarBlock.BYTES;
  }

  #isMore(memory: FrameMemory, eventNs: number): boolean {
    const cursor = this.#cursor;
    return cursor.memory === memory && cursor.type === Bar.TYPE && cursor.eventNs === eventNs;
  }
}
