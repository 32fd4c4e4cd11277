// What the auditor of the crash tests reads: the counter's books and the records of a journal, as
// plain data. Used by crash-audit.ts and crash-audit-pairs.ts.

export interface Order {
  remark: string;
  symbol: string;
  side: number;
  qty: number;
  filled: number;
  cancelled: number;
  refused: boolean;
}

export interface Trade {
  remark: string;
  side: number;
  qty: number;
  priceE4: number;
}

/** The counter's side, added up from its lines. */
export interface CounterBooks {
  orders: Map<number, Order>;
  trades: Map<number, Trade>;
  cashE4: number;
  /** Shares by symbol. */
  positions: Map<string, number>;
  /** Contract number (digits) -> order number; one of the two is what a client tells. */
  bySysid: Map<number, number>;
}

/** A record of a journal, read. */
export interface Dumped {
  readonly seq: number;
  readonly epoch: number;
  /** Of the process that wrote it. */
  readonly monoNs: number;
  readonly type: string;
  readonly frame?: string;
  readonly coid?: string;
  readonly fields: Record<string, number>;
}
