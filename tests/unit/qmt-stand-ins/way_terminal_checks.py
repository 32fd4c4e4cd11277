# Way B alone, between a played terminal and a played core: what no other test can time or cause.
# Run by way-terminal.test.ts with python3; prints what unittest prints.
import collections
import os
import shutil
import sys
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '../../../gateways/qmt/bridge/source'))

import way_terminal  # noqa: E402
from way import Order, OrderRow, TradeRow, even_lists, number_of, told_once  # noqa: E402
from way_terminal import TerminalTerms, TerminalWay, is_older, maintenance_ratio  # noqa: E402
from wire import (  # noqa: E402
    QUERY_CASH, QUERY_ORDERS, QUERY_POSITIONS, QUERY_TRADES, REJECT_BUSY, REJECT_CREDIT,
    REJECT_KILLED, REJECT_KIND_NOT_SUPPORTED, REJECT_LINK_DOWN, STATUS_ACCEPTED,
    STATUS_CANCELLED, STATUS_FILLED, STATUS_PARTLY_FILLED,
)

REMARK = '1001p001000001tl'


class Row(object):
    def __init__(self, **fields):
        self.__dict__.update(fields)


def order_row(remark=REMARK, sysid='77', status=50, traded=0, **more):
    fields = dict(
        m_strAccountID='8', m_strInstrumentID='600001', m_strExchangeID='SH',
        m_strOrderSysID=sysid, m_strRemark=remark, m_nOrderStatus=status, m_nOffsetFlag=48,
        m_nDirection=48, m_nVolumeTotalOriginal=300, m_nVolumeTraded=traded, m_dLimitPrice=10.0,
        m_nOrderPriceType=50, m_strCancelInfo='', m_strInsertTime='093001')
    fields.update(more)
    return Row(**fields)


class PlayedCore(object):
    def __init__(self):
        self.told = []
        self.killed = False
        self.polls = 0
        self.server = self
        self.on_poll = lambda: None
        self.desk = None
        self.settings = Row(dir='')

    def tell(self, name, *arguments):
        self.told.append((name,) + arguments)

    def poll(self, timeout, clock):
        self.polls += 1
        self.on_poll()

    def is_killed(self, account):
        return self.killed

    def desk_of(self, account):
        return self.desk

    def log(self, zh, en):
        pass

    def named(self, name):
        return [what[1:] for what in self.told if what[0] == name]


class Case(unittest.TestCase):
    def setUp(self):
        self.lists = {'ACCOUNT': [Row(m_strStatus='', m_dAvailable=1000.0, m_dFrozenCash=0.0)]}
        self.calls = []
        self.cancels = []
        self.cancel_says = True
        way_terminal.passorder = lambda *arguments: self.calls.append(arguments)
        way_terminal.cancel = self.cancel
        way_terminal.get_trade_detail_data = lambda _a, _t, kind: list(self.lists.get(kind, []))
        self.core = PlayedCore()
        self.now = time.monotonic()

    def cancel(self, sysid, *_rest):
        self.cancels.append(sysid)
        return self.cancel_says

    def open(self, kind='STOCK', financing=False, probed=True, **more):
        terms = [TerminalTerms('demo', '8', kind, financing)]
        way = TerminalWay(terms, 20260105, **dict({'cache_s': 0.5, 'unseen_s': 2.0}, **more))
        way.start(self.core)
        way.turn(self.now)
        if probed:
            way._probes['demo'].hear(REMARK, REMARK)
        return way

    def later(self, way, seconds):
        """Time goes on: what the way noted the clock by is as much older."""
        for book in way._books.values():
            for name in ('scanned_at', 'checked_at', 'moved_at'):
                setattr(book, name, getattr(book, name) - seconds)
            for kind in book.empty_since:
                book.empty_since[kind] -= seconds
            for key in book.first_seen:
                book.first_seen[key] -= seconds
        for sent in way._sent.values():
            sent.deadline -= seconds
            sent.error_at -= seconds if sent.error_at else 0
        for wait in way._cancels.values():
            wait[0] -= seconds
        way._queries = collections.deque((a, k, t, s - seconds) for a, k, t, s in way._queries)
        way._up_since -= seconds
        probe = way._probes['demo']
        probe._since -= seconds
        probe._held = collections.deque((a, o, s - seconds) for a, o, s in probe._held)
        way.turn(time.monotonic())

    def place(self, way, remark=REMARK, symbol='600001.SH', kind=1, credit=0):
        way.place('demo', Order(remark, symbol, 1, kind, 100000, 300, credit))


