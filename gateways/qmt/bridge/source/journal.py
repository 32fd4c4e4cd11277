# What the bridge has done, per account and day, on disk before it is done: requests before the
# vendor call, fences before they are answered, kills before they act. Used by core.py only.
# The same bytes as gateways/bridge/journal.ts: `pankou journal verify|dump` read it.
# Always: an id is known from before its vendor call for ever after; the fence of a day never
# falls; the kill flag holds over days; when flush() says False, nothing of its batch may be done.
import os
from wire import *
from segments import JournalError, JournalFile, JournalScan, sync_folder

_SUFFIX = {MARKET_SSE: '.SH', MARKET_SZSE: '.SZ', MARKET_BSE: '.BJ'}
_MARKET = {'SH': MARKET_SSE, 'SZ': MARKET_SZSE, 'BJ': MARKET_BSE}


def check_word(a, b, c):
    """Fourth word of a client order id, as engine/core/order-id.ts makes it."""
    h = (a * 0x9e3779b1 ^ b * 0x85ebca6b ^ c * 0xc2b2ae35) & 0xffffffff
    h = (h ^ h >> 15) * 0x27d4eb2f & 0xffffffff
    h = (h ^ h >> 13) | 1
    return h - 4294967296 if h >= 2147483648 else h


def parse_symbol(symbol):
    """(market, code) of '600000.SH'; raises ValueError."""
    code, dot, end = symbol.partition('.')
    if len(code) != 6 or not code.isdigit() or end not in _MARKET:
        raise ValueError('symbol %r, expected 600000.SH' % symbol)
    return _MARKET[end], int(code)


def symbol_of(market, code):
    return '%06d%s' % (code, _SUFFIX.get(market, '.??'))


class Known(object):
    """One client order id and what became of it."""

    __slots__ = (
        'a', 'b', 'c', 'symbol', 'side', 'kind', 'price', 'qty', 'value', 'strategy',
        'intent_no', 'state', 'code', 'order_no', 'filled', 'ended',
    )

    def __init__(self, a, b, c, symbol='', side=0, kind=0, price=0, qty=0, value=0,
                 strategy=0, intent_no=0):
        self.a = a
        self.b = b
        self.c = c
        self.symbol = symbol
        self.side = side
        self.kind = kind
        self.price = price
        self.qty = qty
        self.value = value
        self.strategy = strategy
        self.intent_no = intent_no
        self.state = BRIDGE_HANDED_OVER
        self.code = 0
        # The broker's number; 0 = not known
        self.order_no = 0
        # As far as this process was told
        self.filled = 0
        self.ended = False


