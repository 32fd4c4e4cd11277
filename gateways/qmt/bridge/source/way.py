# The seam between the bridge's core and a broker's client ("way"): rows, orders and events.
# Way A is way_xtquant.py (miniQMT), way B way_terminal.py (full terminal). Read by core.py.
#
# THREADS. The core has one thread ("core thread"; for B the strategy thread, which calls
# core.turn() from its timer). All methods of a way are called on it and must return at once:
# whatever may block goes to a thread of the way's own (A), or is done piecewise in turn() (B).
# A way speaks to the core by core.tell(name, ...) only, from any thread, at any time; the core
# takes what was told in that order, on its own thread, in its next turn (it is woken).
#
# A WAY HAS
#   name            'xtquant', 'terminal'
#   takes_credit    True: place() gets margin and short orders too (order.credit != 0)
#   start(core)             begins to connect, and again for ever after every loss
#   turn(now)               called in every turn of the core (now = time.monotonic()): deadlines,
#                           polls, vendor calls that must run on this thread
#   place(account, order)   order: Order below; hands it to the client, answers nothing.
#                           Exactly one 'placed' or 'unsent' must follow, within the way's own
#                           deadline; pushes may come before it
#   cancel(account, known)  known: journal.Known with known.order_no != 0; only a failure is told
#                           ('cancel_error')
#   query(account, kind, token)  kind: QUERY_ORDERS|TRADES|POSITIONS|CASH of wire.py; exactly one
#                           'rows' with that token must follow, within the way's own deadline
#   capabilities()          dict for the welcome message: versions, kinds, what it cannot do
#   stop()                  the process ends
#
# WHAT IT TELLS: core.tell(name, *arguments)
#   'connected', day                    client up and accounts logged in; day = trading day 20260109
#   'disconnected', zh, en              client or account lost, and why
#   'placed', account, remark, order_no, why   order_no > 0: the client has it under this number;
#                                       0: the call failed or had no answer, IT MAY BE ALIVE
#                                       (why = text for people, '' when order_no > 0)
#   'unsent', account, remark, code     the client was never called (kill, no connection): proof
#   'refused', account, remark, zh, en  the client itself refused it by an event of its own and
#                                       the way has proven that no order came of it
#   'order', account, OrderRow          a push; foreign orders as well
#   'trade', account, TradeRow          a push
#   'cancel_error', account, order_no, text
#   'rows', token, rows                 list of rows of the kind asked for (cash: one CashRow);
#                                       None = failed, or empty without proof
#   'alarm', zh, en                     for people: an unknown status, a margin ratio, ...
#
# MAY ASK THE CORE (any thread): core.is_killed(account) right before each vendor call of an order;
# core.settings (Settings); core.log(zh, en).
#
# NUMBERS. order_no and trade_no are whole numbers below 2**53; number_of() makes one of a text
# that the counter calls a number. Prices 1/10,000 yuan, quantities shares, amounts 1/10,000 yuan.
import time
import zlib

# Numbers from texts that are not plain numbers lie above this.
_TEXT_NUMBERS = 2 ** 52


class Order(object):
    """An order for the broker. remark: 16 ASCII characters, alone in the vendor's remark."""

    __slots__ = ('remark', 'symbol', 'side', 'kind', 'price', 'qty', 'credit')

    def __init__(self, remark, symbol, side, kind, price, qty, credit):
        self.remark = remark
        self.symbol = symbol
        # 1 buys, 2 sells (SIDE_*)
        self.side = side
        # KIND_*
        self.kind = kind
        # 1/10,000 yuan; 0 for kinds without a price
        self.price = price
        self.qty = qty
        # INTENT_MARGIN, INTENT_SHORT or 0
        self.credit = credit


class OrderRow(object):
    """An order as the broker lists or pushes it. remark '' = not known. status: STATUS_*."""

    __slots__ = (
        'remark', 'symbol', 'side', 'kind', 'price', 'qty',
        'order_no', 'filled', 'cancelled', 'status', 'text',
    )

    def __init__(self, remark, symbol, side, kind, price, qty,
                 order_no, filled, cancelled, status, text=''):
        self.remark = remark
        self.symbol = symbol
        self.side = side
        self.kind = kind
        self.price = price
        self.qty = qty
        # The broker's number, never 0
        self.order_no = order_no
        self.filled = filled
        self.cancelled = cancelled
        self.status = status
        # Reason in the broker's words, '' = none
        self.text = text


