# The strategy that is bridge B: what the terminal calls (init, timer, callbacks), each wrapped, each
# giving the core a turn. Settings come from a JSON file: the environment's PANKOU_BRIDGE_CONFIG, else
# pankou_terminal.json in the user's folder, else C:\pankou\terminal.json.
# Always: one bridge in one terminal, whatever often init runs and in whichever module: the one of
# before is found in sys.modules, ended, and its journal on disk tells the next what was sent.
import io
import json
import os
import sys
import time
import traceback
import types
from wire import *
from guard import SettingsError, both
from core import Core, Settings
from quotes import QuoteRoom
from quotes_terminal import TerminalQuotes
from way_terminal import CACHE_S, MARGIN_LOW, UNSEEN_S, TerminalTerms, TerminalWay

TICK_NAME = 'pankou_tick'
# The terminal's timer is not faster than about this.
TICK_MS = 100
TICK_START = '2020-01-01 09:00:00'
# One call of the terminal keeps its strategy thread no longer than this.
TICK_BUDGET_S = 0.05
# Turns in callbacks take at most this of each tenth of a second: a client that tells a whole day
# again must not lose its strategy thread to us. What is left waits for the next tick.
CALLBACK_BUDGET_S = 0.03
CALLBACK_WINDOW_S = 0.1
HOLDER = '_pankou_terminal_bridge'
SETTING_KEYS = frozenset((
    'account', 'accountType', 'name', 'accounts', 'host', 'port', 'listen', 'secretFile', 'dir',
    'limits', 'day', 'cacheSeconds', 'unseenSeconds', 'tickMs', 'credit'))
TERMS_KEYS = frozenset(('name', 'account', 'accountType', 'credit'))
TERMINAL_PORT = 7801


def terminal_config():
    """Path of the settings; SettingsError naming where it was looked for."""
    places = [os.environ.get('PANKOU_BRIDGE_CONFIG', ''),
              os.path.join(os.path.expanduser('~'), 'pankou_terminal.json'),
              'C:\\pankou\\terminal.json']
    for place in places:
        if place and os.path.isfile(place):
            return place
    shown = ', '.join(place for place in places if place)
    raise SettingsError(both('\u6ca1\u6709\u914d\u7f6e\u6587\u4ef6: %s' % shown,
                             'no settings file at %s' % shown))


def read_terminal_settings(path):
    """(Settings, TerminalWay, timer in ms) out of the file; SettingsError with what is wrong."""
    try:
        with io.open(path, 'rb') as source:
            data = source.read()
        try:
            given = json.loads(data.decode('utf-8-sig'))
        except UnicodeDecodeError:
            given = json.loads(data.decode('gb18030'))
    except (OSError, ValueError) as error:
        raise SettingsError(both('\u914d\u7f6e\u6587\u4ef6 %s \u65e0\u6cd5\u8bfb\u53d6: %s' % (path, error),
                                 'cannot read the settings in %s: %s' % (path, error)))
    unknown = sorted(set(given) - SETTING_KEYS)
    if unknown:
        raise SettingsError(both('\u672a\u77e5\u7684\u8bbe\u7f6e: %s' % ', '.join(unknown),
                                 'unknown settings: %s' % ', '.join(unknown)))
    listed = given.get('accounts')
    if listed is None:
        listed = [dict((key, given[key]) for key in TERMS_KEYS if key in given)]
    terms = [terminal_terms(one) for one in listed]
    for key in ('secretFile', 'dir'):
        if not given.get(key):
            raise SettingsError(both('\u7f3a\u5c11 %s' % key, '%s is missing' % key))
    host = str(given.get('host', '127.0.0.1'))
    listen = given.get('listen') or 'tcp:%s:%s' % (host, given.get('port', TERMINAL_PORT))
    names = [one.name for one in terms]
    settings = Settings(str(given['dir']), str(listen), str(given['secretFile']), names,
                        given.get('limits', {}))
    way = TerminalWay(terms, int(given.get('day', 0)), float(given.get('cacheSeconds', CACHE_S)),
                      float(given.get('unseenSeconds', UNSEEN_S)))
    return settings, way, int(given.get('tickMs', TICK_MS))


