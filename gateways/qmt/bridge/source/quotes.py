# The quotes of a bridge: engines that watch on one side (role 'quotes', docs/BRIDGE.md "Quotes"), a
# feed of the client's market data on the other (quotes_xtquant.py, quotes_terminal.py). A room of
# the core (core.add_room); everything but tell() runs on the core's thread.
# Always: what the client says is handed on, rounded to the price step and in shares, never mended;
# quotes of other days and of codes nobody asked for are left out and counted; an engine that reads
# too slowly gets the newest quote of each instrument, and is told.
#
# A FEED HAS
#   about               what it is, for people
#   start(room)         begins to connect
#   turn(now)           in every turn of the core
#   ask(token, symbols) details of these; exactly one ('details', token, rows) must follow, rows =
#                       dicts of detail_row() in that order, or None: the client does not answer
#   watch(symbols)      all symbols that are watched now (a frozenset)
# AND TELLS room.tell(name, *arguments), from any thread
#   'details', token, rows      'tick', symbol, tick (dict of the client)      'notice', zh, en
import collections
import time
from wire import *
from way import china_day
from guard import both
from tables import text_of

QUOTE_CLOCK_S = 5.0
QUOTES_PER_TURN = 50
QUOTE_ROWS = 100
# The details of this many instruments at most, as engines ask in pieces.
QUOTE_SYMBOLS_MAX = 6000
# More than this waiting for an engine: only the newest quote of each instrument is kept.
QUOTE_BACKLOG = 262144
QUOTE_DETAILS_S = 30.0
CHINA_MS = 8 * 3600 * 1000
DAY_MS = 86400000
QUOTE_PRICE_MAX = 160000.0
# Part of a price step that may be noise of a binary fraction.
PRICE_NOISE = 0.01

# stockStatus / openInt of the client: suspended, halts (volatility, temporary, to the close).
HALTED_STATES = frozenset((1, 16, 17, 20))
KNOWN_STATES = frozenset(range(0, 1)) | frozenset(range(10, 24)) | HALTED_STATES


