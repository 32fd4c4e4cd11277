"""Moving-average cross: buys a lot when the fast average crosses above the slow one, sells it when
it crosses below.

    python3 examples/python/ma_cross.py RUN_FOLDER 600001.SH

Stop it with Ctrl-C: its working orders are cancelled. The same file on recorded data:

    pankou backtest examples/python/ma_cross.py --data DIR --instruments 600001.SH
"""

import os
import sys
from collections import deque

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../clients/python"))
from pankou import Client, PankouError, Tick  # noqa: E402

FAST, SLOW, LOT = 20, 60, 100


class MaCross:
    def __init__(self, client: Client, instrument: str) -> None:
        self.client = client
        self.instrument = instrument
        self.prices: deque = deque(maxlen=SLOW)
        self.was_above = None
        self.working = None

    def on_tick(self, tick: Tick) -> None:
        if tick.instrument != self.instrument or not tick.bids or not tick.asks:
            return
        self.prices.append(tick.last)
        if len(self.prices) < SLOW:
            return
        fast = sum(list(self.prices)[-FAST:]) / FAST
        slow = sum(self.prices) / SLOW
        above = fast > slow
        crossed = self.was_above is not None and above != self.was_above
        self.was_above = above
        if crossed:
            self.trade(tick, above)

    def trade(self, tick: Tick, buy: bool) -> None:
        try:
            if self.working is not None and self.working.is_open:
                self.client.cancel(self.working)
            if buy:
                self.working = self.client.buy(self.instrument, LOT, tick.asks[0][0])
            else:
                position = self.client.positions().get(self.instrument)
                if position is None or position.sellable < LOT:
                    return  # bought today: sellable tomorrow (T+1)
                self.working = self.client.sell(self.instrument, LOT, tick.bids[0][0])
            print(f"{self.working.side} {LOT} at {self.working.price}: {self.working.status}")
        except PankouError as error:
            print(f"not done: {error}")

    def on_order(self, order) -> None:
        if self.working is not None and order.coid == self.working.coid:
            self.working = order


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    client = Client.from_run(sys.argv[1])
    strategy = MaCross(client, sys.argv[2])
    client.on_tick(strategy.on_tick)
    client.on_order(strategy.on_order)
    client.on_fill(lambda f: print(f"filled {f.side} {f.qty} {f.instrument} at {f.price}"))
    client.start()
    try:
        client.wait()
    except KeyboardInterrupt:
        pass
    finally:
        if strategy.working is not None and strategy.working.is_open:
            client.cancel(strategy.working)
        client.stop()


if __name__ == "__main__":
    main()
