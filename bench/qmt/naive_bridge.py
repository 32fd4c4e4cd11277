# What bridges are usually like, as the bench's baseline: one thread, JSON lines, the synchronous
# order call, and a journal line with a flush for each order; nothing else of what ours promises.
#   python3 naive_bridge.py SOCKET JOURNAL
import json
import os
import socket
import sys

from xtquant.xttrader import XtQuantTrader
from xtquant.xttype import StockAccount


def main():
    trader = XtQuantTrader('', 1)
    account = StockAccount('demo')
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(sys.argv[1])
    listener.listen(1)
    connection = listener.accept()[0]
    journal = open(sys.argv[2], 'w')
    for line in connection.makefile('r'):
        order = json.loads(line)
        journal.write(line)
        journal.flush()
        os.fsync(journal.fileno())
        number = trader.order_stock(account, order['symbol'], 23, order['qty'], 11,
                                    order['price'], 'naive', order['id'])
        connection.sendall((json.dumps({'id': order['id'], 'number': number}) + '\n').encode())


main()
