// `pankou match`: plain price-time matching of a neutral CSV. Hands over to
// engine/verify/match-file.ts. Always: trades go to --out or stdout and nothing else does; what is
// for people goes to stderr; any bad row makes the exit code 1.
import { closeSync, openSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { SingleBar } from 'cli-progress';
import { type Command, InvalidArgumentError } from 'commander';
import type { Matched } from '../../engine/verify/match-file.ts';

const AFTER = `
FILE has the columns seq,kind,id,side,priceE4,qty: seq rises; kind is add or cancel; side is B or S;
priceE4 is the price in 1/10,000 yuan; a cancel without qty (or 0) takes all that is left. The
range of prices is taken from the file. Trades: seq,buyId,sellId,priceE4,qty,aggressor.
A bad row is named and left out; docs/VERIFY.md lists what can be wrong.
Exit codes: 0 every row was good, 1 bad rows or a file that cannot be read, 2 wrong use.

Example:
  pankou match orders.csv --out trades.csv`;

/** Bad rows that are printed; all are counted. */
const SHOWN = 20;
const STEPS = 1000;

interface MatchFlags {
  out?: string;
  tickE4: number;
}

export function registerMatch(program: Command): void {
  program
    .command('match')
    .description('match a CSV of orders and cancels by price and time')
    .argument('<FILE>', '.csv or .csv.gz of orders and cancels')
    .option('--out <FILE>', 'write the trades there instead of to stdout')
    .option('--tick-e4 <N>', 'price step in 1/10,000 yuan', tickValue, 100)
    .addHelpText('after', AFTER)
    .action(async (file: string, flags: MatchFlags) => {
      const { matchFile } = await import('../../engine/verify/match-file.ts');
      const bar = progressBar();
      try {
        const matched = await matchFile({
          path: resolve(file),
          tickE4: flags.tickE4,
          onProgress: (fraction) => bar?.update(Math.floor(fraction * STEPS)),
        });
        bar?.stop();
        if (flags.out === undefined) toStdout(matched);
        else toFile(matched, resolve(flags.out));
        await tell(matched);
        process.exitCode = matched.badRows.length === 0 ? 0 : 1;
      } finally {
        bar?.stop();
      }
    });
}

function toFile(matched: Matched, path: string): void {
  const file = openSync(path, 'w');
  try {
    for (const piece of matched.tradeText()) writeSync(file, piece);
  } finally {
    closeSync(file);
  }
}

/** `match | head` closes the pipe early: that is no failure. */
function toStdout(matched: Matched): void {
  process.stdout.on('error', (error: Error & { code?: string }) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  for (const piece of matched.tradeText()) process.stdout.write(piece);
}

async function tell(matched: Matched): Promise<void> {
  const { describeBadRow } = await import('../../engine/backtest/data/errors.ts');
  const { badRows, rows, orders, cancels, trades, volume, resting, kernelSeconds } = matched;
  for (const bad of badRows.slice(0, SHOWN)) console.error(describeBadRow(bad));
  if (badRows.length > SHOWN) console.error(`... and ${badRows.length - SHOWN} more bad rows`);
  console.error(
    `${rows} rows: ${orders} orders, ${cancels} cancels, ${badRows.length} bad; ` +
      `${trades} trades of ${volume} shares; ${resting} orders rest; ` +
      `${(kernelSeconds * 1000).toFixed(1)} ms in the kernel`,
  );
}

function progressBar(): SingleBar | null {
  if (process.stderr.isTTY !== true) return null;
  const bar = new SingleBar({
    format: '{bar} {percentage}% | reading',
    hideCursor: true,
    clearOnComplete: true,
  });
  bar.start(STEPS, 0);
  return bar;
}

function tickValue(text: string): number {
  const value = /^\d{1,7}$/.test(text) ? Number(text) : 0;
  if (value > 0) return value;
  throw new InvalidArgumentError('Expected a whole number of 1/10,000 yuan, 100 for 0.01 yuan.');
}
