// Bar layouts: the Eastmoney interface as saved by akshare (volume in lots, labels at the end), an
// index file of JoinQuant (shares, end labels), 通达信 TDX (lots, thousands of yuan, minute lines
// with start labels and one price). Read by layout-table.ts only.
import type { ActionLayout, BarLayout, IgnoredLayout } from '../layout.ts';

const LOT = 100;

export const eastmoneyOneMinute: BarLayout = {
  id: 'eastmoney-1min',
  title: 'Eastmoney (akshare) one-minute bars; 09:30 is the opening auction',
  content: 'bars',
  market: 0,
  signature: ['datetime', 'open', 'close', 'high', 'low', 'volume', '成交额', '均价'],
  clock: { time: 'datetime', format: 'stamp' },
  label: 'end',
  auction: 'own',
  intervalS: 60,
  open: 'open',
  high: 'high',
  low: 'low',
  close: 'close',
  volume: 'volume',
  volumeUnit: LOT,
  amount: '成交额',
  openMayBeZero: true,
};

export const eastmoneyMinutes: BarLayout = {
  ...eastmoneyOneMinute,
  id: 'eastmoney-minutes',
  title: 'Eastmoney (akshare) bars of 5 to 60 minutes; the first holds the opening auction',
  signature: ['datetime', 'open', 'close', 'high', 'low', 'volume', '成交额', '涨跌幅', '换手率'],
  lacks: ['股票代码'],
  auction: 'first',
  intervalS: 0,
};

export const eastmoneyDays: BarLayout = {
  ...eastmoneyOneMinute,
  id: 'eastmoney-days',
  title: 'Eastmoney (akshare) daily bars',
  signature: ['datetime', '股票代码', 'open', 'close', 'high', 'low', 'volume', '成交额'],
  symbol: '股票代码',
  clock: { time: 'datetime', format: 'day' },
  intervalS: 86_400,
};

export const joinquantMinutes: BarLayout = {
  id: 'joinquant-1min',
  title: 'JoinQuant one-minute bars; 09:31 holds the opening auction',
  content: 'bars',
  market: 0,
  signature: ['symbol', 'dt', 'freq', 'open', 'close', 'high', 'low', 'vol'],
  symbol: 'symbol',
  clock: { time: 'dt', format: 'stamp' },
  label: 'end',
  auction: 'first',
  intervalS: 60,
  open: 'open',
  high: 'high',
  low: 'low',
  close: 'close',
  volume: 'vol',
  volumeUnit: 1,
};

export const joinquantDays: BarLayout = {
  ...joinquantMinutes,
  id: 'joinquant-days',
  title: 'JoinQuant daily bars',
  signature: ['symbol', 'dt', 'open', 'close', 'high', 'low', 'vol'],
  lacks: ['freq'],
  clock: { time: 'dt', format: 'day' },
  intervalS: 86_400,
};

export const tdxMinuteLine: BarLayout = {
  id: 'tdx-minute-line',
  title: 'TDX minute line: last price of the minute, label at its start',
  content: 'bars',
  market: 0,
  signature: ['datetime', 'price', 'volume_lots'],
  lacks: ['buyorsell'],
  clock: { time: 'datetime', format: 'minute' },
  label: 'start',
  auction: 'first',
  intervalS: 60,
  open: 'price',
  high: 'price',
  low: 'price',
  close: 'price',
  volume: 'volume_lots',
  volumeUnit: LOT,
};

export const tdxDays: BarLayout = {
  id: 'tdx-days',
  title: 'TDX daily bars',
  content: 'bars',
  market: 0,
  signature: ['date', 'open', 'high', 'low', 'close', 'amount_kcny', 'volume_lots'],
  clock: { time: 'date', format: 'day' },
  label: 'end',
  auction: 'first',
  intervalS: 86_400,
  open: 'open',
  high: 'high',
  low: 'low',
  close: 'close',
  volume: 'volume_lots',
  volumeUnit: LOT,
  amount: 'amount_kcny',
  amountUnit: 1000,
};

export const tdxTransactions: IgnoredLayout = {
  id: 'tdx-transactions',
  title: 'TDX sums of about three seconds of trades',
  content: 'ignored',
  market: 0,
  signature: ['datetime', 'price', 'volume_lots', 'buyorsell'],
  reason: 'sums of several trades without order numbers are no trade stream',
};

export const tdxCorporateActions: ActionLayout = {
  id: 'tdx-corporate-actions',
  title: 'TDX corporate actions',
  content: 'actions',
  market: 0,
  signature: [
    ...['date', 'bonus_shares_per10', 'transfer_per10', 'rights_per10', 'rights_price'],
    'cash_per10',
  ],
  clock: { time: 'date', format: 'day' },
  bonusPer10: 'bonus_shares_per10',
  transferPer10: 'transfer_per10',
  rightsPer10: 'rights_per10',
  rightsPrice: 'rights_price',
  cashPer10: 'cash_per10',
  totalShares10k: 'total_shares_10k',
  floatShares10k: 'float_shares_10k',
};
