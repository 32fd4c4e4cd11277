#coding:gbk
# A bridge in the terminal as such bridges usually are, for bench/qmt-terminal.bench.ts: one timer,
# one order at each of its calls, JSON lines, a flush for every order, the number out of the list.
import json
import os
import socket

server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
server.bind(os.environ['NAIVE_PATH'])
server.listen(1)
server.setblocking(False)
journal = open(os.environ['NAIVE_PATH'] + '.journal', 'ab')
state = {'socket': None, 'rest': b'', 'waiting': [], 'asked': 0}


def init(C):
    C.set_account('demo')
    C.run_time('tick', '100nMilliSecond', '2020-01-01 09:00:00', 'SH')


def handlebar(C):
    pass


def read_orders():
    if state['socket'] is None:
        try:
            state['socket'] = server.accept()[0]
            state['socket'].setblocking(False)
        except BlockingIOError:
            return
    try:
        data = state['socket'].recv(1 << 20)
    except BlockingIOError:
        return
    lines = (state['rest'] + data).split(b'\n')
    state['rest'] = lines.pop()
    state['waiting'].extend(lines)


def tick(C):
    read_orders()
    rows = get_trade_detail_data('demo', 'stock', 'ORDER')
    if len(rows) < state['asked'] or not state['waiting']:
        return
    order = json.loads(state['waiting'].pop(0).decode('ascii'))
    journal.write(json.dumps(order).encode('ascii') + b'\n')
    journal.flush()
    os.fsync(journal.fileno())
    state['asked'] += 1
    passorder(23, 1101, 'demo', order['symbol'], 11, order['price'], order['qty'], 's', 2,
              order['id'], C)


def order_callback(C, order):
    text = json.dumps({'number': order.m_strOrderSysID}) + '\n'
    state['socket'].sendall(text.encode('ascii'))
