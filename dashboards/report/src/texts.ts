// The words of the page in Chinese and English, and which of them is shown. Read by every part.
// Always: both languages have every key (the type says so); the choice is kept in the browser.

const TEXTS = {
  summary: ['概览', 'Summary'],
  equity: ['权益与回撤', 'Equity and drawdown'],
  equityAxis: ['权益（元）', 'equity (yuan)'],
  drawdown: ['回撤', 'drawdown'],
  series: ['自定义序列', "The strategy's own series"],
  thinned: ['已抽稀', 'thinned'],
  months: ['月度收益', 'Monthly returns'],
  noMonths: ['不足一个月，没有月度收益图。', 'Less than a month: there is no monthly map.'],
  trades: ['K 线上的成交', 'Trades on the candles'],
  tradesHint: [
    '点击成交标记，查看成交前的盘口。红涨绿跌。',
    'Click a trade to see the book before it. Red is up, green is down.',
  ],
  book: ['成交前的盘口', 'Book before the trade'],
  noBook: ['没有成交前的盘口。', 'No book was shown before it.'],
  shownAt: ['盘口时间', 'book of'],
  lives: ['委托的一生', 'Lives of orders'],
  livesHint: [
    '每行一笔委托：从产生到结束；圆点为成交，叉为撤单或拒绝。',
    'A line is an order from its making to its end; dots are fills, crosses cancels or refusals.',
  ],
  noOrders: ['没有委托。', 'There are no orders.'],
  spreads: ['成交与延迟的分布', 'Distributions of fills and latencies'],
  waiting: ['从委托到首次成交', 'From order to first fill'],
  answering: ['从委托到首次回报', 'From order to first answer'],
  slip: [
    '成交价相对委托价（基点，正为不利）',
    "Fill against the order's own price (bp, + is worse)",
  ],
  sizes: ['每笔成交数量', 'Shares a fill'],
  noFills: ['没有成交。', 'There are no fills.'],
  quality: ['成交质量与容量', 'Quality of fills and capacity'],
  behindFill: ['成交之后', 'behind the fill'],
  adverse: ['不利变动（基点）', 'adverse move (bp)'],
  fillsCounted: ['计入的成交', 'fills counted'],
  adverseHint: [
    '成交若干秒后的买卖中间价相对成交价，按股数加权；正为对我们不利（被动成交常常如此）。数据没有盘口时为无。',
    'Mid that many seconds behind a fill against its price, by shares; + went against us, as ' +
      'passive fills often do. None where the data show no book.',
  ],
  volumeShare: [
    '占当日市场成交量：中位数 / 95 % 分位 / 最大',
    "share of the day's volume: median / 95th of 100 / largest",
  ],
  capacity: ['容量估计：资金，使占比不超过', 'capacity estimate: equity at which that share is'],
  capacityHint: [
    '按 95 % 分位的占比线性外推到所示占比；不考虑更大的委托会改变价格，因此是上限。',
    'The 95th-of-100 share scaled up to the one shown; larger orders also move prices, so this ' +
      'is an upper bound.',
  ],
  passive: ['被动成交占比（被动委托 / 全部委托）', 'share of passive fills (passive / all orders)'],
  ahead: [
    '排队时前方股数：中位数 / 95 % 分位',
    'shares ahead on joining the queue: median / 95th of 100',
  ],
  queued: [
    '从入队到首次成交：中位数 / 95 % 分位',
    'from joining to the first fill: median / 95th of 100',
  ],
  queueHint: [
    '被动委托：交易所接受时，限价未触及此前最后所见盘口的对手最优价；价格不在所见档位内的不计前方股数。',
    "Passive: on joining, the limit did not reach the other side's best of the last book shown. " +
      'Shares ahead are not counted where the price lies beyond the levels shown.',
  ],
  costs: ['成本构成', 'What trading cost'],
  commission: ['佣金', 'commission'],
  stampDuty: ['印花税', 'stamp duty'],
  transferFee: ['过户费', 'transfer fee'],
  handlingFee: ['经手费', 'handling fee'],
  regulatoryFee: ['证管费', 'regulatory fee'],
  slippage: ['滑点', 'slippage'],
  rejects: ['被拒绝的意图', 'Rejected intents'],
  noRejects: ['没有被拒绝的意图。', 'Nothing was refused.'],
  stage: ['环节', 'by'],
  code: ['代码', 'code'],
  reason: ['原因', 'reason'],
  count: ['次数', 'count'],
  found: ['实际', 'found'],
  allowed: ['允许', 'allowed'],
  figures: ['全部指标', 'All figures'],
  positions: ['期末持仓', 'Positions at the end'],
  fills: ['成交明细', 'Fills'],
  divergence: ['与历史的偏离', 'Divergence from history'],
  warnings: ['须知', 'To be known'],
  notes: ['说明', 'Notes'],
  time: ['时间', 'time'],
  day: ['日期', 'day'],
  instrument: ['证券', 'instrument'],
  side: ['方向', 'side'],
  action: ['动作', 'action'],
  order: ['委托', 'order'],
  cancel: ['撤单', 'cancel'],
  buy: ['买入', 'buy'],
  sell: ['卖出', 'sell'],
  price: ['价格', 'price'],
  qty: ['数量', 'shares'],
  fee: ['费用', 'fee'],
  cost: ['成本价', 'cost'],
  last: ['最新价', 'last'],
  pnl: ['盈亏', 'profit'],
  totalReturn: ['收益率', 'return'],
  annualReturn: ['年化收益', 'annual return'],
  sharpe: ['夏普比率', 'Sharpe'],
  maxDrawdown: ['最大回撤', 'max drawdown'],
  turnover: ['换手', 'turnover'],
  hitRate: ['胜率', 'hit rate'],
  profitFactor: ['盈亏比', 'profit factor'],
  fees: ['费用', 'fees'],
  ordersFills: ['委托 / 成交', 'orders / fills'],
  none: ['无', 'none'],
  leftOut: ['页面未列出', 'not on this page'],
  inCsv: ['全部在 CSV 文件中', 'all are in the CSV files'],
  theRest: ['其余', 'the rest'],
  print: ['打印', 'Print'],
  engine: ['引擎', 'engine'],
  stateHash: ['状态哈希', 'state hash'],
  data: ['数据', 'data'],
  parameters: ['参数', 'parameters'],
  minutes: ['分钟 K 线', '-minute candles'],
  ownBars: ['数据自带的 K 线', "the data's own bars"],
  sweep: ['参数扫描', 'Parameter sweep'],
  cells: ['单元', 'cells'],
  failed: ['失败', 'failed'],
  best: ['最佳单元', 'Best cells'],
  heat: ['热力图', 'Heat map'],
  heatHint: ['未画出的参数取其最佳值。', 'Parameters that are not drawn are at their best.'],
  deflated: ['折算夏普比率（DSR）', 'Deflated Sharpe ratio'],
  deflatedHint: [
    '考虑试过的单元数、偏度与峰度后，最佳单元真实夏普比率大于 0 的概率；低于 95 % 时，最佳结果可能只是运气。',
    'Probability that the true Sharpe ratio of the best cell is above 0, given how many cells ' +
      'were tried, skewness and kurtosis; below 95 % the best may be luck.',
  ],
  bestCell: ['最佳单元', 'Best cell'],
  dsr: ['真实夏普大于 0 的概率', 'probability that the true Sharpe is above 0'],
  bestSharpe: ['最佳单元夏普（每期）', 'Sharpe of the best cell, a period'],
  luckSharpe: ['无真本事时最佳者的期望', 'of the best without any skill, expected'],
  trials: ['试过的单元', 'cells tried'],
  luck: [
    '低于 95 %：最佳结果可能只是运气，请用样本外检验。',
    'Below 95 %: the best may be luck. Judge it out of sample.',
  ],
  sure: [
    '不低于 95 %：考虑试过的单元数之后仍然站得住；样本外检验依然值得做。',
    'At least 95 %: it holds for as many cells as were tried; still judge it out of sample.',
  ],
  outOfSample: ['样本外', 'Out of sample'],
  window: ['区间', 'window'],
  inSample: ['样本内', 'in sample'],
} as const satisfies Record<string, readonly [zh: string, en: string]>;

export type TextKey = keyof typeof TEXTS;
export type Language = 'zh' | 'en';

const KEPT = 'pankou-language';
let language: Language = initial();

function initial(): Language {
  try {
    const kept = localStorage.getItem(KEPT);
    if (kept === 'zh' || kept === 'en') return kept;
  } catch {
    // A page opened from a file may have no storage.
  }
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}

export function currentLanguage(): Language {
  return language;
}

export function setLanguage(next: Language): void {
  language = next;
  try {
    localStorage.setItem(KEPT, next);
  } catch {
    // As above.
  }
}

export function t(key: TextKey): string {
  return TEXTS[key][language === 'zh' ? 0 : 1];
}

/** Of two words the one in the page's language. */
export function either(zh: string, en: string): string {
  return language === 'zh' ? zh : en;
}
