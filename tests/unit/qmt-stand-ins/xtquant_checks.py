# What the stand-in of xtquant must do, said in the terms of the interface: run by xtquant.test.ts
# with python3 against one counter. Every check has an account of its own.
# Arguments: the client's folder; environment: PYTHONPATH with tests/support/qmt.
import os
import sys
import threading
import time
import unittest

from standin.counter_link import CounterLink, address_in
from xtquant import xtconstant, xtdata
from xtquant.xttrader import XtQuantTrader, XtQuantTraderCallback
from xtquant.xttype import StockAccount

FOLDER = sys.argv.pop()
SYMBOL = '600001.SH'
BUY = xtconstant.STOCK_BUY
SELL = xtconstant.STOCK_SELL
LIMIT = xtconstant.FIX_PRICE

_sessions = iter(range(100, 200))


class Ears(XtQuantTraderCallback):
    """Notes what it hears, in order, with the thread."""

    def __init__(self):
        self.heard = []
        self.threads = set()
        self.hook = None

    def note(self, *what):
        self.threads.add(threading.current_thread().name)
        self.heard.append(what)
        if self.hook:
            self.hook(*what)

    def on_disconnected(self, *args):
        self.note('gone')

    def on_account_status(self, status):
        self.note('status', status.status)

    def on_stock_order(self, order):
        self.note('order', order)

    def on_stock_trade(self, trade):
        self.note('trade', trade)

    def on_order_error(self, error):
        self.note('error', error)

    def on_cancel_error(self, error):
        self.note('cancel-error', error)

    def on_order_stock_async_response(self, response):
        self.note('response', response)

    def on_cancel_order_stock_async_response(self, response):
        self.note('cancel-response', response)

    def named(self, name):
        return [what[1] for what in self.heard if what[0] == name]

    def waits(self, holds, seconds=60):
        end = time.time() + seconds
        while time.time() < end:
            if holds(self):
                return
            time.sleep(0.002)
        raise AssertionError('waited in vain; heard %r' % (self.heard,))


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        host, port = address_in(FOLDER)
        cls.hand = CounterLink(host, port, lambda said: None, lambda: None)

    @classmethod
    def tearDownClass(cls):
        cls.hand.close()

    def admin(self, **deed):
        return self.hand.ask(dict(deed, op='admin'), 5)

    def open(self, name='demo', relaxed=False, kind='STOCK'):
        ears = Ears()
        trader = XtQuantTrader(FOLDER, next(_sessions))
        trader.register_callback(ears)
        trader.set_relaxed_response_order_enabled(relaxed)
        trader.start()
        self.assertEqual(trader.connect(), 0)
        account = StockAccount(name, kind)
        self.assertEqual(trader.subscribe(account), 0)
        self.addCleanup(lambda: trader.stop())
        return trader, account, ears

    def buy(self, trader, account, remark, price=10.0, qty=100, symbol=SYMBOL):
        return trader.order_stock_async(account, symbol, BUY, qty, LIMIT, price, 's', remark)

    def of(self, ears, name, remark):
        return [one for one in ears.named(name) if one.order_remark == remark]


