# Market data of miniQMT through the vendor's xtdata, as a feed of quotes.py. Every call into the
# package runs on a thread of this file's own: it may block, and a client that hangs must not hold
# the core. Used by main_xtquant.py.
# Always: a call that hangs longer than its deadline is told and its thread abandoned; callbacks are
# wrapped; a subscription that falls silent in trading hours is made anew.
import collections
import threading
import time
from quotes import detail_row, mark_of

XTDATA_NAME = 'xtdata'
# Advised by the vendor: single subscriptions up to here, beyond it one for the whole list.
SINGLE_MOST = 50
TICKS_AT_ONCE = 200
XTDATA_DEADLINE_S = 25.0
XTDATA_RETRY_S = 1.0
# Pictures come every three seconds. Without any callback for so long the client is asked: it may
# be gone, or have forgotten the subscription.
QUIET_S = 6.0
# Without any callback for so long in trading hours everything is subscribed anew.
SILENT_FEED_S = 30.0
# 9:30-11:30 and 13:00-14:57, seconds of the day in China.
TRADING_SPANS = ((34200, 41400), (46800, 53820))


class XtQuotes(object):
    """The feed. level2: ask for the ten-level quote that needs a licence."""

    def __init__(self, level2=False, quiet_s=QUIET_S):
        self.about = 'miniQMT (xtdata)'
        self._room = None
        self._level2 = level2
        self._quiet_s = quiet_s
        self._jobs = collections.deque()
        self._ready = threading.Condition()
        self._thread = None
        self._busy_since = 0.0
        # Which thread's word counts: an abandoned one's does not
        self._life = 0
        self._wanted = frozenset()
        self._heard_at = 0.0
        self._looked_at = 0.0
        self._subscribed_at = 0.0
        # Time and volume of the newest tick by code
        self._seen = {}
        self._troubled = False

    def start(self, room):
        self._room = room
        self._begin()

    def ask(self, token, symbols):
        self._put(('ask', token, symbols))

    def watch(self, symbols):
        self._wanted = symbols
        self._subscribed_at = time.monotonic()
        self._put(('watch', 0, symbols))

    def turn(self, now):
        since = self._busy_since
        if since and now - since > XTDATA_DEADLINE_S:
            self._notice('行情客户端 %d 秒无应答，放弃该调用' % XTDATA_DEADLINE_S,
                         'the client did not answer for %d s: that call is given up'
                         % XTDATA_DEADLINE_S)
            jobs = list(self._jobs)
            self._begin()
            for job in jobs:
                self._put(job)
            self.watch(self._wanted)
        if self._wanted and is_trading_time(time.time()):
            if now - self._subscribed_at > SILENT_FEED_S and now - self._heard_at > SILENT_FEED_S:
                self._notice('盘中 %d 秒没有行情推送，重新订阅' % SILENT_FEED_S,
                             'no quote for %d s in trading hours: subscribing anew'
                             % SILENT_FEED_S)
                self.watch(self._wanted)
        if self._wanted and now - max(self._heard_at, self._looked_at) > self._quiet_s:
            self._looked_at = now
            if not self._jobs and not self._busy_since:
                self._put(('look', 0, self._wanted))

    # -- the thread of the package --------------------------------------------------------

    def _begin(self):
        self._life += 1
        self._busy_since = 0.0
        self._jobs = collections.deque()
        self._ready = threading.Condition()
        arguments = (self._life, self._jobs, self._ready)
        self._thread = threading.Thread(target=self._run, args=arguments, name='pankou quotes')
        self._thread.daemon = True
        self._thread.start()

    def _put(self, job):
        with self._ready:
            self._jobs.append(job)
            self._ready.notify()

    def _run(self, life, jobs, ready):
        subscribed = []
        again_at = 0.0
        while self._life == life:
            with ready:
                while not jobs:
                    ready.wait()
                job = jobs.popleft()
            self._busy_since = time.monotonic()
            try:
                self._do(life, job, subscribed)
                self._trouble_over()
            except Exception as error:
                # The package raises bare exceptions when the client is gone.
                self._trouble(error)
                if job[0] == 'ask':
                    self._tell(life, 'details', job[1], None)
                elif self._life == life and job[2] == self._wanted:
                    again_at = time.monotonic() + XTDATA_RETRY_S
            if self._life == life:
                self._busy_since = 0.0
            if again_at:
                time.sleep(max(0.0, again_at - time.monotonic()))
                again_at = 0.0
                with ready:
                    if not any(one[0] == 'watch' for one in jobs):
                        jobs.append(('watch', 0, self._wanted))

    def _do(self, life, job, subscribed):
        kind, token, symbols = job
        xtdata = xtdata_module()
        if kind == 'ask':
            self._tell(life, 'details', token, rows_of(xtdata, symbols))
            return
        if kind == 'look' and not self._look(life, xtdata, symbols):
            return
        while subscribed:
            xtdata.unsubscribe_quote(subscribed.pop())
        listed = sorted(symbols)
        if not listed:
            return
        heard = lambda data: self._on_data(life, data)
        if len(listed) <= SINGLE_MOST or self._level2:
            period = 'l2quote' if self._level2 else 'tick'
            for symbol in listed:
                # Not a keyword of every build: positions 1 to 5 are.
                seq = xtdata.subscribe_quote(symbol, period, '', '', 0, heard)
                self._check(seq, symbol)
                subscribed.append(seq)
        else:
            seq = xtdata.subscribe_whole_quote(listed, heard)
            self._check(seq, '%d' % len(listed))
            subscribed.append(seq)
        # A subscription pushes what changes: what stands now is asked for.
        for symbol, tick in full_ticks(xtdata, listed).items():
            self._seen[symbol] = mark_of(tick)
            self._tell(life, 'tick', symbol, tick)

    def _look(self, life, xtdata, symbols):
        """Whether the client has news that it did not push: a subscription that it forgot."""
        news = 0
        for symbol, tick in full_ticks(xtdata, sorted(symbols)).items():
            mark = mark_of(tick)
            if self._seen.get(symbol) == mark:
                continue
            self._seen[symbol] = mark
            self._tell(life, 'tick', symbol, tick)
            news += 1
        if news == 0 or time.monotonic() - self._heard_at < self._quiet_s:
            return False
        self._notice('行情推送中断，重新订阅', 'pushes stopped: subscribing anew')
        return True

    @staticmethod
    def _check(seq, what):
        if not isinstance(seq, int) or seq <= 0:
            raise RuntimeError('subscribe %s: %r' % (what, seq))

    def _on_data(self, life, data):
        """On the package's callback thread; nothing may get out of it."""
        try:
            self._heard_at = time.monotonic()
            for symbol, found in data.items():
                ticks = found if isinstance(found, (list, tuple)) else [found]
                for tick in ticks:
                    self._seen[symbol] = mark_of(tick)
                    self._tell(life, 'tick', symbol, tick)
        except Exception as error:
            self._trouble(error)

    def _tell(self, life, name, *arguments):
        if self._life == life:
            self._room.tell(name, *arguments)

    def _trouble(self, error):
        if self._troubled:
            return
        self._troubled = True
        self._notice('行情接口出错: %s；持续重试' % error, 'xtdata: %s; trying again' % error)

    def _trouble_over(self):
        if self._troubled:
            self._troubled = False
            self._notice('行情接口恢复', 'xtdata works again')

    def _notice(self, zh, en):
        self._room.tell('notice', zh, en)


def xtdata_module():
    """The vendor's module, without its banner."""
    from xtquant import xtdata
    xtdata.enable_hello = False
    return xtdata


def full_ticks(xtdata, symbols):
    """Newest ticks by code; a client that has just started gives none."""
    ticks = {}
    for at in range(0, len(symbols), TICKS_AT_ONCE):
        found = xtdata.get_full_tick(symbols[at:at + TICKS_AT_ONCE])
        if isinstance(found, dict):
            ticks.update(found)
    return ticks


def rows_of(xtdata, symbols):
    """Rows of details in the order of the symbols."""
    ticks = full_ticks(xtdata, symbols)
    return [detail_row(one, xtdata.get_instrument_detail(one), ticks.get(one))
            for one in symbols]


def is_trading_time(seconds):
    """Continuous trading by the clock in China; weekends are not."""
    at = time.gmtime(seconds + 8 * 3600)
    of_day = at.tm_hour * 3600 + at.tm_min * 60 + at.tm_sec
    return at.tm_wday < 5 and any(begin <= of_day < end for begin, end in TRADING_SPANS)