class BridgeJournal(object):
    """The journal of one account's day and what it says: ids, fence, kill flag, counters."""

    def __init__(self, root, account, index, day):
        self.account = index
        self.day = day
        self.orders = {}
        # Lowest epoch that may still send, and the engine that has it
        self.fence = 0
        self.fenced_engine = 0
        self.killed = False
        # Of the day, counted when written: conservative over crashes
        self.placed = 0
        self.placed_e4 = 0
        self._symbols = []
        self._index_of = {}
        before = newest_before(root, account, day)
        if before != '':
            JournalScan(os.path.join(root, before), self._carry_over)
        folder = os.path.join(root, '%s-%d' % (account, day))
        if not os.path.isdir(folder):
            os.makedirs(folder)
            sync_folder(root)
        self.file = JournalFile(folder, index, day, self._apply)
        if self.killed:
            self.write_kill(True)

    def find(self, a, c):
        return self.orders.get((a, c))

    def write_request(self, known, action):
        """Adds a request to the batch; False = refused, nothing is known of it."""
        instrument = self._instrument(known.symbol)
        if instrument < 0:
            return False
        request = Request()
        request.coid_a = known.a
        request.coid_b = known.b
        request.coid_c = known.c
        request.coid_d = check_word(known.a, known.b, known.c)
        request.account = self.account
        request.action = action
        request.instrument = instrument
        request.side = known.side
        request.kind = known.kind
        request.price_e4 = known.price
        request.qty = known.qty
        request.value_e4 = known.value
        request.strategy = known.strategy
        request.intent_no = known.intent_no
        kind = RECORD_CANCEL if action == ACTION_CANCEL else RECORD_REQUEST
        return self.file.append(kind, request.pack())

    def remember(self, known):
        """The id is known from here on; called when the request's batch is on the device."""
        self.orders[(known.a, known.c)] = known
        self.placed += 1
        self.placed_e4 += known.qty * known.value

    def write_refusal(self, known, code):
        """A refusal of the bridge's own: known as such for ever, never sent."""
        known.ended = True
        if not self.write_result(known, BRIDGE_REFUSED, code, 0):
            return False
        self.orders[(known.a, known.c)] = known
        return True

    def write_result(self, known, state, code, order_no):
        """What the vendor call came to. Lost, the order is merely "handed over"."""
        known.state = state
        known.code = code
        if order_no:
            known.order_no = order_no
        row = BridgeRow()
        row.coid_a = known.a
        row.coid_b = known.b
        row.coid_c = known.c
        row.coid_d = check_word(known.a, known.b, known.c)
        row.account = self.account
        row.action = ACTION_PLACE
        row.state = state
        row.code = code
        row.broker_order_no = float(known.order_no)
        return self.file.append(RECORD_BRIDGE, row.pack())

    def write_fence(self, epoch, engine_id):
        """True when it is on the device."""
        fence = Fence()
        fence.account = self.account
        fence.epoch = epoch
        fence.day = self.day
        fence.reserved = engine_id
        if not (self.file.append(RECORD_BRIDGE, fence.pack()) and self.file.flush()):
            return False
        self.fence = epoch
        self.fenced_engine = engine_id
        return True

    def write_kill(self, on):
        """True when it is on the device; off only then."""
        if on:
            self.killed = True
        kill = Kill()
        kill.scope = SCOPE_ACCOUNT
        kill.account = self.account
        kill.on = 1 if on else 0
        if not (self.file.append(RECORD_KILL, kill.pack()) and self.file.flush()):
            return False
        self.killed = on
        return True

    def flush(self):
        return self.file.flush()

    def close(self):
        self.file.close()

    def _instrument(self, symbol):
        known = self._index_of.get(symbol)
        if known is not None:
            return known
        name = InstrumentName()
        name.instrument = len(self._symbols)
        name.market, name.security_code = parse_symbol(symbol)
        if not self.file.append(RECORD_INSTRUMENT, name.pack()):
            return -1
        self._index_of[symbol] = len(self._symbols)
        self._symbols.append(symbol)
        return len(self._symbols) - 1

    def _apply(self, data, at):
        kind = frame_type(data, at)
        if kind == Request.TYPE:
            self._apply_request(Request.read(data, at))
        elif kind == BridgeRow.TYPE:
            self._apply_row(BridgeRow.read(data, at))
        elif kind == Fence.TYPE:
            fence = Fence.read(data, at)
            if fence.epoch >= self.fence:
                self.fence = fence.epoch
                self.fenced_engine = fence.reserved
        elif kind == Kill.TYPE:
            self.killed = Kill.read(data, at).on != 0
        elif kind == InstrumentName.TYPE:
            name = InstrumentName.read(data, at)
            symbol = symbol_of(name.market, name.security_code)
            self._symbols[name.instrument:] = [symbol]
            self._index_of[symbol] = name.instrument

    def _apply_request(self, request):
        if request.action == ACTION_CANCEL:
            return
        symbol = ''
        if 0 <= request.instrument < len(self._symbols):
            symbol = self._symbols[request.instrument]
        self.remember(Known(
            request.coid_a, request.coid_b, request.coid_c, symbol, request.side, request.kind,
            request.price_e4, request.qty, request.value_e4, request.strategy,
            request.intent_no))

    def _apply_row(self, row):
        known = self.find(row.coid_a, row.coid_c)
        if known is None:
            if row.state != BRIDGE_REFUSED:
                return
            known = Known(row.coid_a, row.coid_b, row.coid_c)
            self.orders[(known.a, known.c)] = known
        if row.state == BRIDGE_REFUSED:
            known.ended = True
        known.state = row.state
        known.code = row.code
        if row.broker_order_no:
            known.order_no = int(row.broker_order_no)

    def _carry_over(self, data, at):
        # Orders and fence are of one day; the kill flag holds on.
        if frame_type(data, at) == Kill.TYPE:
            self.killed = Kill.read(data, at).on != 0


def newest_before(root, account, day):
    """Folder name of the account's newest earlier day with a journal, or ''."""
    if not os.path.isdir(root):
        return ''
    start = account + '-'
    days = []
    for name in os.listdir(root):
        text = name[len(start):]
        if not name.startswith(start) or len(text) != 8 or not text.isdigit():
            continue
        if int(text) >= day:
            continue
        if any(file.endswith('.pkj') for file in os.listdir(os.path.join(root, name))):
            days.append(name)
    return max(days) if days else ''
