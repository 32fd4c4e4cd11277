"""Pankou client: orders out; orders, fills and ticks back. One file, Python 3.9+, no packages.

    from pankou import Client

    client = Client.from_run("runs/today")           # or Client("http://127.0.0.1:8720", TOKEN)
    order = client.buy("600519.SH", 100, price="1500.00")
    client.on_fill(lambda fill: print(fill))
    client.start()                                   # a thread of its own; stop() ends it

What always holds: an order is "placed" only when the engine has written it down; every order has a
key, a call that got no answer is asked again with the same key and never makes a second order; the
stream reconnects by itself and every fill is handed over once, none is lost. Prices are in yuan
(give them as text or Decimal; a float is taken as it prints), quantities in shares.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import os
import socket
import struct
import sys
import threading
import time
import traceback
import urllib.parse
import uuid
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Callable, Dict, Iterable, Iterator, List, Optional, Tuple, Union

__version__ = "1.0.0"
__all__ = [
    "Account", "Client", "EngineDown", "Fill", "Leg", "Order", "PankouError", "Position",
    "Refused", "Tick", "UnknownOutcome",
]

Price = Union[str, int, float, Decimal]
_E4 = Decimal(10_000)
_FINISHED = frozenset(("filled", "cancelled", "partly-cancelled", "rejected"))


class PankouError(Exception):
    """The engine said no. `code` is stable (see docs/API.md), `field` names what was wrong."""

    def __init__(self, code: str, message: str, *, field: str = "", status: int = 0,
                 reject: Optional[Dict[str, Any]] = None) -> None:
        super().__init__(f"{message} ({code}{', ' + field if field else ''})")
        self.code = code
        self.message = message
        self.field = field
        self.status = status
        #: Where and why the engine refused: {"stage", "code", "text": {"zh", "en"}}.
        self.reject = reject


class Refused(PankouError):
    """The OMS, risk, the gateway or the exchange refused the order. Nothing is working."""


class EngineDown(PankouError):
    """No engine answers: nothing was sent by this call."""


class UnknownOutcome(PankouError):
    """Nobody knows yet whether the order was made. Ask again with the same `key`."""

    def __init__(self, key: str, why: str) -> None:
        super().__init__("unknown-outcome", f"{why}; ask again with key={key!r}")
        self.key = key


@dataclass(frozen=True)
class Order:
    """An order as the engine now knows it."""
    coid: str
    account: str
    strategy: str
    instrument: str
    side: str
    kind: str
    price: Decimal
    qty: int
    filled: int
    average: Decimal
    status: str
    updated_ns: float
    #: Why it was refused or ended, in English; "" = no reason.
    reason: str = ""
    #: SHA-256 of the key text, first 16 bytes, hexadecimal; "" = a strategy's own.
    key_hash: str = ""

    @property
    def is_open(self) -> bool:
        return self.status not in _FINISHED

    @property
    def left(self) -> int:
        return max(0, self.qty - self.filled)


@dataclass(frozen=True)
class Fill:
    """Shares that changed hands."""
    fill_id: str
    coid: str
    account: str
    strategy: str
    instrument: str
    side: str
    price: Decimal
    qty: int
    fee: Decimal
    ns: float


@dataclass(frozen=True)
class Position:
    account: str
    instrument: str
    qty: int
    #: What may be sold today (T+1).
    sellable: int
    frozen: int
    cost: Decimal
    last: Decimal
    value: Decimal
    unrealised: Decimal


@dataclass(frozen=True)
class Account:
    account: str
    cash: Decimal
    #: Part of the cash that working buys hold.
    reserved: Decimal
    equity: Decimal
    fees: Decimal
    pnl: Decimal

    @property
    def available(self) -> Decimal:
        return self.cash - self.reserved


@dataclass(frozen=True)
class Tick:
    """The book as it stood; at most ten a second of an instrument, the newest one counts."""
    instrument: str
    last: Decimal
    pre_close: Decimal
    upper_limit: Decimal
    lower_limit: Decimal
    volume: int
    ns: float
    #: (price, shares), best first.
    bids: Tuple[Tuple[Decimal, int], ...]
    asks: Tuple[Tuple[Decimal, int], ...]


@dataclass(frozen=True)
class Leg:
    """One leg of a basket: `order`, or the `error` that stopped it."""
    index: int
    order: Optional[Order]
    error: Optional[PankouError]


@dataclass
class StreamStats:
    """What the stream has been through, for logs and tests."""
    connects: int = 0
    resumes: int = 0
    snapshots: int = 0
    callback_errors: int = 0


def price_e4(price: Price) -> int:
    """Yuan to whole 1/10,000 yuan; ValueError when it has more than four decimals."""
    value = Decimal(str(price)) * _E4
    if value != value.to_integral_value() or value <= 0:
        raise ValueError(f"price={price}: expected yuan above 0 with at most four decimals")
    return int(value)


def key_hash(key: str) -> str:
    """How an order shows the key it was placed with."""
    return hashlib.sha256(key.encode("utf-8")).hexdigest()[:32]


class Client:
    """Talks to one engine. Calls may come from any thread; callbacks come from the stream's."""

    def __init__(self, url: str, token: str, *, account: Optional[str] = None,
                 timeout: float = 10.0) -> None:
        """`url` as the engine printed it (a `#token=` behind it is used when `token` is "")."""
        parts = urllib.parse.urlsplit(url)
        if parts.scheme != "http" or parts.hostname is None:
            raise ValueError(f"url={url!r}: expected http://HOST:PORT")
        if token == "" and parts.fragment.startswith("token="):
            token = parts.fragment[len("token="):]
        self._host: str = parts.hostname
        self._port: int = parts.port or 80
        self._token = token
        self._account = account
        self._timeout = timeout
        self._handlers: Dict[str, List[Callable[[Any], None]]] = {}
        self._stream = _Stream(self)

    @classmethod
    def from_run(cls, folder: str, *, account: Optional[str] = None,
                 timeout: float = 10.0) -> "Client":
        """The engine that runs in a run folder (its engine.json, readable by its owner only)."""
        path = os.path.join(folder, "engine.json")
        try:
            with open(path, encoding="utf-8") as file:
                address = json.load(file)
        except FileNotFoundError:
            message = f"no engine runs in {folder}: there is no engine.json"
            raise EngineDown("engine-down", message) from None
        if address["url"] is None:
            raise EngineDown("engine-down", "the engine runs with --no-api")
        return cls(address["url"], address["token"], account=account, timeout=timeout)

    # ---- orders ----------------------------------------------------------------------------

    def place(self, instrument: str, side: str, qty: int, price: Optional[Price] = None, *,
              kind: str = "limit", account: Optional[str] = None,
              key: Optional[str] = None, time_in_force: str = "day",
              credit: Optional[str] = None, by: Optional[str] = None) -> Order:
        """Places one order and returns it once the engine has written it down.

        `key` names the order: the same key again, with the same content, gives the same order and
        makes no second one. Without it a new key is made. Raises Refused, EngineDown,
        UnknownOutcome (its `key` is what to ask again with), PankouError. `time_in_force` ("day",
        "ioc", "fok") may only repeat what `kind` does; `credit` ("margin", "short") is refused
        where the account or its gateway cannot do it; `by` names the person who sends it.
        """
        body = self._leg(instrument, side, qty, price, kind)
        if time_in_force != "day":
            body["timeInForce"] = time_in_force
        if credit is not None:
            body["credit"] = credit
        if by is not None:
            body["by"] = by
        key = key or uuid.uuid4().hex
        return _order(self._keyed("order", self._with_account(body, account), key))

    def buy(self, instrument: str, qty: int, price: Optional[Price] = None, **more: Any) -> Order:
        return self.place(instrument, "buy", qty, price, **more)

    def sell(self, instrument: str, qty: int, price: Optional[Price] = None, **more: Any) -> Order:
        return self.place(instrument, "sell", qty, price, **more)

    def execute(self, legs: Iterable[Tuple[str, str, int, Price]], *,
                account: Optional[str] = None, key: Optional[str] = None) -> List[Leg]:
        """Places (instrument, side, qty, price) legs at once; each leg has its own result."""
        orders = [self._leg(*leg, "limit") for leg in legs]
        body = self._with_account({"orders": orders}, account)
        results = self._keyed("execute", body, key or uuid.uuid4().hex)["legs"]
        return [Leg(row["index"], _order(row["order"]) if row["ok"] else None,
                    None if row["ok"] else _error(row["error"], 0)) for row in results]

    def replace(self, order: Union[Order, str], *, price: Optional[Price] = None,
                qty: Optional[int] = None, key: Optional[str] = None) -> Dict[str, Any]:
        """Cancels an order of this desk, waits for its end, then places what is left, once.

        `qty` counts what the order has traded already. The row of a parent as docs/API.md says;
        the new order comes to on_order.
        """
        body: Dict[str, Any] = {"coid": order.coid if isinstance(order, Order) else order}
        if price is not None:
            body["priceE4"] = price_e4(price)
        if qty is not None:
            body["qty"] = qty
        return self._keyed("replace", body, key or uuid.uuid4().hex)

    def parent(self, kind: str, instrument: str, side: str, qty: int, *,
               price: Optional[Price] = None, trigger: Optional[Price] = None,
               account: Optional[str] = None, key: Optional[str] = None,
               **more: Any) -> Dict[str, Any]:
        """Asks for a parent order (twap, vwap, pov, iceberg, stop-loss, take-profit, at-time).

        `more`: startNs, endNs, slices, rateE4, showQty as docs/API.md says. The row of the parent
        once the engine has written it down; raises as place() does.
        """
        body: Dict[str, Any] = {"kind": kind, "instrument": instrument, "side": side, "qty": qty}
        if price is not None:
            body["priceE4"] = price_e4(price)
        if trigger is not None:
            body["triggerE4"] = price_e4(trigger)
        body.update({name: value for name, value in more.items() if value is not None})
        body = self._with_account(body, account)
        return self._keyed("parent", body, key or uuid.uuid4().hex)

    def twap(self, instrument: str, side: str, qty: int, *, slices: Optional[int] = None,
             **more: Any) -> Dict[str, Any]:
        """Equal parts over trading time, until endNs or the end of continuous trading."""
        return self.parent("twap", instrument, side, qty, slices=slices, **more)

    def vwap(self, instrument: str, side: str, qty: int, *, slices: Optional[int] = None,
             **more: Any) -> Dict[str, Any]:
        """Parts along the day's volume."""
        return self.parent("vwap", instrument, side, qty, slices=slices, **more)

    def pov(self, instrument: str, side: str, qty: int, rate: float, **more: Any) -> Dict[str, Any]:
        """A share of what the market trades: 0.1 is a tenth."""
        return self.parent("pov", instrument, side, qty, rateE4=round(rate * 10_000), **more)

    def iceberg(self, instrument: str, side: str, qty: int, price: Price, show: int,
                **more: Any) -> Dict[str, Any]:
        """Shows `show` shares at a time."""
        return self.parent("iceberg", instrument, side, qty, price=price, showQty=show, **more)

    def stop_loss(self, instrument: str, side: str, qty: int, trigger: Price,
                  **more: Any) -> Dict[str, Any]:
        """Sells when the last price is at or below the trigger (a buy: at or above)."""
        return self.parent("stop-loss", instrument, side, qty, trigger=trigger, **more)

    def take_profit(self, instrument: str, side: str, qty: int, trigger: Price,
                    **more: Any) -> Dict[str, Any]:
        """Sells when the last price is at or above the trigger (a buy: at or below)."""
        return self.parent("take-profit", instrument, side, qty, trigger=trigger, **more)

    def parents(self, account: Optional[str] = None) -> List[Dict[str, Any]]:
        """Parent orders of the day, as docs/API.md says."""
        query = self._with_account({}, account)
        return list(self._call("GET", "parents", query=query)["rows"])

    def cancel_parent(self, parent_no: int, account: Optional[str] = None) -> Dict[str, Any]:
        """Ends a parent of this desk, its part first; the row as it was when asked."""
        body = self._with_account({"parentNo": parent_no}, account)
        return self._call("POST", "parent-cancel", body=body)

    def cancel(self, order: Union[Order, str]) -> Order:
        """Asks for the cancel; the order as it then is (`cancel-pending`, or cancelled)."""
        coid = order.coid if isinstance(order, Order) else order
        return _order(self._call("POST", "cancel", body={"coid": coid}))

    def confirm(self, order: Union[Order, str], by: str, *, token: Optional[str] = None) -> Order:
        """A second person lets a parked order go; `token` is his, where the engine asks for one."""
        return self._decide("risk-confirm", order, by, token)

    def refuse(self, order: Union[Order, str], by: str, *, token: Optional[str] = None) -> Order:
        """A second person refuses a parked order: it ends unsent."""
        return self._decide("risk-reject", order, by, token)

    def _decide(self, name: str, order: Union[Order, str], by: str,
                token: Optional[str]) -> Order:
        coid = order.coid if isinstance(order, Order) else order
        return _order(self._call("POST", name, body={"coid": coid, "by": by}, token=token))

    def settle(self, order: Union[Order, str], end: str, by: str, reason: str, *,
               filled: Optional[int] = None, price: Optional[Price] = None) -> Order:
        """Closes an order of unknown fate: `end` is filled, cancelled or rejected; `filled` shares
        traded in all, those not booked before at `price`."""
        body: Dict[str, Any] = {"coid": order.coid if isinstance(order, Order) else order,
                                "as": end, "by": by, "reason": reason}
        if filled is not None:
            body["filledQty"] = filled
        if price is not None:
            body["priceE4"] = price_e4(price)
        return _order(self._call("POST", "order-settle", body=body))

    def cancel_all(self, account: Optional[str] = None) -> int:
        """Cancels every working order; how many there were."""
        body = self._with_account({}, account)
        return int(self._call("POST", "cancel-all", body=body)["open"])

    def kill(self) -> None:
        """The firm's kill switch: no new orders, everything cancelled. Not cleared from here."""
        self._call("POST", "kill", body={})

    # ---- looking ---------------------------------------------------------------------------

    def status(self) -> Dict[str, Any]:
        """How the engine is, as docs/API.md says."""
        return self._call("GET", "status")

    def account(self, account: Optional[str] = None) -> Account:
        """The account (the only one, or the one named)."""
        rows = self._call("GET", "account", query=self._with_account({}, account))["rows"]
        if len(rows) != 1:
            names = ", ".join(row["account"] for row in rows)
            raise PankouError("unknown-account", f"name one of the accounts {names}")
        return _account(rows[0])

    def positions(self, account: Optional[str] = None) -> Dict[str, Position]:
        """Positions by instrument."""
        query = self._with_account({}, account)
        rows = self._call("GET", "positions", query=query)["rows"]
        return {row["instrument"]: _position(row) for row in rows}

    def orders(self, **filters: Any) -> List[Order]:
        """Orders of the day, oldest first: account, instrument, side, strategy, status ("open" or
        "finished"), coid, key."""
        return [_order(row) for row in self._pages("orders", filters)]

    def order(self, *, coid: Optional[str] = None, key: Optional[str] = None) -> Optional[Order]:
        """One order by its id or by the key it was placed with; None = there is none."""
        found = self.orders(**({"coid": coid} if coid else {"key": key}))
        return found[0] if found else None

    def fills(self, **filters: Any) -> List[Fill]:
        """Fills of the day, oldest first: account, instrument, side, coid."""
        return [_fill(row) for row in self._pages("records", filters)]

    # ---- the stream ------------------------------------------------------------------------

    def on_order(self, handler: Callable[[Order], None]) -> None:
        """Calls back with each order whose state changed."""
        self._handlers.setdefault("order", []).append(handler)

    def on_fill(self, handler: Callable[[Fill], None]) -> None:
        """Calls back with each fill, exactly once in the life of this client."""
        self._handlers.setdefault("fill", []).append(handler)

    def on_tick(self, handler: Callable[[Tick], None]) -> None:
        """Calls back with the newest book of each instrument that changed."""
        self._handlers.setdefault("tick", []).append(handler)

    def start(self, *, history: bool = False) -> None:
        """Starts the stream in a thread. `history`: also hand over the day's orders and fills."""
        self._stream.start(history)

    def stop(self) -> None:
        self._stream.stop()

    def wait(self) -> None:
        """Returns when the engine has ended; in a backtest, when the data are over."""
        try:
            while self.status()["engine"] not in ("stopped", "stopping", "down"):
                time.sleep(1)
        except OSError:
            pass  # the api process ended with it

    @property
    def stats(self) -> StreamStats:
        return self._stream.stats

    def __enter__(self) -> "Client":
        self.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self.stop()

    # ---- inside ----------------------------------------------------------------------------

    @staticmethod
    def _leg(instrument: str, side: str, qty: int, price: Optional[Price],
             kind: str) -> Dict[str, Any]:
        leg: Dict[str, Any] = {"instrument": instrument, "side": side, "qty": qty}
        if price is not None:
            leg["priceE4"] = price_e4(price)
        if kind != "limit":
            leg["kind"] = kind
        return leg

    def _with_account(self, body: Dict[str, Any], account: Optional[str]) -> Dict[str, Any]:
        name = account or self._account
        return body if name is None else {**body, "account": name}

    def _keyed(self, name: str, body: Dict[str, Any], key: str) -> Dict[str, Any]:
        """Asks until somebody answers; always with the same key, so that nothing is doubled."""
        until = time.monotonic() + self._timeout
        pause = 0.05
        why = ""
        asked = False
        while True:
            try:
                return self._call("POST", name, body=body, key=key)
            except UnknownOutcome as error:
                why, asked = error.message, True
            except (OSError, http.client.HTTPException) as error:
                # The request may have arrived before the line broke.
                why, asked = str(error) or type(error).__name__, True
            except PankouError as error:
                if error.code not in ("busy", "engine-down", "too-fast"):
                    raise
                why = error.message
                if time.monotonic() + pause > until and not asked:
                    raise
            if time.monotonic() + pause > until:
                raise UnknownOutcome(key, why)
            time.sleep(pause)
            pause = min(pause * 2, 1.0)

    def _pages(self, name: str, filters: Dict[str, Any]) -> Iterator[Dict[str, Any]]:
        query = {k: v for k, v in self._with_account({}, None).items()}
        query.update({k: v for k, v in filters.items() if v is not None})
        query["limit"] = 1000
        while True:
            data = self._call("GET", name, query=query)
            yield from data["rows"]
            if data["next"] is None:
                return
            query["after"] = data["next"]

    def _call(self, method: str, name: str, *, query: Optional[Dict[str, Any]] = None,
              body: Optional[Dict[str, Any]] = None, key: str = "",
              token: Optional[str] = None) -> Dict[str, Any]:
        path = f"/api/v1/trading/{name}"
        if query:
            path += "?" + urllib.parse.urlencode(query)
        headers = {"Authorization": f"Bearer {token or self._token}"}
        if key:
            headers["Idempotency-Key"] = key
        data = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            data = json.dumps(body).encode("utf-8")
        connection = http.client.HTTPConnection(self._host, self._port, timeout=self._timeout)
        try:
            connection.request(method, path, body=data, headers=headers)
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        try:
            value = json.loads(text)
        except ValueError:
            raise PankouError("bad-answer", text.decode("utf-8", "replace")[:200],
                              status=answer.status) from None
        if value.get("ok") is True:
            return value["data"]
        error = _error(value["error"], answer.status)
        if error.code == "unknown-outcome":
            raise UnknownOutcome(key, error.message)
        raise error

    def _tell(self, what: str, value: Any) -> None:
        for handler in self._handlers.get(what, ()):
            try:
                handler(value)
            except Exception:  # a strategy's mistake must not stop the stream
                self._stream.stats.callback_errors += 1
                traceback.print_exc(file=sys.stderr)

    def _wants(self, what: str) -> bool:
        return bool(self._handlers.get(what))


