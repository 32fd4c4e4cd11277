# Rows of answers as frames: what a journal, an order list, a trade list, positions and cash look like
# to an engine. Used by core.py. Always: an instrument that the engine did not name is -1; a row
# whose order is not ours has an id of zeros.
from wire import *
from journal import check_word
from desk import parse_id


def set_id(frame, known):
    frame.coid_a = known.a
    frame.coid_b = known.b
    frame.coid_c = known.c
    frame.coid_d = check_word(known.a, known.b, known.c)


def set_row_id(frame, desk, row):
    """Our id of a broker's row: by its remark, else by its number; all zero = not ours."""
    known = desk.order_of(row.remark, row.order_no)
    ids = (known.a, known.b, known.c) if known is not None else parse_id(row.remark)
    if ids is not None:
        frame.coid_a, frame.coid_b, frame.coid_c = ids
        frame.coid_d = check_word(*ids)


def bridge_row(link, desk, known):
    row = BridgeRow()
    set_id(row, known)
    row.action = ACTION_PLACE
    row.state = known.state
    row.code = known.code
    row.broker_order_no = float(known.order_no)
    return row


def order_row(link, desk, order):
    row = BrokerOrder()
    set_row_id(row, desk, order)
    row.instrument = link.index_of.get(order.symbol, -1)
    row.side = order.side
    row.kind = order.kind
    row.price_e4 = order.price
    row.qty = order.qty
    row.filled_qty = order.filled
    row.cancelled_qty = order.cancelled
    row.status = order.status
    row.broker_order_no = float(order.order_no)
    return row


def trade_row(link, desk, trade):
    row = BrokerTrade()
    set_row_id(row, desk, trade)
    row.instrument = link.index_of.get(trade.symbol, -1)
    row.side = trade.side
    row.price_e4 = trade.price
    row.qty = trade.qty
    row.broker_order_no = float(trade.order_no)
    row.fill_no = float(trade.trade_no)
    return row


def position_row(link, desk, held):
    row = BrokerPosition()
    row.instrument = link.index_of.get(held.symbol, -1)
    row.qty = held.qty
    row.sellable_qty = held.sellable
    row.cost_amount_e4 = float(held.cost)
    return row


def cash_row(link, desk, cash):
    row = BrokerCash()
    row.cash_e4 = float(cash.cash)
    row.available_e4 = float(cash.available)
    row.frozen_e4 = float(cash.frozen)
    return row


ROW_MAKERS = {
    QUERY_BRIDGE: bridge_row,
    QUERY_ORDERS: order_row,
    QUERY_TRADES: trade_row,
    QUERY_POSITIONS: position_row,
    QUERY_CASH: cash_row,
}
