# The emulated terminal of tests/support/qmt with a counter that answers at once: an order's contract
# number is the moment at which passorder was called, ns of the monotonic clock. Started by
# bench/qmt-terminal.bench.ts with the emulator's own arguments (timer floor, stalls).
import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '../../tests/support/qmt'))

from terminal import emulator  # noqa: E402

DAY_MS = 1767576600000


class AtOnce(object):
    """Takes the place of terminal/native.py: every call has its answer, nothing waits."""

    def __init__(self, folder, session, accounts, on_push, on_day):
        self._on_push = on_push
        self._on_day = on_day
        self._changed = []
        self.is_up = False
        self.day = 20260105

    def poll(self, seconds):
        if not self.is_up:
            self.is_up = True
            self._on_day(0, self.day)
        if seconds > 0:
            time.sleep(seconds)

    def call(self, message, on_answer=None):
        op = message['op']
        if op == 'place':
            self._place(message['account'], message['order'])
        elif op == 'changes':
            rows, self._changed = self._changed, []
            on_answer({'orders': rows, 'trades': [], 'orderAt': 0, 'tradeAt': 0})
        elif op == 'positions':
            on_answer([])
        elif op == 'cash':
            on_answer({'cashE4': 10 ** 11, 'availableE4': 10 ** 11, 'frozenE4': 0,
                       'marketValueE4': 0})
        return True

    def ask(self, message, seconds=1.0):
        return None

    def _place(self, account, order):
        called = time.perf_counter_ns()
        row = dict(order, orderNo=called, sysid=str(called), status=3, filledQty=0,
                   cancelledQty=0, amountE4=0, timeMs=DAY_MS, message='')
        self._changed.append(row)
        self._on_push({'t': 'order', 'account': account, 'row': row})


emulator.Native = AtOnce
emulator.main()
