# Account and the objects that the Python layer makes itself. Orders, trades and positions come from
# the native layer and are not instances of anything here.
from . import xtconstant


class StockAccount(object):
    def __new__(cls, account_id, account_type='STOCK'):
        # An id that is no text gives a text in place of an account, and no error.
        if not isinstance(account_id, str):
            return u'\u8d44\u91d1\u8d26\u53f7\u5fc5\u987b\u4e3a\u5b57\u7b26\u4e32\u7c7b\u578b'
        return super(StockAccount, cls).__new__(cls)

    def __init__(self, account_id, account_type='STOCK'):
        account_type = account_type.upper()
        for number, name in xtconstant.ACCOUNT_TYPE_DICT.items():
            if name == account_type:
                self.account_type = number
                self.account_id = account_id
                return
        raise Exception('unknown account type: %s' % account_type)


class XtOrderResponse(object):
    def __init__(self, account_id, order_id, strategy_name, order_remark, error_msg, seq):
        self.account_type = xtconstant.SECURITY_ACCOUNT
        self.account_id = account_id
        self.order_id = order_id
        self.strategy_name = strategy_name
        self.order_remark = order_remark
        self.error_msg = error_msg
        self.seq = seq


class XtCancelOrderResponse(object):
    def __init__(self, account_id, cancel_result, order_id, order_sysid, seq, error_msg=''):
        self.account_type = xtconstant.SECURITY_ACCOUNT
        self.account_id = account_id
        self.cancel_result = cancel_result
        self.order_id = order_id
        self.order_sysid = order_sysid
        self.seq = seq
        self.error_msg = error_msg
