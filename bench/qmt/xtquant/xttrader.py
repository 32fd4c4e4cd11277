# See __init__.py.
import threading
import time
from concurrent.futures import ThreadPoolExecutor


class Row(object):
    def __init__(self, **fields):
        self.__dict__.update(fields)


class XtQuantTrader(object):
    def __init__(self, path, session, callback=None):
        self._callback = callback
        self._push = ThreadPoolExecutor(max_workers=1)
        self._seq = 0

    def register_callback(self, callback):
        self._callback = callback

    def start(self):
        pass

    def connect(self):
        return 0

    def stop(self):
        self._push.shutdown(wait=False)

    def subscribe(self, account):
        return 0

    def query_account_status(self):
        return []

    def query_stock_orders(self, account, cancelable_only=False):
        return []

    def query_stock_trades(self, account):
        return []

    def query_stock_positions(self, account):
        return []

    def query_stock_asset(self, account):
        done = threading.Event()
        self._push.submit(done.set)
        done.wait()
        return Row(cash=1e9, frozen_cash=0.0, market_value=0.0, total_asset=1e9)

    def order_stock_async(self, account, code, order_type, volume, price_type, price,
                          strategy='', remark=''):
        called = time.perf_counter_ns()
        self._seq += 1
        seq = self._seq
        self._push.submit(self._answer, Row(
            account_id=account.account_id, order_id=called, order_remark=remark, seq=seq,
            error_msg=''))
        if seq == 1:
            # Shows what a remark looks like, as clients do; later ones would only cost time.
            self._push.submit(self._callback.on_stock_order, Row(
                account_id=account.account_id, order_id=called, order_remark=remark,
                stock_code=code, order_type=order_type, order_volume=volume, traded_volume=0,
                order_status=50, price_type=price_type, price=price, order_sysid=str(called)))
        return seq

    def _answer(self, response):
        self._callback.on_order_stock_async_response(response)

    def order_stock(self, account, code, order_type, volume, price_type, price,
                    strategy='', remark=''):
        called = time.perf_counter_ns()
        return self._push.submit(lambda: called).result()

    def cancel_order_stock_async(self, account, order_id):
        self._seq += 1
        return self._seq