def terminal_terms(one):
    number = str(one.get('account', '') or '')
    kind = str(one.get('accountType', 'STOCK') or 'STOCK').upper()
    credit = one.get('credit', {})
    if number == '' or set(one) - TERMS_KEYS or kind not in ('STOCK', 'CREDIT'):
        raise SettingsError(both(
            '\u8d26\u6237\u8bbe\u7f6e\u6709\u8bef %s: \u9700\u8981 account' % one,
            'wrong account %s: needs account (its number), may have name, accountType (STOCK or '
            'CREDIT), credit' % one))
    name = str(one.get('name', '') or number)
    return TerminalTerms(name, number, kind, credit.get('financing') is True,
                         credit.get('shortSelling') is True,
                         float(credit.get('marginWarn', MARGIN_LOW)))


def terminal_line(text):
    """One line into the strategy's log window."""
    try:
        print('%s pankou: %s' % (time.strftime('%H:%M:%S'), text))
        sys.stdout.flush()
    except (AttributeError, ValueError, OSError, UnicodeEncodeError):
        pass


class TerminalBridge(object):
    """The running bridge: gives the core its turns and never lets an error out."""

    def __init__(self, context):
        settings, self.way, self.tick_ms = read_terminal_settings(terminal_config())
        self.core = Core(settings, self.way, terminal_line)
        self.way.context = context
        feed = TerminalQuotes(self.way)
        self.core.add_room('quotes', QuoteRoom(self.core, feed, self.way._fixed_day))
        self._window_at = 0.0
        self._spent = 0.0
        self._is_turning = False
        self._ended = False
        self._failed_at = 0.0
        self.core.start()

    @property
    def numbers(self):
        return [terms.number for terms in self.way._terms.values()]

    def tick(self, context):
        """Takes all that has come, makes all calls there are."""
        self.way.context = context
        end = time.monotonic() + TICK_BUDGET_S
        self.turn()
        while (self.way.is_busy or self.core.is_paging) and time.monotonic() < end:
            self.turn()
        # What the calls came to leaves now, not at the next tick.
        self.turn()

    def hear(self, context, name, *arguments):
        """A callback of the terminal."""
        self.way.context = context
        try:
            getattr(self.way, name)(*arguments)
        except Exception:
            self._tell_error(name)
        started = time.monotonic()
        if started - self._window_at > CALLBACK_WINDOW_S:
            self._window_at = started
            self._spent = 0.0
        if self._spent < CALLBACK_BUDGET_S:
            self.turn()
            self._spent += time.monotonic() - started

    def turn(self):
        # A callback may come in the middle of a call.
        if self._is_turning or self._ended:
            return
        self._is_turning = True
        try:
            self.core.turn(0)
        except Exception:
            self._tell_error('turn')
        finally:
            self._is_turning = False

    def end(self):
        self._ended = True
        try:
            self.core.stop()
        except Exception:
            self._tell_error('end')

    def _tell_error(self, where):
        if time.monotonic() - self._failed_at < 1.0:
            return
        self._failed_at = time.monotonic()
        terminal_line(both('%s \u51fa\u9519' % where, 'error in %s' % where))
        terminal_line(traceback.format_exc())


def bridge_holder():
    """Where the running bridge is kept over init and reloads of this file."""
    holder = sys.modules.get(HOLDER)
    if holder is None:
        holder = types.ModuleType(HOLDER)
        holder.bridge = None
        sys.modules[HOLDER] = holder
    return holder


def init(C):
    holder = bridge_holder()
    if holder.bridge is not None:
        terminal_line(both('\u7b56\u7565\u91cd\u65b0\u521d\u59cb\u5316', 'the strategy begins anew'))
        holder.bridge.end()
        holder.bridge = None
    try:
        holder.bridge = TerminalBridge(C)
    except SettingsError as error:
        terminal_line(str(error))
        return
    for number in holder.bridge.numbers:
        C.set_account(number)
    period = '%dnMilliSecond' % holder.bridge.tick_ms
    C.run_time(TICK_NAME, period, TICK_START, 'SH')


def pankou_tick(C):
    bridge = bridge_holder().bridge
    if bridge is not None:
        bridge.tick(C)


def handlebar(C):
    pass


def stop(C):
    # The trading link is closed already: only the sockets and the journal are ended.
    holder = bridge_holder()
    if holder.bridge is not None:
        holder.bridge.end()
        holder.bridge = None


def order_callback(C, order):
    bridge = bridge_holder().bridge
    if bridge is not None:
        bridge.hear(C, 'on_order', order)


def deal_callback(C, deal):
    bridge = bridge_holder().bridge
    if bridge is not None:
        bridge.hear(C, 'on_deal', deal)


def orderError_callback(C, args, message):
    bridge = bridge_holder().bridge
    if bridge is not None:
        bridge.hear(C, 'on_order_error', args, message)