class Orders(Case):
    def test_an_order_is_called_once_and_found_by_its_remark(self):
        way = self.open()
        self.place(way)
        way.turn(time.monotonic())
        self.assertEqual([call[:8] for call in self.calls],
                         [(23, 1101, '8', '600001.SH', 11, 10.0, 300, 'pankou')])
        self.assertEqual(self.calls[0][8:10], (2, REMARK))
        self.lists['ORDER'] = [order_row()]
        self.later(way, 1.0)
        self.assertEqual(self.core.named('placed'), [('demo', REMARK, 77, '')])
        self.later(way, 9.0)
        self.assertEqual(len(self.calls), 1)
        self.assertEqual(len(self.core.named('order')), 1)

    def test_what_is_not_seen_is_unknown_and_still_found_later(self):
        way = self.open()
        self.place(way)
        way.turn(time.monotonic())
        self.later(way, 3.0)
        self.assertEqual(self.core.named('placed')[0][:3], ('demo', REMARK, 0))
        self.assertEqual(len(self.core.named('alarm')), 1)
        self.lists['ORDER'] = [order_row()]
        self.later(way, 3.0)
        self.assertEqual(self.core.named('order')[0][1].order_no, 77)

    def test_an_error_is_a_refusal_only_when_no_list_shows_the_order(self):
        for shown in (False, True):
            self.setUp()
            way = self.open()
            self.place(way)
            way.turn(time.monotonic())
            way.on_order_error(Row(strategyName='pankou_&&&_' + REMARK), '\u8d44\u91d1\u4e0d\u8db3')
            if shown:
                self.lists['ORDER'] = [order_row()]
            self.later(way, 1.0)
            self.assertEqual(self.core.named('refused'), [])
            self.later(way, 2.0)
            self.assertEqual(len(self.core.named('refused')), 0 if shown else 1)

    def test_a_kill_in_the_middle_of_a_burst_stops_the_rest(self):
        way = self.open()
        for number in range(100):
            self.place(way, 'r%d' % number)

        def kill():
            self.core.killed = self.core.polls >= 2

        self.core.on_poll = kill
        way.turn(time.monotonic())
        self.assertEqual(len(self.calls), 32)
        self.assertEqual(len(self.core.named('unsent')), 68)
        self.assertEqual(self.core.named('unsent')[0], ('demo', 'r32', REJECT_KILLED))

    def test_what_this_account_or_market_does_not_know_is_never_called(self):
        way = self.open()
        self.place(way, credit=1)
        self.place(way, 'r2', kind=7)
        way.turn(time.monotonic())
        self.assertEqual(self.calls, [])
        self.assertEqual([one[2] for one in self.core.named('unsent')],
                         [REJECT_CREDIT, REJECT_KIND_NOT_SUPPORTED])

    def test_a_credit_account_buys_collateral_and_with_borrowed_money_by_its_own_codes(self):
        way = self.open('CREDIT', financing=True)
        self.place(way)
        self.place(way, 'r2', credit=1)
        way.turn(time.monotonic())
        self.assertEqual([call[0] for call in self.calls], [33, 27])


class Unproved(Case):
    """Whether remarks come back whole is not known yet."""

    def open_unproved(self, *remarks):
        way = self.open(probed=False)
        for remark in remarks:
            self.place(way, remark)
        way.turn(time.monotonic())
        return way

    def called(self):
        return [call[9] for call in self.calls]


