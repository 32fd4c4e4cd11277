# The program of bridge A: settings from a file and the environment, then the core's loop.
#   python pankou_xtquant.py [--config FILE] [--check]
# Always: what is wrong with the settings is said in full, in both languages, before anything else.
import argparse
import json
import os
import signal
import socket
import sys
import threading
from wire import *
from guard import SettingsError, both, read_limits
from link import read_secret
from core import Core, Settings, log_line
from quotes import QuoteRoom, QuotesOnly
from quotes_xtquant import QUIET_S, XtQuotes
from way_xtquant import MARGIN_WARN, SESSION_FIRST, SESSION_LAST, XtAccountTerms, XtWay

DEFAULT_PORT = 7800
TURN_S = 0.05

# Setting -> environment variables, the first that is set counts; the file counts below them.
ENVIRONMENT = {
    'enabled': ('MINIQMT_ENABLED',),
    'account': ('MINIQMT_ACCOUNT_ID',),
    'accountType': ('MINIQMT_ACCOUNT_TYPE',),
    'userdataPath': ('MINIQMT_USERDATA_PATH', 'MINIQMT_PATH'),
    'host': ('PANKOU_BRIDGE_HOST', 'MINIQMT_HOST'),
    'port': ('PANKOU_BRIDGE_PORT', 'MINIQMT_PORT'),
    'listen': ('PANKOU_BRIDGE_LISTEN',),
    'name': ('PANKOU_ACCOUNT',),
    'secretFile': ('PANKOU_BRIDGE_SECRET_FILE',),
    'dir': ('PANKOU_BRIDGE_DIR',),
    'day': ('PANKOU_BRIDGE_DAY',),
}
FILE_KEYS = frozenset(ENVIRONMENT) | frozenset((
    'accounts', 'limits', 'sessions', 'credit', 'waits', 'quotes', 'quotesOnly',
    'level2', 'quoteQuietSeconds'))
ACCOUNT_KEYS = frozenset(('name', 'account', 'accountType', 'credit'))
CREDIT_KEYS = frozenset(('financing', 'shortSelling', 'marginWarn'))
TRUE_WORDS = ('1', 'true', 'yes', 'on')


def read_settings(path, environment):
    """Settings out of a JSON file (UTF-8 or GB18030) and the environment; SettingsError."""
    given = {}
    if path:
        try:
            with open(path, 'rb') as source:
                data = source.read()
            try:
                text = data.decode('utf-8-sig')
            except UnicodeDecodeError:
                text = data.decode('gb18030')
            given = json.loads(text)
        except (OSError, ValueError) as error:
            raise SettingsError(both('配置文件 %s 无法读取: %s' % (path, error),
                                     'cannot read the settings in %s: %s' % (path, error)))
    if not isinstance(given, dict):
        raise SettingsError(both('配置文件应为一个 JSON 对象', 'expected one JSON object'))
    unknown = sorted(set(given) - FILE_KEYS)
    if unknown:
        raise SettingsError(both('未知的设置: %s' % ', '.join(unknown),
                                 'unknown settings: %s' % ', '.join(unknown)))
    for key, names in ENVIRONMENT.items():
        for name in names:
            if environment.get(name):
                given[key] = environment[name]
                break
    return given


