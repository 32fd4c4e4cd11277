# Market data of the full terminal as a feed of quotes.py: the newest ticks are asked for on the
# strategy's timer, as everything in the terminal must be. Used by main_terminal.py.
# Always: a bounded number of calls in one turn; what the terminal throws is told once, and asked
# again; the same tick is not handed on twice.
import collections
import time
from quotes import detail_row, mark_of

# Pictures come every three seconds: each is seen within half of one.
POLL_S = 0.5
DETAILS_AT_ONCE = 10


class TerminalQuotes(object):
    """The feed; way.context is the terminal's ContextInfo of the moment."""

    def __init__(self, way):
        self.about = 'QMT terminal'
        self._way = way
        self._room = None
        self._asked = collections.deque()
        self._wanted = []
        self._marks = {}
        self._polled_at = 0.0
        self._troubled = False

    def start(self, room):
        self._room = room

    def ask(self, token, symbols):
        self._asked.append((token, symbols, [], {}))

    def watch(self, symbols):
        self._wanted = sorted(symbols)
        self._marks = dict((one, at) for one, at in self._marks.items() if one in symbols)

    def turn(self, now):
        context = self._way.context
        if context is None:
            return
        try:
            if self._asked:
                self._answer_some(context)
            elif self._wanted and now - self._polled_at >= POLL_S:
                self._polled_at = now
                self._poll(context)
            self._troubled = False
        except Exception as error:
            if self._asked:
                # The engine is told, and asks again.
                self._room.tell('details', self._asked.popleft()[0], None)
            if not self._troubled:
                self._troubled = True
                self._room.tell('notice', '终端行情出错: %s；持续重试' % error,
                                'quotes of the terminal: %s; trying again' % error)

    def _answer_some(self, context):
        token, symbols, rows, ticks = self._asked[0]
        if not rows and symbols:
            ticks.update(context.get_full_tick(list(symbols)) or {})
        for _ in range(DETAILS_AT_ONCE):
            if len(rows) == len(symbols):
                break
            symbol = symbols[len(rows)]
            detail = context.get_instrumentdetail(symbol)
            rows.append(detail_row(symbol, detail, ticks.get(symbol)))
        if len(rows) == len(symbols):
            self._asked.popleft()
            self._room.tell('details', token, rows)

    def _poll(self, context):
        for symbol, tick in (context.get_full_tick(list(self._wanted)) or {}).items():
            mark = mark_of(tick)
            if self._marks.get(symbol) == mark:
                continue
            self._marks[symbol] = mark
            self._room.tell('tick', symbol, tick)
