# QMT's numbers and the counter's, for the stand-ins only: written from the reference sheet by other
# hands than the bridges' tables, so that an error in one shows against the other.

# request price_type -> counter kind
KIND_OF_PRICE_TYPE = {11: 1, 5: 1, 42: 2, 43: 3, 44: 4, 45: 5, 46: 6, 47: 2, 48: 7, 49: 1}
# which markets take the price type; absent = all
MARKETS_OF_PRICE_TYPE = {
    42: ('SH', 'BJ'), 43: ('SH', 'BJ'), 46: ('SZ',), 47: ('SZ',), 48: ('SZ',), 49: ('SH', 'SZ'),
}
# counter kind -> price_type that the counter shows
SHOWN_OF_KIND = {1: 50, 2: 88, 3: 85, 4: 84, 5: 86, 6: 87, 7: 89}
# order_type of xtquant -> (side, credit of the counter)
XT_STOCK = {23: (1, 0), 24: (2, 0)}
XT_CREDIT = {23: (1, 0), 24: (2, 0), 27: (1, 1), 28: (2, 2), 29: (1, 3), 31: (2, 4)}
# opType of passorder
TERMINAL_STOCK = {23: (1, 0), 24: (2, 0)}
TERMINAL_CREDIT = {33: (1, 0), 34: (2, 0), 27: (1, 1), 28: (2, 2), 29: (1, 3), 31: (2, 4)}
# our status at the counter -> order_status
STATUS = {3: 50, 4: 55, 5: 56, 7: 54, 8: 53, 9: 57}
# phase -> trading status of ticks
TRADING_STATUS = {0: 11, 1: 12, 2: 12, 3: 14, 4: 13, 5: 14, 6: 18, 7: 15, 8: 17, 9: 22}
MARKET_NAMES = {1: 'SH', 2: 'SZ', 3: 'BJ'}
ACCOUNT_TYPES = {'STOCK': 2, 'CREDIT': 3}


def order_type_of(side, credit, table):
    for code, terms in table.items():
        if terms == (side, credit):
            return code
    return 0


def status_of(row):
    return row.get('raw', STATUS.get(row['status'], 255))


def yuan(e4):
    return e4 / 10000.0


def trade_id(row):
    """Exchanges write them differently: a plain number in Shanghai, with zeros in Shenzhen."""
    number = row['tradeNo']
    return str(number) if row['symbol'].endswith('SH') else '%010d' % number


def traded_price(row):
    return row['amountE4'] / row['filledQty'] / 10000.0 if row['filledQty'] else 0.0


def cut_remark(text, most):
    """What a client keeps of a remark: a character beyond ASCII counts three."""
    kept = ''
    size = 0
    for letter in text:
        size += 1 if ord(letter) < 128 else 3
        if size > most:
            break
        kept += letter
    return kept
