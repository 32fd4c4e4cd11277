# The Python bridge's core over the simulated counter of gateways/counter, for the crash rig and the
# tests of the core: a whole way of its own (way.py), as a broker's client would be one.
#   python3 core_over_counter.py --dir DIR --listen ADDRESS --secret-file FILE --accounts A,B
#       --broker-address HOST:PORT [--limits FILE]
# Always: a call whose answer did not come within a second is "may be alive".
import argparse
import json
import os
import signal
import socket
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '../../../gateways/qmt/bridge/source'))

from core import Core, Settings  # noqa: E402
from way import CashRow, OrderRow, PositionRow, TradeRow  # noqa: E402
from wire import (  # noqa: E402
    QUERY_CASH, QUERY_ORDERS, QUERY_POSITIONS, QUERY_TRADES, REJECT_LINK_DOWN,
)

CALL_S = 1.0
SILENT_S = 1.5
OPS = {QUERY_ORDERS: 'orders', QUERY_TRADES: 'trades', QUERY_POSITIONS: 'positions',
       QUERY_CASH: 'cash'}


def order_row(row):
    return OrderRow(row['remark'], row['symbol'], row['side'], row['kind'], row['priceE4'],
                    row['qty'], row['orderNo'], row['filledQty'], row['cancelledQty'],
                    row['status'])


def trade_row(row):
    return TradeRow(row['remark'], row['symbol'], row['side'], row['priceE4'], row['qty'],
                    row['orderNo'], row['tradeNo'])


class CounterWay(object):
    name = 'counter'
    takes_credit = False

    def __init__(self, address):
        host, _, port = address.rpartition(':')
        self._address = (host, int(port))
        self._core = None
        self._socket = None
        self._lock = threading.Lock()
        # seq -> (deadline, what to do with the value)
        self._calls = {}
        self._seq = 0
        self._up = False
        self._heard_at = 0.0
        self._pinged_at = 0.0
        self._ended = False

    def start(self, core):
        self._core = core
        thread = threading.Thread(target=self._run)
        thread.daemon = True
        thread.start()

    def turn(self, now):
        for seq, (deadline, done) in list(self._calls.items()):
            if now > deadline and self._calls.pop(seq, None) is not None:
                done(None)
        if not self._up:
            return
        if now - self._heard_at > SILENT_S:
            self._shut()
        elif now - self._pinged_at > 0.5:
            self._pinged_at = now
            self._call({'op': 'ping'}, lambda value: None)

    def place(self, account, order):
        tell = self._core.tell
        if not self._up:
            tell('unsent', account, order.remark, REJECT_LINK_DOWN)
            return
        body = {'remark': order.remark, 'symbol': order.symbol, 'side': order.side,
                'kind': order.kind, 'priceE4': order.price, 'qty': order.qty}

        def done(value):
            good = isinstance(value, int) and value > 0
            tell('placed', account, order.remark, value if good else 0,
                 '' if good else 'no answer')
        self._call({'op': 'place', 'account': account, 'order': body}, done)

    def cancel(self, account, known):
        tell = self._core.tell
        order_no = known.order_no

        def done(value):
            if value is not True:
                tell('cancel_error', account, order_no, '')
        self._call({'op': 'cancel', 'account': account, 'orderNo': order_no}, done)

    def query(self, account, kind, token):
        tell = self._core.tell

        def done(value):
            if value is None:
                tell('rows', token, None)
            elif kind == QUERY_ORDERS:
                tell('rows', token, [order_row(row) for row in value])
            elif kind == QUERY_TRADES:
                tell('rows', token, [trade_row(row) for row in value])
            elif kind == QUERY_POSITIONS:
                tell('rows', token, [PositionRow(row['symbol'], row['qty'], row['sellableQty'],
                                                 row['costAmountE4']) for row in value])
            else:
                tell('rows', token, [CashRow(value['cashE4'], value['availableE4'],
                                             value['frozenE4'])])
        self._call({'op': OPS[kind], 'account': account}, done)

    def capabilities(self):
        return {}

    def stop(self):
        self._ended = True
        self._shut()

    def _call(self, call, done):
        self._seq += 1
        call['seq'] = self._seq
        self._calls[self._seq] = (time.monotonic() + CALL_S, done)
        connection = self._socket
        if not self._up or connection is None:
            self._calls.pop(call['seq'])
            done(None)
            return
        try:
            connection.sendall((json.dumps(call) + '\n').encode('utf-8'))
        except OSError:
            self._shut()

    def _shut(self):
        connection = self._socket
        if connection is not None:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def _run(self):
        while not self._ended:
            try:
                connection = socket.create_connection(self._address, 1.0)
                connection.settimeout(None)
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._socket = connection
                for line in connection.makefile('r', encoding='utf-8'):
                    self._heard_at = time.monotonic()
                    self._on_said(json.loads(line))
            except (OSError, ValueError):
                pass
            was_up = self._up
            self._up = False
            for seq in list(self._calls):
                call = self._calls.pop(seq, None)
                if call is not None:
                    call[1](None)
            if was_up:
                self._core.tell('disconnected', '与柜台的连接断开', 'connection to the counter lost')
            time.sleep(0.2)

    def _on_said(self, said):
        tell = self._core.tell
        kind = said['t']
        if kind == 'hello':
            self._up = True
            tell('connected', said['day'])
        elif kind == 'answer':
            call = self._calls.pop(said['seq'], None)
            if call is not None:
                call[1](said['value'])
        elif kind == 'order':
            tell('order', said['account'], order_row(said['row']))
        elif kind == 'trade':
            tell('trade', said['account'], trade_row(said['row']))
        else:
            tell('cancel_error', said['account'], said['orderNo'], said['text'])


def main():
    parser = argparse.ArgumentParser()
    for name in ('dir', 'listen', 'secret-file', 'accounts', 'broker-address', 'limits'):
        parser.add_argument('--' + name, default='')
    parser.add_argument('--broker', default='counter')
    args = parser.parse_args()
    limits = {}
    if args.limits:
        with open(args.limits) as source:
            limits = json.load(source)
    settings = Settings(args.dir, args.listen, args.secret_file, args.accounts.split(','), limits)
    core = Core(settings, CounterWay(args.broker_address))
    ended = []
    signal.signal(signal.SIGTERM, lambda *_: ended.append(1))
    signal.signal(signal.SIGINT, lambda *_: ended.append(1))
    core.start()
    while not ended:
        core.turn(0.05)
    core.stop()


if __name__ == '__main__':
    main()
