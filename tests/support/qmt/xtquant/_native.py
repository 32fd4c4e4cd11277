# The objects that the client hands up: plain attributes, no class of the public interface. With
# XTQUANT_STANDIN_OLD=1 the attributes of later builds are missing, with XTQUANT_STANDIN_BYTES=1
# texts of the counter come as GB18030 bytes, as some builds do.
import os

from standin import codes

IS_OLD = os.environ.get('XTQUANT_STANDIN_OLD') == '1'
IS_BYTES = os.environ.get('XTQUANT_STANDIN_BYTES') == '1'
LATER = ('direction', 'offset_flag', 'stock_code1', 'commission', 'avg_price')


class NativeObject(object):
    def __init__(self, **fields):
        for name, value in fields.items():
            if not (IS_OLD and name in LATER):
                setattr(self, name, value)


def told(text):
    return text.encode('gb18030') if IS_BYTES else text


def order_type(row, account_type):
    table = codes.XT_CREDIT if account_type == 3 else codes.XT_STOCK
    return codes.order_type_of(row['side'], row.get('credit', 0), table)


def make_order(account, account_type, row):
    return NativeObject(
        account_type=account_type, account_id=account, stock_code=row['symbol'],
        order_id=row['orderNo'], order_sysid=row['sysid'], order_time=row['timeMs'] // 1000,
        order_type=order_type(row, account_type), order_volume=row['qty'],
        price_type=codes.SHOWN_OF_KIND[row['kind']], price=codes.yuan(row['priceE4']),
        traded_volume=row['filledQty'], traded_price=codes.traded_price(row),
        order_status=codes.status_of(row), status_msg=told(row['message']),
        strategy_name=row['strategy'], order_remark=row['remark'],
        direction=48, offset_flag=48 if row['side'] == 1 else 49, stock_code1=row['symbol'])


def make_trade(account, account_type, row):
    amount = row['qty'] * row['priceE4']
    return NativeObject(
        account_type=account_type, account_id=account, order_type=order_type(row, account_type),
        stock_code=row['symbol'], traded_id=codes.trade_id(row), traded_time=row['timeMs'] // 1000,
        traded_price=codes.yuan(row['priceE4']), traded_volume=row['qty'],
        traded_amount=codes.yuan(amount), order_id=row['orderNo'], order_sysid=row['sysid'],
        strategy_name=row['strategy'], order_remark=row['remark'],
        direction=48, offset_flag=48 if row['side'] == 1 else 49, stock_code1=row['symbol'],
        commission=codes.yuan(row['feeE4']))


def make_position(account, account_type, row):
    cost = row['costAmountE4'] / row['qty'] / 10000.0 if row['qty'] else 0.0
    return NativeObject(
        account_type=account_type, account_id=account, stock_code=row['symbol'],
        volume=row['qty'], can_use_volume=row['sellableQty'], open_price=cost,
        market_value=codes.yuan(row['qty'] * row['lastE4']), frozen_volume=row['frozenQty'],
        on_road_volume=0, yesterday_volume=row['yesterdayQty'], avg_price=cost,
        direction=48, stock_code1=row['symbol'])


def make_asset(account, account_type, row):
    return NativeObject(
        account_type=account_type, account_id=account, cash=codes.yuan(row['availableE4']),
        frozen_cash=codes.yuan(row['frozenE4']), market_value=codes.yuan(row['marketValueE4']),
        total_asset=codes.yuan(row['cashE4'] + row['marketValueE4']))


def make_credit_detail(account, row):
    debt = row['debtE4']
    return NativeObject(
        account_type=3, account_id=account, m_nStatus=0, m_nUpdateTime=0, m_nCalcConfig=0,
        m_dFrozenCash=0.0, m_dBalance=codes.yuan(row['assetsE4']),
        m_dAvailable=codes.yuan(row['quotaE4']), m_dPositionProfit=0.0, m_dMarketValue=0.0,
        m_dFetchBalance=0.0, m_dStockValue=0.0, m_dFundValue=0.0,
        m_dTotalDebt=codes.yuan(debt), m_dEnableBailBalance=codes.yuan(row['quotaE4']),
        m_dPerAssurescaleValue=row['ratioPermille'] / 1000.0, m_dAssureAsset=0.0,
        m_dFinDebt=codes.yuan(debt), m_dFinDealAvl=codes.yuan(row['quotaE4']),
        m_dFinFee=0.0, m_dSloDebt=0.0, m_dSloMarketValue=0.0, m_dSloFee=0.0)


def make_order_error(message, row, account_type, seq):
    row = row or {}
    return NativeObject(
        account_type=account_type, account_id=message['account'], order_id=message['orderNo'],
        error_id=message['code'], error_msg=told(message['text']),
        strategy_name=row.get('strategy', ''), order_remark=row.get('remark', ''), seq=seq)


def make_cancel_error(message, row, account_type):
    market = {'SH': 0, 'SZ': 1, 'BJ': 70}.get((row or {}).get('symbol', '.SH')[-2:], 0)
    return NativeObject(
        account_type=account_type, account_id=message['account'], order_id=message['orderNo'],
        market=market, order_sysid=(row or {}).get('sysid', ''), error_id=-1,
        error_msg=told(message['text']))