class Ordering(Case):
    def test_an_order_is_answered_by_seq_and_told_by_remark_then_filled_then_done(self):
        trader, account, ears = self.open()
        seq = self.buy(trader, account, 'way-1')
        self.assertGreater(seq, 0)
        ears.waits(lambda e: self.of(e, 'response', 'way-1'))
        response = self.of(ears, 'response', 'way-1')[0]
        self.assertEqual(response.seq, seq)
        self.admin(do='market', symbol=SYMBOL, side=2, priceE4=100000, qty=100)
        ears.waits(lambda e: self.of(e, 'trade', 'way-1'))
        orders = self.of(ears, 'order', 'way-1')
        self.assertEqual([o.order_status for o in orders], [49, 50, 56])
        self.assertEqual([o.order_sysid == '' for o in orders], [True, False, False])
        self.assertEqual(orders[-1].price_type, 50)
        trade = self.of(ears, 'trade', 'way-1')[0]
        self.assertEqual((trade.order_id, trade.traded_volume), (response.order_id, 100))
        self.assertEqual(len(ears.threads), 1)

    def test_a_cancel_passes_through_51_to_54_and_a_second_one_is_an_error(self):
        trader, account, ears = self.open()
        self.buy(trader, account, 'cancel-1', 9.9)
        ears.waits(lambda e: self.of(e, 'response', 'cancel-1'))
        number = self.of(ears, 'response', 'cancel-1')[0].order_id
        self.assertGreater(trader.cancel_order_stock_async(account, number), 0)
        ears.waits(lambda e: e.named('cancel-response'))
        self.assertEqual([o.order_status for o in self.of(ears, 'order', 'cancel-1')],
                         [49, 50, 51, 54])
        trader.cancel_order_stock_async(account, number)
        ears.waits(lambda e: e.named('cancel-error'))
        self.assertEqual(ears.named('cancel-response')[1].cancel_result, 0)

    def test_a_refused_order_is_57_with_the_counters_words_and_an_error_after_its_response(self):
        trader, account, ears = self.open()
        self.buy(trader, account, 'refused-1', 10.0, 100000000)
        ears.waits(lambda e: self.of(e, 'error', 'refused-1'))
        names = [what[0] for what in ears.heard]
        self.assertLess(names.index('response'), names.index('error'))
        order = self.of(ears, 'order', 'refused-1')[0]
        self.assertEqual(order.order_status, 57)
        self.assertTrue(order.status_msg.startswith('[COUNTER]['))

    def test_a_remark_keeps_24_characters_and_chinese_ones_count_three(self):
        trader, account, ears = self.open()
        self.buy(trader, account, 'a' * 30, 9.9)
        self.buy(trader, account, u'\u8d35' * 9, 9.9)
        ears.waits(lambda e: len(e.named('response')) == 2)
        remarks = {order.order_remark for order in ears.named('order')}
        self.assertEqual(remarks, {'a' * 24, u'\u8d35' * 8})

    def test_what_this_client_does_not_take_is_minus_one_at_once(self):
        trader, account, _ears = self.open()
        self.assertEqual(trader.order_stock_async(account, SYMBOL, 99, 100, LIMIT, 10.0), -1)
        self.assertEqual(trader.order_stock_async(account, SYMBOL, BUY, 100, 46, 0), -1)
        self.assertEqual(trader.order_stock_async(account, SYMBOL, 27, 100, LIMIT, 10.0), -1)

    def test_a_market_kind_takes_five_levels_and_cancels_the_rest(self):
        trader, account, ears = self.open()
        for price in (100100, 100200):
            self.admin(do='market', symbol='000001.SZ', side=2, priceE4=price, qty=100, keep=True)
        trader.order_stock_async(account, '000001.SZ', BUY, 500, 47, -1, 's', 'market-1')
        ears.waits(lambda e: len(self.of(e, 'trade', 'market-1')) == 2)
        ears.waits(lambda e: self.of(e, 'order', 'market-1')[-1].order_status == 53)
        order = self.of(ears, 'order', 'market-1')[-1]
        self.assertEqual((order.traded_volume, order.price_type), (200, 88))

    def test_financing_buys_borrow_and_are_told_by_their_kind(self):
        trader, account, ears = self.open('margin', kind='CREDIT')
        trader.order_stock_async(account, SYMBOL, 27, 100, LIMIT, 10.0, 's', 'fin-1')
        ears.waits(lambda e: self.of(e, 'response', 'fin-1'))
        self.admin(do='market', symbol=SYMBOL, side=2, priceE4=100000, qty=100)
        ears.waits(lambda e: self.of(e, 'trade', 'fin-1'))
        self.assertEqual(self.of(ears, 'trade', 'fin-1')[0].order_type, 27)
        self.assertEqual(self.of(ears, 'trade', 'fin-1')[0].account_type, 3)
        self.assertEqual(trader.query_credit_detail(account)[0].m_dTotalDebt, 1000.0)