def read_accounts(given):
    """The accounts of the settings, one or several."""
    listed = given.get('accounts')
    if listed is None:
        one = dict((key, given[key]) for key in ACCOUNT_KEYS if key in given)
        listed = [one]
    if not isinstance(listed, list) or not listed:
        raise SettingsError(both('accounts 应为非空列表', 'accounts: expected a list'))
    accounts = []
    for one in listed:
        number = str(one.get('account', '') or '')
        kind = str(one.get('accountType', 'STOCK') or 'STOCK').upper()
        credit = one.get('credit', {})
        if number == '' or set(one) - ACCOUNT_KEYS or set(credit) - CREDIT_KEYS:
            raise SettingsError(both(
                '账户设置有误 %s: 需要 account（资金账号），可选 name、accountType、credit' % one,
                'wrong account %s: needs account (its number), may have name, accountType, credit'
                % one))
        if kind not in ('STOCK', 'CREDIT'):
            raise SettingsError(both('账户类型 %s: 应为 STOCK 或 CREDIT' % kind,
                                     'account type %s: expected STOCK or CREDIT' % kind))
        name = str(one.get('name', '') or number)
        if not all(char.isalnum() or char in '-_' for char in name):
            raise SettingsError(both('账户名称 %s 只能含字母、数字、- 和 _' % name,
                                     'account name %s: letters, digits, - and _ only' % name))
        accounts.append(XtAccountTerms(
            name, number, kind, credit.get('financing') is True,
            credit.get('shortSelling') is True, float(credit.get('marginWarn', MARGIN_WARN))))
    return accounts


def read_path(given):
    path = str(given.get('userdataPath', '') or '')
    if path == '':
        raise SettingsError(both('缺少 userdataPath（MINIQMT_USERDATA_PATH）: miniQMT 的 userdata_mini 目录',
                                 'userdataPath (MINIQMT_USERDATA_PATH) is missing: the folder '
                                 'userdata_mini of miniQMT'))
    if not os.path.isdir(path):
        raise SettingsError(both('目录不存在: %s' % path, 'no such folder: %s' % path))
    try:
        path.encode('gb18030')
    except UnicodeEncodeError:
        raise SettingsError(both('路径 %s 含 GB18030 以外的字符' % path,
                                 'path %s has characters outside GB18030' % path))
    return path


def read_listen(given):
    if given.get('listen'):
        return str(given['listen'])
    host = str(given.get('host', '') or '127.0.0.1')
    port = given.get('port', DEFAULT_PORT)
    if not str(port).isdigit() or not 0 < int(port) < 65536:
        raise SettingsError(both('端口 %s 有误' % port, 'port %s: expected 1 to 65535' % port))
    return 'tcp:%s:%s' % ('[%s]' % host if ':' in host else host, port)


def read_sessions(given):
    sessions = given.get('sessions', [SESSION_FIRST, SESSION_LAST])
    good = isinstance(sessions, list) and len(sessions) == 2
    good = good and all(isinstance(one, int) for one in sessions)
    if not good or not 0 < sessions[0] <= sessions[1] or sessions[1] - sessions[0] > 50:
        raise SettingsError(both('sessions 应为 [首, 末]，最多 50 个会话号（每个占用约 75 MB）',
                                 'sessions: expected [FIRST, LAST], at most 50 numbers (each '
                                 'costs about 75 MB in userdata_mini)'))
    return tuple(sessions)


def read_waits(given):
    """Seconds: how long an answer, a query and the proof of a refusal are waited for."""
    waits = given.get('waits', {})
    known = ('answer', 'query', 'refusal')
    good = isinstance(waits, dict) and all(key in known for key in waits)
    # The engine waits 10 s for a query.
    good = good and all(isinstance(one, (int, float)) and 0.1 <= one <= 9
                        for one in waits.values())
    if not good:
        raise SettingsError(both('waits 应为 {answer, query, refusal}，0.1 至 9 秒',
                                 'waits: expected {answer, query, refusal}, 0.1 to 9 seconds'))
    return waits