class Probe(Unproved):
    def test_until_a_remark_came_back_one_order_is_on_its_way(self):
        way = self.open_unproved(REMARK, 'second', 'third')
        self.later(way, 1.0)
        self.assertEqual(self.called(), [REMARK])
        self.lists['ORDER'] = [order_row()]
        self.later(way, 1.0)
        way.turn(time.monotonic())
        self.assertEqual(self.called(), [REMARK, 'second', 'third'])
        self.assertEqual(way.capabilities()['remark'], 'whole')

    def test_an_order_of_earlier_in_the_day_is_proof_enough(self):
        self.lists['ORDER'] = [order_row()]
        way = self.open_unproved()
        self.later(way, 3.0)
        self.place(way, 'first')
        self.place(way, 'second')
        way.turn(time.monotonic())
        self.assertEqual(self.called(), ['first', 'second'])

    def test_a_remark_that_was_cut_off_stops_all_orders_and_is_told_once(self):
        way = self.open_unproved(REMARK, 'second')
        self.lists['ORDER'] = [order_row(remark=REMARK[:12])]
        self.later(way, 1.0)
        self.later(way, 0.5)
        self.place(way, 'third')
        way.turn(time.monotonic())
        self.assertEqual(self.called(), [REMARK])
        self.assertEqual([one[1:] for one in self.core.named('unsent')],
                         [('second', REJECT_KIND_NOT_SUPPORTED),
                          ('third', REJECT_KIND_NOT_SUPPORTED)])
        self.assertEqual(len(self.core.named('alarm')), 1)

    def test_an_order_that_waited_too_long_was_never_sent_and_says_so(self):
        way = self.open_unproved(REMARK, 'second')
        way._sent[REMARK].deadline += 60
        self.later(way, 4.5)
        self.assertEqual(self.core.named('unsent'), [('demo', 'second', REJECT_BUSY)])
        self.assertEqual(self.called(), [REMARK])

    def test_a_probe_that_is_never_seen_makes_room_for_the_next_one_only(self):
        way = self.open_unproved(REMARK, 'second', 'third')
        # Unseen after 2 s
        self.later(way, 2.5)
        way.turn(time.monotonic())
        self.assertEqual(self.called(), [REMARK, 'second'])
        self.assertEqual(self.core.named('placed')[0][:3], ('demo', REMARK, 0))

    def test_behind_an_order_that_was_not_seen_one_goes_at_a_time_until_one_is(self):
        way = self.open()
        self.place(way, 'lost')
        way.turn(time.monotonic())
        self.later(way, 2.5)
        for remark in (REMARK, 'second', 'third'):
            self.place(way, remark)
        way.turn(time.monotonic())
        self.assertEqual(self.called(), ['lost', REMARK])
        self.lists['ORDER'] = [order_row()]
        self.later(way, 1.0)
        way.turn(time.monotonic())
        self.assertEqual(self.called(), ['lost', REMARK, 'second', 'third'])

    def test_a_remark_of_others_proves_nothing(self):
        self.lists['ORDER'] = [order_row(remark='by hand'), order_row(remark='', sysid='78')]
        way = self.open_unproved(REMARK, 'second')
        self.later(way, 1.0)
        self.assertEqual(self.called(), [REMARK])


class Memory(Unproved):
    """What a client has shown is kept beside the journals."""

    def setUp(self):
        Unproved.setUp(self)
        self.core.settings.dir = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.core.settings.dir)

    def open_shown(self):
        self.lists['ORDER'] = [order_row()]
        self.later(self.open_unproved(), 3.0)
        self.lists['ORDER'] = []

    def test_a_client_that_has_shown_it_before_makes_nobody_wait(self):
        self.open_shown()
        way = self.open_unproved('first', 'second', 'third')
        self.assertEqual(self.called(), ['first', 'second', 'third'])
        self.assertEqual(way.capabilities()['remark'], 'whole before')

    def test_the_first_row_of_a_session_is_looked_at_all_the_same(self):
        self.open_shown()
        way = self.open_unproved(REMARK, 'second')
        self.lists['ORDER'] = [order_row(remark=REMARK[:12])]
        self.later(way, 3.0)
        self.place(way, 'third')
        way.turn(time.monotonic())
        self.assertEqual(self.called(), [REMARK, 'second'])
        self.assertEqual(self.core.named('unsent')[-1][1:], ('third', REJECT_KIND_NOT_SUPPORTED))
        self.calls = []
        self.open_unproved('fourth', 'fifth')
        self.assertEqual(self.called(), ['fourth'])

    def test_a_file_that_cannot_be_read_costs_a_probe(self):
        self.open_shown()
        with open(os.path.join(self.core.settings.dir, 'remark.json'), 'w') as target:
            target.write('{"torn')
        self.open_unproved('first', 'second')
        self.assertEqual(self.called(), ['first'])


