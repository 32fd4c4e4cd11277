// The shape of a vendor's CSV as data: how its header is recognised, which column is which field,
// and in which unit. One file per vendor lies in layouts/; layout-table.ts lists them; the row
// readers interpret them. A new vendor is a new file, not a new branch. Documented in
// docs/DATA.md.

/** What a file holds. */
export type Content =
  | 'orders'
  | 'trades'
  | 'snapshots'
  | 'bars'
  | 'start-book'
  | 'instruments'
  | 'actions';

/**
 * How a time is written:
 * `clock` 09:30:00.050 · `compact-ms` 93000050 · `stamp` 2023.02.01T09:15:00.040 or with blanks and
 * dashes · `minute` 201812030930 · `day` 2023-01-03 or 20230103 (the row stands for a whole day) ·
 * `hhmm` 0931, with a date column · `stamp-or-day` a stamp; without a time of day, or at midnight,
 * the row is a day · `epoch-ms` milliseconds since 1970 UTC; midnight in China is a day.
 */
export type TimeFormat =
  | 'clock'
  | 'compact-ms'
  | 'stamp'
  | 'minute'
  | 'day'
  | 'hhmm'
  | 'stamp-or-day'
  | 'epoch-ms';

/**
 * Where the opening auction's trades go: into a bar of their own labelled 09:30, into the first bar
 * of the day, or either (vendors differ by product; a bar labelled 09:30 is then the auction's).
 */
export type AuctionBar = 'own' | 'first' | 'either';

/** Unit of a price column: yuan as decimal text, or integers of 1/10,000 yuan. */
export type PriceUnit = 'yuan' | 'e4';

/**
 * When a row is. Without `date` and without a date in the time, file or folder name give the day.
 */
export interface LayoutClock {
  readonly time: string;
  readonly format: TimeFormat;
  /** Column with the day, digits with any separators. */
  readonly date?: string;
}

/** What every layout says. */
interface LayoutBase {
  /** Short name, in reports and docs. */
  readonly id: string;
  readonly title: string;
  /** Columns that must be in the header. */
  readonly signature: readonly string[];
  /** Columns whose presence means another layout. */
  readonly lacks?: readonly string[];
  /** MARKET_* of codes written without a venue; 0 = by code range. */
  readonly market: number;
  /** Column with the symbol or the six-digit code; absent: the file name holds it. */
  readonly symbol?: string;
  /** Column that must read 4 where prices are integers of 1/10,000. */
  readonly powerOf10?: string;
}

/** Values of a code column. */
export type Codes = { readonly [text: string]: number };

/** Order-by-order stream. */
export interface OrderLayout extends LayoutBase {
  readonly content: 'orders';
  readonly clock: LayoutClock;
  readonly price: PriceUnit;
  readonly channel: string;
  readonly seq: string;
  readonly orderNo: string;
  readonly side: string;
  readonly sides: Codes;
  readonly qty: string;
  readonly priceColumn: string;
  /** Column that tells adding from cancelling; absent: every row adds. */
  readonly action?: string;
  readonly actions?: Codes;
  /** Column that tells the order kind; absent: limit. */
  readonly kind?: string;
  /** KIND_* by text; KIND_UNTOLD: a market order whose kind the exchange does not tell. */
  readonly kinds?: Codes;
}

/** Trade-by-trade stream, on SZSE with the cancels in it. */
export interface TradeLayout extends LayoutBase {
  readonly content: 'trades';
  readonly clock: LayoutClock;
  readonly price: PriceUnit;
  readonly channel: string;
  readonly seq: string;
  readonly buyNo: string;
  readonly sellNo: string;
  readonly qty: string;
  readonly priceColumn: string;
  /** Absent: the larger order number in continuous trading, none in a call (rules sheet 11.1). */
  readonly aggressor?: string;
  readonly aggressors?: Codes;
  /** Column that tells a trade (0) from a cancel (1); absent: every row is a trade. */
  readonly exec?: string;
  readonly execs?: Codes;
}

/** Ten-level pictures. `#` in a level column stands for the level number. */
export interface SnapshotLayout extends LayoutBase {
  readonly content: 'snapshots';
  readonly clock: LayoutClock;
  readonly preClose: string;
  readonly last: string;
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly volume: string;
  readonly amount: string;
  readonly trades?: string;
  readonly phase: string;
  /** PHASE_* by the text's first word or character. */
  readonly phases: Codes;
  /** Only the first character of the phase column counts. */
  readonly phaseByFirstCharacter?: boolean;
  readonly upperLimit?: string;
  readonly lowerLimit?: string;
  readonly firstLevel: 0 | 1;
  readonly bidPrice: string;
  readonly bidQty: string;
  readonly bidOrders?: string;
  readonly askPrice: string;
  readonly askQty: string;
  readonly askOrders?: string;
}

/** Bars of any length. */
export interface BarLayout extends LayoutBase {
  readonly content: 'bars';
  readonly clock: LayoutClock;
  /** Whether the time names the bar's end or its start; 'ask': the header does not tell. */
  readonly label: 'end' | 'start' | 'ask';
  readonly auction: AuctionBar;
  /** Rows come with the newest first. */
  readonly newestFirst?: boolean;
  /** Seconds; 0 = from the file name (`5min`) or from the first label of the day. */
  readonly intervalS: number;
  /** Columns; where a file has one price only, all four name it. */
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly close: string;
  readonly volume: string;
  /** Shares per unit of volume; 0: the header does not tell. */
  readonly volumeUnit: number;
  readonly amount?: string;
  /** Yuan per unit of amount. */
  readonly amountUnit?: number;
  /**
   * An open of 0 is a fault of the source: the close before, kept within low and high, stands in.
   */
  readonly openMayBeZero?: boolean;
}

/** Orders that rest when a partial day begins; they have no time, no symbol and no channel. */
export interface StartBookLayout extends LayoutBase {
  readonly content: 'start-book';
  readonly price: PriceUnit;
  readonly seq: string;
  readonly side: string;
  readonly sides: Codes;
  readonly qty: string;
  readonly priceColumn: string;
}

/** Static data of the day. */
export interface InstrumentLayout extends LayoutBase {
  readonly content: 'instruments';
  readonly day: string;
  readonly preClose: string;
  readonly upperLimit: string;
  readonly lowerLimit: string;
}

/** Corporate actions: what a share became on an ex-date. Per ten shares. */
export interface ActionLayout extends LayoutBase {
  readonly content: 'actions';
  readonly clock: LayoutClock;
  readonly bonusPer10: string;
  readonly transferPer10: string;
  readonly rightsPer10: string;
  readonly rightsPrice: string;
  readonly cashPer10: string;
  /** In 10,000 shares. */
  readonly totalShares10k?: string;
  readonly floatShares10k?: string;
}

/** A known file that holds nothing for the tape. */
export interface IgnoredLayout extends LayoutBase {
  readonly content: 'ignored';
  /** Why it is left out, for the warning. */
  readonly reason: string;
}

export type Layout =
  | OrderLayout
  | TradeLayout
  | SnapshotLayout
  | BarLayout
  | StartBookLayout
  | InstrumentLayout
  | ActionLayout
  | IgnoredLayout;