@dataclass
class _Seen:
    """What was handed over already."""
    fills: set = field(default_factory=set)
    orders: Dict[str, Tuple[Any, ...]] = field(default_factory=dict)


class _Stream:
    """The WebSocket with resume: a thread that connects until it is told to stop."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._thread: Optional[threading.Thread] = None
        self._stopping = threading.Event()
        self._socket: Optional[_WebSocket] = None
        self._stream = ""
        self._seq = -1
        self._seen = _Seen()
        self._ready = threading.Event()
        self._history = False
        self.stats = StreamStats()

    def start(self, history: bool) -> None:
        if self._thread is not None:
            return
        self._history = history
        self._stopping.clear()
        self._ready.clear()
        self._thread = threading.Thread(target=self._run, name="pankou", daemon=True)
        self._thread.start()
        self._ready.wait(self._client._timeout)

    def stop(self) -> None:
        self._stopping.set()
        self.drop()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(5)
        self._thread = None

    def drop(self) -> None:
        """Cuts the connection; the thread makes another."""
        web = self._socket
        if web is not None:
            web.close()

    def _run(self) -> None:
        pause = 0.1
        while not self._stopping.is_set():
            try:
                self._connect()
                pause = 0.1
                while not self._stopping.is_set():
                    text = self._socket.receive() if self._socket else None
                    if text is None:
                        break
                    self._on_message(json.loads(text))
            except (OSError, ValueError, PankouError, http.client.HTTPException):
                pass  # the line, or the engine, is gone: again
            self.drop()
            self._stopping.wait(pause)
            pause = min(pause * 2, 2.0)

    def _connect(self) -> None:
        client = self._client
        path = "/ws"
        if self._stream:
            path += "?" + urllib.parse.urlencode({"resume": f"{self._stream}:{self._seq}"})
        self._socket = _WebSocket(client._host, client._port, path)
        self.stats.connects += 1

    def _on_message(self, message: Dict[str, Any]) -> None:
        kind = message.get("t")
        if kind == "hello":
            if message.get("stream") == self._stream and self._seq >= 0:
                self.stats.resumes += 1
            self._stream = message.get("stream", "")
        elif kind == "resync":
            self._stream, self._seq = "", -1
        elif kind == "snapshot":
            self._seq = message["seq"]
            self.stats.snapshots += 1
            self._reconcile(first=self.stats.snapshots == 1)
            self._ready.set()
        elif kind == "events":
            if self._seq >= 0 and message["seq"] != self._seq + 1:
                self._stream, self._seq = "", -1
                raise ValueError("a hole in the stream: begin anew")
            for item in message["items"]:
                self._on_item(item)
            # Only now: what was cut off in between is asked for again and told apart by its id.
            self._seq = message["seq"]

    def _on_item(self, item: Dict[str, Any]) -> None:
        kind = item.get("k")
        if kind == "order":
            self._hand_order(item)
        elif kind == "fill":
            self._hand_fill(item)
        elif kind == "book" and self._client._wants("tick"):
            self._client._tell("tick", _tick(item))

    def _reconcile(self, first: bool) -> None:
        """After a snapshot: everything of the day that was not handed over yet, by HTTP."""
        quiet = first and not self._history
        for row in self._client._pages("orders", {}):
            self._hand_order(row, quiet)
        # From the start: after a restart of the engine they may stand in another order.
        for row in self._client._pages("records", {}):
            self._hand_fill(row, quiet)

    def _hand_order(self, row: Dict[str, Any], quiet: bool = False) -> None:
        account = self._client._account
        if account is not None and row["account"] != account:
            return
        state = (row["status"], row["filledQty"], row["updatedNs"])
        if self._seen.orders.get(row["coid"]) == state:
            return
        before = self._seen.orders.get(row["coid"])
        if before is not None and before[2] > row["updatedNs"]:
            return  # an older picture that was under way
        self._seen.orders[row["coid"]] = state
        if not quiet:
            self._client._tell("order", _order(row))

    def _hand_fill(self, row: Dict[str, Any], quiet: bool = False) -> None:
        account = self._client._account
        if account is not None and row["account"] != account:
            return
        if row["fillId"] in self._seen.fills:
            return
        self._seen.fills.add(row["fillId"])
        if not quiet:
            self._client._tell("fill", _fill(row))


class _WebSocket:
    """As much of RFC 6455 as this client needs: text both ways, fragments, ping, close."""

    MOST_BYTES = 64 << 20

    def __init__(self, host: str, port: int, path: str) -> None:
        name = f"[{host}]" if ":" in host else host
        self._socket = socket.create_connection((host, port), timeout=10)
        self._buffer = b""
        self._send_lock = threading.Lock()
        key = base64.b64encode(os.urandom(16)).decode("ascii")
        request = (
            f"GET {path} HTTP/1.1\r\nHost: {name}:{port}\r\nOrigin: http://{name}:{port}\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: {key}\r\n\r\n"
        )
        self._socket.sendall(request.encode("ascii"))
        head = self._until(b"\r\n\r\n").decode("latin-1")
        magic = (key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode("ascii")
        accept = base64.b64encode(hashlib.sha1(magic).digest()).decode("ascii")
        if not head.startswith("HTTP/1.1 101") or accept not in head:
            self.close()
            raise ValueError(f"the engine refused the stream: {head.splitlines()[0]}")
        # The engine says something at least every half second; this long a silence is a dead line.
        self._socket.settimeout(30)

    def receive(self) -> Optional[str]:
        """The next text; None = closed in order. Raises OSError when the line is gone."""
        parts: List[bytes] = []
        size = 0
        while True:
            head = self._exactly(2)
            final, code = head[0] & 0x80, head[0] & 0x0F
            length = head[1] & 0x7F
            if length == 126:
                length = struct.unpack(">H", self._exactly(2))[0]
            elif length == 127:
                length = struct.unpack(">Q", self._exactly(8))[0]
            size += length
            if size > self.MOST_BYTES:
                raise ValueError("a message beyond 64 MiB")
            payload = self._exactly(length)
            if code == 0x8:
                self.close()
                return None
            if code == 0x9:
                self._send(0xA, payload)
                continue
            if code == 0xA:
                continue
            parts.append(payload)
            if final:
                return b"".join(parts).decode("utf-8")

    def close(self) -> None:
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._socket.close()

    def _send(self, code: int, payload: bytes) -> None:
        mask = os.urandom(4)
        masked = bytes(b ^ mask[i & 3] for i, b in enumerate(payload))
        with self._send_lock:
            self._socket.sendall(bytes([0x80 | code, 0x80 | len(payload)]) + mask + masked)

    def _until(self, end: bytes) -> bytes:
        while end not in self._buffer:
            self._more()
            if len(self._buffer) > 65_536:
                raise ValueError("no end of the answer's head")
        at = self._buffer.index(end) + len(end)
        head, self._buffer = self._buffer[:at], self._buffer[at:]
        return head

    def _exactly(self, count: int) -> bytes:
        chunks = bytearray(self._buffer)
        while len(chunks) < count:
            part = self._socket.recv(min(1 << 20, max(4096, count - len(chunks))))
            if not part:
                raise ConnectionError("the engine closed the connection")
            chunks += part
        self._buffer = bytes(chunks[count:])
        return bytes(chunks[:count])

    def _more(self) -> None:
        part = self._socket.recv(65_536)
        if not part:
            raise ConnectionError("the engine closed the connection")
        self._buffer += part


def _yuan(value: float) -> Decimal:
    return Decimal(int(value)) / _E4


def _order(row: Dict[str, Any]) -> Order:
    reason = row.get("reason")
    return Order(
        row["coid"], row["account"], row["strategy"], row["instrument"], row["side"], row["kind"],
        _yuan(row["priceE4"]), row["qty"], row["filledQty"], _yuan(row["avgPriceE4"]),
        row["status"], row["updatedNs"], reason["text"]["en"] if reason else "",
        row.get("key", ""),
    )


def _fill(row: Dict[str, Any]) -> Fill:
    return Fill(
        row["fillId"], row["coid"], row["account"], row["strategy"], row["instrument"],
        row["side"], _yuan(row["priceE4"]), row["qty"], _yuan(row["feeE4"]), row["ns"],
    )


def _position(row: Dict[str, Any]) -> Position:
    return Position(
        row["account"], row["instrument"], row["qty"], row["sellableQty"], row["frozenQty"],
        _yuan(row["costE4"]), _yuan(row["lastE4"]), _yuan(row["marketValueE4"]),
        _yuan(row["unrealisedE4"]),
    )


def _account(row: Dict[str, Any]) -> Account:
    return Account(
        row["account"], _yuan(row["cashE4"]), _yuan(row["reservedE4"]), _yuan(row["equityE4"]),
        _yuan(row["feesE4"]), _yuan(row["pnlE4"]),
    )


def _tick(row: Dict[str, Any]) -> Tick:
    return Tick(
        row["instrument"], _yuan(row["lastE4"]), _yuan(row["preCloseE4"]),
        _yuan(row["upperLimitE4"]), _yuan(row["lowerLimitE4"]), int(row["volume"]), row["ns"],
        tuple((_yuan(p), int(q)) for p, q, _ in row["bids"]),
        tuple((_yuan(p), int(q)) for p, q, _ in row["asks"]),
    )


def _error(error: Dict[str, Any], status: int) -> PankouError:
    code = error["code"]
    kind = {"refused": Refused, "engine-down": EngineDown}.get(code, PankouError)
    return kind(code, error["message"], field=error.get("field", ""), status=status,
                reject=error.get("reject"))
