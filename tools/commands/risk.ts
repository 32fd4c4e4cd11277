// `pankou risk`: what a limits file says about an order, and whether the file is right. Hands over
// to tools/risk and engine/risk-limits.ts. Always: nothing is sent and nothing written; exit 0 =
// passes, 1 = refused or a file with errors, 2 = wrong use.
import Table from 'cli-table3';
import { type Command, InvalidArgumentError } from 'commander';
import { parseSymbol } from '../../engine/core/instrument.ts';
import { REJECT_NONE, rejectText } from '../../engine/core/reject-code.ts';
import { SIDE_BUY, SIDE_SELL } from '../../engine/messages/codes.ts';
import { loadLimits, rulesOf } from '../../engine/risk-limits.ts';
import { positionPair, wholeNumber, yuanValue } from '../option-values.ts';
import { type Trial, type TriedOrder, tryOrder } from '../risk/try-order.ts';
import { registerRiskDesk } from './risk-desk.ts';

const AFTER = `
ORDER is SIDE SYMBOL QTY@PRICE (or QTY@MARKET); it is judged in continuous trading, as the
first order of the day, with the quotes and positions that are given. docs/RISK.md lists every rule.
Exit codes: 0 passes, 1 refused (or the file has errors), 2 wrong use.

Examples:
  pankou risk check limits.json
  pankou risk test limits.json --order "BUY 600519.SH 100@1700.00" --last 1690 --cash 1000000
  pankou risk test limits.json --order "SELL 600519.SH 100@1500" --bid 1680 --ask 1681 --json`;

interface TestFlags {
  order: { side: number; symbol: string; qty: number; priceE4: number };
  account: string;
  strategy: string;
  cash: number;
  position?: Map<string, number>;
  preclose?: number;
  last?: number;
  bid?: number;
  ask?: number;
  volume: number;
  time: number;
  all?: boolean;
  json?: boolean;
}

export function registerRisk(program: Command): void {
  const risk = program
    .command('risk')
    .description('limits files, and what a person tells the risk of a running engine')
    .addHelpText('after', AFTER);
  registerRiskDesk(risk);
  risk
    .command('check')
    .description('check a limits file; all its errors at once')
    .argument('<LIMITS>', 'limits file (.json)')
    .action((path: string) => {
      const file = loadLimits(path);
      const accounts = Object.keys(file.accounts);
      const strategies = Object.keys(file.strategies);
      const { entries } = rulesOf(file, { accounts, strategies, symbols: [] });
      console.log(`${path}: fine; ${entries.length} limits for the names in it`);
    });
  risk
    .command('test')
    .description('print what each rule says about an order')
    .argument('<LIMITS>', 'limits file (.json)')
    .requiredOption('--order <ORDER>', 'such as "BUY 600519.SH 100@1700.00"', orderValue)
    .option('--account <ID>', 'account, as in the file', 'account')
    .option('--strategy <NAME>', 'strategy, as in the file', 'strategy')
    .option('--cash <YUAN>', 'cash of the account', yuanValue, 1e13)
    .option('--position <CODE=QTY>', 'shares held, may be repeated', positionPair)
    .option('--preclose <YUAN>', 'close of the day before: limits of the day', yuanValue)
    .option('--last <YUAN>', 'last trade', yuanValue)
    .option('--bid <YUAN>', 'best bid', yuanValue)
    .option('--ask <YUAN>', 'best ask', yuanValue)
    .option('--volume <QTY>', 'shares the market traded', wholeNumber(0, 1e12), 0)
    .option('--time <HH:MM>', 'time of the order', timeValue, 10 * 3600e9)
    .option('--all', 'also rules that are off')
    .option('--json', 'print JSON')
    .addHelpText('after', AFTER)
    .action((path: string, flags: TestFlags) => {
      const trial = tryOrder(loadLimits(path), orderOf(flags));
      if (flags.json === true) console.log(JSON.stringify(trial, null, 2));
      else console.log(tableOf(trial, flags.all === true));
      if (trial.code !== REJECT_NONE) process.exitCode = 1;
    });
}

function orderOf(flags: TestFlags): TriedOrder {
  const { order, account, strategy, cash, volume } = flags;
  const lastE4 = flags.last ?? flags.preclose ?? 0;
  return {
    ...{ ...order, account, strategy, cashE4: cash, volume, nowNs: flags.time },
    ...{ positions: flags.position ?? new Map(), lastE4, preCloseE4: flags.preclose ?? lastE4 },
    ...{ bidE4: flags.bid ?? 0, askE4: flags.ask ?? 0 },
  };
}

function tableOf(trial: Trial, all: boolean): string {
  const table = new Table({
    head: ['rule', 'code', 'verdict', 'found', 'allowed', 'whose limit'],
    style: { head: [], border: [] },
  });
  for (const one of trial.rules) {
    if (one.verdict === 'off' && !all) continue;
    table.push([one.rule, one.code, one.verdict, one.found, one.allowed, one.whose]);
  }
  const { zh, en } = rejectText(trial.code);
  const verdict = trial.code === REJECT_NONE ? 'passes' : `refused: ${trial.code} ${zh} (${en})`;
  const off = trial.rules.filter((one) => one.verdict === 'off').length;
  const name = (trial.ruleSet >>> 0).toString(16).padStart(8, '0');
  return `${table.toString()}\n${verdict}; rule set ${name}, ${off} rules off`;
}

function orderValue(text: string): TestFlags['order'] {
  const match = /^\s*(buy|sell)\s+(\S+)\s+(\d{1,9})@(\S+)\s*$/i.exec(text);
  if (match === null) {
    throw new InvalidArgumentError("Expected an order such as 'BUY 600519.SH 100@1700.00'.");
  }
  const [, side, symbol, qty, price] = match as unknown as [string, string, string, string, string];
  return {
    side: side.toLowerCase() === 'buy' ? SIDE_BUY : SIDE_SELL,
    symbol: symbolValue(symbol),
    qty: Number(qty),
    priceE4: /^market$/i.test(price) ? 0 : priceValue(price),
  };
}

function priceValue(text: string): number {
  const value = yuanValue(text);
  if (value > 0 && value <= 2_000_000_000) return value;
  throw new InvalidArgumentError(`Expected a price in yuan or MARKET, found '${text}'.`);
}

function symbolValue(text: string): string {
  try {
    return parseSymbol(text).symbol;
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

function timeValue(text: string): number {
  const match = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(text);
  if (match === null) throw new InvalidArgumentError('Expected a time such as 09:31 or 14:56:30.');
  return (Number(match[1]) * 3600 + Number(match[2]) * 60 + Number(match[3] ?? 0)) * 1e9;
}
