// The twin of tests/support/python/plan.py, for the differential test of both languages. Run by
// tests/e2e/python-backtest.test.ts. Always: the same calls at the same moments.
import {
  cancel_order,
  g,
  get_history,
  get_open_orders,
  get_orders,
  log,
  order,
  order_lots,
  order_percent,
  order_target,
  order_target_percent,
  order_target_value,
  order_value,
  ptrade,
  run_daily,
  set_universe,
} from 'pankou/ptrade';

const CODE = '600001.SS';

export default ptrade({
  params: { money: { default: 20_000, min: 1_000 }, label: { default: 'x' } },
  initialize(context) {
    set_universe([CODE]);
    g['n'] = 0;
    run_daily(context, (today) => void order_value(CODE, today.params.money), '10:00');
  },
  handle_data(_context, data) {
    const n = Number(g['n']) + 1;
    g['n'] = n;
    const { close } = data['600001.XSHG']!;
    if (n % 20 === 0) order_target(CODE, 10_000 + (n % 3) * 150);
    // As Python's round(x, 4) of this day's prices.
    if (n === 50) order_lots(CODE, 3, Number((close * 1.001).toFixed(4)));
    if (n === 70) order_target_percent(CODE, 0.09);
    if (n === 100) order_target_value(CODE, 50_000.55);
    if (n === 120) order('600001.SH', -1_234, close - 0.005);
    if (n === 150) order_percent(CODE, 0.0123);
    if (n === 200) for (const one of get_open_orders()) cancel_order(one);
    const last = get_history(2, '1m', 'close', CODE)[CODE]!.at(-1) ?? 0;
    log.info(String(n), String(last), String(get_orders().length));
  },
  on_trade_response(_context, [trade]) {
    const { stock_code, business_amount, business_price } = trade!;
    log.info(stock_code, String(business_amount), String(business_price));
  },
  after_trading_end(context) {
    const held = context.portfolio.positions[CODE]!;
    const has = CODE in context.portfolio.positions ? 'True' : 'False';
    log.info('end', String(held.amount), String(held.enable_amount), has);
  },
});
