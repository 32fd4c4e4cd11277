# QMT's codes and ours, each direction by table. Used by both ways. Sources: the vendor's public
# documentation of xtconstant and passorder. Always: what is not in a table is told (an alert, once
# for each value) and never guessed at.
from wire import *

# Statuses of an order: QMT's -> ours. 51, 52 and 255 are live: they may still trade.
STATUS_TABLE = {
    48: STATUS_SUBMITTED,
    49: STATUS_SUBMITTED,
    50: STATUS_ACCEPTED,
    51: STATUS_CANCEL_PENDING,
    52: STATUS_CANCEL_PENDING,
    53: STATUS_PARTLY_CANCELLED,
    54: STATUS_CANCELLED,
    55: STATUS_PARTLY_FILLED,
    56: STATUS_FILLED,
    57: STATUS_REJECTED,
    255: STATUS_UNKNOWN,
}

# Price types of a request, by market and kind of ours (documentation: 42, 43 also for BSE).
PRICE_TYPES = {
    'SH': {KIND_LIMIT: 11, KIND_BEST5_CANCEL: 42, KIND_BEST5_LIMIT: 43,
           KIND_OPPOSITE_BEST: 44, KIND_OWN_BEST: 45},
    'SZ': {KIND_LIMIT: 11, KIND_OPPOSITE_BEST: 44, KIND_OWN_BEST: 45, KIND_IOC: 46,
           KIND_BEST5_CANCEL: 47, KIND_FOK: 48},
    'BJ': {KIND_LIMIT: 11, KIND_BEST5_CANCEL: 42, KIND_BEST5_LIMIT: 43,
           KIND_OPPOSITE_BEST: 44, KIND_OWN_BEST: 45},
}

# Price types as orders show them (the counter's numbering; some builds repeat the request's).
SHOWN_KINDS = {
    50: KIND_LIMIT, 84: KIND_OPPOSITE_BEST, 85: KIND_BEST5_LIMIT, 86: KIND_OWN_BEST,
    87: KIND_IOC, 88: KIND_BEST5_CANCEL, 89: KIND_FOK,
    11: KIND_LIMIT, 5: KIND_LIMIT, 42: KIND_BEST5_CANCEL, 43: KIND_BEST5_LIMIT,
    44: KIND_OPPOSITE_BEST, 45: KIND_OWN_BEST, 46: KIND_IOC, 47: KIND_BEST5_CANCEL,
    48: KIND_FOK,
}
# Known, and no kind of an order of ours: market of no kind told, best price, rights issue,
# subscription, repo, placement, bond conversion, put-back, funds, ETF, debt to equity, after hours.
OTHER_KINDS = frozenset((49, 51, 52, 54, 55, 56, 58, 59, 79, 81, 91))

# Order types -> (side, mark of ours). On a credit account 23 and 24 are collateral buy and sell.
ORDER_TYPES = {
    23: (SIDE_BUY, 0),
    24: (SIDE_SELL, 0),
    27: (SIDE_BUY, INTENT_MARGIN),
    28: (SIDE_SELL, INTENT_SHORT),
    29: (SIDE_BUY, INTENT_SHORT),
    31: (SIDE_SELL, INTENT_MARGIN),
    40: (SIDE_BUY, INTENT_MARGIN),
    41: (SIDE_SELL, INTENT_SHORT),
    42: (SIDE_BUY, INTENT_SHORT),
    44: (SIDE_SELL, INTENT_MARGIN),
}
# Known, and no purchase or sale on the market: securities or cash handed back, ETF baskets.
OTHER_ORDER_TYPES = frozenset((30, 32, 43, 45, 134, 135))
# (side, mark) -> order type of a request.
REQUEST_TYPES = {
    (SIDE_BUY, 0): 23,
    (SIDE_SELL, 0): 24,
    (SIDE_BUY, INTENT_MARGIN): 27,
    (SIDE_SELL, INTENT_MARGIN): 31,
    (SIDE_SELL, INTENT_SHORT): 28,
    (SIDE_BUY, INTENT_SHORT): 29,
}
# The same for passorder of the full terminal on a credit account: collateral is 33 and 34.
TERMINAL_CREDIT_TYPES = dict(REQUEST_TYPES)
TERMINAL_CREDIT_TYPES[(SIDE_BUY, 0)] = 33
TERMINAL_CREDIT_TYPES[(SIDE_SELL, 0)] = 34

OFFSET_SIDES = {48: SIDE_BUY, 49: SIDE_SELL}

ACCOUNT_TYPES = {'STOCK': 2, 'CREDIT': 3}
# What an account's login state means, for people.
ACCOUNT_STATES = {
    -1: ('无效', 'invalid'), 0: ('正常', 'ok'), 1: ('连接中', 'connecting'),
    2: ('登录中', 'logging in'), 3: ('失败', 'failed'), 4: ('初始化中', 'initialising'),
    5: ('数据校正中', 'data being corrected'), 6: ('收盘后', 'after the close'),
    7: ('穿透副链接断开', 'secondary link broken'), 8: ('系统停用', 'disabled by the system'),
    9: ('用户停用', 'disabled by the user'),
}
# The account can be asked: in order, or after the close (then no orders).
ACCOUNT_OK = 0
ACCOUNT_AFTER_CLOSE = 6


def market_of(symbol):
    """'SH', 'SZ', 'BJ' of '600000.SH'."""
    return symbol[-2:]


def price_type_of(symbol, kind):
    """QMT's price type of a request, or None: this market has no such kind."""
    return PRICE_TYPES.get(market_of(symbol), {}).get(kind)


def request_price(symbol, kind, price_e4):
    """Yuan for the price field: limit or protection price; 0 where the market ignores it."""
    if kind != KIND_LIMIT and market_of(symbol) == 'SZ':
        return 0.0
    return price_e4 / 10000.0


def text_of(value):
    """A text of the client, whichever way a build hands it up."""
    if value is None:
        return ''
    if isinstance(value, bytes):
        try:
            return value.decode('utf-8')
        except UnicodeDecodeError:
            return value.decode('gb18030', 'replace')
    return str(value)


def whole(value):
    """A whole number, or 0 where the client has none (None, not a number)."""
    try:
        value = float(value)
    except (TypeError, ValueError):
        return 0
    return int(round(value)) if value - value == 0.0 else 0


class UnknownValue(Exception):
    """A code that is in no table: field, value, and what was being read."""

    def __init__(self, field, value, what):
        Exception.__init__(self, '%s=%r of %s' % (field, value, what))
        self.field = field
        self.value = value


def side_of(order_type, offset_flag, what):
    """(side, mark) of an order or trade; None = no purchase or sale. UnknownValue otherwise."""
    order_type = whole(order_type)
    if order_type in ORDER_TYPES:
        return ORDER_TYPES[order_type]
    if order_type in OTHER_ORDER_TYPES:
        return None
    if order_type == 0 and offset_flag in OFFSET_SIDES:
        return OFFSET_SIDES[offset_flag], 0
    raise UnknownValue('order_type', order_type, what)


def status_of(code, what):
    code = whole(code)
    if code not in STATUS_TABLE:
        raise UnknownValue('order_status', code, what)
    return STATUS_TABLE[code]


def shown_kind(price_type, what):
    """Our kind of an order as shown; 0 = a kind that no order of ours has."""
    price_type = whole(price_type)
    if price_type in SHOWN_KINDS:
        return SHOWN_KINDS[price_type]
    if price_type in OTHER_KINDS:
        return 0
    raise UnknownValue('price_type', price_type, what)
