# The bridge's own hard limits: the last wall before the broker, below which no engine, however
# broken, can go. Used by core.py. Always: an order is counted when it is written, before it is
# sent; cancels are never limited; what cannot be read is refused at start, whole.
from wire import *

LIMIT_DEFAULTS = {
    # Orders of an account in any second
    'ordersPerSecond': 50,
    'ordersPerDay': 20000,
    # Yuan; orders without a price count at the price at which the engine reserved them
    'orderAmount': 10000000,
    'dayAmount': 1000000000,
    # None = any; else the only symbols that may be traded
    'symbols': None,
    # Engines that tell no stage (docs/ARMING.md) may not trade here
    'requireArming': False,
}
_LIMIT_MOST = {
    'ordersPerSecond': 300,
    'ordersPerDay': 20000,
    'orderAmount': 1e11,
    'dayAmount': 1e12,
}


class SettingsError(Exception):
    """A setting is wrong; the text says which and what is expected, in both languages."""


def both(zh, en):
    """One line for people in both languages."""
    return '%s / %s' % (zh, en)


def read_limits(given):
    """Limits out of a dict of settings; raises SettingsError with all that is wrong."""
    limits = dict(LIMIT_DEFAULTS)
    wrong = []
    for key, value in sorted(given.items()):
        if key == 'symbols':
            good = value is None or (
                isinstance(value, list) and all(isinstance(one, str) for one in value))
        elif key == 'requireArming':
            good = isinstance(value, bool)
        elif key in _LIMIT_MOST:
            good = isinstance(value, (int, float)) and not isinstance(value, bool)
            good = good and 0 < value <= _LIMIT_MOST[key]
        else:
            good = False
        if good:
            limits[key] = value
        else:
            wrong.append('%s=%r' % (key, value))
    if wrong:
        raise SettingsError(both('限额设置有误: ' + ', '.join(wrong),
                                 'wrong limits: ' + ', '.join(wrong)))
    if limits['symbols'] is not None:
        limits['symbols'] = frozenset(limits['symbols'])
    return limits


class Stage(object):
    """The stage of a real account as its engine told it; amounts in 1/10,000 yuan."""

    def __init__(self, stage, order_e4, day_e4, symbols):
        # ARM_*
        self.stage = stage
        self.order_e4 = order_e4
        self.day_e4 = day_e4
        # What its pilot may trade
        self.symbols = symbols

    def refusal(self, symbol, amount_e4, placed_e4):
        """REJECT_*: whether an order may go out; placed_e4 of the day so far."""
        if self.stage == ARM_FULL:
            return REJECT_NONE
        if self.stage == ARM_SHADOW:
            return REJECT_SHADOW
        if self.stage != ARM_PILOT:
            return REJECT_DISARMED
        if symbol not in self.symbols:
            return REJECT_PILOT_LIST
        # Not above: an amount that is no number must not pass.
        good = 0 < amount_e4 <= self.order_e4 and placed_e4 + amount_e4 <= self.day_e4
        return REJECT_NONE if good else REJECT_PILOT_AMOUNT


class Gate(object):
    """The verdict over each order of one account."""

    def __init__(self, limits, closed_until):
        """closed_until: after a restart no order passes for one second, by time.monotonic()."""
        self.limits = limits
        self._closed_until = closed_until
        self._times = []

    def check(self, symbol, amount_e4, placed, placed_e4, now):
        """REJECT_*; placed and placed_e4 of the day so far. Counts the order when it passes."""
        limits = self.limits
        if limits['symbols'] is not None and symbol not in limits['symbols']:
            return REJECT_WHITE_LIST
        # Not above: an amount that is no number must not pass.
        if not 0 < amount_e4 <= limits['orderAmount'] * 10000:
            return REJECT_ORDER_AMOUNT
        if not placed_e4 + amount_e4 <= limits['dayAmount'] * 10000:
            return REJECT_DAY_AMOUNT
        if placed >= limits['ordersPerDay']:
            return REJECT_ORDERS_PER_DAY
        if now < self._closed_until:
            return REJECT_ORDER_RATE
        times = self._times
        while times and times[0] <= now - 1.0:
            times.pop(0)
        if len(times) >= limits['ordersPerSecond']:
            return REJECT_ORDER_RATE
        times.append(now)
        return REJECT_NONE