class TradeRow(object):
    """A fill. trade_no is unique per account, instrument, side and day."""

    __slots__ = ('remark', 'symbol', 'side', 'price', 'qty', 'order_no', 'trade_no')

    def __init__(self, remark, symbol, side, price, qty, order_no, trade_no):
        self.remark = remark
        self.symbol = symbol
        self.side = side
        self.price = price
        self.qty = qty
        # 0 = the push did not say; then remark must
        self.order_no = order_no
        self.trade_no = trade_no


class PositionRow(object):
    __slots__ = ('symbol', 'qty', 'sellable', 'cost')

    def __init__(self, symbol, qty, sellable, cost):
        self.symbol = symbol
        self.qty = qty
        self.sellable = sellable
        # Shares times average cost
        self.cost = cost


class CashRow(object):
    __slots__ = ('cash', 'available', 'frozen')

    def __init__(self, cash, available, frozen):
        # All cash, the frozen part included
        self.cash = cash
        self.available = available
        self.frozen = frozen


def number_of(text):
    """A whole number below 2**53 for a counter's number text; the same for the same text."""
    if isinstance(text, int):
        return text
    text = str(text)
    if text.isdigit() and len(text) < 16 and (text == '0' or text[0] != '0'):
        return int(text)
    # Other texts ('0012', 'A-17'): two CRCs make 52 bits; never equal to a plain number.
    data = text.encode('utf-8')
    low = zlib.crc32(data) & 0xffffffff
    high = zlib.crc32(data, 0x5bd1e995) & 0xfffff
    return _TEXT_NUMBERS + high * 4294967296 + low


def price_e4(yuan):
    """1/10,000 yuan of a float in yuan, rounded."""
    return int(round(float(yuan) * 10000))


def china_day(seconds):
    """Trading-day number (20260109) of Unix seconds, by the China clock."""
    at = time.gmtime(seconds + 8 * 3600)
    return at.tm_year * 10000 + at.tm_mon * 100 + at.tm_mday


def told_once(trades):
    """Trades of a list without those that it shows twice: same number, instrument, side, order, price
    and quantity. One number with two meanings stays, and the lists are not even."""
    seen = set()
    rows = []
    for row in trades:
        key = (row.trade_no, row.symbol, row.side, row.order_no, row.price, row.qty)
        if key not in seen:
            seen.add(key)
            rows.append(row)
    return rows


def even_lists(read_orders, read_trades, tries, patience_s):
    """(orders, trades): two lists in which every order has as much filled as its trades add up to,
    although both change while they are read; trades None = not to be had, or not in time (nothing
    more is read after patience_s). Each reader gives rows, or None. Every row is one that the client told: of an order that moved between two readings the
    row that its trades fit, read before the trades or behind them. Where none fits (a stale list)
    the lists stay as they are, and whoever compares them sees it."""
    end = time.monotonic() + patience_s
    orders = read_orders()
    trades = read_trades() if orders is not None and time.monotonic() < end else None
    if trades is None:
        return orders, None
    for _ in range(tries):
        sums = {}
        for trade in trades:
            sums[trade.order_no] = sums.get(trade.order_no, 0) + trade.qty
        if is_even(orders, sums) or time.monotonic() >= end:
            return orders, trades
        later = read_orders()
        if later is None:
            return orders, trades
        mixed = mix_orders(orders, later, sums)
        if is_even(mixed, sums):
            return mixed, trades
        orders = later
        again = read_trades() if time.monotonic() < end else None
        if again is None:
            return orders, trades
        trades = again
    return orders, trades


def is_even(orders, sums):
    """Whether trades, added up by order number, are what the orders say is filled."""
    listed = 0
    for row in orders:
        filled = sums.get(row.order_no, 0)
        if row.filled != filled:
            return False
        listed += filled
    return listed == sum(sums.values())


def mix_orders(before, later, sums):
    """The later list, with rows of the one before where only they fit the trades; an order that
    came between the two and fits in neither is left out, as the earlier list has it."""
    earlier = dict((row.order_no, row) for row in before)
    rows = []
    for row in later:
        filled = sums.get(row.order_no, 0)
        old = earlier.get(row.order_no)
        if row.filled != filled and old is not None and old.filled == filled:
            row = old
        elif row.filled != filled and old is None and filled == 0:
            continue
        rows.append(row)
    return rows
