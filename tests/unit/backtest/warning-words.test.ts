// Chinese words of a run's warnings: every text that the code makes is known and keeps its fields,
// and what nobody knows stays as it is. Texts are made by the code where that is cheap; templates
// of the others are read from its files, so a changed or a new one is found here.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { channelText } from '../../../engine/backtest/data/channel-facts.ts';
import { LAYOUTS } from '../../../engine/backtest/data/layout-table.ts';
import { DEFAULT_FEES } from '../../../engine/backtest/defaults.ts';
import { warningInChinese } from '../../../engine/backtest/page/warning-words.ts';
import { makeRunReport } from '../../../engine/backtest/report.ts';
import { FAULT_NAMES, MARKET_SSE } from '../../../engine/messages/codes.ts';
import { BUILT_IN_SPANS } from '../../../engine/rules/calendar-days.ts';
import { feeAlerts } from '../../../engine/rules/fee-dates.ts';
import { crossCheck } from '../../../engine/rules/limit-prices.ts';
import { describeInstrument } from '../../../engine/rules/make-instrument.ts';
import { builtInBook } from '../../../engine/rules/rule-book.ts';
import { checkSessionDay } from '../../../engine/rules/session-day.ts';
import { dailyFile, runOver } from '../../support/days-run.ts';
import { factsOfGivenClose } from '../../support/given-close.ts';
import { folderOf } from '../../support/market-files.ts';
import { ROOT } from '../../support/run-cli.ts';

/** Files that tell of the data by pushing lines onto a list. */
const TELLING = [
  'engine/backtest/data/load.ts',
  'engine/backtest/data/file-rows.ts',
  'engine/backtest/data/bar-series.ts',
  'engine/backtest/store/read-store.ts',
  'engine/backtest/store/import-file.ts',
  'engine/backtest/many-days.ts',
  'engine/backtest/records/code-hash.ts',
  'engine/actors/feed-trust.ts',
  'gateways/sim/order-world.ts',
  'gateways/sim/book-problems.ts',
];
const PUSHED =
  /\b#?(?:\w*[wW]arnings|notes|lines|unknown)\.push\(\s*[`']([^…].*?)[`'](?=,?\s*\))/gs;
const COMMANDS = /pankou (?:verify|rules import FILE)/g;

