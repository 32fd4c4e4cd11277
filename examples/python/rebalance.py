"""Rebalances an account to target positions, sells first.

    python3 examples/python/rebalance.py RUN_FOLDER 600001.SH=1000 600002.SH=0

Shares bought today cannot be sold today (T+1); what cannot be reached is said.
"""

import os
import sys
import time
from decimal import Decimal

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../clients/python"))
from pankou import Client, PankouError  # noqa: E402

LOT = 100
WAIT_S = 20


def prices(client: Client) -> dict:
    """The newest book of every instrument, from the first seconds of the stream."""
    ticks: dict = {}
    client.on_tick(lambda tick: ticks.__setitem__(tick.instrument, tick))
    client.start()
    time.sleep(2)
    return ticks


def settle(client: Client, orders: list) -> None:
    """Waits until the orders are done, then cancels what is left."""
    until = time.monotonic() + WAIT_S
    coids = {order.coid for order in orders}
    while time.monotonic() < until:
        if not coids & {order.coid for order in client.orders(status="open")}:
            return
        time.sleep(0.2)
    for order in client.orders(status="open"):
        if order.coid in coids:
            client.cancel(order)


def main() -> None:
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    targets = {name: int(qty) for name, qty in (pair.split("=") for pair in sys.argv[2:])}
    client = Client.from_run(sys.argv[1])
    ticks = prices(client)
    positions = client.positions()
    sells, buys = [], []
    for instrument, target in targets.items():
        position = positions.get(instrument)
        held, sellable = (position.qty, position.sellable) if position else (0, 0)
        if target < held:
            want = min(held - target, sellable)
            qty = want if target == 0 and want == held else want // LOT * LOT
            sells.append((instrument, "sell", qty))
        elif target > held:
            buys.append((instrument, "buy", (target - held) // LOT * LOT))
    for side in (sells, buys):
        legs = []
        for instrument, name, qty in side:
            tick = ticks.get(instrument)
            if qty == 0 or tick is None:
                print(f"{instrument}: nothing to do or no price")
                continue
            best = tick.asks if name == "buy" else tick.bids
            price = best[0][0] if best else tick.last
            legs.append((instrument, name, qty, Decimal(price)))
        if not legs:
            continue
        results = client.execute(legs)
        for leg, result in zip(legs, results):
            print(f"{leg[1]} {leg[2]} {leg[0]} at {leg[3]}: {result.error or result.order.status}")
        settle(client, [result.order for result in results if result.order])
    client.stop()
    for instrument, target in targets.items():
        position = client.positions().get(instrument)
        print(f"{instrument}: {position.qty if position else 0} held, target {target}")


if __name__ == "__main__":
    try:
        main()
    except PankouError as error:
        sys.exit(f"error: {error}")
