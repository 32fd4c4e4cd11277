"""A script over the client: sleeps, buys with a key twice, cancels, waits for the end."""

import sys
import time
from datetime import datetime

from pankou import Client, PankouError

client = Client.from_run("runs/today")
seen = []
client.on_tick(lambda tick: seen.append(tick))
client.on_fill(lambda fill: print("fill", fill.side, fill.qty, fill.price))
client.on_order(lambda order: print("order", order.status, order.filled, order.reason))
client.start()
name = sys.argv[2]
begun = time.monotonic()
while not (seen and seen[-1].asks) or datetime.now().hour < 10:
    time.sleep(60)
print("asleep for", round(time.monotonic() - begun) > 1800, datetime.now().strftime("%H:%M"))
order = client.buy(name, 200, seen[-1].asks[0][0], key="one")
same = client.buy(name, 200, order.price, key="one")
print("same", order.coid == same.coid, order.status)
time.sleep(30)
print("position", client.positions()[name].qty, len(client.fills()))
rest = client.buy(name, 100, float(seen[-1].bids[0][0]) * 0.98 // 0.01 / 100)
time.sleep(1)
client.cancel(rest)
time.sleep(1)
print("rest", client.order(coid=rest.coid).status)
try:
    client.buy(name, 50, seen[-1].asks[0][0])
    time.sleep(1)
    client.buy("600999.SH", 100, "10")
except PankouError as error:
    print(error.code)
client.wait()
print("over", client.status()["engine"])
client.stop()