/** Texts as a file makes them, with v1, v2 … as its fields. */
function madeBy(file: string): string[] {
  const source = readFileSync(join(ROOT, file), 'utf8').replace(/['`] \+\s*['`]/g, '');
  return [...source.matchAll(PUSHED)].map(([, template]) => {
    let fields = 0;
    return template!.replace(/\$\{[^}]*\}/g, () => `v${++fields}`);
  });
}

/** The Chinese text, which has every field and, beside them, no English word. */
function inChinese(text: string, fields: readonly string[]): string {
  const zh = warningInChinese(text);
  let rest = zh.replace(COMMANDS, '');
  for (const field of fields) {
    expect(zh, `${field} of: ${text}`).toContain(field);
    rest = rest.replace(field, '');
  }
  expect(rest, text).toMatch(/\p{Script=Han}/u);
  expect(rest, text).not.toMatch(/[A-Za-z]{3}/);
  return zh;
}

/** Numbers, days, codes and file names of a text. */
const fieldsOf = (text: string): string[] =>
  text.match(/\b(?:\d+\.S[HZ]|\w+\.csv|\d[\d.-]*\d|\d)\b/g) ?? [];

describe('in Chinese', () => {
  test.each(TELLING)('every line that %s tells has its words and all its fields', (file) => {
    const texts = madeBy(file);
    expect(texts.length).toBeGreaterThan(0);
    for (const text of texts) inChinese(text, text.match(/v\d/g) ?? []);
  });

  test('faults of a book say what, and files that are not loaded why', () => {
    for (const fault of FAULT_NAMES.slice(1)) {
      inChinese(`3 rows the book could not follow: ${fault}`, ['3']);
    }
    const ignored = LAYOUTS.filter(({ content }) => content === 'ignored');
    expect(ignored.length).toBeGreaterThan(0);
    for (const layout of ignored) {
      if (layout.content !== 'ignored') continue;
      inChinese(`q.csv: not loaded (${layout.title}): ${layout.reason}`, ['q.csv']);
    }
  });

  test('differences from the rules say both values and the state that would fit', async () => {
    const names = ['preCloseE4', 'upperLimitE4', 'lowerLimitE4', 'tickE4', 'buyMin', 'buyStep'];
    const [data, rule] = [1, 2].map((n) => Object.fromEntries(names.map((name) => [name, n])));
    const texts = crossCheck(data!, rule!).map(({ message }) => `600000.SH: ${message}`);
    expect(texts).toHaveLength(names.length);
    const facts = { preCloseE4: 20_000, upperLimitE4: 21_000, lowerLimitE4: 19_000 };
    const { alerts } = describeInstrument(builtInBook().on(20260703), 0, '000010.SZ', facts);
    for (const text of [...texts, ...alerts]) inChinese(text, fieldsOf(text));
    expect(warningInChinese(alerts[0]!)).toBe(
      '000010.SZ：涨停价：静态文件为 2.10，按规则为 2.20；采用静态文件的值（与“风险警示”状态的涨跌停价一致）',
    );
    const { warnings } = await factsOfGivenClose();
    expect(warnings.map((text) => inChinese(text, fieldsOf(text)))).toContain(
      '600000.SH：前收盘价：数据为 10.00，指定为 10.10；采用指定的值',
    );
  });

  test('rates by hand, days off and a calendar that ends', () => {
    const rates = { stampDutyRateE7: 9_000, transferRateE7: 300 };
    const fees = feeAlerts({ ...DEFAULT_FEES, ...rates }, builtInBook().on(20260703));
    expect(fees).toHaveLength(2);
    for (const text of fees) inChinese(text, text.match(/0\.\d+|1e-\d/g)!);
    const { calendar } = builtInBook();
    const closed = BUILT_IN_SPANS.flatMap((span) => span.closed ?? []);
    for (const day of [...closed, 20260704, 20260705, 20261201]) {
      const texts = checkSessionDay(calendar, day, 'backtest');
      expect(texts).toHaveLength(1);
      inChinese(texts[0]!, fieldsOf(texts[0]!));
    }
    expect(warningInChinese(checkSessionDay(calendar, 20260704, 'backtest')[0]!)).toBe(
      '2026-07-04 不是交易日（星期六，周六、周日休市）：这些行情从未发生',
    );
  });

  test('channels with losses or out of order', () => {
    const facts = { market: MARKET_SSE, channel: 6, rows: 90, firstSeq: 2, lastSeq: 95 };
    for (const [missing, isInOrder] of [
      [4, true],
      [4, false],
      [0, false],
    ] as const) {
      const seen = { firstMissingSeq: 1, instruments: [0], isWhole: true };
      const lost = missing === 0 ? [] : [String(missing)];
      const text = channelText({ ...facts, ...seen, missing, isInOrder });
      inChinese(text, ['6', 'SH', '95', '2', ...lost]);
    }
  });

  test('a run over several days: what it lacks, and what several of its days say', async () => {
    const bars = (days: readonly number[]) =>
      days.map((day) => [day, 10, 10.2, 9.9, 10.1, 1_000_000] as const);
    const [january, old] = [
      [5, 6, 8, 9, 12, 13, 14, 15],
      [9, 10],
    ];
    const days = january.map((day) => 20260100 + day);
    const dir = folderOf({
      'adjusted.csv': dailyFile('600000.XSHG', bars(days)),
      'b.csv': dailyFile('600004.XSHG', bars(days.slice(0, 1))),
    });
    const { run } = await runOver(dir, ['600000.SH', '600004.SH']);
    const { instruments, records, sha256, warnings: own } = run;
    const report = makeRunReport({ strategy: 's', instruments, days: records, sha256 });
    const early = folderOf({
      'c.csv': dailyFile('600000.XSHG', bars(old.map((day) => 20200600 + day))),
    });
    const { run: first } = await runOver(early, ['600000.SH']);
    const all = [...own, ...report.warnings, ...first.warnings];
    expect(all.map((text) => inChinese(text, fieldsOf(text)))).toEqual([
      '数据中缺少 1 个交易日：2026-01-07',
      expect.stringMatching(
        /^600004\.SH：8 个交易日中有 7 日没有数据（2026-01-06, .+，另有 2 日）$/,
      ),
      '600000.SH：文件中没有前收盘价，因此涨跌停价未知',
      '600004.SH：文件中没有前收盘价，因此涨跌停价未知',
      'adjusted.csv：600000.SH：是复权价，不是实际交易价格（共 8 天）',
      '交易日历不包含 2020-06-09 至 2020-06-10：未查找缺少的交易日',
    ]);
  });
});

describe('as it is', () => {
  test.each([
    ['a text that nobody knows (3 days)'],
    ['the exchange was closed'],
    [''],
    ['x rules of /data/overlay.json'],
  ])('stays %j', (text) => {
    expect(warningInChinese(text)).toBe(text);
  });

  test('stays a field that happens to read like a phrase', () => {
    expect(warningInChinese('rules of none')).toBe('规则文件：none');
    expect(warningInChinese('a$&.csv: has a header and no rows')).toBe(
      'a$&.csv：只有表头，没有数据行',
    );
  });
});