class Faults(Case):
    def fault(self, name, times=1):
        self.admin(do='fault', name=name, times=times)

    def test_minus_one_may_be_a_live_order(self):
        trader, account, ears = self.open()
        open(os.path.join(FOLDER, 'minus1-live'), 'w').close()
        self.assertEqual(self.buy(trader, account, 'live-1', 9.9), -1)
        ears.waits(lambda e: self.of(e, 'order', 'live-1'))

    def test_a_lost_response_leaves_pushes_only(self):
        trader, account, ears = self.open()
        self.fault('lostResponse')
        self.buy(trader, account, 'lost-1', 9.9)
        self.buy(trader, account, 'lost-2', 9.9)
        ears.waits(lambda e: self.of(e, 'response', 'lost-2'))
        self.assertEqual(self.of(ears, 'response', 'lost-1'), [])
        self.assertTrue(self.of(ears, 'order', 'lost-1'))

    def test_an_unknown_status_is_told_once_and_the_query_knows_better(self):
        trader, account, ears = self.open()
        self.fault('unknownStatus')
        self.buy(trader, account, 'odd-1', 9.9)
        ears.waits(lambda e: self.of(e, 'response', 'odd-1'))
        self.assertEqual(self.of(ears, 'order', 'odd-1')[-1].order_status, 99)
        orders = [o for o in trader.query_stock_orders(account) if o.order_remark == 'odd-1']
        self.assertEqual(orders[0].order_status, 50)

    def test_none_is_failed_or_empty(self):
        trader, account, _ears = self.open()
        self.fault('none')
        self.assertIsNone(trader.query_stock_orders(account))
        self.assertIsNotNone(trader.query_stock_orders(account))

    def test_a_hanging_query_blocks_its_caller_only(self):
        trader, account, ears = self.open()
        self.fault('hang')
        caller = threading.Thread(target=lambda: trader.query_stock_positions(account))
        caller.daemon = True
        caller.start()
        self.buy(trader, account, 'hang-1', 9.9)
        ears.waits(lambda e: self.of(e, 'response', 'hang-1'))
        caller.join(0.2)
        self.assertTrue(caller.is_alive())

    def test_doubled_and_late(self):
        trader, account, ears = self.open()
        self.fault('duplicate')
        self.fault('late')
        self.buy(trader, account, 'double-1', 9.9)
        ears.waits(lambda e: self.of(e, 'response', 'double-1'))
        self.assertEqual([o.order_status for o in self.of(ears, 'order', 'double-1')],
                         [49, 49, 50])
        self.assertEqual(ears.heard[-1][0], 'response')

    def test_a_replay_tells_the_whole_day_again(self):
        trader, account, ears = self.open()
        self.buy(trader, account, 'replay-1', 9.9)
        ears.waits(lambda e: self.of(e, 'response', 'replay-1'))
        self.fault('replay')
        _trader, _account, later = self.open()
        later.waits(lambda e: self.of(e, 'order', 'replay-1'))

    def test_an_order_by_hand_is_heard_without_a_remark(self):
        _trader, _account, ears = self.open()
        hand = {'remark': '', 'symbol': SYMBOL, 'side': 1, 'kind': 1, 'priceE4': 99000, 'qty': 300}
        number = self.admin(do='foreign', account='demo', order=hand)
        ears.waits(lambda e: [o for o in e.named('order') if o.order_id == number])


