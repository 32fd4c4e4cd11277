// `pankou rules`: what holds for a security on a day, what changed between two days, what is wrong
// with an order, and the import of a user's overlay. Hands over to engine/rules.
// Always: only `import` writes; exit 0 = fine, 1 = refused or wrong order, 2 = wrong use.
import { resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { dayOfText, timeNsOf } from '../../engine/rules/calendar-date.ts';
import { orderValue, qtyValue, sideValue, wholeNumber, yuanValue } from '../option-values.ts';
import {
  type AskedOrder,
  FUND_TYPES,
  type ImportFlags,
  ORDER_KINDS,
  type RulesFlags,
  STATES,
  type SubjectFlags,
  type ValidateFlags,
} from '../rules/flags.ts';

const PLACE = `
Overlays (docs/RULE_BOOK.md): every *.json of --rules DIR by name, else ./rules.json if there.
Confidence: A official text read, B quoted with its article, C one source, unverified = a setting.`;

const SHOW_AFTER = `${PLACE}
Exit codes: 0 fine, 1 no such day, security or rule book, 2 wrong use.

Examples:
  pankou rules 2026-07-06 600519.SH
  pankou rules 2026-07-03 000010.SZ --state risk-warning
  pankou rules 2026-08-03 688001.SH --listed-day 3 --json`;

const VALIDATE_AFTER = `${PLACE}
What is not given is not checked, and said so. The price of a market order is its protection price.
--mode live: a rule that is only [unverified] warns; --mode backtest: it refuses.
Exit codes: 0 nothing refused, 1 refused by at least one rule, 2 wrong use.

Examples:
  pankou rules validate 688981.SH BUY 250@45.67 --day 2026-07-06 --preclose 44.10
  pankou rules validate 600000.SH SELL 50@10.00 --day 2026-07-06 --sellable 250
  pankou rules validate 600000.SH BUY 100@10.21 --day 2026-07-06 --time 10:00 --ask 10.00 --bid 9.99
  pankou rules validate 600000.SH BUY 100@10.20 --day 2026-07-06 --kind best5-ioc`;

const IMPORT_AFTER = `${PLACE}
FILE: an overlay (.json), or the trading days of an exchange, one a line (.csv, .csv.gz).
It is checked whole and refused whole. Stored as DIR/FILE, or as ./rules.json without --rules.
Exit codes: 0 stored, 1 refused (nothing changed), 2 wrong use.`;

export function registerRules(program: Command): void {
  const rules = program
    .command('rules')
    .description('the A-share rule book: what holds on a day, what changed, is an order right')
    .addHelpText('after', SHOW_AFTER);
  const show = rules
    .command('show', { isDefault: true })
    .description('print what holds for a security on a day, and who says so')
    .argument('<DAY>', 'trading day, 2026-07-06', dayValue)
    .argument('<SYMBOL>', 'security, 600519.SH');
  subjectOptions(withPlace(show))
    .addHelpText('after', SHOW_AFTER)
    .action(async (day: number, symbol: string, flags: SubjectFlags) => {
      endQuietlyOnClosedPipe();
      const { showRules } = await import('../rules/report.ts');
      process.exitCode = showRules(day, symbol, flags, print);
    });
  withPlace(rules.command('diff').description('print what changed between two days'))
    .argument('<FROM>', 'day before the change', dayValue)
    .argument('<TO>', 'day after the change', dayValue)
    .addHelpText('after', PLACE)
    .action(async (from: number, to: number, flags: RulesFlags) => {
      endQuietlyOnClosedPipe();
      const { showDiff } = await import('../rules/report.ts');
      process.exitCode = showDiff(from, to, flags, print);
    });
  registerValidate(rules);
  withPlace(rules.command('import').description('check a rule or calendar overlay and store it'))
    .argument('<FILE>', 'overlay, or list of trading days')
    .option('--replace', 'replace a stored overlay of the same name')
    .addHelpText('after', IMPORT_AFTER)
    .action(async (file: string, flags: ImportFlags) => {
      const { importRules } = await import('../rules/report.ts');
      process.exitCode = importRules(resolve(file), flags, print);
    });
}

function registerValidate(rules: Command): void {
  const validate = rules
    .command('validate')
    .description('say what is wrong with an order, by which rule')
    .argument('<SYMBOL>', 'security, 688981.SH')
    .argument('<SIDE>', 'BUY or SELL', sideValue)
    .argument('<ORDER>', 'QTY@PRICE, or QTY of a market order without a price', orderValue)
    .requiredOption('--day <DAY>', 'trading day of the order', dayValue)
    .addOption(new Option('--kind <KIND>', 'kind of order').choices(ORDER_KINDS).default('limit'))
    .addOption(
      new Option('--mode <MODE>', 'what an unverified rule may do')
        .choices(['live', 'backtest'])
        .default('live'),
    )
    .option('--time <TIME>', 'time at the exchange, 09:30:00 or 14:56:59.990', timeValue)
    .option('--preclose <P>', 'previous close, ex-right; issue price on the first day', yuanValue)
    .option('--upper <P>', "exchange's own upper limit (0 = none today)", yuanValue)
    .option('--lower <P>', "exchange's own lower limit", yuanValue)
    .option('--sellable <N>', 'shares from before today, less working sells', qtyValue)
    .option('--bought <N>', 'shares bought today', qtyValue)
    .option('--working <N>', 'open quantity of working buys', qtyValue)
    .option('--ask <P>', 'best ask; with --ask, --bid or --last the others are empty', yuanValue)
    .option('--bid <P>', 'best bid', yuanValue)
    .option('--last <P>', 'last trade of the day', yuanValue)
    .option('--empty-book', 'the book is empty and nothing has traded')
    .option('--close <P>', 'close of the day, for after-hours orders', yuanValue)
    .option('--halted', 'the security is in an intraday halt');
  subjectOptions(withPlace(validate))
    .addHelpText('after', VALIDATE_AFTER)
    .action(async (symbol: string, side: number, order: AskedOrder, flags: ValidateFlags) => {
      const { showVerdict } = await import('../rules/report.ts');
      process.exitCode = showVerdict({ symbol, side, ...order }, flags, print);
    });
}

function withPlace(command: Command): Command {
  return command.option('--rules <DIR>', 'folder of overlays').option('--json', 'print JSON');
}

function subjectOptions(command: Command): Command {
  return command
    .addOption(new Option('--state <STATE>', 'what the static file says of it').choices(STATES))
    .addOption(new Option('--fund-type <TYPE>', 'what the fund holds').choices(FUND_TYPES))
    .option('--listed-day <N>', 'trading day since the listing, first = 1', wholeNumber(1, 10_000))
    .option(
      '--delisting-day <N>',
      'day of the delisting arrangement 退市整理期',
      wholeNumber(1, 100),
    );
}

function dayValue(text: string): number {
  const day = dayOfText(text);
  if (day > 0) return day;
  throw new InvalidArgumentError('Expected a day such as 2026-07-06.');
}

function timeValue(text: string): number {
  const ns = timeNsOf(text);
  if (ns >= 0) return ns;
  throw new InvalidArgumentError('Expected a time such as 09:30:00 or 14:56:59.990.');
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** `rules ... | head` closes the pipe early: that is no failure. */
function endQuietlyOnClosedPipe(): void {
  if (process.stdout.listenerCount('error') > 0) return;
  process.stdout.on('error', (error: Error & { code?: string }) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
}
