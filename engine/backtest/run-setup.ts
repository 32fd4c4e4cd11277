// The setup of one day of a backtest, from the options of the command and the facts of the day's
// market. Called by many-days.ts. Always: the first day opens with the options' cash and base
// shares; what a later day opens with is put into it by the caller.
import { basename } from 'node:path';
import type { EngineSetup, FileSource, SyntheticSource } from '../host/setup.ts';
import { rulesOf } from '../risk-limits.ts';
import { dayPlaceOf } from '../rules/day-place.ts';
import { feeSchedules } from '../rules/fee-dates.ts';
import type { RuleBook } from '../rules/rule-book.ts';
import { version } from '../version.ts';
import { type MarketFacts, marketOf } from './market-facts.ts';
import type { BacktestOptions } from './options.ts';

/** Orders of a day of daily bars: a strategy decides once for each instrument, or a few times. */
const DAILY_ORDERS_MIN = 1024;
const DAILY_ORDERS_EACH = 8;
const ORDERS_OF_A_DAY_MAX = 65_536;
const SMALL_DAY_INSTRUMENTS = 64;
const SMALL_DAY_SCALE = 16;

export function strategyName(options: BacktestOptions): string {
  return basename(options.strategyFile).replace(/\.(?:[cm]?[jt]s|py)$/, '');
}

export function setupOf(
  options: BacktestOptions,
  source: FileSource | SyntheticSource,
  facts: MarketFacts,
  book: RuleBook,
  orderEvents: boolean,
): EngineSetup {
  const indexOf = (symbol: string): number =>
    facts.instruments.findIndex((i) => i.symbol === symbol);
  const day = facts.day > 0 ? facts.day : options.day;
  return {
    engineVersion: version,
    name: 'backtest',
    day,
    pace: 'lockstep',
    speed: 1,
    ...marketOf(facts),
    accounts: [
      {
        id: 'backtest',
        cashE4: options.cashE4,
        positions: options.positions.map(({ symbol, qty }) => ({
          instrument: indexOf(symbol),
          qty,
          costE4: facts.firstPricesE4[indexOf(symbol)] ?? 0,
        })),
        fees: feeSchedules(options.fees, book.on(day), facts.instruments),
        journalDir: '',
      },
    ],
    strategies: [
      {
        name: strategyName(options),
        file: options.strategyFile,
        account: 0,
        own: facts.instruments.map((i) => i.index),
        params: options.params,
        cancelOnFailure: true,
        orderEvents,
      },
    ],
    ...placeOf(book, day),
    risk: rulesOf(options.limits, {
      accounts: ['backtest'],
      strategies: [strategyName(options)],
      symbols: facts.instruments.map((i) => i.symbol),
    }),
    world: options.world,
    ...(options.queue === undefined ? {} : { queue: options.queue }),
    ...(options.barShare === undefined ? {} : { barShare: options.barShare }),
    ...(options.latency === undefined ? {} : { latency: options.latency }),
    ...(options.frequency === '1d' ? { ordersMax: dailyOrders(facts.instruments.length) } : {}),
    source,
    gateway: 'sim',
    flush: 'none',
    segmentBytes: 0,
    recording: false,
    epochs: [1],
    skipUntilNs: 0,
    // A day of few daily bars is over before large rings are laid out.
    ringScale: isSmallDay(options, facts) ? SMALL_DAY_SCALE : 1,
  };
}

/** Nothing where the calendar does not know the month. */
function placeOf(book: RuleBook, day: number): Pick<EngineSetup, 'dayPlace'> {
  const dayPlace = dayPlaceOf(book.calendar, day);
  return dayPlace === null ? {} : { dayPlace };
}

function isSmallDay({ frequency }: BacktestOptions, { instruments }: MarketFacts): boolean {
  return frequency === '1d' && instruments.length <= SMALL_DAY_INSTRUMENTS;
}

function dailyOrders(instruments: number): number {
  const wanted = Math.max(DAILY_ORDERS_MIN, DAILY_ORDERS_EACH * instruments);
  return Math.min(ORDERS_OF_A_DAY_MAX, 2 ** Math.ceil(Math.log2(wanted)));
}
