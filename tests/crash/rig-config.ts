// What the crash rig's engine is configured with: the same synthetic market and strategy at two
// paces. Used by crash-rig.ts. Always: free of fees, so that the cash of both sides must be equal
// to the fen; the limits are those of a broker's account (299 orders and cancels a second, 20,000
// a day): nothing is raised above what a real account may do.
import { join } from 'node:path';
import { ROOT } from '../support/run-cli.ts';

export const DAY = 20260105;
export const QTY = 1_000_000;
export const CASH = 500_000_000;
const PRE_CLOSE = 12.5;

/** How busy a run is. */
export interface Pace {
  /** Several: an order of unknown fate stops the buying of its instrument only. */
  readonly symbols: number;
  /** Engine seconds in one of the wall clock: 1 = all patience is as in real trading. */
  readonly speed: number;
  /** Of each instrument's synthetic market. */
  readonly eventsPerSecond: number;
  /** Ms between two trades at the counter. */
  readonly beatMs: number;
  /** File of the strategy, and what it is given. */
  readonly strategy: string;
  readonly params: { readonly [name: string]: number };
}

/** Some orders a second, time five times as fast: short tests. */
export const CALM: Pace = {
  ...{ symbols: 6, speed: 5, eventsPerSecond: 10, beatMs: 15 },
  strategy: 'tests/support/bad-strategies/busy.ts',
  params: { everyMs: 300 },
};

/** What an account may do at most, by the real clock: campaigns. */
export const BUSY: Pace = {
  ...{ symbols: 24, speed: 1, eventsPerSecond: 10, beatMs: 10 },
  strategy: 'tests/crash/batch-strategy.ts',
  // Of two orders one is cancelled: what is refused in bad times counts for the day's number too.
  params: { everyMs: 30, batch: 7, keep: 40, cancelOne: 2, pauseMs: 50 },
};

export function symbolsOf({ symbols }: Pace): string[] {
  return Array.from({ length: symbols }, (_, i) => `${600_001 + i}.SH`);
}

/** The engine's configuration; `dir`: where secret, link and journal are. */
export function rigConfig(dir: string, seed: number, pace: Pace): object {
  const { speed, eventsPerSecond, strategy, params } = pace;
  const symbols = symbolsOf(pace);
  const instruments = symbols.map((symbol) => ({ symbol, preClose: PRE_CLOSE, eventsPerSecond }));
  const positions = Object.fromEntries(symbols.map((s) => [s, { qty: QTY, cost: 12 }]));
  const fees = { commissionRate: 0, commissionMin: 0, stampDutyRate: 0, transferRate: 0 };
  return {
    name: 'crash',
    day: DAY,
    market: { source: 'synthetic', seed, instruments },
    gateway: { kind: 'bridge', address: join(dir, 'link.sock'), secretFile: 'secret' },
    accounts: [{ id: 'demo', cash: CASH, positions, fees, simulated: true }],
    strategies: [
      {
        name: 'busy',
        file: join(ROOT, strategy),
        account: 'demo',
        instruments: symbols,
        params,
        onFailure: 'keep',
      },
    ],
    limits: { account: { reportedPerSecond: 299, reportedPerDay: 19_999 } },
    speed,
    heartbeatMs: 60_000,
    journal: { dir: 'run', segmentMiB: 4 },
    recording: false,
    api: { enabled: false },
  };
}
