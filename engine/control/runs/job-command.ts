// A request to run a backtest as arguments of `pankou backtest`: the pages run what anybody can
// type. Called by the job queue. Always: every value is one argument of its own, never part of a
// shell line, and is checked again by the command.
import { writeFileSync } from 'node:fs';
import type { RunBody } from './run-schemas.ts';

/** Writes the fees, where the request has any; the path is the option's value. */
export function writeFees(body: RunBody, path: string): string | null {
  if (body.fees === undefined || Object.keys(body.fees).length === 0) return null;
  writeFileSync(path, `${JSON.stringify(body.fees, null, 2)}\n`);
  return path;
}

/** Arguments of `pankou`, beginning with `backtest`. */
export function backtestArgs(body: RunBody, feesFile: string | null): string[] {
  const args = ['backtest', body.strategy, '--data', body.data];
  args.push('--instruments', body.instruments.join(','), '--cash', decimal(body.cash));
  const option = (name: string, value: string | number | undefined): void => {
    if (value !== undefined) args.push(`--${name}`, String(value));
  };
  for (const [symbol, qty] of Object.entries(body.positions))
    option('position', `${symbol}=${qty}`);
  for (const [name, value] of Object.entries(body.params)) {
    option('param', `${name}=${paramText(value)}`);
  }
  if (body.data.startsWith('synthetic:')) option('day', body.day);
  option('from', body.from);
  option('to', body.to);
  option('freq', body.freq);
  option('benchmark', body.benchmark);
  option('rf', body.rf === undefined ? undefined : decimal(body.rf));
  option('world', body.world);
  option('queue', body.queue);
  option('bar-share', body.barShare === undefined ? undefined : decimal(body.barShare));
  option('latency', body.latency);
  option('fees', feesFile ?? undefined);
  return args;
}

/** As the command line reads it back: text that looks like a number stays text. */
function paramText(value: number | boolean | string): string {
  return typeof value === 'string' ? `"${value}"` : String(value);
}

/** Without an exponent; at most nine decimals. */
function decimal(value: number): string {
  return value.toFixed(9).replace(/\.?0+$/, '');
}

/** For people: the line they would type. */
export function commandLine(args: readonly string[]): string {
  const plain = /^[\w@%+=:,./-]+$/;
  const quoted = args.map((arg) => (plain.test(arg) ? arg : `'${arg.replaceAll("'", "'\\''")}'`));
  return ['pankou', ...quoted].join(' ');
}
