"""Holds two stocks at targets by their five-minute trend, under the names of PTrade and JoinQuant.

    pankou backtest examples/python/ptrade_targets.py --data DIR --instruments 600001.SH,000003.SZ

The functions below are there without an import, as on the platforms. Prices are yuan, codes may be
written 600001.SS or 600001.XSHG.
"""

params = {
    "part": {"default": 0.3, "min": 0.01, "max": 0.5, "label": "part of the account for each stock"},
    "minutes": {"default": 5, "min": 2, "max": 60, "int": True},
}


def initialize(context):
    g.bought = 0
    run_daily(context, settle, "14:50")


def before_trading_start(context, data):
    g.bought = 0


def handle_data(context, data):
    closes = get_history(context.params.minutes + 1, "1m", "close", context.universe)
    for code in context.universe:
        series = closes[code]
        if len(series) <= context.params.minutes or get_open_orders(code):
            continue
        held = context.portfolio.positions[code]
        if series[-1] > max(series[:-1]) and held.amount == 0:
            order_target_percent(code, context.params.part)
            g.bought += 1
        elif series[-1] < min(series[:-1]) and held.enable_amount > 0:
            order_target(code, 0)


def settle(context):
    for one in get_open_orders():
        cancel_order(one)
    log.info("bought", g.bought, "worth", round(context.portfolio.portfolio_value, 2))
