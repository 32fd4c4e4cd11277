# Way A: miniQMT through the vendor's package xtquant. See way.py for the seam, docs/QMT.md for use.
# Threads: the session thread builds traders and asks the synchronous calls of start-up; the caller
# thread makes the asynchronous order and cancel calls; a query thread asks what blocks, and is left
# behind when it hangs; callbacks come on the client's push thread, where nothing is called and
# everything is wrapped. All that is heard goes through one queue to the core's thread.
# Always: orders by the asynchronous call only; -1, -2, None and a missing answer are "may be
# alive"; each loss makes a new trader with the next session number of a small fixed range.
import collections
import itertools
import threading
import time
from wire import *
from way import OrderRow, china_day, even_lists
from tables import *
from desk import parse_id
from guard import both
from probe import RemarkMemory, RemarkProbe
from worker import Worker, quietly
from xt_rows import XtReader, is_seq, margin_ratio, may_borrow

# A call of an order has its answer within this time, or its fate is unknown.
ANSWER_S = 3.0
# A synchronous query likewise; the engine waits 10 s.
QUERY_S = 6.0
CONNECT_S = 15.0
RETRY_S = 0.5
RETRY_MOST_S = 3.0
EXHAUSTED_S = 5.0
# Trades are read with the orders, so that both fit, and answer the question that follows them.
PAIR_S = 3.0
# No call for it begins later, so that a slow client is not taken for one that hangs.
PAIR_READ_S = 2.0
# A list that the client gave as None is asked for once more behind this, if None came quickly.
NONE_AGAIN_S = 0.1
# Something synchronous is asked at least this often: its answer comes through the push thread.
PING_S = 2.0
CREDIT_S = 30.0
# After the client refused an order by an error, its lists are searched so often and so long until
# the refusal counts as proven: caches of clients are up to 6 s old.
DOUBT_LOOK_S = 1.0
DOUBT_PROOF_S = 7.0
SESSION_FIRST = 100
SESSION_LAST = 119
# Queries that hang one after the other until the session is given up.
HUNG_MOST = 2
MARGIN_WARN = 1.40


class XtAccountTerms(object):
    """One account: name towards engines, number at the broker, type, and what it may borrow."""

    def __init__(self, name, number, kind='STOCK', financing=False, short_selling=False,
                 margin_warn=MARGIN_WARN):
        self.name = name
        self.number = number
        self.kind = kind
        self.financing = financing
        self.short_selling = short_selling
        self.margin_warn = margin_warn


class _Call(object):
    """An order on its way: by remark; told = the core has heard of it."""

    __slots__ = ('account', 'remark', 'deadline', 'told')

    def __init__(self, account, remark, deadline):
        self.account = account
        self.remark = remark
        self.deadline = deadline
        self.told = False


class _Callback(object):
    """Hears the client. Methods run on its push thread: they note, and return."""

    def __init__(self, way, number):
        self._way = way
        self._number = number

    def _hear(self, what, *arguments):
        self._way.hear(self._number, what, *arguments)

    def on_connected(self, *_):
        pass

    def on_disconnected(self, *_):
        self._hear('disconnected')

    def on_account_status(self, status, *_):
        self._hear('status', status)

    def on_stock_asset(self, *_):
        # Documented as not working: the asset is asked for.
        pass

    def on_stock_position(self, *_):
        pass

    def on_stock_order(self, order, *_):
        self._hear('order', order)

    def on_stock_trade(self, trade, *_):
        self._hear('trade', trade)

    def on_order_error(self, error, *_):
        self._hear('order_error', error)

    def on_cancel_error(self, error, *_):
        self._hear('cancel_error', error)

    def on_order_stock_async_response(self, response, *_):
        self._hear('response', response)

    def on_cancel_order_stock_async_response(self, response, *_):
        self._hear('cancel_response', response)

    def on_smt_appointment_async_response(self, *_):
        pass


