// `pankou latency RUN`: what the way to the broker and back took in a recorded session, as a file
// that `pankou backtest --latency` draws from. Always: journals are only read; exit 0 when there
// was something to measure, 1 when not.
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';

const AFTER = `
RUN is the run folder of a session (or an account's journal in it). For each order the time from its
request to the first word of the broker is taken from the journal, by the host's own monotonic
clock. Half of it is counted as the way there and half as the way back: nobody can tell the two
apart without a common clock. The delay of market data cannot be measured from here at all.

Example:
  pankou latency runs/today --out broker.csv
  pankou backtest STRATEGY --latency order=file:broker.csv,report=file:broker.csv ...`;

const JOURNAL = /^journal-\d+$/;

export function registerLatency(program: Command): void {
  program
    .command('latency')
    .description("measured ways to the broker, as a file for a backtest's --latency")
    .argument('<RUN>', 'run folder of a session')
    .option('--out <FILE>', 'write the distribution, a line each: ns,count')
    .option('--json', 'print the percentiles as JSON')
    .addHelpText('after', AFTER)
    .action(async (run: string, flags: { out?: string; json?: boolean }) => {
      const { halvesText, roundTrips } = await import('../../engine/journal/round-trips.ts');
      const found = journalsIn(resolve(run)).map((dir) => roundTrips(dir));
      const ns = found.flatMap((one) => one.ns);
      const unanswered = found.reduce((sum, one) => sum + one.unanswered, 0);
      if (ns.length === 0) {
        throw new Error(`${run}: no order was answered here (${unanswered} were not answered)`);
      }
      const sorted = Float64Array.from(ns).sort();
      const at = (part: number): number => sorted[Math.floor((sorted.length - 1) * part)]!;
      const figures = { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) };
      if (flags.out !== undefined) writeFileSync(flags.out, halvesText(ns));
      if (flags.json === true) {
        console.log(JSON.stringify({ orders: ns.length, unanswered, roundTripNs: figures }));
        return;
      }
      const text = Object.entries(figures).map(([name, value]) => `${name} ${timeText(value)}`);
      console.log(`${ns.length} orders there and back: ${text.join(', ')}`);
      if (unanswered > 0) console.log(`${unanswered} orders were not answered`);
      if (flags.out === undefined) return;
      const leg = `file:${flags.out}`;
      console.log(`written; use it with --latency order=${leg},report=${leg}`);
    });
}

/** Journals of all accounts, or the one that was named. */
function journalsIn(run: string): string[] {
  if (!existsSync(run)) throw new Error(`${run}: no such folder`);
  const inside = readdirSync(run).filter((name) => JOURNAL.test(name));
  if (inside.length > 0) return inside.map((name) => join(run, name));
  if (readdirSync(run).some((name) => name.endsWith('.pkj'))) return [run];
  throw new Error(`${run} is no run folder: there is no journal-0 in it`);
}

function timeText(ns: number): string {
  if (ns < 1e6) return `${(ns / 1e3).toFixed(1)} µs`;
  return ns < 1e9 ? `${(ns / 1e6).toFixed(2)} ms` : `${(ns / 1e9).toFixed(2)} s`;
}
