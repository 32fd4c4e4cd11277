// `pankou fees`: what an order costs on a day, item by item with the rule each stands on. Hands
// over to tools/fees/report.ts. Always: reads only; exit 0 = told, 1 = no such security, day or
// rule book, 2 = wrong use.
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { FeesFlags } from '../fees/report.ts';
import {
  dayValue,
  orderValue,
  RULES_OPTION,
  rulesPath,
  sideValue,
  yuanValue,
} from '../option-values.ts';
import { FUND_TYPES, STATES } from '../rules/flags.ts';

const AFTER = `
Each item is rounded to the fen, half up, over the whole filled amount of the order, as the engine
charges it. Commission is your contract with the broker: 0.025 % and at least 5 yuan unless said.
It contains handling and regulatory fee (全佣) unless --net (净佣).
A rate marked [unverified] is a setting, not a rule that was read.
Exit codes: 0 told, 1 no such security, day or rule book, 2 wrong use.

Examples:
  pankou fees 600519.SH SELL 100@1500 --day 2026-07-06
  pankou fees 000001.SZ BUY 1000@11.40 --day 2026-07-06 --commission 0.01% --min 0 --json`;

export function registerFees(program: Command): void {
  program
    .command('fees')
    .description('what an order costs on a day, to the fen, and by which rule')
    .argument('<CODE>', 'security, 600519.SH')
    .argument('<SIDE>', 'BUY or SELL', sideValue)
    .argument('<ORDER>', 'QTY@PRICE of what traded, 100@1500.00', tradedValue)
    .requiredOption('--day <DAY>', 'trading day, 2026-07-06', dayValue)
    .option('--commission <RATE>', 'of the amount, 0.00025 or 0.025%', rateValue)
    .option('--min <YUAN>', 'least commission of an order', yuanValue)
    .option('--net', 'handling and regulatory fee come on top of the commission')
    .addOption(new Option('--state <STATE>', 'what the static file says of it').choices(STATES))
    .addOption(new Option('--fund-type <TYPE>', 'what the fund holds').choices(FUND_TYPES))
    .option('--rules <FILE>', RULES_OPTION, rulesPath)
    .option('--json', 'print JSON')
    .addHelpText('after', AFTER)
    .action(async (code: string, side: number, order: Traded, flags: FeesFlags) => {
      const { showFees } = await import('../fees/report.ts');
      showFees({ code, side, ...order }, flags, (line) => process.stdout.write(`${line}\n`));
    });
}

interface Traded {
  readonly qty: number;
  readonly priceE4: number;
}

/** Shares and price, both above 0, whose product a float64 holds exactly. */
function tradedValue(text: string): Traded {
  const order = orderValue(text);
  const amountE4 = order.qty * order.priceE4;
  if (amountE4 > 0 && amountE4 <= Number.MAX_SAFE_INTEGER) return order;
  throw new InvalidArgumentError('Expected QTY@PRICE such as 100@1500.00, both above 0.');
}

/** A rate as 1e-7 of the amount: 0.00025, or 0.025%; at most 1 %, whole 1e-7. */
function rateValue(text: string): number {
  const match = /^(\d{1,3}(?:\.\d{1,9})?)(%?)$/.exec(text);
  const rateE7 = match === null ? -1 : Number(match[1]) * (match[2] === '%' ? 1e5 : 1e7);
  const whole = Math.round(rateE7);
  if (rateE7 >= 0 && rateE7 <= 100_000 && Math.abs(rateE7 - whole) < 1e-6) return whole;
  throw new InvalidArgumentError('Expected a rate such as 0.00025 or 0.025%, at most 1 %.');
}
