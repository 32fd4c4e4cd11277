# The strategy environment of the full terminal, as a process of its own:
#   python3 emulator.py STRATEGY.py --client DIR --account ID[:CREDIT] [--account ...]
#     [--mode live|signal] [--cache-ms 50] [--floor-ms 100] [--reinit keep|fresh]
#     [--stall-every S --stall-ms 500] [--greedy] [--seed N]
# Runs an unmodified strategy file in one strategy thread (this process's main thread): init,
# after_init, handlebar for some old bars and then every --bar-seconds, timers not faster than the
# floor, callbacks of the first account that set_account named. Lists are a cache; off the strategy
# thread they are empty. passorder gives nothing back, and a pop-up leaves neither order nor callback.
# --stall-every: about so often something in the terminal holds the interpreter lock for --stall-ms.
# --greedy: the terminal holds the lock between two calls and seldom lets a strategy's threads run.
# A new day of the counter runs init again: in the same globals (keep) or in new ones (fresh).
# Prints `READY` once init is done and `VIOLATION ...` for what a real terminal would not forgive.
import argparse
import collections
import ctypes
import os
import random
import sys
import threading
import time
import traceback

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))

from standin import codes  # noqa: E402
from terminal import objects  # noqa: E402
from terminal.context import ContextInfo, price_kind  # noqa: E402
from terminal.native import Native  # noqa: E402

REMARK_MAX = 23
OLD_BARS = 3
TICKS_A_BAR = 20
ASK_AGAIN_S = 2.0
# A call through PyDLL keeps the interpreter lock.
_HOLD = ctypes.PyDLL(None).usleep
GREEDY_SLICE_US = 2000
GREEDY_TURN_S = 0.5


class Cache(object):
    """What get_trade_detail_data shows of one account."""

    def __init__(self):
        self.orders = collections.OrderedDict()
        self.deals = []
        # Objects made of them, when first asked for
        self.shown = collections.OrderedDict()
        self.shown_deals = []
        self.positions = []
        self.cash = None
        self.credit = None
        self.order_at = 0
        self.trade_at = 0
        self.is_asked = False
        self.asked_at = 0.0

    def order_objects(self, account):
        for number, made in self.shown.items():
            if made is None:
                self.shown[number] = objects.make_order(account, self.orders[number])
        return list(self.shown.values())

    def deal_objects(self, account):
        shown = self.shown_deals
        at = len(shown)
        while at > 0 and shown[at - 1] is None:
            at -= 1
            shown[at] = objects.make_deal(account, self.deals[at])
        return list(shown)


