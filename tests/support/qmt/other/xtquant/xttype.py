# A StockAccount that is a plain function's result.
import collections

_Account = collections.namedtuple('_Account', 'account_type account_id login_type')


def StockAccount(account_id, account_type='STOCK'):
    return _Account({'STOCK': 2, 'CREDIT': 3}[account_type], account_id, 0)
