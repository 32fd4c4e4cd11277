// Where the bars of a block lie: a day's tape, read in place by everybody in the one thread of a
// backtest of daily bars. Made by the runner, set by whoever releases a block
// (backtest/bar-block-source.ts), read by feed, strategy host and the OMS's input.
// Always: the next block is released when everybody is done with this one.
import { FrameMemory } from '../messages/frames.ts';
import { Bar, type BarBlock } from '../messages/generated/market.ts';

/** Bytes from one bar of a block to the next. */
export const BLOCK_STEP = Bar.BYTES;

export class BarBlocks {
  /** Holds the bars of the block at hand, from its `firstAt` on. */
  memory = new FrameMemory(new ArrayBuffer(8));
}

/** What a reader has not taken of a block. */
export class BlockRest {
  /** Bars, and where the next one lies. */
  left = 0;
  at = 0;

  begin({ firstAt, count }: BarBlock): void {
    this.at = firstAt;
    this.left = count;
  }

  /** Goes on to the next bar; where the one lies that is taken. */
  take(): number {
    const { at } = this;
    this.at += BLOCK_STEP;
    this.left--;
    return at;
  }
}