class Terminal(object):
    def __init__(self, options):
        self.options = options
        self.floor = options.floor_ms / 1000.0
        self.accounts = collections.OrderedDict()
        for text in options.account:
            name, _, kind = text.partition(':')
            self.accounts[name] = kind or 'STOCK'
        self.is_live = options.mode == 'live'
        self.thread = threading.current_thread()
        self.random = random.Random(options.seed)
        self.scope = {}
        self.timers = []
        self.last_schedule = 0
        self.subscriptions = {}
        self.events = collections.deque()
        self.caches = {name: Cache() for name in self.accounts}
        self.cached_at = 0.0
        self.called_back = ''
        self.is_last_bar = False
        self.is_new_bar = False
        self.in_bar = False
        self.waiting_orders = []
        self.ticks = 0
        self.looked_at = 0.0
        self.is_ready = False
        self.context = ContextInfo(self)
        self.kept = {}
        self.native = Native(options.client, options.session, self.accounts,
                             self._on_push, self._on_day)
        self.stalled_at = time.monotonic()
        self.bar_at = time.monotonic()
        self.let_at = time.monotonic()

    # Life

    def run(self):
        while not self.native.is_up:
            self.native.poll(0.02)
        self._load()
        self._begin()
        while True:
            self._wait()
            self._renew_cache()
            self._run_events()
            self._run_timers()
            self._run_bar()
            self._stall()
            self._look_for_hand()

    def _look_for_hand(self):
        """A file `reinit` in the client's folder (keep or fresh): init again, as at a new day."""
        now = time.monotonic()
        if now - self.looked_at < 0.05:
            return
        self.looked_at = now
        path = os.path.join(self.options.client, 'reinit')
        if os.path.exists(path):
            with open(path) as source:
                self.options.reinit = source.read() or self.options.reinit
            os.remove(path)
            self._begin_again()

    def _begin_again(self):
        self.events.clear()
        if self.options.reinit == 'fresh':
            self.timers[:] = []
            self._load()
        self._begin()

    def _load(self):
        with open(self.options.strategy, 'rb') as source:
            data = source.read()
        if not data.startswith(b'#coding:gbk'):
            raise SystemExit('strategy: the first line must be #coding:gbk')
        text = data.decode('gbk')
        if '\n\t' in text and '\n    ' in text:
            raise SystemExit('strategy: tabs and spaces are mixed')
        self.scope = {
            '__name__': '__strategy__', '__builtins__': __builtins__,
            'passorder': self.passorder, 'cancel': self.cancel,
            'get_trade_detail_data': self.get_trade_detail_data,
            'get_last_order_id': self.get_last_order_id,
            'get_value_by_order_id': self.get_value_by_order_id,
        }
        exec(compile(text, 'strategy', 'exec'), self.scope)

    def _begin(self):
        self.context = ContextInfo(self)
        self._call('init', self.context)
        self._call('after_init', self.context)
        for bar in range(OLD_BARS):
            self.context.barpos = bar
            self._call('handlebar', self.context)
        self.is_last_bar = True
        self.kept = dict(self.context.__dict__)
        self.is_ready = True
        print('READY', flush=True)

    def stop(self):
        # The trading link is closed before stop is called.
        self.is_live = False
        self._call('stop', self.context)

    def _call(self, name, *arguments):
        function = self.scope.get(name)
        if function is None:
            return
        try:
            function(*arguments)
        except Exception:
            print('STRATEGY ERROR in %s' % name, flush=True)
            traceback.print_exc()

    def _wait(self):
        due = min([timer.due for timer in self.timers] + [self.bar_at + self.options.bar_seconds])
        due = min(due, self.cached_at + self.options.cache_ms / 1000.0)
        left = 0 if self.events else max(0.0, min(0.05, due - time.monotonic()))
        if not self.options.greedy:
            self.native.poll(left)
            return
        end = time.monotonic() + left
        while time.monotonic() < end:
            _HOLD(GREEDY_SLICE_US)
            self.native.poll(0)
        if time.monotonic() - self.let_at > GREEDY_TURN_S:
            self.let_at = time.monotonic()
            time.sleep(0.0005)

    def _stall(self):
        every = self.options.stall_every
        now = time.monotonic()
        if every > 0 and now - self.stalled_at > every * (0.5 + self.random.random()):
            self.stalled_at = now
            _HOLD(int(self.options.stall_ms * 1000))

    def _run_timers(self):
        now = time.monotonic()
        for timer in list(self.timers):
            if timer.due > now or timer not in self.timers:
                continue
            # A late timer is not made up for.
            timer.due = max(timer.due + timer.every, now + timer.every / 2)
            if timer.left is not None:
                timer.left -= 1
                if timer.left <= 0:
                    self.timers.remove(timer)
            try:
                timer.run(self.context)
            except Exception:
                print('STRATEGY ERROR in %s' % timer.name, flush=True)
                traceback.print_exc()

    def _run_bar(self):
        now = time.monotonic()
        if now - self.bar_at < self.options.bar_seconds:
            return
        self.bar_at = now
        self.ticks += 1
        self.is_new_bar = self.ticks % TICKS_A_BAR == 0
        if self.is_new_bar:
            self.kept = dict(self.context.__dict__)
            self._send_waiting()
        else:
            self.context.__dict__.clear()
            self.context.__dict__.update(self.kept)
        self.in_bar = True
        self._call('handlebar', self.context)
        self.in_bar = False

    def _run_events(self):
        for _ in range(len(self.events)):
            name, arguments = self.events.popleft()
            self._call(name, self.context, *arguments)
            if name == 'order_callback':
                # One bridge had both names and heard everything twice.
                self._call('on_order', self.context, *arguments)

    # From the counter

    def _on_day(self, before, day):
        for cache in self.caches.values():
            cache.is_asked = False
        self.cached_at = 0.0
        if before == 0 or before == day or not self.is_ready:
            return
        self.caches = {name: Cache() for name in self.accounts}
        self._begin_again()

    def _on_push(self, message):
        what = message['t']
        if what == 'ticks':
            self._on_ticks(message['ticks'])
            return
        account = message.get('account')
        if not self.is_live or account != self.called_back:
            return
        if what == 'order':
            self.events.append(('order_callback', (objects.make_order(account, message['row']),)))
        elif what == 'trade':
            self.events.append(('deal_callback', (objects.make_deal(account, message['row']),)))
        elif what == 'order-error':
            self._on_order_error(account, message)

    def _on_order_error(self, account, message):
        row = self.caches[account].orders.get(message['orderNo'], {})
        args = objects.Detail(
            opType=23 if row.get('side', 1) == 1 else 24, orderType=1101, accountID=account,
            orderCode=row.get('symbol', ''), prType=11, modelPrice=row.get('priceE4', 0) / 10000.0,
            modelVolume=row.get('qty', 0),
            strategyName='%s_&&&_%s' % (row.get('strategy', ''), row.get('remark', '')))
        self.events.append(('orderError_callback', (args, message['text'])))

    def _on_ticks(self, ticks):
        from xtquant import xtdata
        for symbols, callback in list(self.subscriptions.values()):
            wanted = {row['symbol']: xtdata._tick(row) for row in ticks
                      if xtdata._wants(symbols, row['symbol'])}
            if wanted and callback is not None:
                callback(wanted)

    def subscribe(self, symbols, callback):
        number = len(self.subscriptions) + 1
        self.subscriptions[number] = (symbols, callback)
        self.native.call({'op': 'watch', 'symbols': symbols})
        return number

    def _renew_cache(self):
        now = time.monotonic()
        if now - self.cached_at < self.options.cache_ms / 1000.0 or not self.native.is_up:
            return
        self.cached_at = now
        for account, cache in self.caches.items():
            if cache.is_asked and now - cache.asked_at < ASK_AGAIN_S:
                continue
            cache.is_asked = True
            cache.asked_at = now
            native = self.native
            call = {'op': 'changes', 'account': account,
                    'orderAt': cache.order_at, 'tradeAt': cache.trade_at}
            native.call(call, lambda value, cache=cache, call=call:
                        self._on_changes(cache, call, value))
            native.call({'op': 'positions', 'account': account},
                        lambda value, cache=cache: self._on_list(cache, 'positions', value))
            native.call({'op': 'cash', 'account': account},
                        lambda value, cache=cache: self._on_list(cache, 'cash', value))
            if self.accounts[account] == 'CREDIT':
                native.call({'op': 'credit', 'account': account},
                            lambda value, cache=cache: self._on_list(cache, 'credit', value))

    def _on_changes(self, cache, call, value):
        # Asked again behind a counter that stood still: the second answer tells the same once more.
        if call['orderAt'] != cache.order_at or call['tradeAt'] != cache.trade_at:
            return
        cache.is_asked = False
        if value is None:
            return
        for row in value['orders']:
            cache.orders[row['orderNo']] = row
            cache.shown[row['orderNo']] = None
        cache.deals.extend(value['trades'])
        cache.shown_deals.extend([None] * len(value['trades']))
        cache.order_at = value['orderAt']
        cache.trade_at = value['tradeAt']

    def _on_list(self, cache, name, value):
        if value is not None:
            setattr(cache, name, value)

    # What a strategy calls

    def set_account(self, account):
        if account not in self.accounts:
            print('VIOLATION set_account of an unknown account', flush=True)
        elif self.called_back == '':
            self.called_back = account

    def _off_thread(self, what):
        if threading.current_thread() is self.thread:
            return False
        print('VIOLATION %s off the strategy thread' % what, flush=True)
        return True

    def passorder(self, op_type, order_type, account, code, price_type, price, volume,
                  strategy='', quick_trade=0, user_order_id='', context=None):
        if self._off_thread('passorder'):
            return
        if not self.is_live or account not in self.accounts or not self.native.is_up:
            return
        credit = self.accounts[account] == 'CREDIT'
        terms = (codes.TERMINAL_CREDIT if credit else codes.TERMINAL_STOCK).get(op_type)
        kind = price_kind(price_type, code[-2:])
        if terms is None or kind is None or order_type != 1101 or volume <= 0:
            # A pop-up tells a person; the strategy hears nothing.
            print('POP-UP %s %s %s %s' % (op_type, order_type, code, price_type), flush=True)
            return
        order = {
            'remark': codes.cut_remark(user_order_id, REMARK_MAX), 'strategy': strategy,
            'symbol': code, 'side': terms[0], 'credit': terms[1], 'kind': kind,
            'qty': int(volume), 'priceE4': max(0, int(round(price * 10000))),
        }
        call = {'op': 'place', 'account': account, 'order': order}
        if quick_trade == 2 or (quick_trade == 1 and self.in_bar):
            self.native.call(call)
        elif quick_trade == 0:
            self.waiting_orders.append(call)

    def _send_waiting(self):
        for call in self.waiting_orders:
            self.native.call(call)
        self.waiting_orders = []

    def cancel(self, sysid, account, account_type, context=None):
        if self._off_thread('cancel') or not self.is_live:
            return False
        if self.accounts.get(account) != account_type.upper():
            return False
        for number, row in self.caches[account].orders.items():
            if row['sysid'] == sysid and sysid != '':
                return self.native.call({'op': 'cancel', 'account': account, 'orderNo': number})
        # Known by a push before the cache has it.
        digits = sysid[-7:]
        if len(sysid) < 8 or not sysid.isdigit():
            return False
        return self.native.call({'op': 'cancel', 'account': account, 'orderNo': int(digits)})

    def get_trade_detail_data(self, account, account_type, kind, strategy=''):
        if threading.current_thread() is not self.thread:
            return []
        if self.accounts.get(account) != account_type.upper():
            return []
        cache = self.caches[account]
        kind = kind.upper()
        if kind == 'ORDER':
            return [one for one in cache.order_objects(account)
                    if strategy in ('', one.m_strStrategyName)]
        if kind == 'DEAL':
            return cache.deal_objects(account)
        if kind == 'POSITION':
            return [objects.make_position(account, row) for row in cache.positions]
        if kind == 'ACCOUNT' and cache.cash is not None:
            return [objects.make_account(account, cache.cash, self.native.is_up, cache.credit)]
        return []

    def get_last_order_id(self, account, account_type, kind, strategy=''):
        rows = self.get_trade_detail_data(account, account_type, kind, strategy)
        return rows[-1].m_strOrderSysID if rows else '-1'

    def get_value_by_order_id(self, number, account, account_type, kind):
        for row in self.get_trade_detail_data(account, account_type, kind):
            if row.m_strOrderSysID == number:
                return row
        return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('strategy')
    parser.add_argument('--client', required=True)
    parser.add_argument('--account', action='append', required=True)
    parser.add_argument('--mode', choices=('live', 'signal'), default='live')
    parser.add_argument('--session', type=int, default=9001)
    parser.add_argument('--cache-ms', type=float, default=50)
    parser.add_argument('--floor-ms', type=float, default=100)
    parser.add_argument('--bar-seconds', type=float, default=3)
    parser.add_argument('--reinit', choices=('keep', 'fresh'), default='keep')
    parser.add_argument('--stall-every', type=float, default=0)
    parser.add_argument('--stall-ms', type=float, default=500)
    parser.add_argument('--greedy', action='store_true')
    parser.add_argument('--seed', type=int, default=1)
    terminal = Terminal(parser.parse_args())
    try:
        terminal.run()
    except KeyboardInterrupt:
        terminal.stop()


if __name__ == '__main__':
    main()
