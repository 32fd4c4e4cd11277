"""Uses the client against a real engine as a strategy would, and prints what it saw as JSON.

Started by tests/e2e/python-client.test.ts with the run folder; the test kills the api process when
this says READY, and everything must be there all the same.
"""

import json
import os
import sys
import time
from decimal import Decimal

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../../clients/python"))
from pankou import Client, PankouError, Refused, key_hash  # noqa: E402

SYMBOL = "600001.SH"
client = Client.from_run(sys.argv[1], timeout=20)
fills, orders, ticks = [], {}, {}
client.on_fill(lambda fill: fills.append(fill.fill_id))
client.on_order(lambda order: orders.__setitem__(order.coid, order))
client.on_tick(lambda tick: ticks.__setitem__(tick.instrument, tick))
client.start(history=True)


def until(what, holds, seconds=20):
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            sys.exit(f"waited in vain for {what}")
        time.sleep(0.02)


until("a tick with asks", lambda: SYMBOL in ticks and ticks[SYMBOL].asks)
low = (ticks[SYMBOL].last * Decimal("0.97")).quantize(Decimal("0.01"))
seen = {}

first = client.buy(SYMBOL, 100, low, key="a")
again = client.buy(SYMBOL, 100, low, key="a")
seen["same"] = first.coid == again.coid and first.key_hash == key_hash("a")
try:
    client.buy(SYMBOL, 200, low, key="a")
except PankouError as error:
    seen["reused"] = error.code
try:
    client.buy(SYMBOL, 150, low)
except Refused as error:
    seen["refused"] = error.reject["code"]
seen["found"] = client.order(key="a").coid == first.coid
until("the order's callback", lambda: first.coid in orders)
client.cancel(first)
until("the cancel", lambda: orders[first.coid].status == "cancelled")
stop = client.stop_loss(SYMBOL, "sell", 100, "0.01", key="stop")
same = client.stop_loss(SYMBOL, "sell", 100, "0.01", key="stop")
seen["parent"] = [stop["state"], same["parentNo"] == stop["parentNo"], len(client.parents())]
client.cancel_parent(stop["parentNo"])
moving = client.buy(SYMBOL, 100, low)
lower = low - Decimal("0.01")
seen["replace"] = client.replace(moving, price=lower)["kind"]
until("the new order", lambda: any(o.price == lower for o in orders.values()))
try:
    client.buy(SYMBOL, 100, low, credit="margin")
except Refused as error:
    seen["credit"] = error.reject["code"]
legs = client.execute([(SYMBOL, "buy", 100, low), (SYMBOL, "buy", 150, low)])
seen["legs"] = [leg.order is not None for leg in legs]
seen["open"] = client.cancel_all() >= 1
seen["account"] = client.account().account
seen["positions"] = client.positions()[SYMBOL].qty > 0


def take(key):
    ask = ticks[SYMBOL].asks
    price = ask[0][0] if ask else ticks[SYMBOL].last
    return client.buy(SYMBOL, 100, price, key=key)


take("one")
client._stream.drop()
until("the stream to resume", lambda: client.stats.resumes >= 1)
print("READY", flush=True)
sys.stdin.readline()
for number in range(10):
    take(f"more-{number}")
    time.sleep(0.1)
until("another snapshot", lambda: client.stats.snapshots >= 2)
client.cancel_all()
until("nothing works", lambda: not client.orders(status="open", strategy="desk"))
time.sleep(1)
known = [fill.fill_id for fill in client.fills()]
seen["fills"] = len(known)
seen["missing"] = [name for name in known if name not in fills]
seen["doubled"] = len(fills) - len(set(fills))
mine = [order for order in client.orders(strategy="desk") if order.key_hash]
seen["orders"] = len(mine)
seen["keys"] = len({order.key_hash for order in mine})
client.stop()
print(json.dumps(seen))