class Threads(Case):
    def test_a_query_in_a_callback_deadlocks_unless_relaxed(self):
        for relaxed in (False, True):
            trader, account, ears = self.open(relaxed=relaxed)
            answers = []
            done = threading.Event()

            def ask(*what):
                if what[0] == 'response':
                    answers.append(trader.query_stock_asset(account))
                    done.set()

            ears.hook = ask
            self.buy(trader, account, 'dead-%d' % relaxed, 9.9)
            self.assertEqual(done.wait(20 if relaxed else 0.3), relaxed)
            if not relaxed:
                # It never comes back.
                trader.stop = lambda: None

    def test_what_a_callback_throws_is_never_heard_of(self):
        trader, account, ears = self.open()

        def burst(*_what):
            raise ValueError('nobody hears this')

        ears.hook = burst
        self.buy(trader, account, 'throws-1', 9.9)
        ears.waits(lambda e: self.of(e, 'order', 'throws-1'))
        ears.hook = None
        self.buy(trader, account, 'throws-2', 9.9)
        ears.waits(lambda e: self.of(e, 'response', 'throws-2'))

    def test_a_slow_callback_delays_everything_behind_it(self):
        trader, account, ears = self.open()
        gate = threading.Event()
        self.addCleanup(gate.set)
        ears.hook = lambda *_what: self.of(ears, 'order', 'slow-1') and gate.wait(60)
        _other, _account, quick = self.open()
        self.buy(trader, account, 'slow-1', 9.9)
        ears.waits(lambda e: self.of(e, 'order', 'slow-1'))
        stands_at = list(ears.heard)
        self.buy(trader, account, 'slow-2', 9.9)
        # Whoever does not stand in a callback has heard all of it.
        quick.waits(lambda e: self.of(e, 'order', 'slow-2'))
        self.assertEqual(ears.heard, stands_at)
        gate.set()
        ears.waits(lambda e: self.of(e, 'response', 'slow-2'))


class Sessions(Case):
    def test_a_session_number_is_one_processs_and_free_again_later(self):
        trader, _account, _ears = self.open()
        other = XtQuantTrader(FOLDER, trader.session, Ears())
        other.start()
        self.assertEqual(other.connect(), -1)
        trader.stop()
        self.assertEqual(other.connect(), -1)
        end = time.time() + 20
        while other.connect() != 0 and time.time() < end:
            time.sleep(0.05)
        self.assertTrue(other.connected)
        other.stop()
        trader.stop = lambda: None

    def test_a_lost_client_is_told_once_and_never_connected_again_by_itself(self):
        trader, account, ears = self.open()
        self.admin(do='client', up=False)
        ears.waits(lambda e: ('gone',) in e.heard)
        self.assertEqual(self.buy(trader, account, 'gone-1', 9.9), -1)
        self.assertIsNone(trader.query_stock_orders(account))
        late = XtQuantTrader(FOLDER, next(_sessions), Ears())
        late.start()
        self.assertEqual(late.connect(), -1)
        self.admin(do='client', up=True)
        time.sleep(0.1)
        self.assertEqual(ears.heard.count(('gone',)), 1)
        self.assertEqual(late.connect(), 0)
        late.stop()

    def test_without_subscribe_nothing_is_heard(self):
        trader, account, ears = self.open()
        self.assertEqual(trader.unsubscribe(account), 0)
        self.buy(trader, account, 'deaf-1', 9.9)
        ears.waits(lambda e: self.of(e, 'response', 'deaf-1'))
        self.assertEqual(self.of(ears, 'order', 'deaf-1'), [])

    def test_a_wrong_folder_and_an_unknown_account_are_minus_one(self):
        stray = XtQuantTrader(FOLDER + u'/\u4e0d\u5b58\u5728', 7, Ears())
        stray.start()
        self.assertEqual(stray.connect(), -1)
        stray.stop()
        trader, _account, _ears = self.open()
        self.assertEqual(trader.subscribe(StockAccount('nobody')), -1)
        self.assertIsInstance(StockAccount(12345), str)

    def test_the_brokers_line_is_another_one(self):
        trader, account, ears = self.open()
        self.admin(do='broker', up=False)
        ears.waits(lambda e: ('status', 3) in e.heard)
        self.assertEqual([s.status for s in trader.query_account_status()][0], 3)
        self.assertIsNone(trader.query_stock_asset(account))
        self.admin(do='broker', up=True)
        ears.waits(lambda e: e.heard[-1] == ('status', 0))


