// The words of the research pages, Chinese and English side by side. Read by every part of them.
// Always holds: both languages have every key (the type says so); `say` follows the language on
// show; a {name} is filled from the second argument.
import { warningInChinese } from '../../../engine/backtest/page/warning-words.ts';
import { locale } from '../preferences.ts';
import { FIGURE_WORDS } from './figure-words.ts';

const WORDS = {
  title: ['盘口', 'Pankou'],
  subtitle: ['回测', 'Backtests'],
  desk: ['交易台', 'Trading desk'],
  list: ['回测记录', 'Runs'],
  fresh: ['新建回测', 'New backtest'],
  compare: ['对比', 'Compare'],
  compareMany: ['对比所选（{count}）', 'Compare selected ({count})'],
  compareHint: ['勾选 2 至 8 条记录进行对比', 'Tick 2 to 8 runs to compare them'],
  noToken: [
    '缺少令牌：请打开 `pankou serve` 或 `pankou run` 打印的完整网址（以 #token=… 结尾）。',
    'No token: open the full address that `pankou serve` or `pankou run` printed ' +
      '(it ends in #token=…).',
  ],
  offline: ['连接不上服务进程，它可能已结束。', 'The server does not answer; it may have ended.'],
  unauthorised: [
    '令牌无效：服务进程可能已重新启动，请打开它新打印的网址。',
    'The token is not valid: the server was probably started again; open the address it printed.',
  ],
  loading: ['正在读取…', 'Reading…'],
  retry: ['重试', 'Try again'],
  search: ['按策略、证券、参数或编号筛选', 'Filter by strategy, instrument, parameter or id'],
  noRuns: [
    '还没有回测记录。点击“新建回测”，或在命令行运行 `pankou backtest`。',
    'No runs yet. Start one with “New backtest”, or run `pankou backtest`.',
  ],
  noMatch: ['没有符合条件的记录。', 'No run matches.'],
  shown: ['显示 {shown} / 共 {all} 条', '{shown} of {all} runs'],
  run: ['编号', 'Run'],
  at: ['时间', 'Time'],
  strategy: ['策略', 'Strategy'],
  instruments: ['证券', 'Instruments'],
  days: ['交易日', 'Days'],
  params: ['参数', 'Parameters'],
  pnl: ['盈亏（元）', 'Profit (yuan)'],
  totalReturn: ['收益率', 'Return'],
  maxDrawdown: ['最大回撤', 'Max drawdown'],
  sharpe: ['夏普', 'Sharpe'],
  orders: ['委托', 'Orders'],
  fills: ['成交', 'Fills'],
  fees: ['费用', 'Fees'],
  state: ['状态哈希', 'State hash'],
  manyInstruments: ['{count} 只', '{count} instruments'],
  none: ['无', 'none'],
  equity: ['权益', 'Equity'],
  equityAndDrawdown: ['权益与回撤', 'Equity and drawdown'],
  drawdown: ['回撤', 'Drawdown'],
  growth: ['收益率曲线', 'Return over time'],
  openReport: ['打开完整报告', 'Open the report'],
  noReport: ['该次回测未生成报告页', 'This run has no page'],
  again: ['再跑一次', 'Run again'],
  tickForCompare: ['加入对比', 'Add to comparison'],
  ticked: ['已加入对比', 'In the comparison'],
  backToList: ['返回列表', 'Back to the list'],
  inputs: ['决定结果的输入', 'What decided it'],
  inputsDiffer: ['不同的输入', 'Inputs that differ'],
  sameInputs: ['代码、数据、参数和引擎完全相同。', 'Same code, data, parameters and engine.'],
  figures: ['全部指标', 'All figures'],
  onlyDifferent: ['只显示不同的指标', 'Only figures that differ'],
  firstFill: [
    '第一笔不同的成交（fills.csv 第 {line} 行）',
    'First fill that differs (fills.csv line {line})',
  ],
  sameFills: ['成交逐笔相同。', 'All fills are equal.'],
  contradiction: [
    '输入相同而结果不同：策略依赖了数据以外的东西（时钟、随机数或文件）。',
    'Same inputs, another result: the strategy depends on something that is not its data.',
  ],
  code: ['策略代码（当时）', 'Strategy code, as it was'],
  files: ['文件', 'Files'],
  changed: ['记录之后被改动的文件：{names}', 'Changed since they were recorded: {names}'],
  warnings: ['须知', 'To be known'],
  failures: ['策略出错', 'The strategy failed'],
  folder: ['策略文件', 'Strategy file'],
  data: ['数据', 'Data'],
  took: ['用时', 'Took'],
  seconds: ['{count} 秒', '{count} s'],
  jobs: ['任务', 'Jobs'],
  noJobs: ['没有任务。一次运行一个，其余排队。', 'No jobs. One runs at a time, the others wait.'],
  waiting: ['排队中', 'waiting'],
  running: ['运行中', 'running'],
  done: ['完成', 'done'],
  failed: ['失败', 'failed'],
  cancelled: ['已取消', 'cancelled'],
  reading: ['读取数据', 'reading data'],
  cancel: ['取消', 'Cancel'],
  show: ['查看结果', 'Show the result'],
  log: ['日志', 'Log'],
  logDropped: ['（前面还有 {count} 行）', '({count} lines before)'],
  command: ['等价命令', 'The same on the command line'],
  start: ['开始回测', 'Start the backtest'],
  chooseStrategy: ['选择策略文件', 'Choose a strategy file'],
  noStrategies: ['这些文件夹里没有策略：{folders}', 'No strategies in {folders}'],
  chooseData: ['选择数据', 'Choose data'],
  synthetic: ['模拟市场（按种子生成）', 'Synthetic market (from a seed)'],
  seed: ['种子', 'Seed'],
  syntheticDay: ['模拟交易日', 'Synthetic day'],
  instrumentsHint: ['用逗号或空格分隔', 'separated by commas or blanks'],
  inStore: ['数据仓库内：', 'In this store: '],
  positions: ['底仓（股）', 'Base shares'],
  positionsHint: ['开盘时持有、当日可卖的数量', 'held at the open, sellable at once'],
  cash: ['现金（元）', 'Cash (yuan)'],
  from: ['起始日', 'From'],
  to: ['结束日', 'To'],
  dayHint: ['20230711；留空为全部', '20230711; empty = all'],
  freq: ['数据频率', 'Frequency'],
  freqAuto: ['自动', 'as the data have it'],
  freqTick: ['逐笔 / 快照', 'order stream / pictures'],
  benchmark: ['业绩基准', 'Benchmark'],
  commissionRate: ['佣金率', 'Commission rate'],
  commissionMin: ['最低佣金（元）', 'Minimum commission (yuan)'],
  world: ['撮合方式', 'Fills'],
  worldOrders: ['进入真实队列', 'in the real queue'],
  worldTouch: ['按盘口成交', 'at the touch'],
  queue: ['快照排队模型', 'Queue of pictures'],
  barShare: ['K 线成交占比上限（%）', "Share of a bar's volume (%)"],
  latency: ['延迟', 'Latency'],
  latencyHint: ['feed=300us,order=1.5ms；留空为零', 'feed=300us,order=1.5ms; empty = none'],
  more: ['更多设置', 'More settings'],
  noParams: ['该策略没有参数。', 'This strategy takes no parameters.'],
  range: ['范围 {min} 至 {max}', '{min} to {max}'],
  atLeast: ['不小于 {min}', 'at least {min}'],
  atMost: ['不大于 {max}', 'at most {max}'],
  asDefault: ['默认 {value}', 'default {value}'],
  wrongDay: ['{field}：应为 8 位日期，如 20230711', '{field}: expected a day such as 20230711'],
  wrongCode: ['证券代码应形如 600519.SH：{code}', 'Expected a code like 600519.SH: {code}'],
  needStrategy: ['请选择策略文件', 'Choose a strategy file first'],
  needInstruments: ['请至少输入一只证券', 'Give at least one instrument'],
} as const satisfies Record<string, readonly [zh: string, en: string]>;

export type WordKey = keyof typeof WORDS;

/** A text in the language on show. */
export function say(key: WordKey, values: Readonly<Record<string, string | number>> = {}): string {
  const text = WORDS[key][locale.value === 'zh-CN' ? 0 : 1];
  return text.replace(/\{(\w+)\}/g, (all, name: string) => String(values[name] ?? all));
}

/** A figure's name for people; its path where there is no word. */
export function figureWord(path: string): string {
  const words = FIGURE_WORDS[path];
  return words === undefined ? path : words[locale.value === 'zh-CN' ? 0 : 1];
}

/** A warning or note of a run, which the server tells in English. */
export function warningText(text: string): string {
  return locale.value === 'zh-CN' ? warningInChinese(text) : text;
}
