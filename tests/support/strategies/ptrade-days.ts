// Tells what get_history gives of days, each day behind the first minute. Run by
// tests/unit/backtest/ptrade-history.test.ts. Always: no orders, so nothing but data decides.
import { get_history, log, ptrade } from 'pankou/ptrade';

export default ptrade({
  initialize() {},
  before_trading_start() {
    const closes = get_history(3, '1d', 'close', '600000.SS')['600000.SS']!;
    log.info(closes.map((close) => close.toFixed(4)).join(' '));
  },
});
