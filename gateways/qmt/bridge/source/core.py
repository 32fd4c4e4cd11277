# The bridge itself: engines on one side (link.py), a broker's client on the other (a way, see
# way.py for the seam), between them one desk per account (desk.py). Driven by core.turn(): in
# bridge A by a thread of its own, in bridge B by the terminal's timer.
# Always: engines are let in only once the broker's day is known and its journals are open; all
# requests of a turn share one flush; nobody's order waits for a list of rows.
import collections
import json
import os
import sys
import time
from wire import *
from way import china_day
from journal import BridgeJournal, JournalError
from guard import Gate, SettingsError, Stage, both, read_limits
from link import BACKLOG_PAGE, HEARTBEAT_S, LinkServer, is_number, proof_of, read_secret
from desk import Asked, Desk, known_of
from rows import ROW_MAKERS, set_id

# Rows of a query that leave in one turn of one connection.
PAGE_ROWS = 128
BEAT_S = 0.25
# Results of vendor calls reach the device this late at most; requests never wait for it.
LAZY_FLUSH_S = 0.2
# What people are told of one account in one second; more is counted.
NOTES_PER_SECOND = 20
SYMBOLS_MAX = 20000
# Lists whose times and holes are counted
LISTS = {QUERY_ORDERS: 'orderLists', QUERY_TRADES: 'tradeLists'}


class Settings(object):
    """What the core needs: dir, listen, secret_file, accounts (names towards engines), limits."""

    def __init__(self, folder, listen, secret_file, accounts, limits):
        self.dir = folder
        self.listen = listen
        self.secret_file = secret_file
        self.accounts = accounts
        self.limits = limits


def log_line(text):
    """One line to stderr, whatever its code page can show."""
    line = '%s bridge: %s\n' % (time.strftime('%H:%M:%S'), text)
    out = sys.stderr
    try:
        out.write(line)
    except UnicodeEncodeError:
        out.write(line.encode('ascii', 'backslashreplace').decode('ascii'))
    except (AttributeError, ValueError, OSError):
        # No console (a service, the terminal's interpreter): the way may have its own log.
        return
    try:
        out.flush()
    except (AttributeError, ValueError, OSError):
        pass


