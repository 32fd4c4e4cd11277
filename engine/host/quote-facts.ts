// What a session over live quotes knows of its market before the first of them: asks the quote
// bridge, judges what it says of every instrument, and bars from trading whatever is not proven to
// be of today. Called when a setup is made. Always: a limit price is trusted only beside a quote of
// today that has the same previous close; an instrument without that proof is named, followed, and
// refused to everybody; the rule book checks what the exchange says and never replaces it.
import type { MarketFacts } from '../backtest/market-facts.ts';
import type { KernelRules } from '../core/exchange-kernel.ts';
import type { Instrument } from '../core/instrument.ts';
import { formatYuan } from '../core/price.ts';
import { barRules, type RuleEntries } from '../core/risk/rule-entry.ts';
import { recordOf } from '../rules/kernel-rules.ts';
import { describeInstrument, type InstrumentFacts } from '../rules/make-instrument.ts';
import type { DayRules, RuleBook } from '../rules/rule-book.ts';
import { checkSessionDay } from '../rules/session-day.ts';
import { MarketClock } from './market-clock.ts';
import {
  type QuoteAddress,
  type QuoteAnswer,
  type QuoteDetail,
  quoteMarket,
} from './quote-market.ts';
import type { EngineSetup } from './setup.ts';

const ASK_MS = 20_000;
/** Between two questions while a client still loads its instruments of the day, market time. */
const AGAIN_MS = 5_000;
/** Until then a session waits for the proof that limits are of today; the opening call began. */
const WAIT_UNTIL_NS = (9 * 3600 + 15 * 60 + 40) * 1e9;
/** Two clocks may differ by this much without a word. */
const OFFSET_MAX_MS = 2_000;
/** A book that nobody builds. */
const SPARE_TICKS = 64;

export interface QuoteFacts extends MarketFacts {
  readonly answer: QuoteAnswer;
  /** Indices of the instruments that may not be traded. */
  readonly barred: readonly number[];
  /** How many of them the client may still learn to know. */
  readonly unproven: number;
}

/** What a symbol is known by: configuration wins over the client, the client over the rules. */
export type Given = ReadonlyMap<string, InstrumentFacts>;

/**
 * Asks until every instrument is proven or the opening call is under way. Throws with a text for
 * people when the bridge cannot be asked, on a day that does not trade, for a code that no rule
 * knows.
 */
export async function quoteFacts(
  at: QuoteAddress,
  symbols: readonly string[],
  book: RuleBook,
  given: Given,
  onProgress: ((fraction: number, text: string) => void) | null,
): Promise<QuoteFacts> {
  for (;;) {
    const facts = await quoteFactsNow(at, symbols, book, given);
    const { answer, unproven } = facts;
    const kind = answer.isRehearsal ? 'paper' : 'live';
    const warnings = checkSessionDay(book.calendar, answer.day, kind);
    const clock = new MarketClock(answer.clock);
    const waits = unproven > 0 && clock.nowNs(answer.day) < WAIT_UNTIL_NS;
    if (!waits) return { ...facts, warnings: [...warnings, ...facts.warnings] };
    const many = `${unproven} of ${symbols.length}`;
    onProgress?.(0, `waiting for limit prices of today: ${many} are not proven yet`);
    await new Promise((next) => setTimeout(next, AGAIN_MS / clock.speed));
  }
}

/** One question, whatever the day. Throws like quoteFacts. */
export async function quoteFactsNow(
  at: QuoteAddress,
  symbols: readonly string[],
  book: RuleBook,
  given: Given,
): Promise<QuoteFacts> {
  const { askQuotes } = await quoteMarket();
  const answer = await askQuotes(at, symbols, ASK_MS);
  return factsOf(answer, judge(answer, book.on(answer.day), given), clockWarnings(answer));
}

interface Judged {
  readonly instruments: readonly Instrument[];
  readonly records: readonly KernelRules[];
  readonly alerts: readonly string[];
  /** Index and reason. */
  readonly barred: readonly (readonly [number, string])[];
  /** Of these: what the client may still learn. */
  readonly unproven: number;
}

function judge(answer: QuoteAnswer, rules: DayRules, given: Given): Judged {
  const alerts: string[] = [];
  const barred: [number, string][] = [];
  let unproven = 0;
  const records: KernelRules[] = [];
  const instruments = answer.details.map((detail, i) => {
    const { symbol } = detail;
    const facts = { ...factsOfDetail(detail, answer.day), ...given.get(symbol) };
    const made = describeInstrument(rules, i, symbol, facts, 'live');
    const { instrument } = made;
    records.push(recordOf(rules, instrument, facts, 'live'));
    alerts.push(...made.alerts, ...made.unsure);
    if (instrument.kind === 'index') return instrument;
    const why = doubtOf(detail, answer.day, instrument);
    if (why !== '') {
      barred.push([i, why]);
      if (detail.state === 'ok') unproven++;
    }
    return instrument;
  });
  return { instruments, records, alerts, barred, unproven };
}

