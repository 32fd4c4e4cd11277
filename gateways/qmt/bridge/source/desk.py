# One account at the bridge, whatever the way: takes requests from engines, writes them down and
# flushes before the vendor call, keeps the fence, the limits and the kill flag, and says what
# becomes of orders. Used by core.py; the same rules as gateways/bridge/bridge.ts.
# Always: an id known is never sent again; nothing is sent below the fence or after a kill; a call
# without an answer is UNKNOWN, never rejected; cancels pass whatever limit there is.
import datetime
from wire import *
from way import Order
from journal import Known
from guard import both
from seen import Seen

# A cancel of an order whose number is not known yet waits this long, then the list is searched.
LOOK_S = 0.5
# At most this often while somebody waits.
LOOK_AGAIN_S = 1.0
# Searches until the cancel is answered "fate unknown".
LOOKS_MAX = 3

_DIGITS = '0123456789abcdefghijklmnopqrstuvwxyz'
_DAYS_BEFORE = 10957
_DAY_NUMBERS = 46656
# 2020-01-01
_DAY_ZERO = 737425
_ID_STARTS = {}


def _digits(value, base, width):
    text = ''
    for _ in range(width):
        text = _DIGITS[value % base] + text
        value //= base
    return text


def _text_check(text):
    total = 7
    for char in text:
        total = (total * 31 + ord(char)) % 1296
    return _digits(total, 36, 2)


def format_id(a, b, c):
    """The 16 characters of a client order id, as engine/core/order-id.ts makes them."""
    start = _ID_STARTS.get((a, b))
    if start is None:
        start = _ID_STARTS[(a, b)] = _id_start(a, b)
    text = start + _digits(c, 32, 6)
    return text + _text_check(text)