class XtWay(object):
    name = 'xtquant'

    def __init__(self, path, accounts, sessions=(SESSION_FIRST, SESSION_LAST), day=0,
                 waits=None, strategy='pankou'):
        """day: 0 = the China date; else a fixed trading day, for simulated counters only.
        waits: seconds of 'answer', 'query' and 'refusal' other than the defaults."""
        waits = waits or {}
        self._answer_s = waits.get('answer', ANSWER_S)
        self._query_s = waits.get('query', QUERY_S)
        self._refusal_s = waits.get('refusal', DOUBT_PROOF_S)
        self.takes_credit = any(one.financing or one.short_selling for one in accounts)
        self._path = path
        self._terms = dict((one.name, one) for one in accounts)
        names = dict((str(one.number), one.name) for one in accounts)
        self._reader = XtReader(names, self._hear_unknown)
        self._sessions = sessions
        self._session = sessions[0]
        self._fixed_day = day
        self._day = day
        self._strategy = strategy
        self._core = None
        self._versions = {}
        # Number of the running session of ours; what older traders say counts for nothing
        self._lives = itertools.count(1)
        self._life = 0
        self._trader = None
        self._xt_accounts = {}
        self._is_up = False
        self._states = {}
        self._inbox = collections.deque()
        # Orders whose answer is awaited, by remark; by (life, seq) once the call returned one
        self._calls = {}
        self._by_seq = {}
        self._early = {}
        self._remark_of = {}
        # Errors that are not proven yet: remark -> [since, next look, text, account, in flight]
        self._doubts = {}
        self._told_values = set()
        self._memory = None
        self._probes = dict((one.name, RemarkProbe()) for one in accounts)
        self._asked_at = 0.0
        self._credit_at = 0.0
        self._credit_low = set()
        self._hung = 0
        self._queries = {}
        self._query_no = 0
        # Account -> (trades read with the orders that were told last, when)
        self._paired = {}
        self._failures = {}
        self._ended = False
        self._retry = threading.Event()
        self._caller = Worker('pankou-caller')
        self._asker = Worker('pankou-asker')

    # -- the seam -------------------------------------------------------------------------

    def start(self, core):
        self._core = core
        self._memory = RemarkMemory(core.settings.dir)
        thread = threading.Thread(target=self._keep_session, name='pankou-session')
        thread.daemon = True
        thread.start()

    def place(self, account, order):
        if not self._probes[account].holds(account, order, time.monotonic()):
            self._give(account, order)

    def _give(self, account, order):
        self._caller.give(lambda: self._call_order(account, order))

    def cancel(self, account, known):
        order_no = known.order_no
        self._caller.give(lambda: self._call_cancel(account, order_no), True)

    def query(self, account, kind, token):
        self._query_no += 1
        number = self._query_no
        self._queries[number] = (token, time.monotonic() + self._query_s, account)
        if kind == QUERY_TRADES and isinstance(token, int):
            trades, at = self._paired.pop(account, (None, 0.0))
            if trades is not None and time.monotonic() - at < PAIR_S:
                self.hear(self._life, 'rows', number, trades)
                return
        # Searches of our own need no trades.
        pairs = kind == QUERY_ORDERS and isinstance(token, int)
        self._asker.give(lambda: self._ask(number, account, kind, pairs))

    def capabilities(self):
        words = dict(self._versions)
        words.update({
            'session': self._session,
            'accounts': dict((name, one.kind) for name, one in self._terms.items()),
            'financing': any(one.financing for one in self._terms.values()),
            'shortSelling': any(one.short_selling for one in self._terms.values()),
            'remark': ', '.join(sorted(set(one.word for one in self._probes.values()))),
            'cannot': ['replace', 'after-hours'],
        })
        return words

    def stop(self):
        self._ended = True
        self._retry.set()
        self._caller.end()
        self._asker.end()
        trader = self._trader
        self._trader = None
        if trader is not None:
            # It waits for the client's threads, which may hang.
            thread = threading.Thread(target=quietly, args=(trader.stop,))
            thread.daemon = True
            thread.start()
            thread.join(1.0)

    def turn(self, now):
        """Core's thread: what was heard, deadlines, watch over the client's threads."""
        while self._inbox:
            life, what, arguments = self._inbox.popleft()
            if life == self._life or what in ('rows', 'call', 'unsent'):
                getattr(self, '_on_' + what)(*arguments)
        self._check_deadlines(now)
        for probe in self._probes.values():
            if probe.kept is None or probe.is_holding:
                self._follow_probe(probe, now)
        if not self._is_up:
            return
        self._look_into_doubts(now)
        self._watch(now)

    def _follow_probe(self, probe, now):
        for account, order, code in probe.free(now):
            if code:
                self._core.tell('unsent', account, order.remark, code)
            else:
                self._give(account, order)
        account = probe.wants_look(now) if self._is_up else ''
        if account:
            # Its rows are looked at in passing, as those of all lists.
            self.query(account, QUERY_ORDERS, None)

    # -- the session ----------------------------------------------------------------------

    def _keep_session(self):
        """Builds a session, waits until it is lost, builds the next, for ever."""
        retry = RETRY_S
        failed = 0
        while not self._ended:
            self._retry.clear()
            result = self._build_guarded()
            if result is True:
                retry = RETRY_S
                failed = 0
                self._failures.clear()
                self._retry.wait()
                continue
            failed += 1
            if result is not False:
                self._say_once('connect', result[0], result[1])
            first, last = self._sessions
            self._session = first if self._session >= last else self._session + 1
            if failed % (last - first + 1) == 0:
                self._say_once(
                    'exhausted',
                    '会话号 %d-%d 均无法连接，%d 秒后重试' % (first, last, EXHAUSTED_S),
                    'no session number of %d-%d connects, again in %d s'
                    % (first, last, EXHAUSTED_S))
                self._retry.wait(EXHAUSTED_S)
            else:
                self._retry.wait(retry)
                retry = min(RETRY_MOST_S, retry * 1.5)

    def _build_guarded(self):
        """True, False or (zh, en); a call that hangs is left behind with its thread."""
        life = self._life = next(self._lives)
        done = []
        thread = threading.Thread(target=lambda: done.append(self._build(life)))
        thread.daemon = True
        thread.start()
        thread.join(CONNECT_S)
        if done:
            return done[0]
        # Should it come up after all, it is not ours any more.
        self._life = next(self._lives)
        return ('客户端 %d 秒无响应' % CONNECT_S, 'the client did not answer for %d s' % CONNECT_S)

    def _build(self, life):
        try:
            return self._try_build(life)
        except ImportError as error:
            return ('无法导入 xtquant: %s（请安装券商提供的 xtquant，并使用与其一致的 64 位 Python）' % error,
                    'cannot import xtquant: %s (install the package of your broker, with a '
                    '64-bit Python of its version)' % error)
        except Exception as error:
            return ('建立会话时出错: %r' % error, 'error while connecting: %r' % error)

    def _try_build(self, life):
        from xtquant import xttrader
        from xtquant.xttype import StockAccount
        import xtquant
        self._versions['xtquant'] = text_of(getattr(xtquant, '__version__', 'not told'))
        # The package's own base too: builds may call what none of ours has heard of.
        base = getattr(xttrader, 'XtQuantTraderCallback', object)
        callback = type('Ears', (_Callback, base), {})(self, life)
        trader = xttrader.XtQuantTrader(self._path, self._session)
        trader.register_callback(callback)
        good = False
        try:
            trader.start()
            if trader.connect() != 0:
                return (
                    '无法连接 miniQMT（会话 %d，路径 %s）: 客户端是否已启动并以极简/独立交易模式登录？'
                    '路径是否为 userdata_mini？账户是否有 miniQMT 权限？' % (self._session, self._path),
                    'cannot connect to miniQMT (session %d, path %s): is the client running and '
                    'logged in in its minimal mode? is the path userdata_mini? may the account '
                    'use miniQMT?' % (self._session, self._path))
            accounts = {}
            for one in self._terms.values():
                account = StockAccount(str(one.number), one.kind)
                if isinstance(account, str):
                    return ('账户 %s: %s' % (one.number, account),
                            'account %s: %s' % (one.number, account))
                if trader.subscribe(account) != 0:
                    return ('账户 %s 订阅失败: 账号或类型 (%s) 是否正确、是否已登录？'
                            % (one.number, one.kind),
                            'account %s cannot be subscribed: is the number right, the type '
                            '(%s), is it logged in?' % (one.number, one.kind))
                accounts[one.name] = account
            states = trader.query_account_status()
            if life != self._life:
                return False
            self.hear(life, 'session', trader, accounts, states)
            good = True
            return True
        finally:
            if not good:
                quietly(trader.stop)

    def _on_session(self, trader, accounts, states):
        self._trader = trader
        self._xt_accounts = accounts
        self._hung = 0
        version = self._versions.get('xtquant', '')
        for name, probe in self._probes.items():
            probe.begin(self._memory, 'xtquant %s %s' % (version, self._terms[name].number))
        self._states = dict((name, ACCOUNT_OK) for name in self._terms)
        for status in states or ():
            self._note_state(status)
        self._core.log('已连接 miniQMT，会话 %d，%s' % (self._session, self._versions),
                       'connected to miniQMT, session %d, %s' % (self._session, self._versions))
        self._tell_state()

    def _on_disconnected(self):
        self._lose('miniQMT 客户端断开', 'the miniQMT client is gone')

    def _on_status(self, status):
        self._note_state(status)
        self._tell_state()

    def _note_state(self, status):
        name = self._reader.name_of(status)
        code = getattr(status, 'status', None)
        if name is None or code is None:
            return
        if code not in ACCOUNT_STATES:
            self._unknown_value(UnknownValue('account status', code, name))
        self._states[name] = code

    def _tell_state(self):
        bad = [(name, code) for name, code in sorted(self._states.items())
               if code not in (ACCOUNT_OK, ACCOUNT_AFTER_CLOSE)]
        if not bad:
            self._is_up = True
            self._day = self._fixed_day or china_day(time.time())
            self._core.tell('connected', self._day)
            return
        name, code = bad[0]
        zh, en = ACCOUNT_STATES.get(code, ('状态 %s' % code, 'status %s' % code))
        self._go_down('账户 %s %s' % (name, zh), 'account %s: %s' % (name, en))

    def _go_down(self, zh, en):
        was_up = self._is_up
        self._is_up = False
        if was_up:
            self._core.tell('disconnected', zh, en)
        # Nobody waits for answers any more: what was called may be alive.
        for call in list(self._calls.values()):
            self._unanswered(call, zh + ' / ' + en)
        for number in list(self._queries):
            self._answer(number, None)
        for probe in self._probes.values():
            for account, order in probe.give_up():
                self._core.tell('unsent', account, order.remark, REJECT_LINK_DOWN)

    def _lose(self, zh, en):
        """The session is gone or deaf: another trader, another number."""
        trader = self._trader
        self._trader = None
        self._life = next(self._lives)
        self._go_down(zh, en)
        if trader is not None:
            thread = threading.Thread(target=quietly, args=(trader.stop,))
            thread.daemon = True
            thread.start()
        first, last = self._sessions
        self._session = first if self._session >= last else self._session + 1
        self._retry.set()

    # -- orders and cancels: caller thread ------------------------------------------------

    def _call_order(self, account, order):
        life = self._life
        trader = self._trader
        terms = self._terms[account]
        code = 0
        if self._core.is_killed(account):
            code = REJECT_KILLED
        elif trader is None or not self._is_up:
            code = REJECT_LINK_DOWN
        elif self._states.get(account) == ACCOUNT_AFTER_CLOSE:
            code = REJECT_NOT_IN_SESSION
        elif not may_borrow(terms, order.credit):
            code = REJECT_CREDIT
        price_type = price_type_of(order.symbol, order.kind)
        order_type = REQUEST_TYPES.get((order.side, order.credit))
        if code == 0 and (price_type is None or order_type is None):
            code = REJECT_KIND_NOT_SUPPORTED
        if code:
            self._core.tell('unsent', account, order.remark, code)
            self.hear(life, 'unsent', account, order.remark)
            return
        price = request_price(order.symbol, order.kind, order.price)
        call = _Call(account, order.remark, time.monotonic() + self._answer_s)
        self._calls[order.remark] = call
        try:
            seq = trader.order_stock_async(
                self._xt_accounts[account], order.symbol, order_type, order.qty, price_type,
                price, self._strategy, order.remark)
        except Exception as error:
            self.hear(life, 'call', life, call, None, repr(error))
            return
        self.hear(life, 'call', life, call, seq, '')

    def _call_cancel(self, account, order_no):
        life = self._life
        trader = self._trader
        why = both('未连接', 'not connected')
        if trader is not None and self._is_up:
            try:
                seq = trader.cancel_order_stock_async(self._xt_accounts[account], order_no)
                why = '' if is_seq(seq) else 'cancel_order_stock_async: %r' % (seq,)
            except Exception as error:
                why = repr(error)
        if why:
            self.hear(life, 'call_cancelled', account, order_no, why)

    # -- what was heard: core's thread ----------------------------------------------------

    def hear(self, life, what, *arguments):
        """Any thread. Copies of rows are made here, while the client's objects are alive."""
        try:
            if what == 'order':
                arguments = self._reader.read_order(arguments[0])
            elif what == 'trade':
                arguments = self._reader.read_trade(arguments[0])
            if arguments is None:
                return
        except UnknownValue as error:
            arguments = (error,)
            what = 'unknown_value'
        except Exception as error:
            arguments = (what, repr(error))
            what = 'broken'
        self._inbox.append((life, what, arguments))
        self._core.wake()

    def _hear_unknown(self, error):
        self.hear(self._life, 'unknown_value', error)

    def _on_unknown_value(self, error):
        self._unknown_value(error)

    def _on_broken(self, what, error):
        self._core.tell('alarm', '处理回调 %s 时出错: %s' % (what, error),
                        'error in the callback %s: %s' % (what, error))

    def _unknown_value(self, error):
        key = (error.field, error.value)
        if key in self._told_values:
            return
        self._told_values.add(key)
        self._core.tell('alarm', '未知的取值 %s，未作任何推断' % error,
                        'unknown value %s: nothing was guessed from it' % error)

    def _on_call(self, life, call, seq, why):
        """The order call returned, maybe after its own answer."""
        if not is_seq(seq):
            self._unanswered(call, why or 'order_stock_async: %r' % (seq,))
            return
        self._by_seq[(life, seq)] = call
        early = self._early.pop((life, seq), None)
        if early is not None:
            self._on_response(early)

    def _on_call_cancelled(self, account, order_no, why):
        self._core.tell('cancel_error', account, order_no, why)

    def _on_response(self, response):
        seq = whole(getattr(response, 'seq', 0))
        remark = text_of(getattr(response, 'order_remark', ''))
        call = self._by_seq.get((self._life, seq)) or self._calls.get(remark)
        if call is None:
            if seq > 0 and len(self._early) < 10000:
                self._early[(self._life, seq)] = response
            return
        order_no = whole(getattr(response, 'order_id', 0))
        if order_no > 0:
            self._number(call, order_no)
        else:
            text = text_of(getattr(response, 'error_msg', ''))
            self._doubt(call.account, call.remark, text or 'order_id %d' % order_no)

    def _number(self, call, order_no):
        """The client's number of an order of ours is known."""
        self._calls.pop(call.remark, None)
        self._doubts.pop(call.remark, None)
        self._remark_of[order_no] = (call.account, call.remark)
        if not call.told:
            call.told = True
            self._core.tell('placed', call.account, call.remark, order_no, '')
        elif order_no:
            # Given up before: the number is news all the same.
            self._core.tell('placed', call.account, call.remark, order_no, '')

    def _on_unsent(self, account, remark):
        self._probes[account].over(remark)

    def _unanswered(self, call, why):
        self._calls.pop(call.remark, None)
        self._probes[call.account].over(call.remark)
        if not call.told:
            call.told = True
            self._core.tell('placed', call.account, call.remark, 0, why)

    def _on_order(self, account, row, sysid):
        self._reader.note_number(account, row, sysid)
        self._check_remark(account, row)
        call = self._calls.get(row.remark)
        if call is not None:
            self._number(call, row.order_no)
        doubt = self._doubts.get(row.remark)
        if doubt is not None:
            # There is an order after all: its own status decides.
            del self._doubts[row.remark]
        self._core.tell('order', account, row)

    def _on_trade(self, account, row, sysid):
        self._reader.note_number(account, row, sysid)
        self._core.tell('trade', account, row)

    def _check_remark(self, account, row):
        """Our orders come back by number: does the remark come back whole?"""
        ours = self._remark_of.get(row.order_no)
        expected = '' if ours is None else ours[1]
        probe = self._probes[account]
        if expected == '' and not probe.is_open:
            return
        if probe.hear(row.remark, expected):
            self._core.tell(
                'alarm',
                '委托备注未完整返回（%r，应为 %r）: 只能按委托号匹配，应答丢失的委托将保持状态未知'
                % (row.remark, expected),
                'the order remark does not come back whole (%r, expected %r): orders are matched '
                'by number only, and one whose answer is lost stays unknown'
                % (row.remark, expected))

    def _on_order_error(self, error):
        order_no = whole(getattr(error, 'order_id', 0))
        remark = text_of(getattr(error, 'order_remark', ''))
        text = text_of(getattr(error, 'error_msg', ''))
        text = '%s (%s)' % (text, getattr(error, 'error_id', ''))
        call = self._by_seq.get((self._life, whole(getattr(error, 'seq', 0))))
        if call is not None:
            account, remark = call.account, call.remark
        elif order_no in self._remark_of:
            account, remark = self._remark_of[order_no]
        else:
            account = self._reader.name_of(error)
            if account is None or parse_id(remark) is None:
                return
        self._doubt(account, remark, text)

    def _doubt(self, account, remark, text):
        """The client says an order is refused: a hint, until its lists show none."""
        now = time.monotonic()
        call = self._calls.get(remark)
        if call is not None:
            call.deadline = max(call.deadline, now + self._refusal_s + self._query_s)
        self._doubts.setdefault(remark, [now, now + 0.05, text, account, False])

    def _on_cancel_error(self, error):
        account = self._reader.name_of(error)
        if account is None:
            return
        order_no = whole(getattr(error, 'order_id', 0))
        text = '%s (%s)' % (text_of(getattr(error, 'error_msg', '')),
                            getattr(error, 'error_id', ''))
        self._core.tell('cancel_error', account, order_no, text)

    def _on_cancel_response(self, response):
        account = self._reader.name_of(response)
        if account is None or whole(getattr(response, 'cancel_result', 0)) == 0:
            # "Sent": what became of it is told by the order's status.
            return
        order_no = whole(getattr(response, 'order_id', 0))
        text = text_of(getattr(response, 'error_msg', '')) or 'cancel_result'
        self._core.tell('cancel_error', account, order_no, text)

    def _on_rows(self, number, rows):
        self._hung = 0
        asked = self._queries.get(number)
        if asked is not None and self._probes[asked[2]].is_open:
            for row in rows or ():
                if isinstance(row, OrderRow):
                    self._check_remark(asked[2], row)
        self._answer(number, rows)

    def _answer(self, number, rows):
        asked = self._queries.pop(number, None)
        if asked is None:
            return
        token = asked[0]
        if isinstance(token, tuple) and token[0] == 'doubt':
            self._answer_doubt(token[1], rows)
        elif token is not None:
            self._core.tell('rows', token, rows)

    # -- time -----------------------------------------------------------------------------

    def _check_deadlines(self, now):
        for call in list(self._calls.values()):
            if now > call.deadline:
                self._unanswered(call, both('%.0f 秒无应答' % self._answer_s,
                                            'no answer for %.0f s' % self._answer_s))
        if self._asker.busy_for(now) > self._query_s:
            self._asker.leave_behind()
            self._hung += 1
            self._core.tell('alarm', '查询 %.0f 秒无响应，已放弃该线程' % self._query_s,
                            'a query hangs for %.0f s: its thread is left behind' % self._query_s)
        for number, (_, deadline, _) in list(self._queries.items()):
            if now > deadline:
                self._answer(number, None)

    def _watch(self, now):
        if self._hung >= HUNG_MOST:
            self._lose('客户端回调线程无响应', "the client's callback thread does not answer")
            return
        if self._caller.busy_for(now) > CONNECT_S:
            self._caller.leave_behind()
            self._lose('委托调用无响应', 'an order call hangs')
            return
        if not self._fixed_day and china_day(time.time()) != self._day:
            self._tell_state()
        if now - self._asked_at > PING_S and not self._queries:
            self._asked_at = now
            for name in self._terms:
                self.query(name, QUERY_CASH, None)
        if now - self._credit_at > CREDIT_S:
            self._credit_at = now
            for name, one in self._terms.items():
                if one.kind == 'CREDIT':
                    self._asker.give(lambda name=name: self._ask_credit(name))

    def _look_into_doubts(self, now):
        for remark, doubt in list(self._doubts.items()):
            if now < doubt[1] or doubt[4]:
                continue
            doubt[4] = True
            self.query(doubt[3], QUERY_ORDERS, ('doubt', remark))

    def _answer_doubt(self, remark, rows):
        doubt = self._doubts.get(remark)
        if doubt is None:
            return
        now = time.monotonic()
        doubt[1] = now + DOUBT_LOOK_S
        doubt[4] = False
        if rows is None:
            return
        since, _, text, account, _ = doubt
        for row in rows:
            ours = self._remark_of.get(row.order_no)
            if row.remark == remark or (ours is not None and ours[1] == remark):
                del self._doubts[remark]
                self._core.tell('order', account, row)
                return
        if now - since >= self._refusal_s:
            del self._doubts[remark]
            self._probes[account].over(remark)
            call = self._calls.pop(remark, None)
            if call is not None:
                call.told = True
            self._core.tell('refused', account, remark, text, text)

    # -- queries: query thread ------------------------------------------------------------

    def _ask(self, number, account, kind, pairs):
        life = self._life
        if number not in self._queries:
            # Its time was over before its turn came.
            return
        rows = None
        trader = self._trader
        try:
            if trader is not None:
                day = 0 if self._fixed_day else self._day
                client = self._xt_accounts[account]
                read = self._reader.rows_of
                if pairs:
                    rows = self._ask_pair(account, lambda what: read(trader, client, what, day))
                else:
                    rows = read(trader, client, kind, day)
        except UnknownValue as error:
            self.hear(life, 'unknown_value', error)
        except Exception as error:
            self.hear(life, 'broken', 'query', repr(error))
        self.hear(life, 'rows', number, rows)

    def _ask_pair(self, account, read):
        """Orders, with the trades that fit them kept for the question that follows."""
        self._paired.pop(account, None)
        end = time.monotonic() + PAIR_READ_S

        def read_twice(kind):
            rows = read(kind)
            if rows is None and time.monotonic() < end:
                time.sleep(NONE_AGAIN_S)
                rows = read(kind)
            return rows

        orders, trades = even_lists(lambda: read_twice(QUERY_ORDERS),
                                    lambda: read_twice(QUERY_TRADES), 3, PAIR_READ_S)
        if trades is not None:
            self._paired[account] = (trades, time.monotonic())
        return orders

    def _ask_credit(self, name):
        """The maintenance ratio of a credit account."""
        life = self._life
        trader = self._trader
        try:
            if trader is None:
                return
            account = self._xt_accounts[name]
            found = trader.query_credit_detail(account)
            asset = trader.query_stock_asset(account)
            self.hear(life, 'credit', name, margin_ratio(found, asset))
        except Exception as error:
            self.hear(life, 'broken', 'query_credit_detail', repr(error))

    def _on_credit(self, name, ratio):
        if ratio is None:
            return
        warn = self._terms[name].margin_warn
        if ratio >= warn:
            self._credit_low.discard(name)
        elif name not in self._credit_low:
            self._credit_low.add(name)
            self._core.tell('alarm', '账户 %s 维持担保比例 %.0f%%，低于 %.0f%%'
                            % (name, ratio * 100, warn * 100),
                            'account %s: maintenance ratio %.0f%%, below %.0f%%'
                            % (name, ratio * 100, warn * 100))

    def _say_once(self, key, zh, en):
        """Failures of a start are told when they change, and every ten minutes."""
        now = time.monotonic()
        last = self._failures.get(key)
        if last is None or last[0] != en or now - last[1] > 600:
            self._failures[key] = (en, now)
            self._core.log(zh, en)
