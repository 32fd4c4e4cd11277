# The trader: public calls, threads and order of events of the vendor's interface, over the simulated
# counter. One push thread runs every callback and takes every response of orders and cancels; with
# relaxed order responses answers of queries have a thread of their own. So what deadlocks there
# deadlocks here, callbacks that throw are never heard of, and nothing reconnects by itself.
# Faults that only this layer can have are files in the client's folder, eaten when met:
#   minus1-live, minus1-dead   order_stock_async returns -1, and the order lives or not
#   cancel-minus2              cancel_order_stock_async returns -2 and does nothing
import asyncio
import os
import threading
from concurrent.futures import Future, ThreadPoolExecutor

from standin import codes
from standin.counter_link import CounterLink, address_in

from . import _native as native
from .xttype import XtCancelOrderResponse, XtOrderResponse

REMARK_MAX = 24
MARKETS = {0: 'SH', 1: 'SZ', 70: 'BJ', 'SH': 'SH', 'SZ': 'SZ', 'BJ': 'BJ'}


class XtQuantTraderCallback(object):
    def on_connected(self):
        pass

    def on_disconnected(self):
        pass

    def on_account_status(self, status):
        pass

    def on_stock_asset(self, asset):
        pass

    def on_stock_order(self, order):
        pass

    def on_stock_trade(self, trade):
        pass

    def on_stock_position(self, position):
        pass

    def on_order_error(self, order_error):
        pass

    def on_cancel_error(self, cancel_error):
        pass

    def on_order_stock_async_response(self, response):
        pass

    def on_cancel_order_stock_async_response(self, response):
        pass

    def on_smt_appointment_async_response(self, response):
        pass


