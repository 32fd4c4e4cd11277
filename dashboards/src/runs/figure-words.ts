// Names of the figures of a report, Chinese and English, with the way each is written. Read by
// say.ts and figures.ts. Always holds: a path that is missing here is shown as it is.

export const FIGURE_WORDS: Readonly<Record<string, readonly [zh: string, en: string]>> = {
  pnl: ['盈亏（元）', 'Profit (yuan)'],
  realised: ['已实现盈亏（元）', 'Realised profit (yuan)'],
  finalCash: ['期末现金（元）', 'Final cash (yuan)'],
  finalEquity: ['期末权益（元）', 'Final equity (yuan)'],
  pending: ['在途红利（元）', 'Dividends on their way (yuan)'],
  fees: ['费用（元）', 'Fees (yuan)'],
  orders: ['委托笔数', 'Orders'],
  fills: ['成交笔数', 'Fills'],
  'performance.totalReturn': ['总收益率', 'Total return'],
  'performance.annualReturn': ['年化收益率', 'Annual return'],
  'performance.annualVolatility': ['年化波动率', 'Annual volatility'],
  'performance.sharpe': ['夏普比率', 'Sharpe ratio'],
  'performance.sortino': ['索提诺比率', 'Sortino ratio'],
  'performance.calmar': ['卡玛比率', 'Calmar ratio'],
  'drawdown.maxDrawdown': ['最大回撤', 'Max drawdown'],
  'benchmark.alpha': ['阿尔法', 'Alpha'],
  'benchmark.beta': ['贝塔', 'Beta'],
  'benchmark.totalReturn': ['基准收益率', 'Benchmark return'],
  'benchmark.informationRatio': ['信息比率', 'Information ratio'],
  'benchmark.excessArithmetic': ['超额收益（算术）', 'Excess return (arithmetic)'],
  'benchmark.excessGeometric': ['超额收益（几何）', 'Excess return (geometric)'],
  'trading.fillRatio': ['成交率', 'Fill ratio'],
  'trading.turnover': ['换手率', 'Turnover'],
  'trading.turnoverPerYear': ['年换手率', 'Turnover a year'],
  'trading.exposure': ['平均仓位', 'Exposure'],
  'trading.timeInMarket': ['持仓时间占比', 'Time in market'],
  'trading.roundTrips': ['完整买卖次数', 'Round trips'],
  'trading.winners': ['盈利次数', 'Winners'],
  'trading.losers': ['亏损次数', 'Losers'],
  'trading.hitRate': ['胜率', 'Hit rate'],
  'trading.profitFactor': ['盈亏比', 'Profit factor'],
  'trading.holdingDaysMean': ['平均持有天数', 'Mean holding days'],
  'trading.holdingDaysMedian': ['持有天数中位数', 'Median holding days'],
  'trading.holdingDaysMax': ['最长持有天数', 'Longest holding days'],
  'trading.boughtE4': ['买入金额（元）', 'Bought (yuan)'],
  'trading.soldE4': ['卖出金额（元）', 'Sold (yuan)'],
  'trading.grossProfitE4': ['毛盈利（元）', 'Gross profit (yuan)'],
  'trading.grossLossE4': ['毛亏损（元）', 'Gross loss (yuan)'],
  'trading.meanProfitE4': ['单次平均盈亏（元）', 'Mean profit a round trip (yuan)'],
  'costs.totalE4': ['总成本（元）', 'Total cost (yuan)'],
  'costs.feesE4': ['费用合计（元）', 'Fees in all (yuan)'],
  'costs.slippageE4': ['滑点（元）', 'Slippage (yuan)'],
  'costs.feeRate': ['费率', 'Fee rate'],
  'costs.slippageRate': ['滑点率', 'Slippage rate'],
  'costs.items.commission': ['佣金（元）', 'Commission (yuan)'],
  'costs.items.stampDuty': ['印花税（元）', 'Stamp duty (yuan)'],
  'costs.items.transferFee': ['过户费（元）', 'Transfer fee (yuan)'],
  'costs.items.handlingFee': ['经手费（元）', 'Handling fee (yuan)'],
  'costs.items.regulatoryFee': ['证管费（元）', 'Regulatory fee (yuan)'],
  'costs.slippageOfE4': ['计入滑点的金额（元）', 'Turnover with a known slippage (yuan)'],
  'ordersByStatus.filled': ['全部成交的委托', 'Orders filled'],
  'ordersByStatus.cancelled': ['已撤的委托', 'Orders cancelled'],
  'ordersByStatus.partly-cancelled': ['部分成交后撤单', 'Orders partly filled, then cancelled'],
  'ordersByStatus.rejected': ['被拒绝的委托', 'Orders rejected'],
  'performance.from': ['起始', 'From'],
  'performance.to': ['截至', 'To'],
  'performance.periods': ['收益区间数', 'Returns'],
  'performance.years': ['年数', 'Years'],
  'performance.periodsPerYear': ['每年区间数', 'Returns a year'],
  'drawdown.peak.day': ['回撤起点', 'Peak before the drawdown'],
  'drawdown.trough.day': ['回撤最低点', 'Trough of the drawdown'],
  'drawdown.recovery.day': ['回撤恢复', 'Recovery from the drawdown'],
  'drawdown.fallPoints': ['回撤历时（点）', 'Points falling'],
  'drawdown.recoveryPoints': ['恢复历时（点）', 'Points recovering'],
  'drawdown.longestUnderwaterPoints': ['最长未创新高（点）', 'Longest time under water (points)'],
  rf: ['无风险利率', 'Risk-free rate'],
  yearDays: ['一年的天数', 'Days of a year'],
  rows: ['数据行数', 'Rows of data'],
  badRows: ['跳过的坏行', 'Broken rows skipped'],
  events: ['行情事件', 'Market events'],
  eventsPerSecond: ['每秒事件数', 'Events a second'],
};

const PERCENTS: ReadonlySet<string> = new Set([
  ...['totalReturn', 'annualReturn', 'annualVolatility', 'maxDrawdown', 'alpha', 'exposure'],
  ...['hitRate', 'fillRatio', 'timeInMarket', 'feeRate', 'slippageRate', 'excessArithmetic'],
  ...['excessGeometric', 'trackingError', 'rf'],
]);
const YUAN: ReadonlySet<string> = new Set([
  ...['pnl', 'realised', 'finalCash', 'finalEquity', 'pending', 'fees'],
]);

/** How a figure is written: as percent, money in 1/10,000 yuan, yuan, or a plain number. */
export function formOf(path: string): 'percent' | 'e4' | 'yuan' | 'plain' {
  const last = path.split('.').at(-1) ?? '';
  if (PERCENTS.has(last)) return 'percent';
  if (last.endsWith('E4') || path.startsWith('costs.items.')) return 'e4';
  return YUAN.has(path) ? 'yuan' : 'plain';
}
