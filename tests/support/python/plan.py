"""The twin of ptrade-plan.ts: every order function, at prices and amounts that must be rounded."""

params = {"money": {"default": 20000, "min": 1000}, "label": "x"}


def initialize(context):
    set_universe(["600001.SS"])
    g.n = 0
    run_daily(context, at_ten, "10:00")


def at_ten(context):
    order_value("600001.SS", context.params.money)


def handle_data(context, data):
    g.n += 1
    close = data["600001.XSHG"].close
    if g.n % 20 == 0:
        order_target("600001.SS", 10000 + (g.n % 3) * 150)
    if g.n == 50:
        order_lots("600001.SS", 3, round(close * 1.001, 4))
    if g.n == 70:
        order_target_percent("600001.SS", 0.09)
    if g.n == 100:
        order_target_value("600001.SS", 50000.55)
    if g.n == 120:
        order("600001.SH", -1234, close - 0.005)
    if g.n == 150:
        order_percent("600001.SS", 0.0123)
    if g.n == 200:
        for one in get_open_orders():
            cancel_order(one)
    closes = get_history(2, "1m", "close", "600001.SS")["600001.SS"]
    log.info(g.n, closes[-1] if closes else 0, len(get_orders()))


def on_trade_response(context, trades):
    log.info(trades[0].stock_code, trades[0]["business_amount"], trades[0].business_price)


def after_trading_end(context, data):
    held = context.portfolio.positions["600001.SS"]
    log.info("end", held.amount, held.enable_amount, "600001.SS" in context.portfolio.positions)
