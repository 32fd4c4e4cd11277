// Whether the quote bridge of a configuration answers: who is there, whose clock is off, which
// instruments could be traded now. Called by `pankou doctor` for a market of live quotes. Always:
// one question and one answer; nothing is subscribed, nothing is changed.
import type { Config } from '../../engine/config.ts';
import { type QuoteFacts, quoteFactsNow } from '../../engine/host/quote-facts.ts';
import { ruleBookOf } from '../../engine/rules/overlay-files.ts';
import { type Finding, fail, ok, warn } from './check.ts';

/** Instruments named one by one. */
const SHOWN = 20;

export async function quoteFindings({ market, rules }: Config): Promise<Finding[]> {
  if (market.source !== 'bridge') return [];
  const symbols = market.instruments.map(({ symbol }) => symbol);
  const given = new Map(market.instruments.map((i) => [i.symbol, i.facts]));
  try {
    return findingsOf(await quoteFactsNow(market, symbols, ruleBookOf(rules), given));
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return [fail('quotes', text, 'start the bridge beside the client; see docs/QMT_QUOTES.md')];
  }
}

/** What an answer means. */
export function findingsOf({ answer, barred, instruments, warnings }: QuoteFacts): Finding[] {
  const { about, day, isRehearsal } = answer;
  const who = `${about === '' ? 'a bridge' : about} answers for ${day}`;
  const traded = instruments.length - barred.length;
  const found: Finding[] = [
    isRehearsal
      ? warn('quotes', `${who}, but it is a rehearsal`, 'nothing of it happens now')
      : ok('quotes', `${who}: ${traded} of ${instruments.length} instruments could be traded`),
  ];
  const texts = warnings.filter((text) => !text.startsWith('a rehearsal'));
  for (const text of texts.slice(0, SHOWN)) {
    const isBarred = text.includes('is not traded today');
    const advice = isBarred
      ? 'let the client load the day (log in again after 8:30), then start'
      : 'look at it before the session';
    found.push(warn('quotes', text, advice));
  }
  if (texts.length > SHOWN) {
    found.push(warn('quotes', `${texts.length - SHOWN} more like these`, 'mend the first ones'));
  }
  return found;
}
