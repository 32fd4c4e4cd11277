// Bar layouts of the terminals and data services of this field: QMT (xtdata), TuShare, JQData, the
// text export of 通达信, and a plain one for bars that someone wrote himself. Read by layout-table.ts.
// None of these could be checked against a file of the vendor: they follow its documentation, and
// bar-labels.ts refuses files whose labels say otherwise.
import type { BarLayout } from '../layout.ts';

const LOT = 100;

/** `get_market_data_ex(...)[code].to_csv()`; the symbol is in the file's name. */
export const qmtBars: BarLayout = {
  id: 'qmt-bars',
  title: 'QMT (xtdata) bars of any length; a bar labelled 09:30 is the opening auction',
  content: 'bars',
  market: 0,
  signature: [
    ...['time', 'open', 'high', 'low', 'close', 'volume', 'amount'],
    ...['preClose', 'suspendFlag'],
  ],
  clock: { time: 'time', format: 'epoch-ms' },
  label: 'end',
  auction: 'either',
  intervalS: 0,
  open: 'open',
  high: 'high',
  low: 'low',
  close: 'close',
  volume: 'volume',
  volumeUnit: LOT,
  amount: 'amount',
};

/** `pro.daily(...)`: newest first, lots, thousands of yuan. */
export const tushareDays: BarLayout = {
  id: 'tushare-days',
  title: 'TuShare daily bars (not adjusted)',
  content: 'bars',
  market: 0,
  signature: [
    'ts_code',
    'trade_date',
    'open',
    'high',
    'low',
    'close',
    'pre_close',
    'vol',
    'amount',
  ],
  symbol: 'ts_code',
  clock: { time: 'trade_date', format: 'day' },
  label: 'end',
  auction: 'first',
  newestFirst: true,
  intervalS: 86_400,
  open: 'open',
  high: 'high',
  low: 'low',
  close: 'close',
  volume: 'vol',
  volumeUnit: LOT,
  amount: 'amount',
  amountUnit: 1000,
};

/** `pro.stk_mins(...)`: newest first, shares, yuan. */
export const tushareMinutes: BarLayout = {
  ...tushareDays,
  id: 'tushare-minutes',
  title: 'TuShare minute bars; a bar labelled 09:30 is the opening auction',
  signature: ['ts_code', 'trade_time', 'open', 'high', 'low', 'close', 'vol', 'amount'],
  clock: { time: 'trade_time', format: 'stamp' },
  auction: 'either',
  intervalS: 0,
  volumeUnit: 1,
  amountUnit: 1,
};

/** `get_price(..., panel=False, fq=None)`: shares, yuan; the first bar holds the auction. */
export const jqdataBars: BarLayout = {
  id: 'jqdata-bars',
  title: 'JQData bars of any length (get_price with panel=False and fq=None)',
  content: 'bars',
  market: 0,
  signature: ['time', 'code', 'open', 'close', 'high', 'low', 'volume', 'money'],
  symbol: 'code',
  clock: { time: 'time', format: 'stamp-or-day' },
  label: 'end',
  auction: 'first',
  intervalS: 0,
  open: 'open',
  high: 'high',
  low: 'low',
  close: 'close',
  volume: 'volume',
  volumeUnit: 1,
  amount: 'money',
};

/** `.txt` of 通达信's 数据导出, see tdx-export-file.ts. */
export const tdxExportDays: BarLayout = {
  id: 'tdx-export-days',
  title: 'TDX text export, daily bars',
  content: 'bars',
  market: 0,
  signature: ['日期', '开盘', '最高', '最低', '收盘', '成交量', '成交额'],
  lacks: ['时间'],
  clock: { time: '日期', format: 'day' },
  label: 'end',
  auction: 'first',
  intervalS: 86_400,
  open: '开盘',
  high: '最高',
  low: '最低',
  close: '收盘',
  volume: '成交量',
  volumeUnit: 1,
  amount: '成交额',
};

export const tdxExportMinutes: BarLayout = {
  ...tdxExportDays,
  id: 'tdx-export-minutes',
  title: 'TDX text export, minute bars; 09:31 holds the opening auction',
  signature: ['日期', '时间', '开盘', '最高', '最低', '收盘', '成交量', '成交额'],
  lacks: [],
  clock: { time: '时间', format: 'hhmm', date: '日期' },
  intervalS: 0,
};

/** What people write themselves: nothing but names, so label and unit have to be told. */
export const plainBars: BarLayout = {
  id: 'plain-bars',
  title: 'plain bars; say --labels start|end and --volume-unit shares|lots',
  content: 'bars',
  market: 0,
  signature: ['datetime', 'open', 'high', 'low', 'close', 'volume'],
  lacks: ['成交额', '均价', '涨跌幅', 'money'],
  clock: { time: 'datetime', format: 'stamp-or-day' },
  symbol: 'symbol',
  label: 'ask',
  auction: 'either',
  intervalS: 0,
  open: 'open',
  high: 'high',
  low: 'low',
  close: 'close',
  volume: 'volume',
  volumeUnit: 0,
  amount: 'amount',
};