/** What the client says, as facts of an instrument; nothing of it unless it is of today. */
function factsOfDetail(detail: QuoteDetail, day: number): InstrumentFacts {
  const { name, preCloseE4, upperLimitE4, lowerLimitE4, tickE4 } = detail;
  const isToday = detail.quoteDay === day && detail.quotePreCloseE4 === preCloseE4;
  if (detail.state === 'missing') return {};
  const limits = hasLimits(detail) && isToday ? { upperLimitE4, lowerLimitE4 } : {};
  return {
    ...(name === '' ? {} : { name }),
    ...stateOf(name),
    ...(preCloseE4 > 0 ? { preCloseE4 } : {}),
    ...(tickE4 > 0 ? { tickE4 } : {}),
    ...limits,
  };
}

/** Limits around the previous close; without a limit clients say 0, or something very large. */
function hasLimits({ preCloseE4, upperLimitE4, lowerLimitE4 }: QuoteDetail): boolean {
  if (lowerLimitE4 <= 0 || upperLimitE4 <= lowerLimitE4) return false;
  return lowerLimitE4 < preCloseE4 && preCloseE4 < upperLimitE4 && upperLimitE4 < preCloseE4 * 2;
}

/** The exchange marks risk warnings and delistings in the name. */
function stateOf(name: string): Pick<InstrumentFacts, 'state'> {
  if (/^(N|C|XD|XR|DR)?S?\*?ST/.test(name)) return { state: 'risk-warning' };
  return /^退市|退$/.test(name) ? { state: 'delisting' } : {};
}

/** Why an instrument may not be traded today; '' = it may. */
function doubtOf(detail: QuoteDetail, day: number, instrument: Instrument): string {
  const { preCloseE4, quoteDay, quotePreCloseE4 } = detail;
  if (detail.state === 'missing') return "missing: the broker's client does not know it";
  if (preCloseE4 === 0) return 'the client gives no previous close';
  if (quoteDay !== day) {
    const last = quoteDay === 0 ? 'no quote at all' : `its last quote is of ${quoteDay}`;
    return `limits not proven to be of today: ${last}`;
  }
  if (quotePreCloseE4 !== preCloseE4) {
    const two = `details ${formatYuan(preCloseE4)}, quote ${formatYuan(quotePreCloseE4)}`;
    return `stale: previous close of the ${two}`;
  }
  if (instrument.isFree === 1 || hasLimits(detail)) return '';
  return 'no limit prices, and the rules do not say that it has none';
}

function factsOf(answer: QuoteAnswer, judged: Judged, warnings: readonly string[]): QuoteFacts {
  const { instruments, records, alerts, barred } = judged;
  const reasons = barred.map(([i, why]) => `${instruments[i]!.symbol} is not traded today: ${why}`);
  const none = instruments.map(() => 0);
  return {
    answer,
    barred: barred.map(([i]) => i),
    unproven: judged.unproven,
    day: answer.day,
    instruments,
    kernelRules: records,
    // Pictures make no book: one of the day's width would be memory for nothing.
    windows: instruments.map(({ tickE4 }) => ({ lowE4: tickE4, highE4: tickE4 * SPARE_TICKS })),
    quota: 1,
    firstPricesE4: instruments.map(({ preCloseE4 }) => preCloseE4),
    lastPricesE4: none,
    hasBarsOnly: false,
    fullStream: instruments.map(() => false),
    contiguous: false,
    wholeChannels: [],
    rows: 0,
    badRows: [],
    warnings: [...warnings, ...alerts, ...reasons],
    sha256: '',
  };
}

function clockWarnings({ offsetMs, isRehearsal, about }: QuoteAnswer): string[] {
  if (isRehearsal) return [`a rehearsal, not the market: ${about || 'the bridge plays a day'}`];
  if (Math.abs(offsetMs) <= OFFSET_MAX_MS) return [];
  const way = offsetMs > 0 ? 'ahead of' : 'behind';
  const by = (Math.abs(offsetMs) / 1_000).toFixed(1);
  return [
    `the clock of the quote bridge is ${by} s ${way} this machine's: set both by time server`,
  ];
}

/** Rules of risk with what may not be traded today on the firm's black list. */
export function withBarred(
  rules: RuleEntries,
  { accounts, strategies, instruments, barred = [] }: EngineSetup,
): RuleEntries {
  const sizes = {
    accounts: accounts.length,
    strategies: strategies.length,
    instruments: instruments.length,
  };
  return barRules(rules, sizes, barred);
}
