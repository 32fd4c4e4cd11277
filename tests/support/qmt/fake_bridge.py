# The Python bridge's core over a way that a test plays by hand: what the core asks of it is printed
# as JSON lines on stdout, what it should tell comes as JSON lines on stdin.
#   python3 fake_bridge.py SETTINGS.json     {dir, listen, secretFile, accounts, limits, credit}
# stdin:  ["connected", 20260105]   ["order", "demo", {row}]   ["rows", token, [rows] | null] ...
# stdout: {"call": "place", "account": ..., "order": {...}, "onDisk": true, "syncs": 3} ...
import json
import os
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '../../../gateways/qmt/bridge/source'))

from core import Core, Settings  # noqa: E402
from desk import parse_id  # noqa: E402
from journal import JournalScan  # noqa: E402
from way import CashRow, OrderRow, PositionRow, TradeRow  # noqa: E402
from wire import Request, frame_type  # noqa: E402

ROWS = {'order': OrderRow, 'trade': TradeRow, 'position': PositionRow, 'cash': CashRow}
syncs = [0]
real_sync = os.fdatasync


def counted_sync(handle):
    syncs[0] += 1
    real_sync(handle)


os.fdatasync = counted_sync


def say(**message):
    sys.stdout.write(json.dumps(message) + '\n')
    sys.stdout.flush()


def made(value):
    """{"row": "order", ...} becomes an OrderRow, lists of such become lists of rows."""
    if isinstance(value, list):
        return [made(one) for one in value]
    if isinstance(value, dict) and 'row' in value:
        fields = dict(value)
        return ROWS[fields.pop('row')](**fields)
    if isinstance(value, dict) and 'look' in value:
        return ('look', value['look'])
    return value


class HandWay(object):
    name = 'by-hand'

    def __init__(self, takes_credit):
        self.takes_credit = takes_credit
        self._core = None

    def start(self, core):
        self._core = core
        thread = threading.Thread(target=self._listen)
        thread.daemon = True
        thread.start()

    def turn(self, now):
        pass

    def place(self, account, order):
        fields = dict((name, getattr(order, name)) for name in order.__slots__)
        say(call='place', account=account, order=fields, onDisk=self._is_on_disk(order.remark),
            syncs=syncs[0])

    def cancel(self, account, known):
        say(call='cancel', account=account, orderNo=known.order_no)

    def query(self, account, kind, token):
        if isinstance(token, tuple):
            token = {'look': token[1]}
        say(call='query', account=account, kind=kind, token=token)

    def capabilities(self):
        return {'kinds': [1]}

    def stop(self):
        pass

    def _is_on_disk(self, remark):
        """Whether the request is in the journal's file already, read as a stranger would."""
        ids = parse_id(remark)
        if ids[2] % 30 != 1:
            # It takes its time, and a burst shall be one.
            return None
        found = []

        def visit(data, at):
            if frame_type(data, at) == Request.TYPE:
                request = Request.read(data, at)
                found.append((request.coid_a, request.coid_c))
        for desk in self._core.desks:
            JournalScan(desk.journal.file.folder, visit)
        return (ids[0], ids[2]) in found

    def _listen(self):
        for line in sys.stdin:
            name, arguments = json.loads(line)[0], json.loads(line)[1:]
            self._core.tell(name, *[made(one) for one in arguments])
        os._exit(0)


def main():
    with open(sys.argv[1]) as source:
        given = json.load(source)
    settings = Settings(given['dir'], given['listen'], given['secretFile'], given['accounts'],
                        given.get('limits', {}))
    core = Core(settings, HandWay(given.get('credit', False)))
    core.start()
    say(call='listening')
    while True:
        core.turn(0.05)


main()