class Core(object):
    """One bridge. Everything but tell(), is_killed() and log() belongs to the core's thread."""

    def __init__(self, settings, way, write_line=log_line):
        self.settings = settings
        self.way = way
        self.day = 0
        self.is_up = False
        # Why this bridge can never serve anybody; '' = it can
        self.fatal = ''
        self.desks = []
        self._write_line = write_line
        self._secret = read_secret(settings.secret_file)
        self._limits = read_limits(settings.limits)
        if not settings.accounts:
            raise SettingsError(both('没有账户', 'no account'))
        self._told = collections.deque()
        self._asleep = False
        self._is_woken = False
        self._killed = {}
        # (link, queue of frames, end frame) of answers that are still being sent
        self._pages = collections.deque()
        self._tokens = {}
        self._token = 0
        self._beat_at = 0.0
        self._flushed_at = 0.0
        self._notes_from = 0.0
        self._notes = 0
        # Other rooms of the bridge by role: 'quotes' (quotes.py)
        self._rooms = {}
        if not os.path.isdir(settings.dir):
            os.makedirs(settings.dir)
        self.server = LinkServer(settings.listen, self)

    # -- for the way, from any thread -----------------------------------------------------

    def tell(self, name, *arguments):
        """Queues an event of the way and wakes the core."""
        self._told.append((name, arguments))
        self.wake()

    def wake(self):
        """Ends the core's wait: the way has something to do in turn()."""
        # In this order: whoever falls asleep looks at the first after setting the second.
        self._is_woken = True
        if self._asleep:
            self._asleep = False
            self.server.wake()

    def is_killed(self, account):
        return self._killed.get(account, False)

    def log(self, zh, en):
        self._write_line(both(zh, en))

    def log_text(self, text):
        self._write_line(text)

    # -- driving --------------------------------------------------------------------------

    def add_room(self, role, room):
        """A further role of connections. room has on_login(link, login) -> '' or a refusal,
        welcome() -> what its welcome says beyond the usual,
        on_json(link, message), on_frame(link, kind, data, at), on_gone(link), turn(now)."""
        self._rooms[role] = room

    def start(self):
        self.log('监听 %s' % self.settings.listen, 'listening on %s' % self.settings.listen)
        self.way.start(self)

    def turn(self, timeout):
        """Does what there is to do; waits for it at most this many seconds."""
        self._asleep = True
        if self._is_woken or self._told or self._pages:
            timeout = 0
        self.server.poll(timeout, time.monotonic)
        self._asleep = False
        self._is_woken = False
        now = time.monotonic()
        # Orders first: what the way has heard can wait for them a moment, not they for it.
        for desk in self.desks:
            desk.commit()
        self.way.turn(now)
        self._take_told()
        for desk in self.desks:
            desk.turn(now)
        for room in self._rooms.values():
            room.turn(now)
        self._send_pages()
        if now - self._beat_at >= BEAT_S:
            self._beat_at = now
            self.server.beat(now)
        self.server.flush(now)
        # Behind the answers: a result that is lost with the process makes its order "handed over".
        self._write_results(now)

    def stop(self):
        self.way.stop()
        self.server.close()
        for desk in self.desks:
            desk.journal.close()

    def _take_told(self):
        # Only what is there now: what these cause comes in the next turn.
        for _ in range(len(self._told)):
            name, arguments = self._told.popleft()
            getattr(self, '_on_' + name)(*arguments)

    def _write_results(self, now):
        """Results survive the process at once (write), the machine a little later (flush)."""
        lazy = now - self._flushed_at >= LAZY_FLUSH_S
        for desk in self.desks:
            if not desk.is_dirty:
                continue
            desk.journal.file.write()
            if lazy:
                desk.is_dirty = False
                desk.journal.flush()
                self._flushed_at = now

    # -- events of the way ----------------------------------------------------------------

    def _on_connected(self, day):
        if day != self.day:
            try:
                self._open_day(day)
            except (JournalError, OSError) as error:
                # Nobody is let in without it; what stands beside the core may end the process.
                self.fatal = str(error)
                self.alarm('桥接日志无法使用，不接受任何引擎: %s' % error,
                           "the bridge's journals cannot be used, no engine is let in: %s" % error)
                return
        for desk in self.desks:
            desk.forget_told()
        if self.is_up:
            return
        self.log('柜台已连接，交易日 %d' % day, 'broker connected, day %d' % day)
        self.is_up = True
        self._say_up(LINK_UP)

    def _on_disconnected(self, zh, en):
        self.log('柜台断开: ' + zh, 'broker gone: ' + en)
        for desk in self.desks:
            desk.lost()
        if self.is_up:
            self.is_up = False
            self._say_up(LINK_DOWN)

    def _on_placed(self, account, remark, order_no, why):
        desk = self.desk_of(account)
        if desk is not None:
            desk.on_placed(remark, order_no, why)

    def _on_unsent(self, account, remark, code):
        desk = self.desk_of(account)
        if desk is not None:
            desk.on_unsent(remark, code)

    def _on_refused(self, account, remark, zh, en):
        desk = self.desk_of(account)
        if desk is not None:
            desk.on_refused(remark, zh, en)

    def _on_order(self, account, row):
        desk = self.desk_of(account)
        if desk is not None:
            desk.on_order(row)

    def _on_trade(self, account, row):
        desk = self.desk_of(account)
        if desk is not None:
            desk.on_trade(row)

    def _on_cancel_error(self, account, order_no, text):
        desk = self.desk_of(account)
        if desk is not None:
            desk.on_cancel_error(order_no, text)

    def _on_alarm(self, zh, en):
        self.alarm(zh, en)

    def _on_rows(self, token, rows):
        if isinstance(token, tuple):
            # ('look', account index): a desk searches for an order of its own
            if token[1] < len(self.desks):
                self.desks[token[1]].on_found(rows)
            return
        asked = self._tokens.pop(token, None)
        if asked is None:
            return
        link, query, started = asked
        what = LISTS.get(query.kind)
        if what is not None and query.account < len(self.desks):
            self.desks[query.account].seen.listed(what, started, rows)
        if link.is_open and query.account < len(self.desks):
            self._answer(link, query, rows)

    def _open_day(self, day):
        """Opens the journals of a trading day; engines of another day are sent away."""
        if self.day:
            self.log('交易日由 %d 变为 %d' % (self.day, day),
                     'the trading day changes from %d to %d' % (self.day, day))
            for link in self.server.links:
                if link.role == 'engine':
                    link.refuse(both('交易日变为 %d' % day, 'the trading day is now %d' % day))
        for desk in self.desks:
            desk.journal.close()
        self.desks = []
        self.day = 0
        opened = []
        for index, account in enumerate(self.settings.accounts):
            journal = BridgeJournal(self.settings.dir, account, index, day)
            now = time.monotonic()
            gate = Gate(self._limits, now + 1.0 if journal.orders else now)
            desk = Desk(account, index, journal, self.way, gate, self, time.monotonic)
            opened.append(desk)
            self._killed[account] = journal.killed
            self.log(
                '账户 %s，交易日 %d: 已知委托 %d，栅栏 %d%s' % (
                    account, day, len(journal.orders), journal.fence,
                    '，急停中' if journal.killed else ''),
                'account %s, day %d: %d ids known, fence %d%s' % (
                    account, day, len(journal.orders), journal.fence,
                    ', KILLED' if journal.killed else ''))
        self.desks = opened
        self.day = day

    # -- the voice of the desks -----------------------------------------------------------

    def report(self, desk, known, kind, code):
        for link in self._holders(desk):
            report = self._report_of(link, desk, known, kind, code)
            report.filled_qty = known.filled
            report.leaves_qty = max(0, known.qty - known.filled)
            report.broker_order_no = float(known.order_no)
            report.stage = STAGE_EXCHANGE if known.order_no else STAGE_GATEWAY
            link.say(report)

    def refuse(self, desk, asked, kind, code):
        # Also to an engine below the fence: it is told why.
        for link in self.server.links:
            if link.role != 'engine' or link.epochs[desk.index] != asked.epoch:
                continue
            report = self._report_of(link, desk, asked.known, kind, code)
            report.leaves_qty = asked.known.qty
            link.say(report)

    def fill(self, desk, known, trade):
        for link in self._holders(desk):
            fill = Fill()
            set_id(fill, known)
            fill.account = desk.index
            fill.strategy = known.strategy
            fill.intent_no = known.intent_no
            fill.instrument = link.index_of.get(trade.symbol, -1)
            fill.side = trade.side
            fill.price_e4 = trade.price
            fill.qty = trade.qty
            fill.leaves_qty = max(0, known.qty - known.filled)
            fill.fill_no = float(trade.trade_no)
            link.say(fill)

    def note(self, desk, zh, en):
        """For people: why the broker refused, in its own words."""
        now = time.monotonic()
        if now - self._notes_from >= 1.0:
            if self._notes > NOTES_PER_SECOND:
                more = self._notes - NOTES_PER_SECOND
                self.log('另有 %d 条消息' % more, '%d more messages' % more)
            self._notes_from = now
            self._notes = 0
        self._notes += 1
        if self._notes <= NOTES_PER_SECOND:
            self.log('账户 %s: %s' % (desk.account, zh), 'account %s: %s' % (desk.account, en))

    def alarm(self, zh, en):
        self.log('警报: ' + zh, 'ALARM: ' + en)

    def _holders(self, desk):
        """The engine that holds the fence of the account."""
        fence = desk.journal.fence
        return [link for link in self.server.links
                if link.role == 'engine' and link.epochs[desk.index] == fence and fence]

    def _report_of(self, link, desk, known, kind, code):
        report = Report()
        set_id(report, known)
        report.account = desk.index
        report.strategy = known.strategy
        report.instrument = link.index_of.get(known.symbol, -1)
        report.kind = kind
        report.stage = STAGE_GATEWAY
        report.code = code
        return report

    def desk_of(self, account):
        for desk in self.desks:
            if desk.account == account:
                return desk
        return None

    # -- connections ----------------------------------------------------------------------

    def on_closed(self, link, why, refused):
        self.server.forget(link)
        room = self._rooms.get(link.role)
        if room is not None:
            room.on_gone(link)
        if link.role == 'engine':
            self.log('引擎 %d 离线: %s' % (link.engine_id, why),
                     'engine %d gone: %s' % (link.engine_id, why))
        elif link.role == '' and not refused:
            self.log('%s 未通过密钥验证即断开 (%s)' % (link.name, why),
                     '%s left before its proof of the secret (%s)' % (link.name, why))

    def on_json(self, link, message):
        kind = message.get('kind')
        if link.state == 'hello':
            self._on_hello(link, message)
        elif link.state == 'login' and kind == 'symbols':
            self._on_symbols(link, message)
        elif link.state == 'login' and kind == 'login':
            self._on_login(link, message)
        elif link.role == 'control' and kind == 'kill':
            self._on_kill(link, message)
        elif link.role == 'control' and kind == 'facts':
            accounts = dict((desk.account, desk.seen.facts()) for desk in self.desks)
            link.say_json({'kind': 'facts', 'accounts': accounts})
        elif link.role in self._rooms:
            self._rooms[link.role].on_json(link, message)
        else:
            link.refuse(both('无法识别的消息', 'a message that is none of the protocol'))

    def on_frame(self, link, kind, data, at):
        if link.role in self._rooms:
            self._rooms[link.role].on_frame(link, kind, data, at)
        elif link.role != 'engine':
            link.refuse(both('登录前不接受数据帧', 'frames before the login'))
        elif not self.is_up:
            # The engine hears UP first and asks again.
            return
        elif kind == Request.TYPE:
            self._on_request(link, Request.read(data, at))
        elif kind == Fence.TYPE:
            self._on_fence(link, Fence.read(data, at))
        elif kind == Query.TYPE:
            self._on_query(link, Query.read(data, at))
        elif kind == Arming.TYPE:
            self._on_arming(link, Arming.read(data, at))
        elif kind == End.TYPE:
            self._on_end(link, data, at)
        elif kind != LinkState.TYPE:
            link.refuse(both('不接受的帧类型 %d' % kind, 'frame type %d' % kind))

    def _on_hello(self, link, message):
        role = message.get('role')
        nonce = message.get('nonce')
        if message.get('kind') != 'hello' or not isinstance(nonce, str) or len(nonce) != 32:
            link.refuse(both('应为 pankou 引擎的 hello', 'expected a hello of a pankou engine'))
        elif message.get('protocol') != PROTOCOL:
            link.refuse(both(
                '协议版本 %d，对方 %r' % (PROTOCOL, message.get('protocol')),
                'bridge speaks protocol %d, the other side %r: same version'
                % (PROTOCOL, message.get('protocol'))))
        elif message.get('schema') != SCHEMA_HASH:
            link.refuse(both(
                '消息格式 %s，对方 %r: 引擎与桥接程序须同版本' % (SCHEMA_HASH, message.get('schema')),
                'bridge has message schema %s, the other side %r: run engine and bridge from the '
                'same version of pankou' % (SCHEMA_HASH, message.get('schema'))))
        elif role not in ('engine', 'control') and role not in self._rooms:
            link.refuse(both('本桥接不提供 %r' % role, 'this bridge has no role %r' % role))
        else:
            link.nonce = os.urandom(16).hex()
            link.other_nonce = nonce
            link.wanted = role
            link.state = 'login'
            proof = proof_of(self._secret, 'bridge', link.nonce, nonce)
            link.say_json({'kind': 'challenge', 'nonce': link.nonce, 'proof': proof})

    def _on_symbols(self, link, message):
        symbols = message.get('symbols')
        good = isinstance(symbols, list) and len(symbols) <= 1000
        good = good and all(isinstance(one, str) and len(one) <= 12 for one in symbols)
        if not good or len(link.symbols) + len(symbols) > SYMBOLS_MAX:
            link.refuse(both('证券列表有误', 'a malformed list of symbols'))
            return
        for symbol in symbols:
            link.index_of[symbol] = len(link.symbols)
            link.symbols.append(symbol)

    def _on_login(self, link, message):
        role = link.wanted
        expected = proof_of(self._secret, role, link.other_nonce, link.nonce)
        proof = message.get('proof')
        if not isinstance(proof, str) or not same_text(proof, expected):
            link.refuse(both('密钥不符', 'wrong secret'))
            return
        refusal = ''
        if role == 'engine':
            refusal = self._engine_refusal(link, message)
        elif role in self._rooms:
            refusal = self._rooms[role].on_login(link, message)
        if refusal:
            link.refuse(refusal)
            return
        link.role = role
        link.state = role
        link.epochs = [0] * len(self.settings.accounts)
        welcome = {
            'kind': 'welcome', 'heartbeatMs': int(HEARTBEAT_S * 1000),
            'nowMs': int(time.time() * 1000), 'capabilities': self._capabilities(),
            'bridge': self._facts(),
        }
        if role in self._rooms:
            welcome.update(self._rooms[role].welcome())
        link.say_json(welcome)
        if role != 'engine':
            return
        link.engine_id = message['engineId']
        self.log('引擎 %d 已连接 (%s)' % (link.engine_id, link.name),
                 'engine %d connected (%s)' % (link.engine_id, link.name))
        if self.is_up:
            for index in range(len(self.desks)):
                self._say_state(link, index, LINK_UP)

    def _engine_refusal(self, link, message):
        day = message.get('day')
        accounts = message.get('accounts')
        if not self._take_pilots(link, message.get('arming')):
            return both('登录消息的 arming 有误', 'a malformed arming in the login')
        if not is_number(message.get('engineId')) or not is_number(day):
            return both('登录消息有误', 'a malformed login')
        if self.day == 0:
            return both('桥接程序尚未连上柜台', 'the bridge has not reached its broker yet')
        if day != self.day:
            return both('柜台交易日 %d，引擎 %d' % (self.day, day),
                        "the broker's trading day is %d, the engine's %d" % (self.day, day))
        if accounts != list(self.settings.accounts):
            have = ', '.join(self.settings.accounts)
            return both('本桥接的账户依次为 %s，引擎为 %s' % (have, accounts),
                        'this bridge serves accounts %s in this order, the engine has %s'
                        % (have, accounts))
        return ''

    def _take_pilots(self, link, arming):
        """Notes which accounts are real, and what their pilots may trade; False = malformed."""
        if arming is None:
            return True
        if not isinstance(arming, list) or len(arming) > 256:
            return False
        for one in arming:
            symbols = one.get('symbols') if isinstance(one, dict) else None
            if not isinstance(symbols, list) or not isinstance(one.get('account'), str):
                return False
            if not all(isinstance(symbol, str) for symbol in symbols):
                return False
            link.pilots[one['account']] = frozenset(symbols)
        return True

    def _on_arming(self, link, arming):
        """The engine tells a stage; only the one that holds the fence is heard."""
        if not 0 <= arming.account < len(self.desks):
            return
        desk = self.desks[arming.account]
        if link not in self._holders(desk) or desk.account not in link.pilots:
            return
        desk.arm(Stage(arming.stage, arming.order_amount_e4, arming.day_amount_e4,
                       link.pilots[desk.account]))
        self.log('账户 %s 阶段 %d' % (desk.account, arming.stage),
                 'account %s: stage %d' % (desk.account, arming.stage))

    def _capabilities(self):
        words = ['arming'] + sorted(self._rooms)
        if self.way.takes_credit:
            words.append('credit')
        return words

    def _facts(self):
        facts = {'way': self.way.name, 'version': VERSION,
                 'python': '%d.%d.%d' % sys.version_info[:3], 'platform': sys.platform}
        facts.update(self.way.capabilities())
        return facts

    def _on_kill(self, link, message):
        account = message.get('account')
        on = message.get('on')
        meant = [desk for desk in self.desks if account in ('*', desk.account)]
        if not meant or not isinstance(on, bool):
            link.refuse(both('没有账户 %r，或交易日未知' % account,
                             'no account %r, or no day yet' % account))
            return
        if on:
            # Before anything is written: whoever is about to call the vendor sees it.
            for desk in meant:
                self._killed[desk.account] = True
        for desk in meant:
            desk.kill(on)
            self._killed[desk.account] = desk.journal.killed
            self.alarm('账户 %s 急停%s' % (desk.account, '开启' if on else '解除'),
                       'account %s: kill switch %s' % (desk.account, 'on' if on else 'off'))
        names = [desk.account for desk in meant]
        link.say_json({'kind': 'killed', 'accounts': names, 'on': on})

    def _on_request(self, link, request):
        if not 0 <= request.account < len(self.desks):
            link.refuse(both('没有账户 %d' % request.account, 'no account %d' % request.account))
            return
        epoch = link.epochs[request.account]
        if epoch == 0:
            # Sent before this connection's fence: the engine asks again what became of it.
            return
        if not 0 <= request.instrument < len(link.symbols):
            link.refuse(both('委托的证券未登记',
                             'a request for an instrument it never named'))
            return
        known = known_of(request, link.symbols[request.instrument])
        self.desks[request.account].take(Asked(known, request.action, epoch, request.credit))

    def _on_fence(self, link, fence):
        if not 0 <= fence.account < len(self.desks):
            return
        desk = self.desks[fence.account]
        desk.commit()
        taken = desk.fence(fence.epoch, link.engine_id)
        link.epochs[fence.account] = fence.epoch if taken else 0
        if taken:
            # What a dead connection of the same engine still has unread must not be done: the
            # engine is about to hear that it never arrived.
            for other in self.server.links:
                if other is not link and other.role == 'engine':
                    other.epochs[fence.account] = 0
            desk.forget_told()
            real = desk.account in link.pilots
            desk.arm(Stage(ARM_DISARMED, 0, 0, frozenset()) if real else None)
        self._say_state(link, fence.account, LINK_FENCED if taken else LINK_REFUSED)
        if not taken:
            seen = (desk.journal.fence, desk.journal.fenced_engine)
            self.log('账户 %s: 拒绝纪元 %d，已有引擎 %d 的纪元 %d'
                     % (desk.account, fence.epoch, seen[1], seen[0]),
                     'account %s: epoch %d is refused, epoch %d of engine %d was seen'
                     % (desk.account, fence.epoch, seen[0], seen[1]))

    def _on_end(self, link, data, at):
        """The account's session ends in order: its day orders are cancelled."""
        account = End.read(data, at).account
        if not 0 <= account < len(self.desks):
            return
        desk = self.desks[account]
        if link in self._holders(desk):
            desk.commit()
            desk.cancel_all()

    def _on_query(self, link, query):
        if not 0 <= query.account < len(self.desks):
            return
        desk = self.desks[query.account]
        desk.commit()
        if query.kind == QUERY_BRIDGE:
            rows = None
            if link in self._holders(desk):
                rows = list(desk.journal.orders.values())
            self._answer(link, query, rows)
            return
        if query.kind not in (QUERY_ORDERS, QUERY_TRADES, QUERY_POSITIONS, QUERY_CASH):
            self._answer(link, query, None)
            return
        self._token += 1
        self._tokens[self._token] = (link, query, time.monotonic())
        self.way.query(desk.account, query.kind, self._token)

    # -- answers, in pages ----------------------------------------------------------------

    def _answer(self, link, query, rows):
        end = QueryEnd()
        end.account = query.account
        end.query_no = query.query_no
        end.kind = query.kind
        end.result = QUERY_FAILED if rows is None else QUERY_COMPLETE
        end.rows = len(rows or ())
        end.day = self.day
        self._pages.append((link, query, collections.deque(rows or ()), end))

    @property
    def is_paging(self):
        """Whether rows wait that a connection would take now."""
        return any(link.is_open and link.backlog < BACKLOG_PAGE for link, _, _, _ in self._pages)

    def _send_pages(self):
        for _ in range(len(self._pages)):
            link, query, rows, end = self._pages.popleft()
            if not link.is_open or query.account >= len(self.desks):
                continue
            if link.backlog < BACKLOG_PAGE:
                desk = self.desks[query.account]
                for _ in range(min(PAGE_ROWS, len(rows))):
                    link.say(self._row_of(link, desk, query, rows.popleft()))
                if not rows:
                    link.say(end)
                    continue
            self._pages.append((link, query, rows, end))

    def _row_of(self, link, desk, query, row):
        frame = ROW_MAKERS[query.kind](link, desk, row)
        frame.account = query.account
        frame.query_no = query.query_no
        return frame

    def _say_up(self, state):
        for link in self.server.links:
            if link.role != 'engine':
                continue
            for index in range(len(self.desks)):
                link.epochs[index] = 0
                self._say_state(link, index, state)

    def _say_state(self, link, index, state):
        frame = LinkState()
        frame.account = index
        frame.state = state
        frame.epoch = self.desks[index].journal.fence
        frame.day = self.day
        link.say(frame)


def same_text(a, b):
    """Comparison in a time that tells nothing."""
    import hmac
    return hmac.compare_digest(a.encode('utf-8'), b.encode('utf-8'))
