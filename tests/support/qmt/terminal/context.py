# ContextInfo, the object that every function of a strategy is handed. Used by emulator.py.
# Always: what a strategy sets on it is gone after the next tick that does not close the bar.
import re
import time

from standin import codes

TIMER = re.compile(r'^(\d+)n(MilliSecond|Second|Minute|Hour|Day)$')
SECONDS = {'MilliSecond': 0.001, 'Second': 1, 'Minute': 60, 'Hour': 3600, 'Day': 86400}


class Timer(object):
    def __init__(self, name, run, every, due, left=None):
        self.name = name
        self.run = run
        self.every = every
        self.due = due
        # Runs that are left; None = for ever
        self.left = left


class ContextInfo(object):
    def __init__(self, terminal):
        self.__dict__['_terminal'] = terminal
        self.barpos = -1
        self.period = '1m'
        self.stockcode = '600000'
        self.market = 'SH'
        self.do_back_test = False

    # Timers

    def run_time(self, func_name, period, start_time='', market='SH'):
        found = TIMER.match(period)
        if not isinstance(func_name, str) or found is None:
            raise ValueError('run_time(%r, %r)' % (func_name, period))
        terminal = self._terminal
        every = max(terminal.floor, int(found.group(1)) * SECONDS[found.group(2)])
        scope = terminal.scope
        run = lambda context: scope[func_name](context)
        terminal.timers.append(Timer(func_name, run, every, time.monotonic() + every))

    def schedule_run(self, func, time_point, repeat_times=0, interval=None, name=''):
        terminal = self._terminal
        every = max(terminal.floor, interval.total_seconds()) if interval is not None else 3600.0
        terminal.last_schedule += 1
        number = terminal.last_schedule
        left = None if repeat_times < 0 else repeat_times + 1
        timer = Timer(name or number, func, every, time.monotonic(), left)
        timer.number = number
        terminal.timers.append(timer)
        return number

    def cancel_schedule_run(self, which):
        terminal = self._terminal
        kept = [t for t in terminal.timers if which not in (t.name, getattr(t, 'number', None))]
        found = len(kept) < len(terminal.timers)
        terminal.timers[:] = kept
        return found

    # Account and bars

    def set_account(self, account_id):
        self._terminal.set_account(account_id)

    def is_last_bar(self):
        return self._terminal.is_last_bar

    def is_new_bar(self):
        return self._terminal.is_new_bar

    # Quotes

    def get_full_tick(self, stock_code=()):
        from xtquant import xtdata
        rows = self._terminal.native.ask({'op': 'ticks', 'symbols': list(stock_code)})
        return {row['symbol']: xtdata._tick(row) for row in rows or []}

    def get_instrumentdetail(self, stock_code):
        from xtquant import xtdata
        row = self._terminal.native.ask({'op': 'detail', 'symbol': stock_code})
        return row and xtdata._detail(row, True)

    get_instrument_detail = get_instrumentdetail

    def get_stock_list_in_sector(self, name, real_timetag=-1):
        rows = self._terminal.native.ask({'op': 'ticks', 'symbols': ['SH', 'SZ', 'BJ']})
        return [row['symbol'] for row in rows or []]

    def subscribe_whole_quote(self, code_list, callback=None):
        return self._terminal.subscribe(list(code_list), callback)

    def subscribe_quote(self, stock_code, period='follow', dividend_type='none', result_type='',
                        callback=None):
        return self._terminal.subscribe([stock_code], callback)

    def unsubscribe_quote(self, number):
        self._terminal.subscriptions.pop(number, None)


def price_kind(price_type, market):
    """The counter's kind of a prType, or None when this market does not take it."""
    kind = codes.KIND_OF_PRICE_TYPE.get(price_type)
    if market not in codes.MARKETS_OF_PRICE_TYPE.get(price_type, (market,)):
        return None
    return kind
