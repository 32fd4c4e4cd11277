// Latency of the three ways of a backtest: market data to the strategy, an order to the exchange, a
// report back. Read by the backtest command, drawn from by the simulated exchange
// (gateways/sim/delayed-session.ts). Always: whole nanoseconds; the same setup draws the same.
import { readFileSync } from 'node:fs';

/** Delays and how often each was measured; a fixed one has a single entry. */
export interface LatencyLeg {
  readonly ns: readonly number[];
  readonly counts: readonly number[];
}

export interface Latency {
  readonly feed: LatencyLeg;
  readonly order: LatencyLeg;
  readonly report: LatencyLeg;
}

export const NO_DELAY: LatencyLeg = Object.freeze({ ns: [0], counts: [1] });

/** What is wrong with a latency, for people. */
export class LatencyError extends Error {
  override readonly name = 'LatencyError';
}

const LEGS = ['feed', 'order', 'report'] as const;
const UNITS: Readonly<Record<string, number>> = { ns: 1, us: 1e3, ms: 1e6, s: 1e9 };
/** A minute: more is a mistake in the unit. */
const MOST_NS = 60e9;

/**
 * `feed=300us,order=1.5ms,report=file:measured.csv`; a leg that is not named takes no time. A file
 * has one measurement a line, nanoseconds, or `ns,count`; a first line with letters is its header.
 */
export function parseLatency(text: string, read = readText): Latency {
  const legs: Record<(typeof LEGS)[number], LatencyLeg> = {
    ...{ feed: NO_DELAY, order: NO_DELAY, report: NO_DELAY },
  };
  for (const part of text.split(',')) {
    const [name = '', value = ''] = part.split(/=(.*)/s);
    const leg = LEGS.find((known) => known === name.trim());
    if (leg === undefined) {
      throw new LatencyError(`latency '${part}': expected feed=…, order=… or report=…`);
    }
    legs[leg] = value.startsWith('file:') ? legOfFile(value.slice(5), read) : fixedLeg(part, value);
  }
  return legs;
}

function fixedLeg(part: string, value: string): LatencyLeg {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)(ns|us|ms|s)$/.exec(value.trim()) ?? [];
  if (number === undefined) {
    throw new LatencyError(`latency '${part}': expected a time such as 300us, 1.5ms, or file:PATH`);
  }
  const ns = Math.round(Number(number) * UNITS[unit]!);
  if (ns > MOST_NS) throw new LatencyError(`latency '${part}': expected at most a minute`);
  return { ns: [ns], counts: [1] };
}

function legOfFile(path: string, read: (path: string) => string): LatencyLeg {
  const ns: number[] = [];
  const counts: number[] = [];
  for (const [n, line] of read(path).split(/\r?\n/).entries()) {
    if (line.trim() === '' || (n === 0 && /[a-z]/i.test(line))) continue;
    const [value = Number.NaN, count = 1] = line.split(',').map(Number);
    const fine = Number.isInteger(value) && value >= 0 && value <= MOST_NS;
    if (!fine || !Number.isInteger(count) || count <= 0) {
      throw new LatencyError(
        `${path}, line ${n + 1}: '${line}': expected whole nanoseconds from 0 to a minute, or ` +
          'those and a count above 0',
      );
    }
    ns.push(value);
    counts.push(count);
  }
  if (ns.length === 0) throw new LatencyError(`${path}: no measurement in it`);
  return { ns, counts };
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new LatencyError(`${path}: cannot be read`);
  }
}