class XtQuantTrader(object):
    def __init__(self, path, session, callback=None):
        path.encode('gb18030')
        self.path = path
        self.session = session
        self.callback = callback
        self.connected = False
        self.loop = asyncio.new_event_loop()
        if threading.current_thread() is threading.main_thread():
            asyncio.set_event_loop(self.loop)
        self._relaxed_order = False
        self._link = None
        self._push = None
        self._relaxed = None
        self._seq = 0
        self._lock = threading.Lock()
        # Rows by order number, so that errors can name remark and contract number.
        self._rows = {}
        self._accounts = {}
        # Sequences whose response was not handled yet, and errors that wait for that.
        self._open_seqs = set()
        self._seq_of_order = {}
        self._held_errors = {}
        self._cancel_seqs = {}
        self._held_cancel_errors = {}

    # System calls

    def register_callback(self, callback):
        self.callback = callback

    def set_relaxed_response_order_enabled(self, enabled):
        self._relaxed_order = bool(enabled)

    def set_timeout(self, timeout=0):
        pass

    def sleep(self, seconds):
        threading.Event().wait(seconds)

    def start(self):
        self._push = ThreadPoolExecutor(max_workers=1)
        self._relaxed = ThreadPoolExecutor(max_workers=1)

    def connect(self):
        """One attempt: 0, or -1."""
        place = address_in(self.path)
        if place is None or self._push is None:
            return -1
        self._touch_files()
        try:
            link = CounterLink(place[0], place[1], self._on_said, self._on_gone)
        except OSError:
            return -1
        # No word of greeting: the client runs and is not logged in.
        if not link.hello.wait(0.25) or link.ask({'op': 'login', 'session': self.session}, 3) != 0:
            link.close()
            return -1
        self._link = link
        self.connected = True
        return 0

    def stop(self):
        self.connected = False
        if self._link is not None:
            self._link.close()
        if self._push is not None:
            self._push.shutdown(wait=True)
            self._relaxed.shutdown(wait=True)
        self.loop.close()

    def run_forever(self):
        while True:
            self.sleep(2)

    def subscribe(self, account):
        call = {'op': 'subscribe', 'account': account.account_id, 'type': account.account_type}
        self._accounts[account.account_id] = account.account_type
        answer = self._sync(call, self._query_thread())
        return -1 if answer is None else answer

    def unsubscribe(self, account):
        call = {'op': 'unsubscribe', 'account': account.account_id}
        answer = self._sync(call, self._query_thread())
        return -1 if answer is None else answer

    # Orders

    def order_stock(self, account, stock_code, order_type, order_volume, price_type, price,
                    strategy_name='', order_remark=''):
        order = self._order(account, stock_code, order_type, order_volume, price_type, price,
                            strategy_name, order_remark)
        if order is None:
            return -1
        call = {'op': 'place', 'account': account.account_id, 'order': order}
        answer = self._sync(call, self._push)
        return answer if answer is not None and answer > 0 else -1

    def order_stock_async(self, account, stock_code, order_type, order_volume, price_type, price,
                          strategy_name='', order_remark=''):
        order = self._order(account, stock_code, order_type, order_volume, price_type, price,
                            strategy_name, order_remark)
        if order is None or self._eats('minus1-dead'):
            return -1
        self.callback.on_order_stock_async_response  # read at once: without one this raises
        seq = self._next_seq()
        self._open_seqs.add(seq)
        call = {'op': 'place', 'account': account.account_id, 'order': order}
        who = (account.account_id, strategy_name, order['remark'])
        if not self._call(call, lambda value: self._on_placed(seq, who, value)):
            return -1
        return -1 if self._eats('minus1-live') else seq

    def cancel_order_stock(self, account, order_id):
        call = {'op': 'cancel', 'account': account.account_id, 'orderNo': order_id}
        return 0 if self._sync(call, self._push) is True else -1

    def cancel_order_stock_async(self, account, order_id):
        if self._eats('cancel-minus2'):
            return -2
        seq = self._next_seq()
        call = {'op': 'cancel', 'account': account.account_id, 'orderNo': order_id}
        self._cancel_seqs[order_id] = seq
        done = self._call(call, lambda value: self._on_cancelled(seq, account, order_id, value))
        return seq if done else -1

    def cancel_order_stock_sysid(self, account, market, sysid):
        return self.cancel_order_stock(account, self._number_of(market, sysid))

    def cancel_order_stock_sysid_async(self, account, market, sysid):
        return self.cancel_order_stock_async(account, self._number_of(market, sysid))

    # Queries

    def query_stock_asset(self, account):
        row = self._query('cash', account)
        return row and native.make_asset(account.account_id, account.account_type, row)

    def query_stock_asset_async(self, account, callback):
        self._query_async('cash', account, callback, lambda row: row and native.make_asset(
            account.account_id, account.account_type, row))

    def query_stock_orders(self, account, cancelable_only=False):
        return self._made_orders(account, self._query('orders', account), cancelable_only)

    def query_stock_orders_async(self, account, callback, cancelable_only=False):
        return self._query_async('orders', account, callback,
                                 lambda rows: self._made_orders(account, rows, cancelable_only))

    def query_stock_order(self, account, order_id):
        for order in self.query_stock_orders(account) or []:
            if order.order_id == order_id:
                return order
        return None

    def query_stock_trades(self, account):
        return self._made(native.make_trade, account, self._query('trades', account))

    def query_stock_trades_async(self, account, callback):
        return self._query_async('trades', account, callback,
                                 lambda rows: self._made(native.make_trade, account, rows))

    def query_stock_positions(self, account):
        return self._made(native.make_position, account, self._query('positions', account))

    def query_stock_positions_async(self, account, callback):
        return self._query_async('positions', account, callback,
                                 lambda rows: self._made(native.make_position, account, rows))

    def query_stock_position(self, account, stock_code):
        for position in self.query_stock_positions(account) or []:
            if position.stock_code == stock_code:
                return position
        return None

    def query_account_infos(self):
        rows = self._sync({'op': 'accounts'}, self._query_thread())
        return rows and [native.NativeObject(
            account_type=codes.ACCOUNT_TYPES[row['type']], account_id=row['account'],
            broker_type=2, platform_id=1, account_classification=0, login_status=row['status'],
        ) for row in rows]

    def query_account_info(self):
        return self.query_account_infos()

    def query_account_status(self):
        rows = self._sync({'op': 'accounts'}, self._query_thread())
        return rows and [native.NativeObject(
            account_type=codes.ACCOUNT_TYPES[row['type']], account_id=row['account'],
            status=row['status']) for row in rows]

    def query_credit_detail(self, account):
        row = self._query('credit', account)
        return row and [native.make_credit_detail(account.account_id, row)]

    def query_new_purchase_limit(self, account):
        return {'KCB': 0, 'SH': 0, 'SZ': 0}

    def query_ipo_data(self):
        return {}

    # Within

    def _order(self, account, code, order_type, volume, price_type, price, strategy, remark):
        """The counter's terms; None = this client refuses it."""
        table = codes.XT_CREDIT if account.account_type == 3 else codes.XT_STOCK
        terms = table.get(order_type)
        kind = codes.KIND_OF_PRICE_TYPE.get(price_type)
        market = code[-2:]
        if terms is None or kind is None or not self.connected:
            return None
        if market not in codes.MARKETS_OF_PRICE_TYPE.get(price_type, (market,)):
            return None
        return {
            'remark': codes.cut_remark(remark, REMARK_MAX), 'strategy': strategy, 'symbol': code,
            'side': terms[0], 'credit': terms[1], 'kind': kind, 'qty': int(volume),
            'priceE4': max(0, int(round(price * 10000))),
        }

    def _next_seq(self):
        with self._lock:
            self._seq += 1
            return self._seq

    def _query_thread(self):
        return self._relaxed if self._relaxed_order else self._push

    def _call(self, call, on_answer):
        return self._link is not None and self._link.call(call, on_answer)

    def _sync(self, call, thread):
        """Blocks until the answer was handled on its thread; for ever if none comes."""
        future = Future()
        if not self._call(call, lambda value: thread.submit(future.set_result, value)):
            return None
        return future.result()

    def _query(self, op, account):
        return self._sync({'op': op, 'account': account.account_id}, self._query_thread())

    def _query_async(self, op, account, callback, make):
        seq = self._next_seq()
        thread = self._query_thread()
        call = {'op': op, 'account': account.account_id}
        self._call(call, lambda value: thread.submit(lambda: callback(make(value))))
        return seq

    def _made(self, make, account, rows):
        if rows is None:
            return None
        return [make(account.account_id, account.account_type, row) for row in rows]

    def _made_orders(self, account, rows, cancelable_only):
        if rows is None:
            return None
        for row in rows:
            self._rows[row['orderNo']] = row
        if cancelable_only:
            rows = [row for row in rows if codes.status_of(row) in (48, 49, 50, 51, 52, 55)]
        return self._made(native.make_order, account, rows)

    def _number_of(self, market, sysid):
        for number, row in self._rows.items():
            if row['sysid'] == sysid and row['symbol'].endswith(MARKETS[market]):
                return number
        return 0

    def _touch_files(self):
        """What a session number leaves in the client's folder, and the client never removes."""
        for name in ('up_queue_win_%d', 'down_queue_win_%d', 'lock_up_queue_win_%d'):
            with open(os.path.join(self.path, name % self.session), 'ab'):
                pass

    def _eats(self, fault):
        path = os.path.join(self.path, fault)
        if not os.path.exists(path):
            return False
        os.remove(path)
        return True

    # From the native thread

    def _on_gone(self):
        self.connected = False
        self._run(lambda: self.callback.on_disconnected())

    def _run(self, work):
        try:
            self._push.submit(work)
        except RuntimeError:
            pass

    def _on_placed(self, seq, who, value):
        if value == 0:
            return
        self._run(lambda: self._handle_placed(seq, who, value))

    def _handle_placed(self, seq, who, value):
        account, strategy, remark = who
        number = value if value is not None else -1
        text = '' if number > 0 else native.told(u'\u59d4\u6258\u5931\u8d25')
        self._seq_of_order[number] = seq
        try:
            self.callback.on_order_stock_async_response(
                XtOrderResponse(account, number, strategy, remark, text, seq))
        finally:
            self._open_seqs.discard(seq)
            for error in self._held_errors.pop(number, []):
                error.seq = seq
                self.callback.on_order_error(error)

    def _on_cancelled(self, seq, account, order_id, value):
        self._run(lambda: self._handle_cancelled(seq, account, order_id, value))

    def _handle_cancelled(self, seq, account, order_id, value):
        sysid = self._rows.get(order_id, {}).get('sysid', '')
        result = 0 if value is True else -1
        try:
            self.callback.on_cancel_order_stock_async_response(
                XtCancelOrderResponse(account.account_id, result, order_id, sysid, seq))
        finally:
            self._cancel_seqs.pop(order_id, None)
            for error in self._held_cancel_errors.pop(order_id, []):
                self.callback.on_cancel_error(error)

    def _on_said(self, message):
        what = message['t']
        if what in ('order', 'trade', 'status', 'order-error', 'cancel-error'):
            self._run(lambda: getattr(self, '_on_' + what.replace('-', '_'))(message))

    def _on_order(self, message):
        account = message['account']
        row = message['row']
        self._rows[row['orderNo']] = row
        self.callback.on_stock_order(native.make_order(account, self._type(account), row))

    def _on_trade(self, message):
        account = message['account']
        self.callback.on_stock_trade(
            native.make_trade(account, self._type(account), message['row']))

    def _on_status(self, message):
        account = message['account']
        self.callback.on_account_status(native.NativeObject(
            account_type=self._type(account), account_id=account, status=message['status']))

    def _on_order_error(self, message):
        number = message['orderNo']
        row = self._rows.get(number)
        seq = self._seq_of_order.get(number, 0)
        error = native.make_order_error(message, row, self._type(message['account']), seq)
        if message.get('own') and seq == 0 and self._open_seqs:
            self._held_errors.setdefault(number, []).append(error)
        else:
            self.callback.on_order_error(error)

    def _on_cancel_error(self, message):
        number = message['orderNo']
        row = self._rows.get(number)
        error = native.make_cancel_error(message, row, self._type(message['account']))
        if number in self._cancel_seqs:
            self._held_cancel_errors.setdefault(number, []).append(error)
        else:
            self.callback.on_cancel_error(error)

    def _type(self, account):
        return self._accounts.get(account, 2)