def prepare(given):
    """(Settings, XtWay) out of what was given; SettingsError with what is wrong."""
    enabled = given.get('enabled', True)
    if isinstance(enabled, str):
        enabled = enabled.strip().lower() in TRUE_WORDS
    if enabled is not True:
        raise SettingsError(both('miniQMT 桥接未启用（MINIQMT_ENABLED）',
                                 'the bridge is not enabled (MINIQMT_ENABLED)'))
    quotes_only = given.get('quotesOnly') is True
    # Without an account nothing can be sent; the core has a desk that nobody reaches.
    accounts = [] if quotes_only else read_accounts(given)
    names = ['quotes-only'] if quotes_only else [one.name for one in accounts]
    if len(set(names)) != len(names):
        raise SettingsError(both('账户名称重复', 'two accounts with one name'))
    secret = str(given.get('secretFile', '') or '')
    if secret == '':
        raise SettingsError(both('缺少 secretFile: 至少 16 个字符的密钥文件，与引擎一致',
                                 'secretFile is missing: a file with 16 characters or more, the '
                                 "same as the engine's gateway.secretFile"))
    read_secret(secret)
    limits = given.get('limits', {})
    if not isinstance(limits, dict):
        raise SettingsError(both('limits 应为对象', 'limits: expected an object'))
    read_limits(limits)
    folder = str(given.get('dir', '') or 'pankou-bridge')
    day = given.get('day', 0)
    if not str(day).isdigit():
        raise SettingsError(both('day 应如 20260109', 'day: expected such as 20260109'))
    if quotes_only:
        return Settings(folder, read_listen(given), secret, names, limits), QuotesOnly()
    way = XtWay(read_path(given), accounts, read_sessions(given), int(day), read_waits(given))
    return Settings(folder, read_listen(given), secret, names, limits), way


def tell_check(settings):
    """--check: what would be done, and whether the package is there."""
    log_line(both('设置无误', 'the settings are fine'))
    log_line('listen %s, accounts %s, dir %s'
             % (settings.listen, ', '.join(settings.accounts), os.path.abspath(settings.dir)))
    try:
        import xtquant.xttrader
        log_line('xtquant: %s' % os.path.dirname(xtquant.xttrader.__file__))
    except ImportError as error:
        log_line(both('无法导入 xtquant: %s' % error, 'cannot import xtquant: %s' % error))
        return 1
    return 0


def is_reachable(address):
    """Whether others than this machine can connect: told at start."""
    host = address[4:].rpartition(':')[0].strip('[]')
    try:
        return address.startswith('tcp:') and not socket.gethostbyname(host).startswith('127.')
    except OSError:
        return address.startswith('tcp:') and host != '::1'


def main():
    parser = argparse.ArgumentParser(description='Pankou bridge for miniQMT, see docs/QMT.md')
    parser.add_argument('--config', default=os.environ.get('PANKOU_BRIDGE_CONFIG', ''),
                        help='JSON file with settings; the environment counts above it')
    parser.add_argument('--check', action='store_true',
                        help='check settings and package, connect to nothing')
    args = parser.parse_args()
    # A thread that has an order to call must not wait 5 ms for the interpreter: nothing here
    # computes for long, so changing over costs next to nothing.
    sys.setswitchinterval(0.00001)
    try:
        given = read_settings(args.config, os.environ)
        settings, way = prepare(given)
        if args.check:
            return tell_check(settings)
        core = Core(settings, way)
        if given.get('quotes', True) is not False:
            quiet_s = float(given.get('quoteQuietSeconds', QUIET_S))
            feed = XtQuotes(given.get('level2') is True, quiet_s)
            core.add_room('quotes', QuoteRoom(core, feed, int(given.get('day', 0))))
    except SettingsError as error:
        log_line(str(error))
        return 2
    if is_reachable(settings.listen):
        core.log('注意: 其他机器可连接 %s，仅凭密钥保护' % settings.listen,
                 'note: other machines can connect to %s, the secret alone protects it'
                 % settings.listen)
    ended = threading.Event()
    for name in ('SIGINT', 'SIGTERM', 'SIGBREAK'):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda *_: ended.set())
    core.start()
    try:
        while not ended.is_set() and core.fatal == '':
            core.turn(TURN_S)
    finally:
        core.stop()
    return 0 if core.fatal == '' else 1


if __name__ == '__main__':
    code = main()
    sys.stderr.flush()
    # Threads that hang in the client must not keep the process alive.
    os._exit(code)
