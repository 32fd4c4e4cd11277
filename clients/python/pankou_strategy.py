"""Runs a Python strategy in step with `pankou backtest strategy.py ...`. Python 3.8+, no packages.

The engine starts this file and speaks with it over stdin and stdout, a line of JSON at a time: it
tells what happened and waits until the strategy has answered, so a run is the same every time.
Two kinds of files are understood:

* functions under the names of PTrade and JoinQuant (`initialize`, `handle_data`, `order_target`,
  ...): the names are there without an import, or `from pankou_strategy import *` for an editor.
  Rounding, budgets and targets are those of the engine's own adapter: it is called for each order.
* a script over `pankou.Client`: the client's calls go to the simulated account, `time.sleep` lets
  the market go on, callbacks come while the script sleeps.

What reaches the machine's clock, files or network is refused in the strategy's own files, by name.
That is a guard against mistakes, not a sandbox. docs/PYTHON.md and docs/PTRADE.md say more.
"""

import ast
import builtins
import datetime as _datetime
import importlib
import json
import os
import random
import sys
import threading
import time as _time
import types

__all__ = [
    "attribute_history", "cancel_order", "g", "get_history", "get_open_orders", "get_orders",
    "get_position", "get_snapshot", "history", "log", "order", "order_lots", "order_market",
    "order_percent", "order_target", "order_target_percent", "order_target_portfolio",
    "order_target_value", "order_value", "run_daily", "run_interval", "run_monthly", "run_weekly",
    "set_universe",
]

_FUNCTIONS = (
    "initialize", "before_trading_start", "handle_data", "after_trading_end",
    "on_order_response", "on_trade_response",
)
#: China time has no summer time.
_ZONE_S = 8 * 3600


# ---- the line to the engine ----------------------------------------------------------------


class _Line:
    """Lines of JSON from and to the engine."""

    def __init__(self):
        self.incoming = None
        self.outgoing = None

    def open(self):
        self.incoming = os.fdopen(os.dup(0), "r", encoding="utf-8", newline="\n")
        self.outgoing = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")

    def read(self):
        text = self.incoming.readline()
        if text == "":
            os._exit(0)  # the engine is gone
        return json.loads(text)

    def send(self, message):
        text = json.dumps(message, allow_nan=False, default=_plain)
        self.outgoing.write(text + "\n")
        self.outgoing.flush()


def _plain(value):
    """Numbers of numpy and Decimals as Python's own."""
    if hasattr(value, "item"):
        return value.item()
    if hasattr(value, "as_tuple"):
        return float(value)
    raise TypeError("a %s cannot be handed to the engine" % type(value).__name__)


class _State:
    """What is known of the run."""

    def __init__(self):
        self.line = _Line()
        self.mode = ""
        self.path = ""
        self.folder = ""
        self.module = None
        self.day = 0
        self.ns = 0.0
        self.tasks = []
        self.bars = {}
        self.clients = []
        self.over = False
        self.extra_sleeps = 0
        self.in_event = False
        self.limit_s = 10.0
        self.deadline = None
        self.ignored = set()


_state = _State()


def _call(name, *args):
    """Asks the engine; raises ValueError with its words."""
    if not _state.in_event:
        raise RuntimeError("%s: only within the functions of a strategy" % name)
    _state.line.send({"call": name, "args": args})
    answer = _state.line.read()
    if "error" in answer:
        raise ValueError(answer["error"])
    return answer["ok"]


# ---- names of PTrade and JoinQuant ---------------------------------------------------------


class Row(dict):
    """A dict whose values can be read as attributes, too."""

    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


class _Globals(types.SimpleNamespace):
    """`g`: whatever the strategy puts into it."""


g = _Globals()


def order(security, amount, limit_price=None):
    """Buys (`amount` above 0) or sells shares; the order's id, or None."""
    return _call("order", security, amount, limit_price)


def order_target(security, amount, limit_price=None):
    return _call("order_target", security, amount, limit_price)


def order_value(security, value, limit_price=None):
    return _call("order_value", security, value, limit_price)


def order_target_value(security, value, limit_price=None):
    return _call("order_target_value", security, value, limit_price)


def order_percent(security, percent, limit_price=None):
    return _call("order_percent", security, percent, limit_price)


def order_target_percent(security, percent, limit_price=None):
    return _call("order_target_percent", security, percent, limit_price)


