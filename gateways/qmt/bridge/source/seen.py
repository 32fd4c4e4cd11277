# What the broker's client really does, counted while the bridge works: remarks, order of answers
# and pushes, doubles, times, how fresh lists are. Told on the control link ('facts') for `pankou
# gateway report`; the same words as gateways/bridge/observations.ts. Used by desk.py and core.py.
# Always: it decides nothing; bounded; no account's figures and no secrets are in it.

# Times kept of each kind of call.
TIMES_MAX = 1000
ERRORS_MAX = 20


class Calls(object):
    def __init__(self):
        self.count = 0
        self.failed = 0
        self._times = []

    def add(self, seconds, good):
        self.count += 1
        if not good:
            self.failed += 1
        if len(self._times) < TIMES_MAX:
            self._times.append(seconds)

    def facts(self):
        times = sorted(self._times)

        def at(share):
            if not times:
                return None
            return round(times[min(len(times) - 1, int(len(times) * share))] * 1000, 3)

        return {'count': self.count, 'failed': self.failed,
                'p50': at(0.5), 'p95': at(0.95), 'max': at(1)}


class Seen(object):
    """Of one account and day. Times are those of the clock given, in seconds."""

    def __init__(self, clock):
        self._clock = clock
        self._places = Calls()
        self._lists = {'orderLists': Calls(), 'tradeLists': Calls()}
        self._remarks = {'whole': 0, 'missing': 0, 'altered': 0}
        self._answers = {'beforePush': 0, 'afterPush': 0}
        self._pushes = {'orders': 0, 'doubledOrders': 0, 'trades': 0, 'doubledTrades': 0,
                        'foreign': 0}
        self._statuses = {}
        self._cancels = 0
        self._cancel_errors = []
        self._cancel_failed = 0
        self._started = {}
        # Last row of each order, and when its call was answered
        self._rows = {}
        self._answered = {}
        self._lacking = 0
        self._longest = 0.0

    def placing(self, remark):
        self._started[remark] = self._clock()

    def placed(self, remark, order_no):
        started = self._started.pop(remark, None)
        if started is None:
            return
        self._places.add(self._clock() - started, order_no != 0)
        if order_no:
            self._answers['afterPush' if order_no in self._rows else 'beforePush'] += 1
            self._answered[order_no] = self._clock()

    def cancelling(self):
        self._cancels += 1

    def cancel_error(self, text):
        self._cancel_failed += 1
        if len(self._cancel_errors) < ERRORS_MAX:
            self._cancel_errors.append(str(text)[:200])

    def order(self, row, ours):
        """A push; ours: the 16 characters of our order it is about, '' = none of ours."""
        self._pushes['orders'] += 1
        self._statuses[row.status] = self._statuses.get(row.status, 0) + 1
        if ours:
            self._remark(row.remark, ours)
        else:
            self._pushes['foreign'] += 1
        key = (row.filled, row.cancelled, row.status, row.text, row.remark)
        if self._rows.get(row.order_no) == key:
            self._pushes['doubledOrders'] += 1
        self._rows[row.order_no] = key

    def trade(self, row, ours, doubled):
        self._pushes['trades'] += 1
        if doubled:
            self._pushes['doubledTrades'] += 1
        if ours:
            self._remark(row.remark, ours)

    def listed(self, what, started, rows):
        """what: 'orderLists' or 'tradeLists'; rows None = the client gave none."""
        self._lists[what].add(self._clock() - started, rows is not None)
        if rows is None or what != 'orderLists':
            return
        numbers = set(row.order_no for row in rows)
        for order_no, answered in self._answered.items():
            if answered < started and order_no not in numbers:
                self._lacking += 1
                self._longest = max(self._longest, started - answered)

    def facts(self):
        # The way tells no time of a cancel, and only those that failed.
        cancel = dict(Calls().facts(), count=self._cancels, failed=self._cancel_failed,
                      errors=list(self._cancel_errors))
        orders = dict(self._lists['orderLists'].facts(), lackingOrders=self._lacking,
                      longestLackMs=int(round(self._longest * 1000)))
        return {'place': self._places.facts(), 'cancel': cancel, 'orderLists': orders,
                'tradeLists': self._lists['tradeLists'].facts(),
                'remarks': dict(self._remarks), 'answers': dict(self._answers),
                'pushes': dict(self._pushes),
                'statuses': dict((str(k), n) for k, n in self._statuses.items())}

    def _remark(self, remark, ours):
        if not remark:
            self._remarks['missing'] += 1
        elif remark == ours:
            self._remarks['whole'] += 1
        else:
            self._remarks['altered'] += 1
