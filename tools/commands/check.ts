// `pankou check`: whether a backtest of a strategy can be believed. Turns the command line into
// options and prints what engine/backtest/check found, in Chinese or English. Always: exit 0 when
// nothing is wrong (warnings and notes included), 1 when something makes the result worthless.
import type { Command } from 'commander';
import { Option } from 'commander';
import type { CheckReport } from '../../engine/backtest/check/check.ts';
import { wholeNumber } from '../option-values.ts';
import { type BacktestFlags, prepareBacktest, withRunOptions } from './backtest.ts';

const AFTER = `
The strategy is read (modules, globals and data in its code), run, run again, and run with other
futures: at several of its decisions everything behind is replaced by noise, and no decision up to
there may change. Then it is started late, its orders come a tick later, its fills are a tick worse.
docs/CHECK.md says what each test can and cannot find.

Example:
  pankou check examples/strategies/ma-cross.ts --data synthetic:1 --instruments 600001.SH \\
    --position 600001.SH=10000

Exit codes: 0 nothing that makes the result worthless, 1 something does, 2 wrong use.`;

interface CheckFlags extends BacktestFlags {
  cuts: number;
  seed: number;
  language?: 'zh' | 'en';
}

const MARKS = { cheat: '✗', warning: '!', note: '·', fine: '✓' } as const;

export function registerCheck(program: Command): void {
  withRunOptions(
    program
      .command('check')
      .description('test whether a backtest of a strategy can be believed')
      .argument('<STRATEGY>', 'strategy file (.ts, .py)'),
  )
    .option('--cuts <N>', 'moments at which the future is replaced', wholeNumber(1, 100), 4)
    .option('--seed <N>', 'of the noise', wholeNumber(0, 2_147_483_647), 1)
    .addOption(new Option('--language <NAME>', 'of the findings').choices(['zh', 'en']))
    .option('--json', 'print the findings as JSON, in both languages')
    .addHelpText('after', AFTER)
    .action(async (strategy: string, flags: CheckFlags, command: Command) => {
      const run = prepareBacktest(strategy, { ...flags, record: false }, (message) =>
        command.error(`error: ${message}`, { exitCode: 2 }),
      );
      const { checkStrategy } = await import('../../engine/backtest/check/check.ts');
      const report = await checkStrategy({ run, cuts: flags.cuts, seed: flags.seed });
      const { LC_ALL, LANG } = process.env;
      const local = (LC_ALL ?? LANG ?? '').startsWith('zh') ? 'zh' : 'en';
      if (flags.json === true) console.log(JSON.stringify(report));
      else console.log(textOf(report, flags.language ?? local));
      process.exitCode = report.verdict === 'cheat' ? 1 : 0;
    });
}

function textOf({ findings, verdict, decisions, pnl }: CheckReport, language: 'zh' | 'en'): string {
  const lines = findings.map((finding) => `${MARKS[finding.level]} ${finding[language]}`);
  const zh = {
    cheat: '结果不可信',
    warning: '请看警告',
    note: '没有发现问题',
    fine: '没有发现问题',
  };
  const en = {
    cheat: 'this result is not to be believed',
    warning: 'no look-ahead found; mind the warnings',
    note: 'nothing wrong was found',
    fine: 'nothing wrong was found',
  };
  const money = pnl.toFixed(2);
  const last =
    language === 'zh'
      ? `${zh[verdict]}（${decisions} 个决策，盈亏 ${money} 元）`
      : `${en[verdict]} (${decisions} decisions, profit ${money} yuan)`;
  return [...lines, last].join('\n');
}
