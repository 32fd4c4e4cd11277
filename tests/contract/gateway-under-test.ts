// What the conformance kit needs of a gateway: the rings of a session, a hand in the market and in
// the broker's books, and the faults that can be made. Implemented for the simulated exchange
// (gateway-sim.test.ts) and for bridges in processes of their own (gateway-processes.ts).
// Always: a frame taken is taken once; `settle` returns when nothing more seems to come.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Fields, MessageClass, Shown } from '../support/actor-harness.ts';
import type { CounterBooks } from '../support/qmt/counter/counter-process.ts';
import { ROOT } from '../support/run-cli.ts';

/** Dense indexes of every gateway under test. */
export const SYMBOLS = ['000001.SZ', '600001.SH', '123001.SZ'] as const;
/** 0 an ordinary account, 1 a second one (credit, where the broker knows such). */
export const ACCOUNTS = ['demo', 'margin'] as const;
export const DAY = 20260105;
export const EPOCH = 3;

export interface GatewayUnderTest {
  /** Words that the kit knows, what it cannot do: the capability file. */
  readonly cannot: ReadonlySet<string>;
  send<T>(message: MessageClass<T>, fields: Fields<T>, account: number): void;
  /** Lets it work, and gives what it said since; of all accounts. */
  take(): Promise<Shown[]>;
  /** Until nothing more comes for a while: none of what is under way is still unsaid. */
  settle(): Promise<Shown[]>;
  /** The crowd offers (side 2) or bids (1) at a price; what does not trade leaves, or stays. */
  market(
    instrument: number,
    side: number,
    priceE4: number,
    qty: number,
    keep: boolean,
  ): Promise<void>;
  phase(name: 'continuous' | 'closed'): Promise<void>;
  /** The broker's own books; null = it has none of its own. */
  books(account: number): Promise<CounterBooks | null>;
  /** A deed of the table that is none of the above: `fault none`, `bridge restarts`. */
  deed(words: readonly string[]): Promise<void>;
  /** Between two cases: no order lives, no fault is ordered. */
  clear(): Promise<void>;
}

/** The words of a capability file, `{ "cannot": [...] }`. */
export function cannotOf(file: string): ReadonlySet<string> {
  const { cannot } = JSON.parse(readFileSync(join(ROOT, file), 'utf8')) as { cannot: string[] };
  return new Set(cannot);
}