def order_lots(security, amount, limit_price=None):
    return _call("order_lots", security, amount, limit_price)


def order_target_portfolio(weights):
    return _call("order_target_portfolio", weights)


def order_market(security, amount, market_type, limit_price=None):
    return _call("order_market", security, amount, market_type, limit_price)


def cancel_order(order_param):
    what = order_param["id"] if isinstance(order_param, dict) else order_param
    return _call("cancel_order", str(what))


def get_orders(security=None):
    return [Row(row) for row in _call("get_orders", security)]


def get_open_orders(security=None):
    return [Row(row) for row in _call("get_open_orders", security)]


def get_position(security):
    return Row(_call("get_position", security))


def get_snapshot(securities):
    rows = _call("get_snapshot", _codes(securities))
    return {code: Row(row) for code, row in rows.items()}


def get_history(count, frequency="1d", field="close", security_list=None, fq=None, include=False,
                **_more):
    """The last `count` complete bars of each code, oldest first: {code: [value, ...]}."""
    del fq, include  # bars of earlier days are as of today, the forming bar is never there
    codes = _call("universe") if security_list is None else _codes(security_list)
    fields = [field] if isinstance(field, str) else list(field)
    found = {name: _call("get_history", count, frequency, name, codes) for name in fields}
    return found[fields[0]] if isinstance(field, str) else found


def history(count, unit="1d", field="avg", security_list=None, **_more):
    """JoinQuant: {code: [value, ...]}. Its default field, avg, is not kept: name one."""
    return get_history(count, unit, field, security_list)


def attribute_history(security, count, unit="1d", fields=("open", "close", "high", "low", "volume",
                                                          "money"), **_more):
    """JoinQuant: {field: [value, ...]} of one code."""
    return {name: _call("get_history", count, unit, name, [security])[security] for name in fields}


def set_universe(security_list):
    _call("set_universe", _codes(security_list))


def _codes(given):
    return [given] if isinstance(given, str) else list(given)


def run_daily(*given, **named):
    """run_daily(context, func, time) or run_daily(func, time)."""
    func, when = _task("run_daily", given, named)
    _call("run_daily", func, when)


def run_weekly(func, weekday=1, time="9:31", **_more):
    _call("run_weekly", _task_no(func), weekday, time)


def run_monthly(func, monthday=1, time="9:31", **_more):
    _call("run_monthly", _task_no(func), monthday, time)


def run_interval(context, func, seconds=10):
    del context
    _call("run_interval", _task_no(func), seconds)


def _task(what, given, named):
    funcs = [one for one in given if callable(one) and not isinstance(one, Context)]
    func = named.get("func") or (funcs[0] if funcs else None)
    if func is None:
        raise ValueError("%s: no function was given" % what)
    texts = [one for one in given if isinstance(one, str)]
    when = named.get("time") or (texts[0] if texts else "9:31")
    return _task_no(func), when


def _task_no(func):
    _state.tasks.append(func)
    return len(_state.tasks) - 1


class _Log:
    def _write(self, level, parts):
        text = " ".join(str(part) for part in parts)
        _call("log", level, text)

    def debug(self, *parts):
        self._write("", parts)

    def info(self, *parts):
        self._write("", parts)

    def warning(self, *parts):
        self._write("WARNING ", parts)

    warn = warning

    def error(self, *parts):
        self._write("ERROR ", parts)

    def set_level(self, *_):
        pass


log = _Log()


def _ignored(name):
    """A setting that the engine decides otherwise: said once, then ignored."""
    def setting(*_args, **_named):
        if name not in _state.ignored:
            _state.ignored.add(name)
            log.info("%s: 由回测的设置决定，已忽略 (decided by the options of the backtest)" % name)
    return setting


_IGNORED = (
    "set_benchmark", "set_commission", "set_fixed_slippage", "set_limit_mode", "set_option",
    "set_order_cost", "set_parameters", "set_slippage", "set_volume_ratio",
)


class Positions(dict):
    """Holdings by code; a code without a holding has an empty one."""

    def __missing__(self, code):
        return Row(_call("get_position", code))

    def __contains__(self, code):
        return Row(_call("get_position", code)).amount > 0

    def get(self, code, default=None):
        return self[code] if code in self else default


