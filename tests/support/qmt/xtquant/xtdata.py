# Market data: the public calls of the vendor's module over the simulated counter. Found at the
# address of connect(), or of XTQUANT_STANDIN_COUNTER=HOST:PORT (the vendor's module finds its client
# through a file of the user's profile). Callbacks run on one thread; what they throw is printed.
import datetime
import os
import queue
import threading
import time
import traceback

from standin import codes
from standin.counter_link import CounterLink

enable_hello = True
SECONDS = 3
CHINA = 8 * 3600

_lock = threading.Lock()
_link = None
_at = None
_next_id = 0
_subscriptions = {}
_last = {}
_work = queue.Queue()
_worker = None


def connect(ip='', port=None, remember_if_success=True):
    """The client; raises when there is none."""
    global _at
    given = os.environ.get('XTQUANT_STANDIN_COUNTER', '')
    if given:
        ip, port = given.rsplit(':', 1)
    _at = (ip or '127.0.0.1', int(port or 58610))
    return get_client()


def reconnect(ip='', port=None, remember_if_success=True):
    disconnect()
    return connect(ip, port)


def disconnect():
    global _link
    with _lock:
        if _link is not None:
            _link.close()
        _link = None


def get_client():
    global _link, _worker
    with _lock:
        if _link is not None and _link.up:
            return _link
        if _at is None and not os.environ.get('XTQUANT_STANDIN_COUNTER'):
            raise Exception(u'\u65e0\u6cd5\u8fde\u63a5\u884c\u60c5\u670d\u52a1\uff01')
        host, port = _at or os.environ['XTQUANT_STANDIN_COUNTER'].rsplit(':', 1)
        try:
            link = CounterLink(host, int(port), _on_said, lambda: None)
        except OSError:
            raise Exception(u'\u65e0\u6cd5\u8fde\u63a5\u884c\u60c5\u670d\u52a1\uff01')
        if not link.hello.wait(0.25):
            link.close()
            raise Exception(u'\u65e0\u6cd5\u8fde\u63a5\u884c\u60c5\u670d\u52a1\uff01')
        _link = link
        if _worker is None:
            _worker = threading.Thread(target=_run_callbacks, name='xtdata callbacks')
            _worker.daemon = True
            _worker.start()
        return link


def run():
    """Blocks; raises once the client is gone."""
    client = get_client()
    while True:
        time.sleep(3)
        if not client.up:
            raise Exception(u'\u884c\u60c5\u670d\u52a1\u8fde\u63a5\u65ad\u5f00')


def subscribe_quote(stock_code, period='1d', start_time='', end_time='', count=0, callback=None):
    if period != 'tick':
        return -1
    return _subscribe([stock_code], callback, True)


def subscribe_quote2(stock_code, period='1d', start_time='', end_time='', count=0,
                     dividend_type=None, callback=None):
    return subscribe_quote(stock_code, period, start_time, end_time, count, callback)


def subscribe_whole_quote(code_list, callback=None):
    return _subscribe(list(code_list), callback, False)


def unsubscribe_quote(seq):
    with _lock:
        _subscriptions.pop(seq, None)


def get_full_tick(code_list):
    rows = get_client().ask({'op': 'ticks', 'symbols': list(code_list)}, SECONDS)
    return {row['symbol']: _tick(row) for row in rows or []}


def get_instrument_detail(stock_code, iscomplete=False):
    row = get_client().ask({'op': 'detail', 'symbol': stock_code}, SECONDS)
    return row and _detail(row, iscomplete)


def get_instrument_type(stock_code):
    row = get_client().ask({'op': 'detail', 'symbol': stock_code}, SECONDS)
    if row is None:
        return None
    kind = row['kind']
    is_fund = kind in ('etf', 'lof', 'closed-end', 'structured-fund', 'reit')
    return {
        'index': kind == 'index', 'fund': is_fund, 'etf': kind == 'etf',
        'stock': kind in ('main', 'star', 'chinext', 'bse'),
    }


def get_stock_list_in_sector(sector_name, real_timetag=-1):
    rows = get_client().ask({'op': 'ticks', 'symbols': ['SH', 'SZ', 'BJ']}, SECONDS)
    return [row['symbol'] for row in rows or []]


def get_sector_list():
    return [u'\u6caa\u6df1A\u80a1']


