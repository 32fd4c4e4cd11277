class StockAccount(object):
    def __init__(self, account_id, account_type='STOCK'):
        self.account_id = account_id
        self.account_type = 2