def _id_start(a, b):
    """What all ids of an account's epoch and day begin with."""
    day = datetime.date(b // 10000, b // 100 % 100, b % 100).toordinal() - _DAY_ZERO
    day_number = day + _DAY_NUMBERS if day < 0 else day
    text = '1' + _digits(a >> 24 & 0xff, 36, 2) + _digits(day_number, 36, 3)
    return text + _digits(a & 0xffffff, 32, 2)


def parse_id(text):
    """(a, b, c) of a remark, or None when it is none of ours."""
    if len(text) != 16 or text[0] != '1' or not all(char in _DIGITS for char in text):
        return None
    if _text_check(text[:14]) != text[14:]:
        return None
    try:
        account = int(text[1:3], 36)
        epoch = int(text[6:8], 32)
        c = int(text[8:14], 32)
    except ValueError:
        return None
    if account > 255:
        return None
    number = int(text[3:6], 36)
    day = number if number < _DAY_NUMBERS - _DAYS_BEFORE else number - _DAY_NUMBERS
    date = datetime.date.fromordinal(_DAY_ZERO + day)
    a = account << 24 | epoch
    a = a - 4294967296 if a >= 2147483648 else a
    return a, date.year * 10000 + date.month * 100 + date.day, c


class Asked(object):
    """A request as the wire brought it; epoch is the one its connection was fenced with."""

    __slots__ = ('known', 'action', 'epoch', 'credit')

    def __init__(self, known, action, epoch, credit):
        self.known = known
        self.action = action
        self.epoch = epoch
        self.credit = credit


class Desk(object):
    """The voice (core) has report(desk, known, kind, code), refuse(desk, asked, kind, code),
    fill(desk, known, trade), note(desk, zh, en) and alarm(zh, en)."""

    def __init__(self, account, index, journal, way, gate, voice, clock):
        self.account = account
        self.index = index
        self.journal = journal
        # guard.Stage as the engine behind the fence told it; None = it tells none
        self.stage = None
        # A result was appended that is not on the device yet
        self.is_dirty = False
        self._way = way
        self._gate = gate
        self._voice = voice
        self._clock = clock
        self.seen = Seen(clock)
        self._by_no = {}
        # Trades told in this life, so that doubles stay here; the engine checks again
        self._told = set()
        self._accepted = set()
        # Written in the running batch, to be done once it is on the device
        self._batch = []
        self._batch_ids = set()
        # Vendor call under way: no answer yet
        self._calling = set()
        # Cancels that wait for the order's number: known -> [tell, since, looks]
        self._waiting = {}
        self._looking = False
        self._looked_at = 0.0
        for known in journal.orders.values():
            if known.order_no:
                self._by_no[known.order_no] = known

    # -- what engines ask ------------------------------------------------------------------

    def fence(self, epoch, engine_id):
        """Takes an engine's epoch; False = a higher one, or another's equal one, was seen."""
        journal = self.journal
        if epoch < journal.fence:
            return False
        if epoch == journal.fence:
            return engine_id == journal.fenced_engine
        if journal.write_fence(epoch, engine_id):
            return True
        self._voice.alarm('账户 %s: 栅栏无法写入，任何人不得交易' % self.account,
                          'account %s: the fence cannot be written, nobody may trade'
                          % self.account)
        return False

    def arm(self, stage):
        """The stage of the account, from its engine; what waits was taken under the one before."""
        self.commit()
        self.stage = stage

    def take(self, asked):
        """Checks and writes a request; commit() does what was written."""
        if asked.epoch < self.journal.fence:
            self._refuse(asked, REJECT_FENCED)
        elif asked.action == ACTION_CANCEL:
            self._take_cancel(asked)
        else:
            self._take_place(asked)

    def commit(self):
        """Ends a batch: one flush, then the vendor calls of all that were written."""
        if not self._batch:
            return
        batch = self._batch
        self._batch = []
        self._batch_ids = set()
        places = any(asked.action != ACTION_CANCEL for asked in batch)
        # Nothing that stops writing stops a cancel, so cancels alone wait for no device.
        good = self.journal.flush() if places else self.journal.file.write()
        for asked in batch:
            if asked.action == ACTION_CANCEL:
                self._cancel_asked(asked)
            elif not good:
                self._refuse(asked, REJECT_JOURNAL)
            else:
                self._place(asked)

    def kill(self, on):
        """Kill switch of the second link: on at once, then written, then all is cancelled."""
        if on:
            self.journal.killed = True
        good = self.journal.write_kill(on)
        if not good:
            self._voice.alarm('账户 %s: 急停标志无法写入' % self.account,
                              'account %s: kill=%s could not be written' % (self.account, on))
        if on:
            self.cancel_all()
        return good

    def cancel_all(self):
        for known in list(self.journal.orders.values()):
            if not known.ended and known.state != BRIDGE_REFUSED:
                self._cancel(known, False)

    # -- what the way tells ----------------------------------------------------------------

    def on_placed(self, remark, order_no, why):
        known = self.order_of(remark, 0)
        if known is None:
            return
        self.seen.placed(remark, order_no)
        self._calling.discard(known)
        if order_no:
            self._bind(known, order_no)
            # Its end may have been told before the answer to the call.
            self._accept(known)
        elif known.order_no == 0 and not known.ended:
            self._result(known, BRIDGE_FAILED, REJECT_NO_ANSWER, 0)
            self._voice.report(self, known, REPORT_UNKNOWN, REJECT_NO_ANSWER)
            self._voice.note(self, '委托 %s 状态未知: %s' % (remark, why),
                             'order %s: fate unknown: %s' % (remark, why))

    def on_unsent(self, remark, code):
        """The vendor was never called: proof, written as such."""
        known = self.order_of(remark, 0)
        if known is None or known.order_no or known.ended:
            return
        self._calling.discard(known)
        self._waiting.pop(known, None)
        self._result(known, BRIDGE_REFUSED, code, 0)
        known.ended = True
        self.journal.flush()
        self._voice.report(self, known, REPORT_REJECTED, code)

    def on_refused(self, remark, zh, en):
        """The client refused it, and no order came of it."""
        known = self.order_of(remark, 0)
        if known is None or known.ended or known.order_no:
            return
        self._calling.discard(known)
        self._waiting.pop(known, None)
        self._result(known, BRIDGE_REFUSED, REJECT_BROKER, 0)
        self.journal.flush()
        self._voice.note(self, '委托 %s 被拒: %s' % (remark, zh),
                         'order %s was refused: %s' % (remark, en))
        self._end(known, REPORT_REJECTED, REJECT_BROKER)

    def on_order(self, row):
        known = self.order_of(row.remark, row.order_no)
        self.seen.order(row, id_of(known))
        if known is None:
            return
        self._bind(known, row.order_no)
        known.filled = max(known.filled, row.filled)
        if row.status == STATUS_REJECTED:
            if row.text and not known.ended:
                self._voice.note(self, '委托 %s 被拒: %s' % (row.remark, row.text),
                                 'order %s was refused: %s' % (row.remark, row.text))
            self._end(known, REPORT_REJECTED, REJECT_BROKER)
        elif row.status in (STATUS_CANCELLED, STATUS_PARTLY_CANCELLED):
            self._end(known, REPORT_CANCELLED, REJECT_NONE)
        elif not known.ended and row.status != STATUS_UNKNOWN:
            self._accept(known)
            known.ended = known.filled == known.qty

    def on_trade(self, row):
        known = self.order_of(row.remark, row.order_no)
        key = (row.symbol, row.side, row.trade_no)
        self.seen.trade(row, id_of(known), key in self._told)
        if known is None:
            # Not ours: the engine finds it in the broker's list.
            return
        if row.order_no:
            self._bind(known, row.order_no)
        if key in self._told:
            return
        self._told.add(key)
        self._voice.fill(self, known, row)

    def on_cancel_error(self, order_no, text):
        self.seen.cancel_error(text)
        known = self._by_no.get(order_no)
        if known is None:
            return
        if text:
            self._voice.note(self, '撤单被拒 (%d): %s' % (order_no, text),
                             'the cancel of order %d was refused: %s' % (order_no, text))
        self._voice.report(self, known, REPORT_CANCEL_REJECTED, REJECT_ORDER_FINISHED)

    def on_found(self, rows):
        """The list that was searched for orders without a number; None = no answer."""
        self._looking = False
        for row in rows or ():
            known = self.order_of(row.remark, row.order_no)
            if known is not None and known.order_no == 0:
                self.on_order(row)
        for known, wait in list(self._waiting.items()):
            if known in self._calling:
                continue
            wait[2] += 1
            if wait[2] < LOOKS_MAX or self.journal.killed and not wait[0]:
                continue
            # It cannot be cancelled before it is found; its own fate stays what it is.
            del self._waiting[known]
            if wait[0]:
                self._voice.report(self, known, REPORT_CANCEL_REJECTED, REJECT_UNKNOWN_FATE)

    def forget_told(self):
        """The broker was away: what was told may not have arrived, all may be told again."""
        self._told.clear()
        self._accepted.clear()

    def lost(self):
        """The client is gone: no call has an answer any more, no search either."""
        self._looking = False

    def turn(self, now):
        """Searches for what waits to be cancelled and has no number."""
        if not self._waiting or self._looking or now - self._looked_at < LOOK_AGAIN_S:
            return
        if any(now - wait[1] >= LOOK_S for known, wait in self._waiting.items()
               if known not in self._calling):
            self._looking = True
            self._looked_at = now
            self._way.query(self.account, QUERY_ORDERS, ('look', self.index))

    def order_of(self, remark, order_no):
        """The order of a remark; when the remark is missing or altered, by number."""
        ids = parse_id(remark) if remark else None
        known = self.journal.find(ids[0], ids[2]) if ids is not None else None
        if known is None and order_no:
            known = self._by_no.get(order_no)
        return known

    # -- inside ----------------------------------------------------------------------------

    def _take_place(self, asked):
        journal = self.journal
        key = (asked.known.a, asked.known.c)
        known = journal.find(*key)
        if known is not None:
            self._answer_known(known, asked)
            return
        if key in self._batch_ids:
            return
        code = self._limit_code(asked)
        if code != REJECT_NONE:
            # What waits is flushed and done first: the flush of the refusal would take the news
            # of a failed batch away, and the batch would be sent without a record.
            self.commit()
            # A refusal that cannot be written is no refusal: the id may be tried again.
            if journal.write_refusal(asked.known, code):
                journal.flush()
            self._refuse(asked, code)
        elif not journal.write_request(asked.known, ACTION_PLACE):
            self._refuse(asked, REJECT_JOURNAL)
        else:
            self._batch.append(asked)
            self._batch_ids.add(key)

    def _limit_code(self, asked):
        journal = self.journal
        if journal.killed:
            return REJECT_KILLED
        if asked.credit and not self._way.takes_credit:
            return REJECT_CREDIT
        # What a life before has kept bears that life's epoch; whose it is the connection says.
        if asked.known.a & 0xffffff > journal.fence:
            return REJECT_FENCED
        placed = journal.placed
        placed_e4 = journal.placed_e4
        for waiting in self._batch:
            if waiting.action != ACTION_CANCEL:
                placed += 1
                placed_e4 += waiting.known.qty * waiting.known.value
        known = asked.known
        amount = known.qty * known.value
        if self.stage is None and self._gate.limits['requireArming']:
            return REJECT_DISARMED
        if self.stage is not None:
            code = self.stage.refusal(known.symbol, amount, placed_e4)
            if code != REJECT_NONE:
                return code
        return self._gate.check(known.symbol, amount, placed, placed_e4, self._clock())

    def _answer_known(self, known, asked):
        """Sent before, or refused before: what it came to is said again, nothing is done."""
        other = asked.known
        same = (known.side, known.qty, known.price, known.symbol)
        if same != (other.side, other.qty, other.price, other.symbol):
            if known.state != BRIDGE_REFUSED:
                name = format_id(known.a, known.b, known.c)
                self._voice.alarm('账户 %s: 编号 %s 被用于另一笔委托' % (self.account, name),
                                  'account %s: id %s was used again with other content'
                                  % (self.account, name))
        if known.state == BRIDGE_REFUSED:
            self._refuse(asked, known.code)
        elif known.state == BRIDGE_ANSWERED:
            self._voice.report(self, known, REPORT_ACCEPTED, REJECT_NONE)
        else:
            self._voice.report(self, known, REPORT_UNKNOWN, REJECT_UNKNOWN_FATE)

    def _take_cancel(self, asked):
        key = (asked.known.a, asked.known.c)
        known = self.journal.find(*key)
        waiting = key in self._batch_ids
        # What this bridge refused was never sent.
        if (known is None and not waiting) or (
                known is not None and known.state == BRIDGE_REFUSED):
            self._refuse(asked, REJECT_UNKNOWN_ORDER)
            return
        if known is not None:
            self.journal.write_request(known, ACTION_CANCEL)
        self._batch.append(asked)

    def _place(self, asked):
        known = asked.known
        self.journal.remember(known)
        self._calling.add(known)
        remark = format_id(known.a, known.b, known.c)
        self.seen.placing(remark)
        self._way.place(self.account, Order(
            remark, known.symbol, known.side, known.kind, known.price, known.qty, asked.credit))

    def _cancel_asked(self, asked):
        known = self.journal.find(asked.known.a, asked.known.c)
        if known is None:
            self._refuse(asked, REJECT_UNKNOWN_ORDER)
        else:
            self._cancel(known, True)

    def _cancel(self, known, tell):
        if known.order_no:
            self._send_cancel(known)
            return
        wait = self._waiting.setdefault(known, [tell, self._clock(), 0])
        wait[0] = wait[0] or tell

    def _send_cancel(self, known):
        self.seen.cancelling()
        self._way.cancel(self.account, known)

    def _bind(self, known, order_no):
        if order_no == 0 or known.order_no == order_no:
            return
        if known.order_no:
            name = format_id(known.a, known.b, known.c)
            self._voice.alarm('编号 %s 对应柜台委托 %d 和 %d' % (name, known.order_no, order_no),
                              'id %s stands on orders %d and %d'
                              % (name, known.order_no, order_no))
            return
        self._by_no[order_no] = known
        self._result(known, BRIDGE_ANSWERED, 0, order_no)
        wait = self._waiting.pop(known, None)
        if (wait is not None or self.journal.killed) and not known.ended:
            self._send_cancel(known)

    def _result(self, known, state, code, order_no):
        if order_no:
            known.order_no = order_no
        self.journal.write_result(known, state, code, order_no)
        self.is_dirty = True

    def _accept(self, known):
        """Said once a connection, by the answer to the call or by the first push."""
        if known.ended or known in self._accepted:
            return
        self._accepted.add(known)
        self._voice.report(self, known, REPORT_ACCEPTED, REJECT_NONE)

    def _end(self, known, kind, code):
        known.ended = True
        self._voice.report(self, known, kind, code)

    def _refuse(self, asked, code):
        kind = REPORT_CANCEL_REJECTED if asked.action == ACTION_CANCEL else REPORT_REJECTED
        self._voice.refuse(self, asked, kind, code)


def id_of(known):
    """The 16 characters of one of our orders; '' = not ours."""
    return '' if known is None else format_id(known.a, known.b, known.c)


def known_of(request, symbol):
    """A Known out of a Request frame."""
    return Known(
        request.coid_a, request.coid_b, request.coid_c, symbol, request.side, request.kind,
        request.price_e4, request.qty, request.value_e4, request.strategy, request.intent_no)