def get_trading_dates(market, start_time='', end_time='', count=-1):
    day = get_client().day
    at = datetime.datetime(day // 10000, day // 100 % 100, day % 100)
    epoch = datetime.datetime(1970, 1, 1)
    return [int((at - epoch).total_seconds() - CHINA) * 1000]


def get_trading_period(stock_code):
    return [[33300, 33900, 2], [34200, 41400, 3], [46800, 53820, 3], [53820, 54000, 8]]


def get_trading_time(stock_code):
    return get_trading_period(stock_code)


def download_history_data(stock_code, period, start_time='', end_time='', incrementally=None):
    return None


def download_history_data2(stock_list, period, start_time='', end_time='', callback=None,
                           incrementally=None):
    for number, code in enumerate(stock_list):
        if callback is not None:
            callback({'total': len(stock_list), 'finished': number + 1, 'stockcode': code,
                      'message': ''})
    return {}


def get_divid_factors(stock_code, start_time='', end_time=''):
    return {}


def get_l2_quote(field_list=(), stock_code='', start_time='', end_time='', count=-1):
    return []


get_l2_order = get_l2_quote
get_l2_transaction = get_l2_quote


def _subscribe(symbols, callback, as_list):
    global _next_id
    client = get_client()
    with _lock:
        _next_id += 1
        seq = _next_id
        _subscriptions[seq] = (tuple(symbols), callback, as_list)
    return seq if client.call({'op': 'watch', 'symbols': symbols}) else -1


def _on_said(message):
    if message['t'] == 'ticks':
        _work.put(message['ticks'])


def _wants(symbols, code):
    return any(code == one or code.endswith('.' + one) for one in symbols)


def _run_callbacks():
    while True:
        rows = _work.get()
        with _lock:
            subscriptions = list(_subscriptions.items())
        for seq, (symbols, callback, as_list) in subscriptions:
            ticks = {}
            for row in rows:
                key = (seq, row['symbol'])
                picture = dict(row, timeMs=0)
                # The first push is the picture of now, then only what changed.
                if not _wants(symbols, row['symbol']) or _last.get(key) == picture:
                    continue
                _last[key] = picture
                ticks[row['symbol']] = [_tick(row)] if as_list else _tick(row)
            if not ticks or callback is None:
                continue
            try:
                callback(ticks)
            except Exception:
                traceback.print_exc()


def _noisy(e4):
    """A price as this interface gives it: binary noise in the last places."""
    return e4 / 10000.0 * 3.0 / 3.0 if e4 else 0.0


def _tick(row):
    status = codes.TRADING_STATUS.get(row['phase'], 0)
    return {
        'time': row['timeMs'], 'lastPrice': _noisy(row['lastE4']), 'open': _noisy(row['openE4']),
        'high': _noisy(row['highE4']), 'low': _noisy(row['lowE4']),
        'lastClose': _noisy(row['preCloseE4']), 'amount': row['amountE4'] / 10000.0,
        'volume': row['volume'] // 100, 'pvolume': row['volume'], 'stockStatus': status,
        'openInt': status, 'lastSettlementPrice': 0.0, 'transactionNum': row['trades'],
        'askPrice': [_noisy(price) for price, _ in row['asks']],
        'bidPrice': [_noisy(price) for price, _ in row['bids']],
        'askVol': [qty // 100 for _, qty in row['asks']],
        'bidVol': [qty // 100 for _, qty in row['bids']],
    }


def _detail(row, iscomplete):
    code, market = row['symbol'].split('.')
    detail = {
        'ExchangeID': market, 'InstrumentID': code, 'InstrumentName': row.get('name', code),
        'ProductID': '', 'ProductType': row['kind'], 'ExchangeCode': code, 'UniCode': code,
        'CreateDate': '0', 'OpenDate': '20100104', 'ExpireDate': 99999999,
        'PreClose': row['preCloseE4'] / 10000.0, 'SettlementPrice': 0.0,
        'UpStopPrice': row['upperLimitE4'] / 10000.0,
        'DownStopPrice': row['lowerLimitE4'] / 10000.0,
        'FloatVolume': 1e9, 'TotalVolume': 1e9, 'PriceTick': row['tickE4'] / 10000.0,
        'VolumeMultiple': 1, 'InstrumentStatus': 0, 'IsTrading': True,
    }
    if iscomplete:
        detail.update({
            'MaxLimitOrderVolume': row['maxQty'], 'MinLimitOrderVolume': row['buyMin'],
            'MaxMarketOrderVolume': row['maxMarketQty'], 'MinMarketOrderVolume': row['buyMin'],
        })
    return detail