class Money(Case):
    def test_what_is_open_is_frozen_and_what_was_bought_is_sold_tomorrow(self):
        trader, account, ears = self.open('rich')
        self.buy(trader, account, 'money-1', 10.0, 200)
        ears.waits(lambda e: self.of(e, 'response', 'money-1'))
        asset = trader.query_stock_asset(account)
        self.assertEqual((asset.cash, asset.frozen_cash), (98000.0, 2000.0))
        self.admin(do='market', symbol=SYMBOL, side=2, priceE4=100000, qty=200)
        ears.waits(lambda e: self.of(e, 'trade', 'money-1'))
        position = trader.query_stock_position(account, SYMBOL)
        self.assertEqual((position.volume, position.can_use_volume), (200, 0))
        trader.order_stock_async(account, SYMBOL, SELL, 200, LIMIT, 10.0, 's', 'money-2')
        ears.waits(lambda e: self.of(e, 'error', 'money-2'))
        self.buy(trader, account, 'money-3', 5.0, 200, '511010.SH')
        self.admin(do='market', symbol='511010.SH', side=2, priceE4=50000, qty=200)
        ears.waits(lambda e: self.of(e, 'trade', 'money-3'))
        etf = trader.query_stock_position(account, '511010.SH')
        self.assertEqual((etf.volume, etf.can_use_volume), (200, 200))


class Quotes(Case):
    def test_ticks_have_five_levels_in_lots_and_come_when_something_changed(self):
        host, port = address_in(FOLDER)
        xtdata.connect(host, port)
        self.admin(do='depth', symbol='000002.SZ', qty=700)
        heard = []
        seq = xtdata.subscribe_whole_quote(['000002.SZ'], heard.append)
        end = time.time() + 20
        while not heard and time.time() < end:
            time.sleep(0.005)
        tick = heard[0]['000002.SZ']
        self.assertEqual(tick['bidVol'], [7] * 5)
        self.assertEqual(round(tick['askPrice'][0], 2), 10.01)
        self.admin(do='push', name='ticks')
        self.admin(do='print', symbol='000002.SZ', priceE4=100100, qty=300)
        self.admin(do='push', name='ticks')
        while len(heard) < 2 and time.time() < end:
            time.sleep(0.005)
        self.assertEqual(len(heard), 2)
        self.assertEqual((heard[1]['000002.SZ']['volume'], heard[1]['000002.SZ']['pvolume']),
                         (3, 300))
        xtdata.unsubscribe_quote(seq)
        detail = xtdata.get_instrument_detail('000002.SZ')
        self.assertEqual((detail['UpStopPrice'], detail['DownStopPrice']), (11.0, 9.0))
        self.assertIsNone(xtdata.get_instrument_detail('999999.SZ'))


class ZDay(Case):
    """Last, by its name: the others' day is over then."""

    def test_a_new_day_cuts_sessions_and_numbers_begin_anew(self):
        trader, account, ears = self.open('other')
        self.buy(trader, account, 'day-1', 9.9)
        ears.waits(lambda e: self.of(e, 'response', 'day-1'))
        self.admin(do='day', day=20260106)
        ears.waits(lambda e: ('gone',) in e.heard)
        trader, account, ears = self.open('other')
        self.assertEqual(trader.query_stock_orders(account), [])
        self.buy(trader, account, 'day-2', 9.9)
        ears.waits(lambda e: self.of(e, 'response', 'day-2'))
        self.assertEqual(self.of(ears, 'response', 'day-2')[0].order_id, 1)


if __name__ == '__main__':
    outcome = unittest.main(verbosity=2, exit=False).result
    # Threads that hang for ever, as they would there, do not hold the process.
    sys.stderr.flush()
    os._exit(0 if outcome.wasSuccessful() else 1)
