# Way B: the full terminal, from inside a strategy. See way.py for the seam, docs/QMT.md for use.
# One thread: the strategy's. Every vendor call is made in turn(), which the terminal's timer and
# callbacks drive (main_terminal.py); nothing here blocks. passorder answers nothing: an order's
# number comes by order_callback or is searched in the client's list by its remark, and what is not
# seen in time is "fate unknown". The client's lists are a cache that may be seconds old: they are
# read again and again, every difference is told, and callbacks only make it faster.
# Always: an empty list proves nothing until it was empty for as long as the cache can be old.
import collections
import time
from wire import *
from way import CashRow, OrderRow, PositionRow, TradeRow
from way import china_day, even_lists, number_of, price_e4, told_once
from tables import *
from desk import parse_id
from guard import both
from probe import RemarkMemory, RemarkProbe

# An order that was not seen for this long after passorder: its fate is unknown.
UNSEEN_S = 5.0
# How old the client's lists may be: 0.05 with a pushing counter, up to 6 without.
CACHE_S = 6.0
# An error callback is believed when the order is in no list for the cache's age and this.
ERROR_PROOF_S = 1.0
# A cancel that the client says it did not send is tried this long by waiting for the order's end.
CANCEL_DOUBT_S = 3.0
# Lists are read this often: while something is open, of accounts without callbacks, else.
SCAN_OPEN_S = 0.25
SCAN_POLLED_S = 0.5
SCAN_IDLE_S = 2.0
SCAN_MOST_S = 5.0
STATE_S = 0.5
# Maintenance ratio of a credit account below which people are told; the brokers' call is at 1.3.
MARGIN_LOW = 1.40
# A query that has no believable answer by now has failed; the engine waits 10 s.
QUERY_DEADLINE_S = 8.5
# Trades are read with the orders, so that both fit, and answer the question that follows them.
PAIR_S = 3.0
# No call for it begins later: on a slow machine a list of thousands takes some tenths.
PAIR_READ_S = 0.5
# A row without a contract number is waited for so long, then it is told under a number of ours.
NUMBERLESS_S = 10.0
# Between so many order calls of a burst the sockets are looked at: a kill stops the rest.
BURST_SLICE = 16
SINGLE_BY_SHARES = 1101
ACT_AT_ONCE = 2
EXCHANGES = {'SH': 'SH', 'SZ': 'SZ', 'BJ': 'BJ', 'SSE': 'SH', 'SZSE': 'SZ', 'BSE': 'BJ'}
# What a client says of an account that cannot trade now.
DOWN_WORDS = (
    '\u65ad\u5f00', '\u5931\u8d25', '\u672a\u767b\u5f55', '\u767b\u5f55\u4e2d',
    '\u8fde\u63a5\u4e2d', '\u521d\u59cb\u5316',
)
FINAL = frozenset((STATUS_FILLED, STATUS_CANCELLED, STATUS_PARTLY_CANCELLED, STATUS_REJECTED))


class TerminalTerms(object):
    """One account of the client: name towards engines, its number, type, what it may borrow."""

    def __init__(self, name, number, kind='STOCK', financing=False, short_selling=False,
                 margin_low=MARGIN_LOW):
        self.name = name
        self.margin_low = margin_low
        self.number = number
        self.kind = kind
        self.financing = financing
        self.short_selling = short_selling


class _Sent(object):
    """An order after passorder that was not seen yet."""

    __slots__ = ('account', 'deadline', 'error_at', 'error')

    def __init__(self, account, deadline):
        self.account = account
        self.deadline = deadline
        # When error_callback named it, and its words
        self.error_at = 0.0
        self.error = ''


