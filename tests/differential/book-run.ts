// Runs a kernel and its slow twin side by side over seeded random operations and tells the first
// difference. Called by the differential tests (short) and by subjects.ts for the long command.
// Always: the same market, seed and number of operations give the same run.

import type { BookKernel } from '../../engine/core/book.ts';
import { BookCode } from '../../engine/core/book.ts';
import { loadKernels } from '../../engine/host/kernels.ts';
import { ReferenceBook } from '../../wasm/reference/book.ts';
import { booksDiffer, outcomesDiffer, tradesDiffer, viewsDiffer } from './comparison.ts';
import type { Market, Operation, Random } from './operations.ts';
import { apply, below, randomOperation, seeded, writeAsCommand } from './operations.ts';

/** What is run: the market, and what its operations are. */
export interface Plan {
  readonly market: Market;
  /** Levels outside the window; default: none, prices outside are refused. */
  readonly overflow?: number;
  /** Default: randomOperation() of the market. */
  readonly operation?: (random: Random) => Operation;
}

/** What a run went through, so that a test can say that it was not idle. */
export interface Marks {
  readonly answers: Set<string>;
  readonly kinds: Set<string>;
  trades: number;
  /** Trades at prices outside the market's window. */
  outside: number;
}

export function newMarks(): Marks {
  return { answers: new Set(), kinds: new Set(), trades: 0, outside: 0 };
}

export function openBoth(plan: Plan): { kernel: BookKernel; twin: BookKernel } {
  const { market, overflow = 0 } = plan;
  const { instruments, tickE4, loE4, hiE4, quota } = market;
  const ticks = (hiE4 - loE4) / tickE4 + 1;
  const sizes = {
    maxInstruments: instruments,
    maxOrders: instruments * quota,
    maxLevels: instruments * (ticks + overflow),
  };
  const kernel = loadKernels(sizes).book;
  const twin = new ReferenceBook(sizes.maxInstruments, sizes.maxOrders, sizes.maxLevels);
  for (const book of [kernel, twin]) {
    for (let instr = 0; instr < instruments; instr++) {
      const codes = [book.openInstrument(instr, tickE4, loE4, hiE4, quota)];
      if (overflow > 0) codes.push(book.openOverflow(instr, overflow));
      const bad = codes.find((code) => code !== BookCode.OK);
      if (bad !== undefined) throw new Error(`instrument ${instr} does not open: ${bad}`);
    }
  }
  return { kernel, twin };
}

/** Runs both books call by call; returns the first difference as text. */
export function runBoth(
  plan: Plan,
  seed: number,
  operations: number,
  marks: Marks = newMarks(),
): string | undefined {
  const { kernel, twin } = openBoth(plan);
  const { market, operation = (from: Random) => randomOperation(from, market) } = plan;
  const random = seeded(seed);
  for (let step = 0; step < operations; step++) {
    const o = operation(random);
    const answer = apply(kernel, o);
    const expected = apply(twin, o);
    const difference =
      (answer === expected ? undefined : `answer ${answer} != ${expected}`) ??
      stepDiffers(kernel, twin, o, step);
    if (difference) return `seed ${seed} step ${step} ${JSON.stringify(o)}: ${difference}`;
    mark(marks, kernel, o, answer, market);
  }
  return undefined;
}

function stepDiffers(kernel: BookKernel, twin: BookKernel, o: Operation, step: number) {
  let difference: string | undefined;
  if (o.name === 'submit') difference = tradesDiffer(kernel, twin) ?? outcomesDiffer(kernel, twin);
  if (o.name === 'uncross') difference = tradesDiffer(kernel, twin);
  if (o.name === 'auction' && kernel.auctionQty !== twin.auctionQty) difference = 'auctionQty';
  if (o.name === 'auction' && kernel.auctionImbalance !== twin.auctionImbalance) {
    difference = `imbalance ${kernel.auctionImbalance} != ${twin.auctionImbalance}`;
  }
  if (step % 8 === 0) difference ??= booksDiffer(kernel, twin, o.instr, 10);
  if (step % 8 === 4) difference ??= viewsDiffer(kernel, twin, o);
  return difference;
}

function mark(marks: Marks, book: BookKernel, o: Operation, answer: number, market: Market): void {
  marks.answers.add(`${o.name} ${answer < 0 ? answer : 'ok'}`);
  if (answer < 0 || (o.name !== 'uncross' && o.name !== 'submit')) return;
  marks.trades += answer;
  for (let i = 0; i < answer; i++) {
    const priceE4 = book.tradePriceE4(i);
    if (priceE4 < market.loE4 || priceE4 > market.hiE4) marks.outside++;
  }
  if (o.name !== 'submit') return;
  if (answer > 0) marks.kinds.add(`${o.kind} traded`);
  if (book.restedQty > 0) marks.kinds.add(`${o.kind} rested`);
  if (book.killedQty > 0) marks.kinds.add(`${o.kind} killed`);
}

/** The batch form: rounds of commands, then every result, trade and both books. */
export function runRounds(plan: Plan, seed: number, operations: number): string | undefined {
  const { kernel, twin } = openBoth(plan);
  const random = seeded(seed);
  for (let done = 0, round = 0; done < operations; round++) {
    const count = writeRound(plan.market, kernel, twin, random);
    const ran = `${kernel.runBatch(0, count)} and ${twin.runBatch(0, count)} of ${count}`;
    const difference =
      (ran === `${count} and ${count} of ${count}` ? undefined : `ran ${ran}`) ??
      tradesDiffer(kernel, twin) ??
      resultsDiffer(kernel, twin, count) ??
      booksDiffer(kernel, twin, round % plan.market.instruments, 10);
    if (difference) return `seed ${seed} round ${round} of ${count} commands: ${difference}`;
    done += count;
  }
  return undefined;
}

function writeRound(market: Market, kernel: BookKernel, twin: BookKernel, random: Random): number {
  let count = 0;
  for (let i = 0; i < 50 + below(random, 200); i++) {
    const o = randomOperation(random, market);
    if (writeAsCommand(kernel, count, o) && writeAsCommand(twin, count, o)) count++;
  }
  return count;
}

function resultsDiffer(kernel: BookKernel, twin: BookKernel, count: number): string | undefined {
  for (let i = 0; i < count; i++) {
    const [one, other] = [resultText(kernel, i), resultText(twin, i)];
    if (one !== other) return `command ${i}: ${one} != ${other}`;
  }
  return undefined;
}

function resultText(book: BookKernel, i: number): string {
  const rested = `${book.commandRestedQty(i)}@${book.commandRestedPriceE4(i)}`;
  return `${book.commandResult(i)} ${rested}`;
}
