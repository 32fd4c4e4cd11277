# What becomes of an order in the other fakes, by its quantity; no prices, no rules, no disk. Used by
# xtquant/ and terminal/ beside this file. Always: an order number is given out once in a process.
#   100 fills at once     200 rests                  300 trades 100, the rest rests
#   400 is refused        500 rests, no answer ever  600 fills at once, all is told twice
import os

REMARK_KEPT = int(os.environ.get('OTHER_REMARK', '24'))
RESTS, PART, FILLED, REFUSED, CANCELLED, PART_CANCELLED = 50, 55, 56, 57, 54, 53


class Book(object):
    def __init__(self):
        self.orders = []
        self.trades = []
        self.shares = {'600001.SH': 5000}
        self.cash = 1000000.0

    def place(self, symbol, is_buy, qty, price, remark):
        order = {
            'no': 7001 + len(self.orders), 'symbol': symbol, 'is_buy': is_buy, 'qty': qty,
            'price': price, 'remark': remark[:REMARK_KEPT], 'filled': 0, 'status': RESTS, 'text': ''}
        self.orders.append(order)
        if qty == 400:
            order['status'] = REFUSED
            order['text'] = u'[COUNTER][260200][\u53ef\u7528\u8d44\u91d1\u4e0d\u8db3]'
        elif qty in (100, 300, 600):
            self._trade(order, 100 if qty == 300 else qty)
        return order

    def cancel(self, number):
        """Whether the request was sent."""
        for order in self.orders:
            if order['no'] == number and order['status'] in (RESTS, PART):
                order['status'] = PART_CANCELLED if order['filled'] else CANCELLED
                return order
        return None

    def trades_of(self, order):
        return [trade for trade in self.trades if trade['order'] is order]

    def _trade(self, order, qty):
        order['filled'] = qty
        order['status'] = FILLED if qty == order['qty'] else PART
        sign = 1 if order['is_buy'] else -1
        self.shares[order['symbol']] = self.shares.get(order['symbol'], 0) + sign * qty
        self.cash -= sign * qty * order['price']
        self.trades.append({'no': 90001 + len(self.trades), 'order': order, 'qty': qty})