def midnight_ms(day):
    """Epoch milliseconds of midnight in China."""
    import calendar
    seconds = calendar.timegm((day // 10000, day // 100 % 100, day % 100, 0, 0, 0, 0, 0, 0))
    return seconds * 1000 - CHINA_MS


def number_in(row, *names):
    """The first of these that is a number; 0 = none is."""
    for name in names:
        value = row.get(name)
        if isinstance(value, (int, float)) and value == value:
            return value
    return 0


def step_price(yuan, tick_e4):
    """1/10,000 yuan on the price step; a price that is off it by more than noise stays so."""
    if not 0 < yuan < QUOTE_PRICE_MAX:
        return 0
    value = yuan * 10000.0
    if tick_e4 > 0:
        steps = int(round(value / tick_e4))
        if abs(value - steps * tick_e4) <= tick_e4 * PRICE_NOISE:
            return steps * tick_e4
    return int(round(value))


def shares_per_lot(tick):
    """Shares of one unit of `volume` and of the levels: 100 unless pvolume tells otherwise."""
    volume = number_in(tick, 'volume')
    raw = number_in(tick, 'pvolume')
    if volume > 0 and raw > 0:
        for unit in (1, 10, 100):
            # volume is cut to whole units.
            if volume * unit <= raw < (volume + 1) * unit:
                return unit
    return 100


def list_in(row, name):
    value = row.get(name)
    return value if isinstance(value, (list, tuple)) else ()


class QuoteStep(object):
    """What is known of an instrument for reading its quotes."""

    __slots__ = ('tick_e4',)

    def __init__(self, tick_e4):
        self.tick_e4 = tick_e4


def quote_frame(tick, tick_e4, day):
    """A SnapshotTick of the client's dict; None when it is of another day or has no time."""
    at = number_in(tick, 'time') - midnight_ms(day)
    if not 0 <= at < DAY_MS:
        return None
    frame = SnapshotTick()
    frame.event_ns = float(at) * 1000000.0
    state = int(number_in(tick, 'stockStatus', 'openInt'))
    frame.phase = PHASE_HALTED if state in HALTED_STATES else PHASE_PRE_OPEN
    frame.last_e4 = step_price(number_in(tick, 'lastPrice'), tick_e4)
    frame.pre_close_e4 = step_price(number_in(tick, 'lastClose'), tick_e4)
    frame.open_e4 = step_price(number_in(tick, 'open'), tick_e4)
    frame.high_e4 = step_price(number_in(tick, 'high'), tick_e4)
    frame.low_e4 = step_price(number_in(tick, 'low'), tick_e4)
    frame.trade_count = int(min(2147483647, max(0, number_in(tick, 'transactionNum'))))
    unit = shares_per_lot(tick)
    raw = number_in(tick, 'pvolume')
    frame.volume = float(raw if raw > 0 else number_in(tick, 'volume') * unit)
    frame.amount_e4 = float(round(number_in(tick, 'amount') * 10000.0))
    for side in ('bid', 'ask'):
        prices = list_in(tick, side + 'Price')
        sizes = list_in(tick, side + 'Vol')
        level = 0
        for price, size in zip(prices, sizes):
            price_e4 = step_price(price, tick_e4)
            # Empty levels stand behind all others, or the list is cut there.
            if level == 10 or price_e4 == 0:
                break
            level += 1
            setattr(frame, '%s_price_e4_%d' % (side, level), price_e4)
            setattr(frame, '%s_qty_%d' % (side, level), float(max(0, size) * unit))
    return frame


def mark_of(tick):
    """What tells two pictures apart; their time alone does not (a build may show the hour)."""
    best = tuple(tuple(list_in(tick, name)[:1]) for name in
                 ('bidPrice', 'bidVol', 'askPrice', 'askVol'))
    state = number_in(tick, 'stockStatus', 'openInt')
    return (number_in(tick, 'volume'), number_in(tick, 'lastPrice'), state) + best


def tick_day(tick):
    """Day in China of the client's tick; 0 = it has no time."""
    at = number_in(tick or {}, 'time')
    return china_day(at / 1000.0) if at > 0 else 0


def detail_row(symbol, detail, tick):
    """A row of details; detail and tick are the client's dicts, None = it has none."""
    if not isinstance(detail, dict) or not detail:
        return {'symbol': symbol, 'state': 'missing'}
    tick = tick if isinstance(tick, dict) else {}
    tick_e4 = step_price(number_in(detail, 'PriceTick'), 0)
    price = lambda row, name: step_price(number_in(row, name), tick_e4)
    return {
        'symbol': symbol, 'state': 'ok',
        'name': text_of(detail.get('InstrumentName'))[:100],
        'preCloseE4': price(detail, 'PreClose'),
        'upperLimitE4': price(detail, 'UpStopPrice'),
        'lowerLimitE4': price(detail, 'DownStopPrice'),
        'tickE4': tick_e4,
        'quoteDay': tick_day(tick),
        'quotePreCloseE4': price(tick, 'lastClose'),
    }


class Watcher(object):
    """One engine that asked."""

    def __init__(self, link):
        self.link = link
        self.symbols = []
        self.place_of = {}
        self.is_watching = False
        self.is_asked = False
        # Rows of details are out: quotes may follow
        self.is_told = False
        self.asked_at = 0.0
        # Newest quote of each instrument that found the socket full
        self.pending = collections.OrderedDict()
        self.left_out = 0
        self.clock_at = 0.0


class QuoteRoom(object):
    """Role 'quotes' of the core."""

    def __init__(self, core, feed, day=0):
        """day: the client plays a day that is not now; 0 = it does not."""
        self.core = core
        self.feed = feed
        self._day = 0 if day == china_day(time.time()) else day
        self._told = collections.deque()
        self._watchers = {}
        self._steps = {}
        self._newest = {}
        self._tokens = {}
        self._token = 0
        self._watched = frozenset()
        self._strange = set()
        self._noticed_at = 0.0
        self.unknown = 0
        self.other_days = 0
        feed.start(self)

    # -- for the feed, from any thread ----------------------------------------------------

    def tell(self, name, *arguments):
        self._told.append((name, arguments))
        self.core.wake()

    # -- for the core ---------------------------------------------------------------------

    def on_login(self, link, message):
        day = message.get('day')
        today = self.day()
        if day not in (0, today):
            return both('今日 %d，引擎 %r' % (today, day),
                        "the day here is %d, the engine's %r: start it again" % (today, day))
        self._watchers[link] = Watcher(link)
        return ''

    def welcome(self):
        """What the welcome of this role says beyond that of every role."""
        said = {'day': self.day(), 'clockMs': self._clock_ms(), 'about': self.feed.about}
        if self._day:
            said['rehearsal'] = True
        return said

    def _clock_ms(self):
        now = int(time.time() * 1000)
        if self._day:
            now += midnight_ms(self._day) - midnight_ms(china_day(time.time()))
        return now

    def on_json(self, link, message):
        watcher = self._watchers.get(link)
        symbols = message.get('symbols')
        good = message.get('kind') == 'subscribe' and watcher is not None
        good = good and not watcher.is_asked and isinstance(symbols, list)
        good = good and all(isinstance(one, str) and len(one) <= 12 for one in symbols)
        if not good or len(watcher.symbols) + len(symbols) > QUOTE_SYMBOLS_MAX:
            link.refuse(both('无法识别的行情请求', 'a request for quotes that is none'))
            return
        for symbol in symbols:
            watcher.place_of.setdefault(symbol, len(watcher.symbols))
            watcher.symbols.append(symbol)
        if message.get('last') is not True:
            return
        watcher.is_asked = True
        watcher.is_watching = message.get('watch') is True
        watcher.asked_at = time.monotonic()
        self._token += 1
        self._tokens[self._token] = watcher
        self.feed.ask(self._token, list(watcher.symbols))

    def on_frame(self, link, kind, data, at):
        link.refuse(both('行情连接不接受数据帧', 'no frames on a connection for quotes'))

    def on_gone(self, link):
        watcher = self._watchers.pop(link, None)
        if watcher is None:
            return
        for token in [one for one, other in self._tokens.items() if other is watcher]:
            del self._tokens[token]
        self._watch()

    def turn(self, now):
        self.feed.turn(now)
        # A few milliseconds' worth: an order never waits for many quotes.
        for _ in range(min(len(self._told), QUOTES_PER_TURN)):
            name, arguments = self._told.popleft()
            getattr(self, '_on_' + name)(*arguments)
        for watcher in list(self._watchers.values()):
            self._tend(watcher, now)
        if self._told:
            self.core.wake()

    def day(self):
        return self._day or china_day(time.time())

    # -- what the feed says ---------------------------------------------------------------

    def _on_details(self, token, rows):
        watcher = self._tokens.pop(token, None)
        if watcher is None or not watcher.link.is_open:
            return
        if rows is None:
            watcher.link.refuse(both('行情客户端无应答', 'the client does not answer for details'))
            return
        for row in rows:
            if row['state'] == 'ok':
                self._steps[row['symbol']] = QuoteStep(row['tickE4'])
        for at in range(0, max(1, len(rows)), QUOTE_ROWS):
            part = rows[at:at + QUOTE_ROWS]
            watcher.link.say_json({
                'kind': 'details', 'rows': part, 'last': at + QUOTE_ROWS >= len(rows)})
        watcher.is_told = True
        if not watcher.is_watching:
            return
        # What came while it asked, then each quote as it comes.
        for symbol in watcher.symbols:
            if symbol in self._newest:
                self._pass_on(watcher, symbol, self._newest[symbol])
        self._watch()

    def _on_tick(self, symbol, tick):
        step = self._steps.get(symbol)
        if step is None or symbol not in self._watched or not isinstance(tick, dict):
            self.unknown += 1
            return
        state = number_in(tick, 'stockStatus', 'openInt')
        if state not in KNOWN_STATES and state not in self._strange:
            self._strange.add(state)
            self._on_notice('未知交易状态 %r（%s），按未停牌处理' % (state, symbol),
                            'unknown trading status %r (%s): not taken for a halt'
                            % (state, symbol))
        frame = quote_frame(tick, step.tick_e4, self.day())
        if frame is None:
            self.other_days += 1
            return
        self._newest[symbol] = frame
        for watcher in self._watchers.values():
            if watcher.is_watching and watcher.is_told and symbol in watcher.place_of:
                self._pass_on(watcher, symbol, frame)

    def _on_notice(self, zh, en):
        self.core.log('行情: ' + zh, 'quotes: ' + en)
        for watcher in self._watchers.values():
            self._say_notice(watcher, zh, en)

    # -- to the engines -------------------------------------------------------------------

    def _pass_on(self, watcher, symbol, frame):
        if watcher.link.backlog > QUOTE_BACKLOG:
            if watcher.pending.pop(symbol, None) is not None:
                watcher.left_out += 1
            watcher.pending[symbol] = frame
            return
        watcher.pending.pop(symbol, None)
        frame.instrument = watcher.place_of[symbol]
        watcher.link.say(frame)

    def _tend(self, watcher, now):
        link = watcher.link
        if not link.is_open:
            return
        if watcher.is_asked and not watcher.is_told and now - watcher.asked_at > QUOTE_DETAILS_S:
            self._on_details(self._token_of(watcher), None)
            return
        while watcher.pending and link.backlog <= QUOTE_BACKLOG:
            symbol, frame = watcher.pending.popitem(last=False)
            self._pass_on(watcher, symbol, frame)
        if now - watcher.clock_at < QUOTE_CLOCK_S:
            return
        watcher.clock_at = now
        if link.state == 'quotes':
            link.say_json({'kind': 'clock', 'clockMs': self._clock_ms()})
        if watcher.left_out > 0:
            count = watcher.left_out
            watcher.left_out = 0
            self._say_notice(watcher, '引擎读取过慢，省略 %d 笔行情（保留最新）' % count,
                             'the engine reads too slowly: %d quotes left out, the newest kept'
                             % count)

    def _token_of(self, watcher):
        for token, other in self._tokens.items():
            if other is watcher:
                return token
        return 0

    def _say_notice(self, watcher, zh, en):
        if watcher.link.state == 'quotes':
            text = both(zh, en)[:1000]
            watcher.link.say_json({'kind': 'notice', 'level': 'warn', 'text': text})

    def _watch(self):
        """Tells the feed what is watched now."""
        wanted = set()
        for watcher in self._watchers.values():
            if watcher.is_watching and watcher.is_told:
                wanted.update(one for one in watcher.symbols if one in self._steps)
        wanted = frozenset(wanted)
        if wanted != self._watched:
            self._watched = wanted
            self._newest = dict(
                (one, frame) for one, frame in self._newest.items() if one in wanted)
            self.feed.watch(wanted)


class QuotesOnly(object):
    """A way that leads to no broker: a bridge for quotes alone, from which no order can leave."""

    name = 'quotes-only'
    takes_credit = False

    def __init__(self):
        self.core = None

    def start(self, core):
        self.core = core
        core.log('仅行情: 不连接交易，不接受任何委托', 'quotes only: no broker, no order can leave')

    def turn(self, now):
        pass

    def place(self, account, order):
        self.core.tell('unsent', account, order.remark, REJECT_LINK_DOWN)

    def cancel(self, account, known):
        pass

    def query(self, account, kind, token):
        self.core.tell('rows', token, None)

    def capabilities(self):
        return {}

    def stop(self):
        pass
