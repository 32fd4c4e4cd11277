# The objects that the terminal gives to strategies: plain attributes with the names of its interface.
# Used by emulator.py.
import time

from standin import codes

NOT_SET = 2147483647
CHINA = 8 * 3600


class Detail(object):
    def __init__(self, **fields):
        self.__dict__.update(fields)


def clock(row):
    at = time.gmtime(row['timeMs'] // 1000 + CHINA)
    return time.strftime('%Y%m%d', at), time.strftime('%H%M%S', at)


def make_order(account, row):
    date, at = clock(row)
    code, market = row['symbol'].split('.')
    return Detail(
        m_strAccountID=account, m_strInstrumentID=code, m_strExchangeID=market,
        m_strExchangeName=market, m_strInstrumentName=code,
        m_strOrderSysID=row['sysid'], m_strRemark=row['remark'], m_strStrategyName=row['strategy'],
        m_nOrderStatus=codes.status_of(row), m_nDirection=48,
        m_nOffsetFlag=48 if row['side'] == 1 else 49,
        m_nVolumeTotalOriginal=row['qty'], m_nVolumeTraded=row['filledQty'],
        m_nVolumeTotal=row['qty'] - row['filledQty'], m_dLimitPrice=codes.yuan(row['priceE4']),
        m_dTradedPrice=codes.traded_price(row), m_dCancelAmount=float(row['cancelledQty']),
        m_nOrderPriceType=codes.SHOWN_OF_KIND[row['kind']], m_strCancelInfo=row['message'],
        m_nErrorID=NOT_SET, m_strErrorMsg='', m_strInsertDate=date, m_strInsertTime=at,
        m_strOptName=u'\u4e70\u5165' if row['side'] == 1 else u'\u5356\u51fa',
        m_nOpType=0, m_eEntrustType=48)


def make_deal(account, row):
    date, at = clock(row)
    code, market = row['symbol'].split('.')
    return Detail(
        m_strAccountID=account, m_strInstrumentID=code, m_strExchangeID=market,
        m_strExchangeName=market, m_strTradeID=codes.trade_id(row),
        m_strOrderSysID=row['sysid'], m_strRemark=row['remark'], m_nDirection=48,
        m_nOffsetFlag=48 if row['side'] == 1 else 49, m_dPrice=codes.yuan(row['priceE4']),
        m_nVolume=row['qty'], m_dTradeAmount=codes.yuan(row['qty'] * row['priceE4']),
        m_strTradeDate=date, m_strTradeTime=at, m_dCommission=codes.yuan(row['feeE4']),
        m_dComission=codes.yuan(row['feeE4']))


def make_position(account, row):
    code, market = row['symbol'].split('.')
    cost = row['costAmountE4'] / row['qty'] / 10000.0 if row['qty'] else 0.0
    return Detail(
        m_strAccountID=account, m_strInstrumentID=code, m_strExchangeID=market,
        m_strInstrumentName=code, m_nVolume=row['qty'], m_nCanUseVolume=row['sellableQty'],
        m_nFrozenVolume=row['frozenQty'], m_nOnRoadVolume=0, m_nYesterdayVolume=row['yesterdayQty'],
        m_dOpenPrice=cost, m_dMarketValue=codes.yuan(row['qty'] * row['lastE4']), m_nDirection=48)


def make_account(account, row, is_up, credit):
    value = row['marketValueE4']
    borrowed = {}
    if credit is not None:
        borrowed = {'m_dTotalDebt': codes.yuan(credit['debtE4']),
                    'm_dPerAssurescaleValue': credit['ratioPermille'] / 1000.0,
                    'm_dEnableBailBalance': codes.yuan(credit['quotaE4'])}
    return Detail(
        m_strAccountID=account, m_dBalance=codes.yuan(row['cashE4'] + value),
        m_dAvailable=codes.yuan(row['availableE4']), m_dFrozenCash=codes.yuan(row['frozenE4']),
        m_dInstrumentValue=codes.yuan(value), m_dStockValue=codes.yuan(value),
        m_strStatus=u'\u767b\u5f55\u6210\u529f' if is_up else u'\u5df2\u65ad\u5f00', **borrowed)
