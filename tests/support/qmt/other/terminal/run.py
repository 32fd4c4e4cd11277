# Another full terminal: see ../README.md.   python3 run.py STRATEGY.py
# One thread. Calls init, the timer, order_callback; deal_callback never, lists show trades. Orders
# have no contract number in their first picture; positions and cash come as named tuples, numbers
# as texts and floats, exchanges by their long names, and what is optional is not there.
import collections
import io
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))

from exchange import Book  # noqa: E402

EXCHANGES = {'SH': 'SSE', 'SZ': 'SZSE', 'BJ': 'BSE'}
_Position = collections.namedtuple(
    '_Position', 'm_strAccountID m_strExchangeID m_strInstrumentID m_nVolume m_nCanUseVolume odd')
_Deal = collections.namedtuple(
    '_Deal', 'm_strAccountID m_strExchangeID m_strInstrumentID m_strTradeID m_strOrderSysID '
    'm_strRemark m_nOffsetFlag m_dPrice m_nVolume m_strTradeTime odd')

book = Book()
timers = []
pushes = []


class Picture(object):
    """Attributes by lookup, as objects of a native layer have them."""

    def __init__(self, fields):
        self._fields = fields

    def __getattr__(self, name):
        try:
            return self._fields[name]
        except KeyError:
            raise AttributeError(name)


class Context(object):
    __slots__ = ('accounts',)

    def __init__(self):
        self.accounts = []

    def set_account(self, number):
        self.accounts.append(number)

    def run_time(self, name, period, start, market):
        timers.append((name, float(period.partition('nMilliSecond')[0]) / 1000))


def place_of(symbol):
    code, _, market = symbol.partition('.')
    return EXCHANGES[market], code


def order_picture(order, is_first=False):
    exchange, code = place_of(order['symbol'])
    return Picture({
        'm_strAccountID': '8', 'm_strExchangeID': exchange, 'm_strInstrumentID': code,
        'm_strOrderSysID': '' if is_first else 'X%d' % order['no'], 'm_strRemark': order['remark'],
        'm_nOrderStatus': str(order['status']), 'm_nOffsetFlag': 48 if order['is_buy'] else 49,
        'm_nVolumeTotalOriginal': float(order['qty']), 'm_nVolumeTraded': str(order['filled']),
        'm_dLimitPrice': order['price'], 'm_strCancelInfo': order['text'], 'm_nWhatever': None})


def deal_picture(trade):
    order = trade['order']
    exchange, code = place_of(order['symbol'])
    return _Deal('8', exchange, code, trade['no'], 'X%d' % order['no'], order['remark'],
                 48 if order['is_buy'] else 49, order['price'], float(trade['qty']), None, 1)


def passorder(op_type, order_type, account, symbol, price_type, price, volume, strategy, quick,
              remark, context):
    order = book.place(symbol, op_type == 23, volume, price, remark)
    if volume != 500:
        pushes.append(order_picture(order, True))
    for _ in range(2 if volume == 600 else 1):
        pushes.append(order_picture(order))


def cancel(sysid, account, account_type, context):
    # "Not sent", and it was.
    order = book.cancel(int(sysid[1:]))
    if order is not None:
        pushes.append(order_picture(order))
    return False


def get_trade_detail_data(account, account_type, kind, strategy=''):
    if account != '8' or account_type.upper() != 'STOCK':
        return []
    if kind == 'ORDER':
        return tuple(order_picture(order) for order in book.orders)
    if kind == 'DEAL':
        return tuple(deal_picture(trade) for trade in book.trades)
    if kind == 'POSITION':
        return [_Position('8', place_of(symbol)[0], place_of(symbol)[1], float(qty), str(qty), 0)
                for symbol, qty in book.shares.items()]
    return [Picture({'m_strAccountID': '8', 'm_dAvailable': repr(book.cash)})]


def main():
    with io.open(sys.argv[1], encoding='gbk') as source:
        text = source.read()
    scope = {'__name__': 'strategy', 'passorder': passorder, 'cancel': cancel,
             'get_trade_detail_data': get_trade_detail_data}
    exec(compile(text, 'strategy', 'exec'), scope)
    context = Context()
    scope['init'](context)
    due = dict((name, time.monotonic()) for name, _ in timers)
    while True:
        time.sleep(0.01)
        for picture in pushes[:]:
            pushes.remove(picture)
            scope['order_callback'](context, picture)
        for name, period in timers:
            if time.monotonic() >= due[name]:
                due[name] = time.monotonic() + period
                scope[name](context)


if __name__ == '__main__':
    main()