class Hearing(Case):
    def test_an_unknown_status_is_an_alarm_once_and_never_guessed(self):
        way = self.open()
        way.on_order(order_row(status=99))
        way.on_order(order_row(status=99))
        self.assertEqual(self.core.named('order'), [])
        self.assertEqual(len(self.core.named('alarm')), 1)
        way.on_order(order_row(status=50))
        self.assertEqual(self.core.named('order')[0][1].status, STATUS_ACCEPTED)

    def test_an_order_without_a_contract_number_is_waited_for(self):
        way = self.open()
        way.on_order(order_row(sysid='', status=49))
        self.assertEqual(self.core.named('order'), [])
        way.on_order(order_row(sysid='', status=57, m_strCancelInfo='no'))
        self.assertEqual(len(self.core.named('order')), 1)
        self.assertGreater(self.core.named('order')[0][1].order_no, 0)

    def test_an_older_picture_takes_nothing_back(self):
        way = self.open()
        way.on_order(order_row(status=56, traded=300))
        self.lists['ORDER'] = [order_row(status=55, traded=100)]
        self.later(way, 5.0)
        self.assertEqual(len(self.core.named('order')), 1)
        self.assertTrue(is_older((STATUS_PARTLY_FILLED, 100, 0), (STATUS_FILLED, 300, 0)))
        self.assertFalse(is_older((STATUS_CANCELLED, 0, 300), (STATUS_ACCEPTED, 0, 0)))

    def test_a_fill_told_twice_is_told_once(self):
        way = self.open()
        deal = Row(m_strAccountID='8', m_strInstrumentID='600001', m_strExchangeID='SH',
                   m_strTradeID='0009', m_strOrderSysID='77', m_strRemark=REMARK,
                   m_nOffsetFlag=48, m_dPrice=10.0, m_nVolume=100)
        way.on_deal(deal)
        self.lists['DEAL'] = [deal]
        self.later(way, 5.0)
        self.assertEqual(len(self.core.named('trade')), 1)
        self.assertEqual(self.core.named('trade')[0][1].trade_no, number_of('0009'))

    def test_a_cancel_the_client_did_not_send_is_told_when_the_order_lives_on(self):
        way = self.open()
        self.lists['ORDER'] = [order_row()]
        self.later(way, 1.0)
        self.cancel_says = False
        way.cancel('demo', Row(order_no=77))
        way.turn(time.monotonic())
        self.assertEqual(self.cancels, ['77'])
        self.assertEqual(self.core.named('cancel_error'), [])
        self.later(way, 4.0)
        self.assertEqual(self.core.named('cancel_error')[0][:2], ('demo', 77))

    def test_a_cancel_that_a_fill_overtook_is_told(self):
        way = self.open()
        self.lists['ORDER'] = [order_row()]
        self.later(way, 1.0)
        way.cancel('demo', Row(order_no=77))
        way.turn(time.monotonic())
        way.on_order(order_row(status=56, traded=300))
        self.assertEqual(self.core.named('cancel_error'), [('demo', 77, '')])


class Lists(Case):
    def test_an_empty_list_is_believed_only_when_it_lasted(self):
        way = self.open()
        way.query('demo', QUERY_ORDERS, 'token')
        way.turn(time.monotonic())
        self.assertEqual(self.core.named('rows'), [])
        self.later(way, 1.0)
        self.assertEqual(self.core.named('rows'), [('token', [])])

    def test_a_list_that_lacks_what_was_called_back_is_not_believed(self):
        way = self.open()
        way.on_order(order_row())
        self.lists['ORDER'] = [order_row('other', '78')]
        way.query('demo', QUERY_ORDERS, 'token')
        way.turn(time.monotonic())
        self.assertEqual(self.core.named('rows'), [])
        self.later(way, 9.0)
        self.assertEqual(self.core.named('rows'), [('token', None)])

    def test_positions_wait_until_the_cache_can_have_followed(self):
        way = self.open()
        self.lists['POSITION'] = [Row(
            m_strInstrumentID='600001', m_strExchangeID='SH', m_nVolume=100, m_nCanUseVolume=0,
            m_dOpenPrice=10.0)]
        way.on_order(order_row(status=55, traded=100))
        way.query('demo', QUERY_POSITIONS, 'token')
        way.turn(time.monotonic())
        self.assertEqual(self.core.named('rows'), [])
        self.later(way, 1.0)
        self.assertEqual(self.core.named('rows')[0][1][0].cost, 10000000)

    def test_positions_are_not_waited_for_while_an_order_of_ours_is_open(self):
        way = self.open(cache_s=6.0)
        self.core.desk = Row(order_of=lambda remark, number: Row(order_no=77))
        way.on_order(order_row(status=55, traded=100))
        for kind in (QUERY_POSITIONS, QUERY_CASH):
            way.query('demo', kind, kind)
        way.turn(time.monotonic())
        self.assertEqual(self.core.named('rows'), [(QUERY_POSITIONS, None), (QUERY_CASH, None)])

    def test_trades_answer_the_orders_that_were_told_before(self):
        way = self.open()
        deal = Row(m_strAccountID='8', m_strInstrumentID='600001', m_strExchangeID='SH',
                   m_strTradeID='9', m_strOrderSysID='77', m_strRemark=REMARK,
                   m_nOffsetFlag=48, m_dPrice=10.0, m_nVolume=100)
        self.lists['ORDER'] = [order_row(status=55, traded=100)]
        self.lists['DEAL'] = [deal]
        way.query('demo', QUERY_ORDERS, 1)
        way.turn(time.monotonic())
        # A fill comes before the engine asks on.
        self.lists['ORDER'] = [order_row(status=55, traded=200)]
        self.lists['DEAL'] = [deal, Row(**dict(deal.__dict__, m_strTradeID='10'))]
        for token in (2, 3):
            way.query('demo', QUERY_TRADES, token)
        way.turn(time.monotonic())
        sums = [(token, sum(row.qty for row in rows)) for token, rows in self.core.named('rows')[1:]]
        self.assertEqual(self.core.named('rows')[0][1][0].filled, 100)
        self.assertEqual(sums, [(2, 100), (3, 200)])

    def test_an_account_that_is_not_logged_in_is_a_lost_broker(self):
        way = self.open()
        self.lists['ACCOUNT'] = []
        self.later(way, 1.0)
        self.assertEqual(len(self.core.named('disconnected')), 1)
        self.place(way)
        way.turn(time.monotonic())
        self.assertEqual(self.calls, [])
        self.lists['ACCOUNT'] = [Row(m_strStatus='', m_dAvailable=1.0)]
        self.later(way, 1.0)
        self.assertEqual(len(self.core.named('connected')), 2)

    def test_the_account_is_looked_at_before_an_order_is_handed_over(self):
        way = self.open()
        self.lists['ACCOUNT'] = []
        self.place(way)
        way.turn(time.monotonic())
        self.assertEqual(self.calls, [])
        self.assertEqual(self.core.named('unsent')[0][2], REJECT_LINK_DOWN)

    def test_a_low_maintenance_ratio_is_an_alarm_once(self):
        way = self.open('CREDIT')
        self.lists['ACCOUNT'] = [Row(m_strStatus='', m_dAvailable=1.0, m_dTotalDebt=1000.0,
                                     m_dBalance=1350.0, m_dPerAssurescaleValue=135.0)]
        self.later(way, 1.0)
        self.later(way, 1.0)
        self.assertEqual(len(self.core.named('alarm')), 1)
        self.assertEqual(maintenance_ratio(self.lists['ACCOUNT'][0]), 1.35)


