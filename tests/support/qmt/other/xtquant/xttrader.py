# Another xtquant: see ../README.md. One thread of its own takes calls and tells callbacks, in order.
# The answer of an order may come before the call has returned; the answer names neither remark nor
# strategy. A file `drop` in the client's folder cuts the session once.
import collections
import os
import threading
import time

from exchange import Book

try:
    import queue
except ImportError:
    import Queue as queue

_BOOK = Book()
_STARTED = int(time.time())

# Order: slots, floats and texts for numbers, no direction, no offset_flag, no strategy_name.
_Trade = collections.namedtuple(
    '_Trade', 'account_type account_id stock_code order_type traded_id traded_time traded_price '
    'traded_volume traded_amount order_id order_sysid order_remark secu_account extra')
_Position = collections.namedtuple(
    '_Position', 'account_id stock_code volume can_use_volume open_price market_value unknown')
_Asset = collections.namedtuple('_Asset', 'account_id cash market_value total_asset fetch_balance')


class XtQuantTraderCallback(object):
    """Newer builds call what older ones do not know."""

    def on_bank_transfer_async_response(self, response):
        pass


class _Order(object):
    __slots__ = (
        'account_type', 'account_id', 'stock_code', 'order_id', 'order_sysid', 'order_time',
        'order_type', 'order_volume', 'price_type', 'price', 'traded_volume', 'traded_price',
        'order_status', 'status_msg', 'order_remark', 'cancel_time', 'secu_account')

    def __init__(self, row):
        self.account_type = '2'
        self.account_id = 'demo'
        self.stock_code = row['symbol']
        self.order_id = row['no']
        self.order_sysid = 'A%d' % row['no']
        self.order_time = str(_STARTED)
        self.order_type = 23 if row['is_buy'] else 24
        self.order_volume = float(row['qty'])
        self.price_type = '50'
        self.price = row['price'] + 1e-9
        self.traded_volume = str(row['filled'])
        self.traded_price = float('nan') if row['filled'] == 0 else row['price']
        self.order_status = str(row['status'])
        self.status_msg = row['text'].encode('gb18030')
        self.order_remark = row['remark']
        self.cancel_time = None
        self.secu_account = 'E0001'


class _Bag(object):
    """An answer: only what it was given."""

    def __init__(self, **fields):
        for name in fields:
            setattr(self, name, fields[name])


def _trade(row):
    order = row['order']
    amount = row['qty'] * order['price']
    return _Trade('2', 'demo', order['symbol'], 23 if order['is_buy'] else 24, row['no'],
                  str(_STARTED), order['price'], float(row['qty']), amount, order['no'],
                  'A%d' % order['no'], order['remark'], 'E0001', {'any': 'thing'})


class XtQuantTrader(object):
    def __init__(self, path, session, callback=None):
        self._path = path
        self._ears = callback
        self._work = queue.Queue()
        self._seq = 500
        self._alive = False

    def register_callback(self, callback):
        # A callback of another shape would be called and lost.
        if not isinstance(callback, XtQuantTraderCallback):
            raise TypeError('callback: expected an XtQuantTraderCallback')
        self._ears = callback

    def start(self):
        self._alive = True
        thread = threading.Thread(target=self._run)
        thread.daemon = True
        thread.start()

    def stop(self):
        self._alive = False

    def connect(self):
        return 0

    def subscribe(self, account):
        return 0 if account.account_id == 'demo' else -1

    def query_account_status(self):
        return None

    def order_stock_async(self, account, stock_code, order_type, order_volume, price_type, price,
                          strategy_name='', order_remark=''):
        self._seq += 1
        seq = self._seq
        done = threading.Event()
        self._work.put(lambda: self._place(
            seq, done, stock_code, order_type == 23, order_volume, price, order_remark))
        # Every second call returns after its own answer.
        if seq % 2:
            done.wait(1.0)
        return seq

    def cancel_order_stock_async(self, account, order_id):
        self._seq += 1
        seq = self._seq
        self._work.put(lambda: self._cancel(seq, order_id))
        return seq

    def query_stock_orders(self, account, cancelable_only=False):
        return tuple(_Order(row) for row in _BOOK.orders)

    def query_stock_trades(self, account):
        return tuple(_trade(row) for row in _BOOK.trades)

    def query_stock_positions(self, account):
        return [_Position('demo', symbol, float(qty), str(qty), 9.5, qty * 10.0, None)
                for symbol, qty in _BOOK.shares.items()]

    def query_stock_asset(self, account):
        return _Asset('demo', _BOOK.cash, 50000.0, _BOOK.cash + 50000.0, None)

    def _run(self):
        while self._alive:
            try:
                self._work.get(True, 0.05)()
            except queue.Empty:
                self._look_for_drop()

    def _look_for_drop(self):
        path = os.path.join(self._path, 'drop')
        if os.path.exists(path):
            os.remove(path)
            self._alive = False
            self._ears.on_disconnected(self, 'a reason nobody documents')

    def _place(self, seq, done, symbol, is_buy, qty, price, remark):
        order = _BOOK.place(symbol, is_buy, qty, price, remark)
        ears = self._ears
        if qty != 500:
            ears.on_order_stock_async_response(
                _Bag(account_id='demo', order_id=order['no'], seq=seq))
        done.set()
        for _ in range(2 if qty == 600 else 1):
            # The trade comes before the order that shows it.
            for trade in _BOOK.trades_of(order):
                ears.on_stock_trade(_trade(trade))
            ears.on_stock_order(_Order(order))
        if qty == 400:
            ears.on_order_error(_Bag(account_id='demo', order_id=order['no'], error_id='260200',
                                     error_msg=order['text'], order_remark=order['remark']))

    def _cancel(self, seq, number):
        order = _BOOK.cancel(number)
        if order is None:
            self._ears.on_cancel_error(
                _Bag(account_id='demo', order_id=number, error_id='-1', error_msg='no'))
            return
        self._ears.on_cancel_order_stock_async_response(
            _Bag(account_id='demo', cancel_result=0, order_id=number, seq=seq))
        self._ears.on_stock_order(_Order(order))
