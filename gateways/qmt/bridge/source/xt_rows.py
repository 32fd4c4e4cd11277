# What the client of xtquant hands up, read into rows: orders, trades, positions, cash, the margin
# ratio. Used by way_xtquant.py, on whichever thread holds the client's objects. Always: attributes
# that a build lacks have a default; a code in no table is told and nothing is made of it; None of
# a list is None, never an empty list, unless a second figure proves that there is nothing.
from wire import *
from way import CashRow, OrderRow, PositionRow, TradeRow, china_day, number_of, price_e4, told_once
from tables import *


class XtReader(object):
    """Rows of the accounts we know. on_unknown hears UnknownValue, from any thread."""

    def __init__(self, name_of, on_unknown):
        # Account number at the broker -> name towards engines
        self._name_of = name_of
        self._on_unknown = on_unknown
        # (account, market, counter's number) -> the client's order number
        self._number_of_sysid = {}

    def name_of(self, row):
        """Name of the account a row belongs to, or None."""
        return self._name_of.get(text_of(getattr(row, 'account_id', '')))

    def note_number(self, account, row, sysid):
        """An order shows both its numbers; a trade may show the counter's only."""
        key = (account, market_of(row.symbol), sysid)
        if sysid and isinstance(row, OrderRow):
            self._number_of_sysid[key] = row.order_no
        elif sysid and row.order_no == 0:
            row.order_no = self._number_of_sysid.get(key, 0)

    def rows_of(self, trader, xt_account, kind, day):
        """Asks the client: rows, or None = failed, or empty without proof. day: 0 = any."""
        if kind == QUERY_CASH:
            asset = trader.query_stock_asset(xt_account)
            return None if asset is None else [cash_of(asset)]
        if kind == QUERY_POSITIONS:
            positions = trader.query_stock_positions(xt_account)
            if positions is None and is_flat(trader.query_stock_asset(xt_account)):
                positions = []
            return None if positions is None else [
                position_of(one) for one in positions if whole(one.volume) > 0]
        if kind == QUERY_ORDERS:
            return self._read_all(trader.query_stock_orders(xt_account, False), self.read_order, day)
        trades = self._read_all(trader.query_stock_trades(xt_account), self.read_trade, day)
        return None if trades is None else told_once(trades)

    def _read_all(self, found, read, day):
        if found is None:
            return None
        rows = []
        for one in found:
            if is_before(one, day):
                # The list is still the day before's: it proves nothing.
                return None
            try:
                made = read(one)
            except UnknownValue as error:
                self._on_unknown(error)
                continue
            if made is not None:
                rows.append(made[1])
                self.note_number(*made)
        return rows

    def read_order(self, order):
        """(account, OrderRow, counter's number), or None: of another account, or no trade."""
        account = self._name_of.get(text_of(order.account_id))
        what = 'order %s' % order.order_id
        side = side_of(order.order_type, getattr(order, 'offset_flag', 0), what)
        if account is None or side is None:
            return None
        qty = whole(order.order_volume)
        filled = whole(order.traded_volume)
        try:
            status = status_of(order.order_status, what)
        except UnknownValue as error:
            # Alive, as far as anybody knows; the rest of the row is good.
            self._on_unknown(error)
            status = STATUS_UNKNOWN
        if status == STATUS_CANCELLED and filled > 0:
            status = STATUS_PARTLY_CANCELLED
        ended = status in (STATUS_CANCELLED, STATUS_PARTLY_CANCELLED)
        try:
            kind = shown_kind(order.price_type, what)
        except UnknownValue as error:
            self._on_unknown(error)
            kind = 0
        row = OrderRow(
            text_of(getattr(order, 'order_remark', '')), text_of(order.stock_code), side[0],
            kind, price_e4(order.price or 0), qty, whole(order.order_id), filled,
            qty - filled if ended else 0, status, text_of(getattr(order, 'status_msg', '')))
        return account, row, text_of(getattr(order, 'order_sysid', ''))

    def read_trade(self, trade):
        account = self._name_of.get(text_of(trade.account_id))
        what = 'trade %s' % (trade.traded_id,)
        side = side_of(trade.order_type, getattr(trade, 'offset_flag', 0), what)
        qty = whole(trade.traded_volume)
        if account is None or side is None or qty <= 0:
            return None
        traded_id = text_of(trade.traded_id)
        if traded_id == '':
            raise UnknownValue('traded_id', '', what)
        row = TradeRow(
            text_of(getattr(trade, 'order_remark', '')), text_of(trade.stock_code), side[0],
            price_e4(trade.traded_price), qty, whole(getattr(trade, 'order_id', 0)),
            number_of(traded_id))
        return account, row, text_of(getattr(trade, 'order_sysid', ''))


def is_before(one, day):
    """Whether a row is of an earlier day: then its list proves nothing about this one."""
    at = whole(getattr(one, 'order_time', 0) or getattr(one, 'traded_time', 0))
    if day == 0 or at < 1000000000:
        return False
    # Orders of the evening before belong to the day.
    return china_day(at + 9 * 3600) < day


def is_seq(value):
    """Whether an asynchronous call returned a sequence number."""
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def may_borrow(terms, credit):
    if credit == 0:
        return True
    if terms.kind != 'CREDIT':
        return False
    return terms.financing if credit == INTENT_MARGIN else terms.short_selling


def cash_of(asset):
    available = price_e4(asset.cash)
    frozen = price_e4(getattr(asset, 'frozen_cash', 0) or 0)
    return CashRow(available + frozen, available, frozen)


def is_flat(asset):
    """Whether the asset itself says that the account holds no shares."""
    return asset is not None and getattr(asset, 'market_value', None) == 0


def position_of(one):
    price = getattr(one, 'avg_price', None) or getattr(one, 'open_price', None) or 0
    qty = whole(one.volume)
    return PositionRow(text_of(one.stock_code), qty, whole(one.can_use_volume),
                       int(round(float(price) * 10000 * qty)))


def margin_ratio(found, asset):
    """Maintenance ratio as a fraction (1.4 = 140 %); None = no debt, or not told."""
    detail = found[0] if isinstance(found, (list, tuple)) and found else found
    debt = float(getattr(detail, 'm_dTotalDebt', 0) or 0)
    if detail is None or debt <= 0:
        return None
    assured = float(getattr(detail, 'm_dAssureAsset', 0) or 0)
    if assured > 0:
        return assured / debt
    shown = float(getattr(detail, 'm_dPerAssurescaleValue', 0) or 0)
    rough = float(getattr(asset, 'total_asset', 0) or 0) / debt
    if shown <= 0:
        return rough if rough > 0 else None
    # Some builds show 1.4, some 140: the one nearer to what the assets say.
    return min((shown, shown / 100.0), key=lambda value: abs(value - rough))