def listed(number, filled):
    return OrderRow('', '600001.SH', 1, 1, 100000, 300, number, filled, 0, STATUS_ACCEPTED)


def traded(number, qty):
    return TradeRow('', '600001.SH', 1, 100000, qty, number, number * 10 + qty)


class Pairs(unittest.TestCase):
    def read(self, orders, trades, tries=3):
        """What comes of readings that answer one after the other."""
        self.left = [list(orders), list(trades)]
        found = even_lists(lambda: self.left[0].pop(0), lambda: self.left[1].pop(0), tries, 9)
        return [(row.order_no, row.filled) for row in found[0] or ()], found[1]

    def test_lists_that_fit_are_read_once(self):
        trades = [traded(1, 100)]
        found = self.read([[listed(1, 100), listed(2, 0)]], [trades])
        self.assertEqual(found, ([(1, 100), (2, 0)], trades))

    def test_of_an_order_that_moves_the_row_is_taken_that_its_trades_fit(self):
        trades = [traded(1, 100), traded(2, 100)]
        found = self.read([[listed(1, 100), listed(2, 0)],
                           [listed(1, 200), listed(2, 100), listed(3, 100)]], [trades])
        # 1 as before the trades, 2 as behind them; 3 came later and is left out.
        self.assertEqual(found, ([(1, 100), (2, 100)], trades))

    def test_a_stale_list_stays_as_it_is(self):
        trades = [traded(1, 100)]
        found = self.read([[listed(1, 0)]] * 4, [trades] * 4)
        self.assertEqual(found, ([(1, 0)], trades))

    def test_a_trade_of_no_listed_order_is_never_even(self):
        trades = [traded(7, 100)]
        found = self.read([[listed(1, 0)]] * 4, [trades] * 4)
        self.assertEqual(found, ([(1, 0)], trades))
        self.assertEqual(self.left, [[], []])

    def test_a_trade_that_a_list_shows_twice_counts_once(self):
        other = traded(1, 100)
        other.qty = 200
        found = told_once([traded(1, 100), traded(2, 100), traded(1, 100), other])
        self.assertEqual([(row.order_no, row.qty) for row in found], [(1, 100), (2, 100), (1, 200)])

    def test_a_list_that_is_not_given_is_none(self):
        self.assertEqual(self.read([None], []), ([], None))
        self.assertEqual(self.read([[listed(1, 0)]], [None]), ([(1, 0)], None))


if __name__ == '__main__':
    unittest.main(verbosity=2)