class _Book(object):
    """What was told of one account."""

    def __init__(self):
        self.orders = {}
        self.trades = set()
        self.sysid_of = {}
        self.first_seen = {}
        self.scanned_at = 0.0
        self.scan_s = 0.0
        # Since when each list has been empty without a break
        self.empty_since = {}
        # When something last changed that cash and positions follow
        self.moved_at = 0.0
        self.is_up = False
        self.checked_at = 0.0
        self.margin_told = False
        # Orders that may still trade, by number
        self.open = set()
        # Trades read together with the orders that were told last, and when
        self.paired = None


class TerminalWay(object):
    name = 'terminal'

    def __init__(self, terms, day=0, cache_s=CACHE_S, unseen_s=UNSEEN_S, strategy='pankou'):
        """terms: the first account is the one that the terminal calls back. day: 0 = the China
        date. cache_s: how old the client's lists may be."""
        self.takes_credit = any(one.financing or one.short_selling for one in terms)
        # The ContextInfo of the running call
        self.context = None
        self._terms = collections.OrderedDict((one.name, one) for one in terms)
        self._name_of = dict((one.number, one.name) for one in terms)
        self._called_back = terms[0].name
        self._fixed_day = day
        self._cache_s = cache_s
        self._unseen_s = unseen_s
        self._strategy = strategy
        self._core = None
        self._is_up = False
        self._up_since = 0.0
        self._day = 0
        self._books = dict((name, _Book()) for name in self._terms)
        self._to_place = collections.deque()
        self._to_cancel = collections.deque()
        self._sent = {}
        # Cancels that wait for what comes of them: (account, number) -> [since, client said no]
        self._cancels = {}
        self._queries = collections.deque()
        self._told_values = set()
        self._memory = None
        self._probes = dict((name, RemarkProbe()) for name in self._terms)
        self._unseen_told = False

    # -- the seam -------------------------------------------------------------------------

    def start(self, core):
        self._core = core
        self._memory = RemarkMemory(core.settings.dir)

    def place(self, account, order):
        if not self._probes[account].holds(account, order, time.monotonic()):
            self._to_place.append((account, order))

    def cancel(self, account, known):
        self._to_cancel.append((account, known.order_no))

    def query(self, account, kind, token):
        self._queries.append((account, kind, token, time.monotonic()))

    def capabilities(self):
        return {
            'accounts': dict((name, one.kind) for name, one in self._terms.items()),
            'financing': any(one.financing for one in self._terms.values()),
            'shortSelling': any(one.short_selling for one in self._terms.values()),
            'cacheSeconds': self._cache_s,
            'remark': ', '.join(sorted(set(one.word for one in self._probes.values()))),
            'cannot': ['replace', 'after-hours', 'order-number-at-once'],
        }

    def stop(self):
        self._to_place.clear()
        self._to_cancel.clear()
        for probe in self._probes.values():
            probe.give_up()

    @property
    def is_busy(self):
        return bool(self._to_place or self._to_cancel)

    def turn(self, now):
        """Strategy thread only: all there is to do with the terminal, piece by piece."""
        for probe in self._probes.values():
            if probe.is_holding:
                self._free_held(probe, now)
        # An order handed to a client that has just lost its account would be of unknown fate.
        self._check_state(now, bool(self._to_place))
        self._make_calls(now)
        if not self._is_up:
            self._fail_queries()
            return
        for name, book in self._books.items():
            if now - book.scanned_at >= self._scan_gap(name, book):
                self._scan(name, book, now)
        self._check_deadlines(now)
        self._answer_queries(now)

    def _free_held(self, probe, now):
        for account, order, code in probe.free(now):
            if code:
                self._core.tell('unsent', account, order.remark, code)
            else:
                self._to_place.append((account, order))

    # -- what the terminal calls ----------------------------------------------------------

    def on_order(self, order):
        name = self._account_of(order)
        if name is not None:
            self._hear_order(name, order, time.monotonic())

    def on_deal(self, deal):
        name = self._account_of(deal)
        if name is not None:
            self._hear_deal(name, deal, time.monotonic())

    def on_order_error(self, args, message):
        """A hint: the order counts as refused when no list shows it afterwards."""
        named = text_of(getattr(args, 'strategyName', ''))
        remark = named.rpartition('_&&&_')[2]
        sent = self._sent.get(remark)
        if sent is not None:
            sent.error_at = time.monotonic()
            sent.error = text_of(message)

    # -- calls ----------------------------------------------------------------------------

    def _make_calls(self, now):
        while self._to_cancel:
            self._call_cancel(*self._to_cancel.popleft())
        made = 0
        while self._to_place:
            account, order = self._to_place.popleft()
            self._call_order(account, order, now)
            made += 1
            if made % BURST_SLICE == 0:
                self._core.server.poll(0, time.monotonic)
                while self._to_cancel:
                    self._call_cancel(*self._to_cancel.popleft())

    def _call_order(self, account, order, now):
        code = self._verdict(account, order)
        if code:
            self._probes[account].over(order.remark)
            self._core.tell('unsent', account, order.remark, code)
            return
        core = self._core
        terms = self._terms[account]
        table = TERMINAL_CREDIT_TYPES if terms.kind == 'CREDIT' else REQUEST_TYPES
        op_type = table.get((order.side, order.credit))
        price_type = price_type_of(order.symbol, order.kind)
        price = request_price(order.symbol, order.kind, order.price)
        self._sent[order.remark] = _Sent(account, now + self._unseen_s)
        try:
            passorder(op_type, SINGLE_BY_SHARES, terms.number, order.symbol, price_type, price,
                      order.qty, self._strategy, ACT_AT_ONCE, order.remark, self.context)
        except Exception as error:
            # It may have gone out before it failed.
            self._probes[account].over(order.remark)
            core.tell('placed', account, order.remark, 0, repr(error))

    def _verdict(self, account, order):
        """REJECT_*: why the client is not called with this order."""
        terms = self._terms[account]
        table = TERMINAL_CREDIT_TYPES if terms.kind == 'CREDIT' else REQUEST_TYPES
        if self._core.is_killed(account):
            return REJECT_KILLED
        if not self._is_up:
            return REJECT_LINK_DOWN
        if self._probes[account].kept is False:
            # Without its remark an order of this way could never be told from another's.
            return REJECT_KIND_NOT_SUPPORTED
        if not self._may_borrow(terms, order.credit) or (order.side, order.credit) not in table:
            return REJECT_CREDIT
        if price_type_of(order.symbol, order.kind) is None:
            return REJECT_KIND_NOT_SUPPORTED
        return REJECT_NONE

    def _may_borrow(self, terms, credit):
        if credit == INTENT_MARGIN:
            return terms.kind == 'CREDIT' and terms.financing
        if credit == INTENT_SHORT:
            return terms.kind == 'CREDIT' and terms.short_selling
        return True

    def _call_cancel(self, account, number):
        book = self._books[account]
        told = book.orders.get(number)
        if told is not None and told[0] in FINAL:
            self._core.tell('cancel_error', account, number, '')
            return
        sysid = book.sysid_of.get(number)
        if sysid is None and number < 2 ** 52:
            # Told in an earlier life: numbers below are the contract number itself.
            sysid = str(number)
        terms = self._terms[account]
        said = False
        if sysid is not None and self._is_up:
            try:
                said = cancel(sysid, terms.number, terms.kind.lower(), self.context)
            except Exception as error:
                self._core.log('\u64a4\u5355\u8c03\u7528\u51fa\u9519: %r' % error,
                               'error in a cancel call: %r' % error)
        self._cancels[(account, number)] = [time.monotonic(), not said]

    # -- what is heard --------------------------------------------------------------------

    def _account_of(self, row):
        return self._name_of.get(text_of(getattr(row, 'm_strAccountID', '')))

    def _symbol_of(self, row):
        market = text_of(getattr(row, 'm_strExchangeID', ''))
        if market not in EXCHANGES:
            raise UnknownValue('m_strExchangeID', market, text_of(row.m_strInstrumentID))
        return text_of(row.m_strInstrumentID) + '.' + EXCHANGES[market]

    def _number_for(self, name, remark, sysid):
        """The number under which an order was and is told; 0 = it has none yet."""
        if remark:
            desk = self._core.desk_of(name)
            known = desk.order_of(remark, 0) if desk is not None else None
            if known is not None and known.order_no:
                return known.order_no
        return number_of(sysid) if sysid else 0

    def _order_row(self, name, book, order, now):
        """An OrderRow; None = to be waited for. UnknownValue for what is in no table."""
        sysid = text_of(getattr(order, 'm_strOrderSysID', ''))
        remark = text_of(getattr(order, 'm_strRemark', ''))
        what = sysid or remark
        symbol = self._symbol_of(order)
        flag = whole(getattr(order, 'm_nOffsetFlag', 0))
        if flag not in OFFSET_SIDES:
            raise UnknownValue('m_nOffsetFlag', flag, what)
        status = status_of(getattr(order, 'm_nOrderStatus', None), what)
        number = self._number_for(name, remark, sysid)
        if number == 0:
            key = remark or '%s %s' % (symbol, text_of(getattr(order, 'm_strInsertTime', '')))
            since = book.first_seen.setdefault(key, now)
            if status not in FINAL and now - since < NUMBERLESS_S:
                return None
            number = number_of('no-number ' + key)
        if sysid:
            book.sysid_of[number] = sysid
        price_type = getattr(order, 'm_nOrderPriceType', 50)
        kind = shown_kind(price_type, what)
        text = text_of(getattr(order, 'm_strCancelInfo', ''))
        return OrderRow(
            remark, symbol, OFFSET_SIDES[flag], kind, price_e4(order.m_dLimitPrice),
            whole(order.m_nVolumeTotalOriginal), number, whole(order.m_nVolumeTraded),
            self._cancelled_of(order, status), status, text)

    def _cancelled_of(self, order, status):
        if status not in (STATUS_CANCELLED, STATUS_PARTLY_CANCELLED):
            return 0
        return whole(order.m_nVolumeTotalOriginal) - whole(order.m_nVolumeTraded)

    def _trade_row(self, name, deal):
        sysid = text_of(getattr(deal, 'm_strOrderSysID', ''))
        remark = text_of(getattr(deal, 'm_strRemark', ''))
        trade = text_of(deal.m_strTradeID)
        flag = whole(getattr(deal, 'm_nOffsetFlag', 0))
        if flag not in OFFSET_SIDES:
            raise UnknownValue('m_nOffsetFlag', flag, trade)
        return TradeRow(
            remark, self._symbol_of(deal), OFFSET_SIDES[flag], price_e4(deal.m_dPrice),
            whole(deal.m_nVolume), self._number_for(name, remark, sysid), number_of(trade))

    def _hear_order(self, name, order, now):
        """Tells an order when something about it is new."""
        book = self._books[name]
        try:
            row = self._order_row(name, book, order, now)
        except UnknownValue as error:
            self._unknown_value(error)
            return
        if row is None:
            return
        state = (row.status, row.filled, row.cancelled)
        before = book.orders.get(row.order_no)
        if before == state or (before is not None and is_older(state, before)):
            return
        book.orders[row.order_no] = state
        book.moved_at = now
        if row.status in FINAL:
            book.open.discard(row.order_no)
        else:
            book.open.add(row.order_no)
        self._core.tell('order', name, row)
        self._seen(name, row)
        self._follow_cancel(name, row)

    def _hear_deal(self, name, deal, now):
        book = self._books[name]
        try:
            row = self._trade_row(name, deal)
        except UnknownValue as error:
            self._unknown_value(error)
            return
        key = (row.symbol, row.side, row.trade_no)
        # Without number and remark nobody could say whose it is: the list is read again.
        if key in book.trades or (row.order_no == 0 and not row.remark):
            return
        book.trades.add(key)
        book.moved_at = now
        self._core.tell('trade', name, row)

    def _seen(self, name, row):
        """An order is in a list or was called back: it is placed."""
        if self._probes[name].is_open:
            self._hear_remark(name, row)
        sent = self._sent.pop(row.remark, None)
        if sent is not None:
            self._core.tell('placed', name, row.remark, row.order_no, '')

    def _hear_remark(self, name, row):
        if self._probes[name].hear(row.remark, ''):
            self._core.tell(
                'alarm',
                '\u59d4\u6258\u5907\u6ce8\u672a\u5b8c\u6574\u8fd4\u56de\uff08%r\uff09: '
                '\u65e0\u6cd5\u8bc6\u522b\u672c\u5f15\u64ce\u7684\u59d4\u6258\uff0c'
                '\u5df2\u505c\u6b62\u53d1\u9001' % row.remark,
                'the order remark does not come back whole (%r): orders of ours cannot be told '
                'from others, none is sent any more' % row.remark)

    def _follow_cancel(self, name, row):
        if row.status not in FINAL:
            return
        if self._cancels.pop((name, row.order_no), None) is None:
            return
        if row.status in (STATUS_FILLED, STATUS_REJECTED):
            self._core.tell('cancel_error', name, row.order_no, '')

    def _unknown_value(self, error):
        """An alert, once for each value; the row waits for a value that is known."""
        key = (error.field, error.value)
        if key in self._told_values:
            return
        self._told_values.add(key)
        self._core.tell(
            'alarm', '\u672a\u77e5\u7684\u503c %s\uff0c\u4e0d\u4f5c\u731c\u6d4b' % error,
            'unknown value %s, nothing is guessed' % error)

    # -- lists ----------------------------------------------------------------------------

    def _read(self, name, kind):
        """A list of the client, or None when the call failed."""
        terms = self._terms[name]
        try:
            rows = get_trade_detail_data(terms.number, terms.kind.lower(), kind)
        except Exception as error:
            self._core.log('\u8bfb\u53d6 %s \u51fa\u9519: %r' % (kind, error),
                           'error while reading %s: %r' % (kind, error))
            return None
        return rows

    def _scan_gap(self, name, book):
        if self._sent or self._cancels or self._queries:
            gap = SCAN_OPEN_S
        elif name != self._called_back:
            gap = SCAN_POLLED_S
        else:
            gap = SCAN_IDLE_S
        # A long list must not eat the strategy thread.
        return min(SCAN_MOST_S, max(gap, book.scan_s * 10))

    def _scan(self, name, book, now):
        started = time.monotonic()
        for order in self._read(name, 'ORDER') or ():
            self._hear_order(name, order, now)
        for deal in self._read(name, 'DEAL') or ():
            self._hear_deal(name, deal, now)
        done = time.monotonic()
        book.scanned_at = done
        book.scan_s = done - started

    def _check_state(self, now, at_once):
        """Whether all accounts are logged in, told when it changes."""
        due = False
        for name, book in self._books.items():
            if not at_once and now - book.checked_at < STATE_S:
                continue
            due = True
            book.checked_at = now
            rows = self._read(name, 'ACCOUNT') or ()
            book.is_up = bool(rows) and self._is_fine(rows[0])
            if book.is_up and self._terms[name].kind == 'CREDIT':
                self._check_margin(name, book, rows[0])
        if not due:
            return
        is_up = all(book.is_up for book in self._books.values())
        day = self._fixed_day or china_day(time.time())
        if is_up and (not self._is_up or day != self._day):
            if day != self._day:
                self._forget_day()
            self._is_up = True
            self._up_since = now
            self._day = day
            self._core.tell('connected', day)
        elif not is_up and self._is_up:
            self._is_up = False
            down = ', '.join(name for name, book in self._books.items() if not book.is_up)
            for book in self._books.values():
                book.empty_since.clear()
            self._core.tell('disconnected', '\u8d26\u6237 %s \u672a\u767b\u5f55' % down,
                            'account %s is not logged in' % down)

    def _is_fine(self, row):
        status = text_of(getattr(row, 'm_strStatus', ''))
        return not any(word in status for word in DOWN_WORDS)

    def _check_margin(self, name, book, row):
        ratio = maintenance_ratio(row)
        is_low = ratio is not None and ratio < self._terms[name].margin_low
        if is_low and not book.margin_told:
            self._core.tell(
                'alarm',
                '\u8d26\u6237 %s \u7ef4\u6301\u62c5\u4fdd\u6bd4\u4f8b %.0f%%' % (name, ratio * 100),
                'account %s: maintenance ratio %.0f %%' % (name, ratio * 100))
        book.margin_told = is_low

    def _forget_day(self):
        for name in self._books:
            is_up = self._books[name].is_up
            self._books[name] = _Book()
            self._books[name].is_up = is_up
        self._sent.clear()
        self._cancels.clear()
        for name, probe in self._probes.items():
            probe.begin(self._memory, 'terminal %s' % self._terms[name].number)

    # -- deadlines ------------------------------------------------------------------------

    def _check_deadlines(self, now):
        for remark, sent in list(self._sent.items()):
            if sent.error_at and now - sent.error_at > self._cache_s + ERROR_PROOF_S:
                del self._sent[remark]
                self._probes[sent.account].over(remark)
                self._core.tell('refused', sent.account, remark, sent.error, sent.error)
            elif now > sent.deadline:
                # It stays in the lists' eye: a later row tells its number.
                if not sent.error_at:
                    del self._sent[remark]
                    self._tell_unseen(sent.account, remark)
        for key, wait in list(self._cancels.items()):
            if now - wait[0] <= CANCEL_DOUBT_S + self._cache_s:
                continue
            del self._cancels[key]
            if wait[1]:
                self._core.tell('cancel_error', key[0], key[1], both(
                    '\u5ba2\u6237\u7aef\u672a\u53d1\u51fa\u64a4\u5355',
                    'the client did not send the cancel'))

    def _tell_unseen(self, account, remark):
        # A pop-up, the wrong mode, a client that hangs: orders in doubt must not pile up.
        self._probes[account].doubt(remark)
        self._core.tell('placed', account, remark, 0, both(
            'passorder \u540e %d \u79d2\u672a\u89c1\u5230\u59d4\u6258' % self._unseen_s,
            'not seen for %d s after passorder' % self._unseen_s))
        if self._unseen_told:
            return
        self._unseen_told = True
        self._core.tell(
            'alarm',
            '\u59d4\u6258\u672a\u51fa\u73b0: \u7b56\u7565\u662f\u5426\u4ee5\u5b9e\u76d8\u6a21\u5f0f'
            '\u8fd0\u884c\uff1f\u5ba2\u6237\u7aef\u662f\u5426\u5f39\u51fa\u4e86\u7a97\u53e3\uff1f',
            'an order did not appear: does the strategy run in live mode (not as simulated '
            'signal)? is there a pop-up in the client?')

    # -- queries --------------------------------------------------------------------------

    def _fail_queries(self):
        while self._queries:
            self._core.tell('rows', self._queries.popleft()[2], None)

    def _answer_queries(self, now):
        for _ in range(len(self._queries)):
            asked = self._queries.popleft()
            name, kind, token, since = asked
            rows = self._rows_of(name, kind, now)
            waits = now - since < QUERY_DEADLINE_S and not self._is_idle_wait(name, kind)
            if rows is None and waits:
                self._queries.append(asked)
            else:
                self._core.tell('rows', token, rows)

    def _is_idle_wait(self, name, kind):
        """Cash and positions while orders of ours are open: the engine compares them at rest only
        and may not send until they are answered, so nobody gains from waiting for a quiet moment."""
        if kind not in (QUERY_POSITIONS, QUERY_CASH):
            return False
        desk = self._core.desk_of(name)
        return desk is not None and any(
            desk.order_of('', number) is not None for number in self._books[name].open)

    def _rows_of(self, name, kind, now):
        """Believable rows, or None: not yet."""
        book = self._books[name]
        try:
            if kind == QUERY_ORDERS:
                orders, trades = even_lists(lambda: self._order_rows(name, book, now),
                                            lambda: self._trade_rows(name, book, now),
                                            1, PAIR_READ_S)
                book.paired = None if trades is None else (trades, now)
                return orders
            if kind == QUERY_TRADES:
                paired = book.paired
                book.paired = None
                if paired is not None and now - paired[1] < PAIR_S:
                    return paired[0]
                return self._trade_rows(name, book, now)
            # Cash and positions follow orders and trades at the cache's pace.
            if now - book.moved_at < self._cache_s:
                return None
            if kind == QUERY_POSITIONS:
                return self._believed(book, 'POSITION', now, [
                    self._position_row(one) for one in self._read(name, 'POSITION') or ()
                    if whole(one.m_nVolume) > 0])
            rows = self._read(name, 'ACCOUNT')
            return [cash_of(rows[0])] if rows else None
        except UnknownValue as error:
            self._unknown_value(error)
            return None

    def _order_rows(self, name, book, now):
        rows = []
        for order in self._read(name, 'ORDER') or ():
            row = self._order_row(name, book, order, now)
            if row is None:
                return None
            rows.append(row)
        listed = set(row.order_no for row in rows)
        # A list that misses what was called back is older than that.
        if any(number not in listed for number in book.orders):
            return None
        return self._believed(book, 'ORDER', now, rows)

    def _trade_rows(self, name, book, now):
        return self._believed(book, 'DEAL', now, told_once(
            self._trade_row(name, deal) for deal in self._read(name, 'DEAL') or ()))

    def _believed(self, book, kind, now, rows):
        """Rows, or an emptiness that has lasted as long as the cache can be old."""
        if rows:
            book.empty_since.pop(kind, None)
            return rows
        since = max(book.empty_since.setdefault(kind, now), self._up_since)
        return rows if now - since >= self._cache_s else None

    def _position_row(self, one):
        qty = whole(one.m_nVolume)
        cost = float(getattr(one, 'm_dOpenPrice', 0) or 0)
        return PositionRow(self._symbol_of(one), qty, whole(one.m_nCanUseVolume),
                           int(round(cost * 10000 * qty)))


def is_older(state, before):
    """Whether a state of an order (status, filled, cancelled) is behind one that was told."""
    if before[0] in FINAL:
        return state[0] not in FINAL or state[1] < before[1]
    return state[1] < before[1]


def cash_of(row):
    available = price_e4(row.m_dAvailable)
    frozen = price_e4(getattr(row, 'm_dFrozenCash', 0) or 0)
    return CashRow(available + frozen, available, frozen)


def maintenance_ratio(row):
    """Assets over debts of a credit account as a fraction; None = no debt, or not told."""
    debt = float(getattr(row, 'm_dTotalDebt', 0) or 0)
    if debt <= 0:
        return None
    assured = float(getattr(row, 'm_dAssureAsset', 0) or 0)
    if assured > 0:
        return assured / debt
    rough = float(getattr(row, 'm_dBalance', 0) or 0) / debt
    shown = float(getattr(row, 'm_dPerAssurescaleValue', 0) or 0)
    if shown <= 0:
        return rough if rough > 0 else None
    # Some builds show 1.4, some 140: the one nearer to what the assets say.
    return min((shown, shown / 100.0), key=lambda value: abs(value - rough))
