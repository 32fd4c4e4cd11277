// What `pankou fees` prints, for people and as JSON. Called by tools/commands/fees.ts. Always: the
// amounts are those that the engine charges (engine/rules/fee-items.ts); a closed day and a
// security that cannot be traded are refused.
import { DEFAULT_FEES } from '../../engine/backtest/defaults.ts';
import { placesOf } from '../../engine/config-json.ts';
import type { FeeContract } from '../../engine/core/fees.ts';
import { E4_PER_YUAN, formatYuan } from '../../engine/core/price.ts';
import { SIDE_BUY } from '../../engine/messages/codes.ts';
import { dayText } from '../../engine/rules/calendar-date.ts';
import { type FeeItem, type FeeLine, feeLines } from '../../engine/rules/fee-items.ts';
import { overlayFiles, ruleBookOf } from '../../engine/rules/overlay-files.ts';
import { isOverlay } from '../../engine/rules/rule-book.ts';
import { RuleError } from '../../engine/rules/rule-error.ts';
import type { FundType, State } from '../../engine/rules/rule-row.ts';
import { validText } from '../../engine/rules/rule-text.ts';
import { checkSessionDay } from '../../engine/rules/session-day.ts';
import { subjectOf } from '../../engine/rules/subject.ts';

export interface FeesFlags {
  readonly day: number;
  /** In 1e-7. */
  readonly commission?: number;
  readonly min?: number;
  readonly net?: boolean;
  readonly state?: State;
  readonly fundType?: FundType;
  readonly rules?: readonly string[];
  readonly json?: boolean;
}

export interface Traded {
  readonly code: string;
  readonly side: number;
  readonly qty: number;
  readonly priceE4: number;
}

const NAMES: Readonly<Record<FeeItem, string>> = {
  commission: 'commission 佣金',
  stampDuty: 'stamp duty 印花税',
  transferFee: 'transfer fee 过户费',
  handlingFee: 'handling fee 经手费',
  regulatoryFee: 'regulatory fee 证管费',
};
const [NAME_WIDTH, MONEY_WIDTH, RATE_WIDTH] = [24, 14, 10];

export function showFees(traded: Traded, flags: FeesFlags, print: (line: string) => void): void {
  const { day } = flags;
  const book = ruleBookOf(overlayFiles(flags.rules ?? [], process.cwd()), placesOf);
  if (book.calendar.statusOf(day) === 'closed') {
    throw new RuleError(`${checkSessionDay(book.calendar, day, 'backtest').join('; ')}`);
  }
  const rules = book.on(day);
  const subject = subjectOf(rules, traded.code, { state: flags.state, type: flags.fundType });
  if (rules.find('lot', subject) === null) {
    throw new RuleError(`${subject.symbol} (${subject.kind}) is not traded: it has no fees`);
  }
  const contract: FeeContract = {
    ...DEFAULT_FEES,
    commissionRateE7: flags.commission ?? DEFAULT_FEES.commissionRateE7,
    commissionMinE4: flags.min ?? DEFAULT_FEES.commissionMinE4,
    commissionNet: flags.net === true,
  };
  const amountE4 = traded.qty * traded.priceE4;
  const lines = feeLines(contract, rules, subject, traded.side, amountE4);
  const feesE4 = lines.reduce((total, line) => total + line.amountE4, 0);
  const cashE4 = traded.side === SIDE_BUY ? -amountE4 - feesE4 : amountE4 - feesE4;
  const side = traded.side === SIDE_BUY ? 'BUY' : 'SELL';
  const { symbol } = subject;
  if (flags.json === true) {
    const { qty, priceE4 } = traded;
    const asked = { symbol, side, qty, price: priceE4 / E4_PER_YUAN, day };
    const sums = { amount: amountE4 / E4_PER_YUAN, total: feesE4 / E4_PER_YUAN };
    const cash = cashE4 / E4_PER_YUAN;
    print(JSON.stringify({ ...asked, ...sums, cash, items: lines.map(lineJson) }, null, 2));
    return;
  }
  const price = formatYuan(traded.priceE4);
  print(`${symbol} ${side} ${traded.qty} @ ${price} on ${dayText(day)}`);
  print(`${padded('amount 成交金额')}${money(amountE4)}`);
  for (const line of lines) print(lineText(line));
  print(`${padded('total 合计')}${money(feesE4)}`);
  print(
    `${padded(traded.side === SIDE_BUY ? 'paid 应付' : 'received 应收')}${money(Math.abs(cashE4))}`,
  );
  if (cashE4 < 0 && side === 'SELL') print('the fees are more than the amount: cash is paid');
}

function lineText(line: FeeLine): string {
  const rate = `${percent(line.rateE7)} %`.padStart(RATE_WIDTH);
  const parts = [padded(NAMES[line.item]), money(line.amountE4), rate, `  ${sourceText(line)}`];
  const why = line.why === '' ? '' : ` (${line.why})`;
  return `${parts.join('')}${why}`;
}

function sourceText({ origin, held }: FeeLine): string {
  if (origin === 'contract') return 'contract with the broker';
  if (origin === 'in the commission') return 'in the commission (全佣)';
  if (held === null) return 'no rule of this day and kind: not charged';
  const { row, layer } = held;
  const from = isOverlay(layer) ? ` (overlay ${layer})` : '';
  const valid = validText(row);
  const note = row.note === '' ? '' : `; ${row.note}`;
  const since = valid === '' ? '' : ` ${valid}`;
  return `${row.id} [${row.confidence}]${since} ${row.source}${note}${from}`;
}

function lineJson({ item, amountE4, rateE7, why, origin, held }: FeeLine) {
  const rule = origin === 'contract' ? null : held;
  return {
    ...{ item, amount: amountE4 / E4_PER_YUAN, rate: rateE7 / 1e7, origin, why },
    rule: rule?.row.id ?? null,
    source: rule?.row.source ?? null,
    confidence: rule?.row.confidence ?? null,
    validFrom: rule?.row.validFrom ?? null,
    validTo: rule?.row.validTo ?? null,
    layer: rule?.layer ?? null,
    note: rule?.row.note ?? '',
  };
}

/** 1e-7 as percent without a binary tail: 341 is 0.00341. */
function percent(rateE7: number): string {
  return String(Number((rateE7 / 1e5).toFixed(5)));
}

/** Chinese characters take two columns. */
function padded(text: string): string {
  const wide = [...text].filter((c) => c.charCodeAt(0) > 0x2e7f).length;
  return text + ' '.repeat(Math.max(1, NAME_WIDTH - text.length - wide));
}

function money(amountE4: number): string {
  return (amountE4 / E4_PER_YUAN).toFixed(amountE4 % 100 === 0 ? 2 : 4).padStart(MONEY_WIDTH);
}