class Portfolio:
    """Cash and holdings, read at the moment they are asked for."""

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        found = _call("portfolio")
        if name not in found:
            raise AttributeError("portfolio has no %s; it has %s" % (name, ", ".join(found)))
        return found[name]

    @property
    def positions(self):
        return Positions({code: Row(row) for code, row in _call("positions").items()})


class Context:
    """What initialize and the others are given; a strategy may put its own names into it."""

    def __init__(self, params):
        self.params = Row(params)
        self.portfolio = Portfolio()
        self.blotter = self

    @property
    def current_dt(self):
        return _now()

    @property
    def universe(self):
        return _call("universe")


class Data:
    """`data[code]`: the last complete minute bar."""

    def __getitem__(self, code):
        if code not in _state.bars:
            _state.bars[code] = Row(_call("bar", code))
        return _state.bars[code]

    def __contains__(self, code):
        return code in self.keys()

    def __iter__(self):
        return iter(self.keys())

    def keys(self):
        return _call("universe")


# ---- the clock of the market in place of the machine's -------------------------------------


def _epoch():
    """Seconds since 1970 of the engine's time."""
    year, month, day = _state.day // 10_000, _state.day // 100 % 100, _state.day % 100
    days = _datetime.date(year, month, day).toordinal() - _datetime.date(1970, 1, 1).toordinal()
    return days * 86_400 - _ZONE_S + _state.ns / 1e9


