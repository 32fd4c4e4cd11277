#coding:gbk
# A strategy that tries the emulator of the full terminal from inside: run by terminal.test.ts.
# Each check is a generator that yields while it waits; prints `ok NAME` or `FAIL NAME WHY`.
import threading
import time

heard = []
inits = []
state = {'ticks': 0, 'running': None, 'left': None, 'deadline': 0.0, 'started': False}
SYMBOL = '600001.SH'


def orders(account='demo', kind='ORDER'):
    return get_trade_detail_data(account, 'stock', kind)


def of(remark, account='demo'):
    return [one for one in orders(account) if one.m_strRemark == remark]


def told(remark):
    return [o for name, o in heard if name == 'order' and o.m_strRemark == remark]


def buy(C, remark, price=9.9, qty=100, account='demo', quick=2, price_type=11):
    return passorder(23, 1101, account, SYMBOL, price_type, price, qty, 's', quick, remark, C)


def check_passorder_gives_nothing_and_the_number_comes_by_callback_and_list(C):
    assert buy(C, 'first') is None
    while not told('first') or not of('first'):
        yield
    assert told('first')[-1].m_strOrderSysID == of('first')[0].m_strOrderSysID != ''
    assert told('first')[0].m_nDirection == 48 and told('first')[0].m_nOffsetFlag == 48


def check_a_remark_keeps_less_than_24_characters(C):
    buy(C, 'b' * 30)
    while not told('b' * 23):
        yield


def check_what_is_not_quick_waits_for_a_bar(C):
    while heard[-1] != ('bar', True):
        yield
    buy(C, 'slow', quick=0)
    buy(C, 'never', quick=1)
    for _ in range(10):
        yield
    assert not told('slow') and not told('never')


def check_a_pop_up_leaves_neither_order_nor_callback(C):
    buy(C, 'pop', price_type=46)
    buy(C, 'after')
    while not told('after'):
        yield
    assert not told('pop') and not of('pop')


def check_a_cancel_goes_by_contract_number(C):
    buy(C, 'cancelled')
    while not told('cancelled') or not told('cancelled')[-1].m_strOrderSysID:
        yield
    sysid = told('cancelled')[-1].m_strOrderSysID
    assert cancel(sysid, 'demo', 'stock', C) is True
    assert cancel('77', 'demo', 'stock', C) is False
    while told('cancelled')[-1].m_nOrderStatus != 54:
        yield


def check_off_the_strategy_thread_lists_are_empty(C):
    found = []
    thread = threading.Thread(target=lambda: found.append(orders()))
    thread.start()
    while not found:
        yield
    assert found == [[]] and orders()


def check_attributes_of_the_context_are_rolled_back_at_a_tick(C):
    C.mine = 7
    assert C.mine == 7
    bars = len([name for name, _ in heard if name == 'bar'])
    while len([name for name, _ in heard if name == 'bar']) < bars + 2:
        yield
    assert not hasattr(C, 'mine')


def check_a_timer_is_not_faster_than_the_floor(C):
    before = state['fast']
    begin = time.monotonic()
    while time.monotonic() - begin < 0.5:
        yield
    assert 1 <= state['fast'] - before <= 1 + (time.monotonic() - begin) / 0.1


def check_the_second_account_is_seen_in_its_list_only(C):
    buy(C, 'second', account='other')
    while not of('second', 'other'):
        yield
    assert not told('second') and not of('second')


def check_money_follows_the_orders(C):
    buy(C, 'money', account='other')
    rows = orders('other', 'ACCOUNT')
    while rows[0].m_dFrozenCash != 990.0:
        rows = orders('other', 'ACCOUNT')
        yield
    assert rows[0].m_dAvailable == 100000.0 - 990.0
    assert get_trade_detail_data('demo', 'credit', 'ORDER') == []


CHECKS = [name for name in sorted(globals()) if name.startswith('check_')]


def init(C):
    inits.append(1)
    C.set_account('demo')
    C.set_account('other')
    if len(inits) == 1:
        state['fast'] = 0
        C.run_time('fast', '5nMilliSecond', '2020-01-01 09:00:00', 'SH')
        C.run_time('step', '100nMilliSecond', '2020-01-01 09:00:00', 'SH')
    else:
        print('ok init_again', flush=True)


def fast(C):
    state['fast'] += 1


def step(C):
    if state['left'] is None:
        state['left'] = list(CHECKS)
    if state['running'] is None:
        if not state['left']:
            return
        name = state['left'].pop(0)
        state['running'] = (name, globals()[name](C))
        state['deadline'] = time.monotonic() + 4
    name, check = state['running']
    try:
        next(check)
        if time.monotonic() < state['deadline']:
            return
        print('FAIL %s waited in vain' % name, flush=True)
    except StopIteration:
        print('ok %s' % name, flush=True)
    except Exception as error:
        print('FAIL %s %r' % (name, error), flush=True)
    state['running'] = None
    if not state['left']:
        print('DONE', flush=True)


def handlebar(C):
    heard.append(('bar', C.is_new_bar()))


def order_callback(C, order):
    heard.append(('order', order))
