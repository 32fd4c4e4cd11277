# For tests/unit/qmt: opens a bridge journal of the Python bridges, does what a JSON list on stdin
# says, and prints what the journal then knows.
#   python3 journal_tool.py ROOT ACCOUNT DAY [SEGMENT_BYTES]
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                '../../../gateways/qmt/bridge/source'))
import segments  # noqa: E402
from journal import BridgeJournal, JournalError, Known  # noqa: E402


def known_of(a, c):
    return Known(a, 20260105, c, '600001.SH' if c % 2 else '000002.SZ', 1, 1, 125000, 100 * c,
                 125000, 3, c)


def do(journal, step):
    kind = step[0]
    if kind == 'request':
        known = known_of(step[1], step[2])
        assert journal.write_request(known, 1) and journal.flush()
        journal.remember(known)
    elif kind == 'many':
        for c in range(step[2], step[3]):
            known = known_of(step[1], c)
            assert journal.write_request(known, 1)
            journal.remember(known)
            if c % 50 == 0:
                assert journal.flush()
        assert journal.flush()
    elif kind == 'result':
        journal.write_result(journal.find(step[1], step[2]), step[3], step[4], step[5])
        journal.flush()
    elif kind == 'refusal':
        journal.write_refusal(known_of(step[1], step[2]), step[3])
        journal.flush()
    elif kind == 'fence':
        assert journal.write_fence(step[1], step[2])
    elif kind == 'kill':
        assert journal.write_kill(step[1])
    elif kind == 'unflushed':
        journal.write_request(known_of(step[1], step[2]), 1)
        journal.file.write()
        os._exit(9)


def main():
    root, account, day = sys.argv[1], sys.argv[2], int(sys.argv[3])
    if len(sys.argv) > 4:
        segments.SEGMENT_SIZE = int(sys.argv[4])
    try:
        journal = BridgeJournal(root, account, 0, day)
    except JournalError as error:
        json.dump({'error': str(error)}, sys.stdout)
        return
    for step in json.load(sys.stdin):
        do(journal, step)
    orders = [[k.a, k.c, k.symbol, k.qty, k.state, k.code, k.order_no]
              for k in journal.orders.values()]
    json.dump({'fence': journal.fence, 'engine': journal.fenced_engine, 'killed': journal.killed,
               'placed': journal.placed, 'epoch': journal.file.epoch, 'orders': orders},
              sys.stdout)
    journal.close()


main()