def _now():
    year, month, day = _state.day // 10_000, _state.day // 100 % 100, _state.day % 100
    seconds, part = divmod(int(_state.ns // 1_000), 1_000_000)
    return _MarketDatetime(year, month, day, seconds // 3_600, seconds // 60 % 60, seconds % 60,
                           part)


def _refuse(name, hint):
    def gone(*_args, **_named):
        raise RuntimeError("%s is not there in a backtest: %s" % (name, hint))
    return gone


def _clock(name, value):
    """The market's time for a script, a refusal for a strategy that has context.current_dt."""
    def read(*args):
        if _state.mode == "client":
            return value(*args)
        raise RuntimeError("%s is not there in a backtest: the time is context.current_dt" % name)
    return read


class _Same(type):
    """A class whose instances are those of the real one."""

    def __instancecheck__(cls, value):
        return isinstance(value, cls.__mro__[1])

    def __subclasscheck__(cls, kind):
        return issubclass(kind, cls.__mro__[1])


class _MarketDatetime(_datetime.datetime, metaclass=_Same):
    @classmethod
    def now(cls, tz=None):
        found = _clock("datetime.now()", _now)()
        if tz is None:
            return found
        zone = _datetime.timezone(_datetime.timedelta(seconds=_ZONE_S))
        return found.replace(tzinfo=zone).astimezone(tz)

    @classmethod
    def today(cls):
        return cls.now()

    @classmethod
    def utcnow(cls):
        return cls.now() - _datetime.timedelta(seconds=_ZONE_S)


class _MarketDate(_datetime.date, metaclass=_Same):
    @classmethod
    def today(cls):
        found = _clock("date.today()", _now)()
        return cls(found.year, found.month, found.day)


_MarketDatetime.__name__ = _MarketDatetime.__qualname__ = "datetime"
_MarketDate.__name__ = _MarketDate.__qualname__ = "date"


def _copied(module, **changes):
    made = types.ModuleType(module.__name__, module.__doc__)
    made.__dict__.update(module.__dict__)
    made.__dict__.update(changes)
    return made


def _stand_ins():
    """Modules that the strategy's own files get in place of the real ones."""
    struct = lambda *at: _time.gmtime((at[0] if at else _epoch()) + _ZONE_S)  # noqa: E731
    reads = {
        "time": _epoch, "monotonic": _epoch, "perf_counter": _epoch,
        "time_ns": lambda: int(_epoch() * 1e9), "monotonic_ns": lambda: int(_epoch() * 1e9),
        "perf_counter_ns": lambda: int(_epoch() * 1e9),
    }
    clock = {name: _clock("time.%s()" % name, value) for name, value in reads.items()}

    def localtime(*at):
        return struct(*at) if at else _clock("time.localtime()", struct)()

    def strftime(form, *at):
        return _time.strftime(form, at[0] if at else localtime())

    clock.update(localtime=localtime, strftime=strftime,
                 sleep=lambda s: _sleep(s),
                 process_time=_refuse("time.process_time()", "it would differ from run to run"))
    paths = ("path", "sep", "linesep", "name", "fspath", "curdir", "pardir")
    small = types.ModuleType("os")
    for name in paths:
        setattr(small, name, getattr(os, name))
    why = "a strategy reaches no files, network or process; os.path is there"
    small.__getattr__ = lambda name: _missing("os." + name, why)
    return {
        "time": _copied(_time, **clock),
        "datetime": _copied(_datetime, datetime=_MarketDatetime, date=_MarketDate),
        "os": small,
    }


def _missing(name, why):
    if name.startswith("os.__"):
        raise AttributeError(name)
    raise RuntimeError("%s is not there in a backtest: %s" % (name, why))


_REFUSED = frozenset((
    "aiohttp", "asyncio", "concurrent", "ctypes", "ftplib", "glob", "http", "httpx", "io",
    "multiprocessing", "pathlib", "requests", "secrets", "select", "shutil", "signal", "smtplib",
    "socket", "socketserver", "sqlite3", "ssl", "subprocess", "tempfile", "threading", "urllib3",
    "uuid", "websocket", "websockets",
))
_OURS = ("pankou", "pankou_strategy")


def _is_own(names):
    """Whether code with these globals is the strategy's: its file, or one beside it."""
    path = names.get("__file__") if names else None
    if not path:
        return False
    path = os.path.abspath(path)
    if os.path.splitext(os.path.basename(path))[0] in _OURS:
        return False
    inside = os.path.dirname(path) + os.sep
    return path == _state.path or (inside.startswith(_state.folder + os.sep)
                                   and "site-packages" not in path)


def _guard():
    """Puts the stand-ins and refusals in place."""
    real_import, real_open = builtins.__import__, builtins.open
    stand_ins = _stand_ins()

    def guarded_import(name, names=None, local=None, fromlist=(), level=0):
        if level != 0 or not _is_own(names):
            return real_import(name, names, local, fromlist, level)
        top = name.split(".")[0]
        if top in _REFUSED or name == "urllib.request":
            raise ImportError("a strategy imports no %s in a backtest: it reaches no files, "
                              "network, threads or clock of the machine" % name)
        if top in ("jqdata", "jqlib", "kuanke", "rqalpha"):
            return sys.modules["pankou_strategy"]
        if top in stand_ins:
            if "." in name:  # import os.path
                return real_import(name, names, local, fromlist, level) if fromlist else (
                    stand_ins[top])
            return stand_ins[top]
        found = real_import(name, names, local, fromlist, level)
        if top == "numpy" and "numpy" in sys.modules:
            _seed_numpy()
        if top == "pankou":
            _adopt_client(sys.modules["pankou"])
        return found

    def guarded_open(*args, **named):
        if _is_own(sys._getframe(1).f_globals):
            raise RuntimeError("open() is not there in a backtest: a strategy reads no files")
        return real_open(*args, **named)

    def no_input(*_):
        raise RuntimeError("input() is not there in a backtest")

    builtins.__import__ = guarded_import
    builtins.open = guarded_open
    builtins.input = no_input


_seeded = []


def _seed_numpy():
    if not _seeded:
        _seeded.append(True)
        sys.modules["numpy"].random.seed(7)


class _Printed:
    """sys.stdout of the strategy: lines go to its log."""

    encoding = "utf-8"

    def __init__(self):
        self.rest = ""

    def write(self, text):
        self.rest += text
        while "\n" in self.rest:
            line, self.rest = self.rest.split("\n", 1)
            if _state.in_event:
                _call("log", "", line)
            else:
                sys.stderr.write(line + "\n")
        return len(text)

    def flush(self):
        pass

    def isatty(self):
        return False


# ---- a script over pankou.Client -----------------------------------------------------------


def _adopt_client(module):
    """Makes `pankou.Client` one of this backtest. Once."""
    if getattr(module.Client, "is_backtest", False):
        return

    class BacktestClient(module.Client):
        """The client over the simulated account: nothing leaves this process."""

        is_backtest = True

        def __init__(self, url="", token="", *, account=None, timeout=10.0):
            del url, token
            self._account = account
            self._timeout = timeout
            self._handlers = {}
            self._orders = 0
            self._stats = module.StreamStats()

        @classmethod
        def from_run(cls, folder="", *, account=None, timeout=10.0):
            del folder
            return cls(account=account, timeout=timeout)

        def _call(self, method, name, *, query=None, body=None, key="", token=None):
            del method, token
            answer = _call("trading", name, body if body is not None else (query or {}), key)
            if answer["ok"]:
                return answer["data"]
            raise module._error(answer["error"], 0)

        def _keyed(self, name, body, key):
            return self._call("POST", name, body=body, key=key)

        def start(self, *, history=False):
            del history
            if self not in _state.clients:
                _state.clients.append(self)

        def stop(self):
            if self in _state.clients:
                _state.clients.remove(self)

        @property
        def stats(self):
            return self._stats

        def _tell(self, what, value):
            for handler in list(self._handlers.get(what, ())):
                handler(value)

        def wait(self):
            while not _state.over:
                _sleep(3_600)

    # Keys of orders that nobody names: the same in every run.
    numbers = iter(range(1, 1 << 62))
    module.uuid = types.SimpleNamespace(
        uuid4=lambda: types.SimpleNamespace(hex="own-%d" % next(numbers)))
    module.Client = BacktestClient


_MAKERS = {"tick": "_tick", "order": "_order", "fill": "_fill"}


def _tell_clients(message):
    what = message["do"]
    if what not in _MAKERS:
        return
    make = getattr(sys.modules["pankou"], _MAKERS[what])
    for client in list(_state.clients):
        if client._wants(what):
            client._tell(what, make(message["row"]))


def _sleep(seconds):
    """Lets the market go on: what comes meanwhile is handed to the callbacks."""
    if _state.mode != "client":
        raise RuntimeError("time.sleep() is not there in a backtest: "
                           "run_interval and run_daily call back")
    if not _state.in_event:
        return
    if _state.over:
        _state.extra_sleeps += 1
        if _state.extra_sleeps > 1:
            raise KeyboardInterrupt  # as Ctrl-C would end it
        return
    until = _epoch() + max(0.0, float(seconds))
    while True:
        _answer({"wake": until, "wants": _wanted()})
        _take(_state.line.read())
        _tell_clients(_state.message)
        if _state.over or _epoch() >= until:
            return


def _wanted():
    """Kinds of news that somebody listens to: the others need not come."""
    return sorted({what for client in _state.clients for what in client._handlers})


# ---- what the engine asks ------------------------------------------------------------------


def _take(message):
    _state.message = message
    _state.day = message.get("day", _state.day)
    _state.ns = message.get("ns", _state.ns)
    _state.over = _state.over or message["do"] == "end"
    _state.bars = {}
    _state.in_event = True
    _state.deadline = _time.monotonic() + 0.9 * _state.limit_s  # before the engine gives up


def _answer(value):
    _state.in_event = False
    _state.deadline = None
    _state.line.send({"done": value})


def _read(message):
    """The file as it stands, without running it: its kind and its parameters."""
    _state.path = os.path.abspath(message["file"])
    _state.folder = os.path.dirname(_state.path)
    with open(_state.path, "rb") as file:
        source = file.read()
    tree = ast.parse(source, _state.path)
    named = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    _state.mode = "ptrade" if "initialize" in named else "client"
    _state.code = compile(tree, _state.path, "exec")
    params = {}
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        if any(isinstance(one, ast.Name) and one.id == "params" for one in targets):
            params = _declared(node)
    return {
        "mode": _state.mode, "params": params, "python": "%d.%d.%d" % sys.version_info[:3],
    }


def _declared(node):
    try:
        found = ast.literal_eval(node.value)
    except ValueError:
        raise ValueError("line %d: params is a plain dict, as {'fast': {'default': 5, 'min': 1}}"
                         % node.lineno) from None
    if not isinstance(found, dict):
        raise ValueError("line %d: params is a dict of names" % node.lineno)
    return {name: spec if isinstance(spec, dict) else {"default": spec}
            for name, spec in found.items()}


def _start(message):
    """Runs the file's top level; the functions it has."""
    _state.limit_s = message["limit"]
    random.seed(message["seed"])
    sys.path.insert(0, _state.folder)
    _guard()
    sys.stdout = _Printed()
    name = "__main__" if _state.mode == "client" else os.path.splitext(
        os.path.basename(_state.path))[0]
    module = types.ModuleType(name)
    module.__file__ = _state.path
    _state.module = module
    if _state.mode == "client":
        sys.argv = [_state.path, "backtest"] + message["instruments"]
        return {}
    here = globals()
    module.__dict__.update({one: here[one] for one in __all__})
    module.__dict__.update({one: _ignored(one) for one in _IGNORED})
    module.__dict__["params"] = Row(message["params"])
    exec(_state.code, module.__dict__)
    _state.context = Context(message["params"])
    module.__dict__["params"] = Row(message["params"])
    return {
        "functions": [one for one in _FUNCTIONS if callable(module.__dict__.get(one))],
        "frequency": module.__dict__.get("frequency", "minute"),
        "daily_at": module.__dict__.get("daily_at", "14:50"),
    }


def _function(message):
    """One of the functions, or a task of run_daily and the like."""
    names = _state.module.__dict__
    context, what = _state.context, message["do"]
    if what == "initialize":
        names[what](context)
    elif what == "task":
        _run_task(_state.tasks[message["task"]], context)
    elif what in ("on_order_response", "on_trade_response"):
        names[what](context, [Row(row) for row in message["rows"]])
    elif what in ("before_trading_start", "handle_data", "after_trading_end"):
        func = names[what]
        takes = getattr(getattr(func, "__code__", None), "co_argcount", 2)
        func(context, Data()) if takes > 1 else func(context)
    return None


def _run_task(func, context):
    takes = getattr(getattr(func, "__code__", None), "co_argcount", 1)
    func(context, Data()) if takes > 1 else func(context)


def _script():
    """A script from its first line to its end, over the whole run."""
    sys.modules["__main__"] = _state.module
    try:
        exec(_state.code, _state.module.__dict__)
    except KeyboardInterrupt:
        if not _state.over:
            raise
    except SystemExit as error:
        if error.code not in (None, 0):
            raise RuntimeError("the script ended itself: %s" % (error.code,)) from None
    _answer({"over": True, "wants": []})
    while True:
        _take(_state.line.read())
        _answer({"over": True, "wants": []})


def _failure(error, frames=None):
    """An error as the engine shows it: the innermost own line first."""
    if frames is None:
        frames = []
        trace = error.__traceback__
        while trace is not None:
            code = trace.tb_frame.f_code
            frames.append((code.co_filename, trace.tb_lineno, code.co_name))
            trace = trace.tb_next
    if isinstance(error, SyntaxError) and error.filename == _state.path:
        frames.append((error.filename, error.lineno, "<module>"))
    own = [one for one in frames if one[0].startswith(_state.folder)
           and os.path.splitext(os.path.basename(one[0]))[0] not in _OURS]
    name = type(error).__name__
    lines = ["%s: %s" % (name, error) if str(error) else name]
    for path, line, function in reversed(own or frames[-3:]):
        lines.append("    at %s (%s:%d)" % (function, path, line))
    return "\n".join(lines)


def _watch(main_id):
    """Ends a callback that does not return: says where it stands."""
    while True:
        _time.sleep(0.1)
        deadline = _state.deadline
        if deadline is None or _time.monotonic() < deadline:
            continue
        frames = []
        frame = sys._current_frames().get(main_id)
        while frame is not None:
            frames.append((frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name))
            frame = frame.f_back
        error = TimeoutError("did not return within %g s" % _state.limit_s)
        _state.line.send({"failed": _failure(error, frames[::-1])})
        os._exit(3)


def _main():
    if sys.version_info < (3, 8):
        sys.exit("Python %d.%d: expected 3.8 or later" % sys.version_info[:2])
    _state.line.open()
    sys.modules["pankou_strategy"] = sys.modules["__main__"]
    here = os.path.dirname(os.path.abspath(__file__))
    # `import pankou` finds the client beside this file, whatever folder the strategy is in.
    sys.path[0] = here
    importlib.invalidate_caches()
    sys.setrecursionlimit(max(1_000, sys.getrecursionlimit()))
    threading.Thread(target=_watch, args=(threading.get_ident(),), daemon=True).start()
    try:
        _state.line.send({"done": _read(_state.line.read())})
        message = _state.line.read()
        _state.limit_s, _state.deadline = message["limit"], _time.monotonic() + 0.9 * message["limit"]
        made = _start(message)
        _answer(made)
        _take(_state.line.read())
        if _state.mode == "client":
            _script()
        while True:
            _answer(_function(_state.message))
            _take(_state.line.read())
    except BaseException as error:  # whatever ends the strategy is told to the engine
        _state.deadline = None
        _state.line.send({"failed": _failure(error)})


if __name__ == "__main__":
    _main()
