// Ten-level pictures of SSE in the exchange's own field names, levels 0 to 9, as exported by a
// time-series database in 2021. Read by layout-table.ts only.
import {
  MARKET_SSE,
  PHASE_CLOSED,
  PHASE_CLOSING_CALL,
  PHASE_CONTINUOUS,
  PHASE_HALTED,
  PHASE_OPENING_CALL,
  PHASE_PRE_OPEN,
} from '../../../messages/codes.ts';
import type { SnapshotLayout } from '../layout.ts';

export const sse2021Snapshots: SnapshotLayout = {
  id: 'sse-2021-snapshots',
  title: 'SSE ten-level pictures, levels 0 to 9 (2021)',
  content: 'snapshots',
  market: MARKET_SSE,
  signature: [
    'DateTime',
    'PreClosePx',
    'InstrumentStatus',
    'BidPrice0',
    'OfferPrice9',
    'NumTrades',
  ],
  symbol: 'SecurityID',
  clock: { time: 'DateTime', format: 'stamp' },
  preClose: 'PreClosePx',
  last: 'LastPx',
  open: 'OpenPx',
  high: 'HighPx',
  low: 'LowPx',
  volume: 'TotalVolumeTrade',
  amount: 'TotalValueTrade',
  trades: 'NumTrades',
  phase: 'InstrumentStatus',
  phases: {
    START: PHASE_PRE_OPEN,
    OCALL: PHASE_OPENING_CALL,
    TRADE: PHASE_CONTINUOUS,
    SUSP: PHASE_HALTED,
    CCALL: PHASE_CLOSING_CALL,
    CLOSE: PHASE_CLOSED,
    ENDTR: PHASE_CLOSED,
  },
  firstLevel: 0,
  bidPrice: 'BidPrice#',
  bidQty: 'BidOrderQty#',
  bidOrders: 'BidNumOrders#',
  askPrice: 'OfferPrice#',
  askQty: 'OfferOrderQty#',
  askOrders: 'OfferNumOrders#',
};
