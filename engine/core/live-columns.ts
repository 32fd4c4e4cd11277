// What the broker has shown of each order that may be alive, and how far its cancel by the kill
// switch is: columns by the slots of a table of live orders. Part of that table (live-orders.ts),
// written by its broker view and by the gateway's kill cancels. Always: emptied with the table, as
// far as its slots were used. Allocates at construction only.

export class LiveColumns {
  /** As last listed. */
  readonly filled: Int32Array;
  readonly status: Int8Array;
  /** Sum of the trades listed in the running round, and in the last good one. */
  readonly traded: Int32Array;
  readonly tradedBefore: Int32Array;
  /** Round that listed it last; 0 = never. */
  readonly listed: Int32Array;
  /** Running number with which its broker number became known; 0 = not known. */
  readonly known: Int32Array;
  /** BRIDGE_* of the bridge's journal, and the code of a refusal. */
  readonly bridge: Uint8Array;
  readonly bridgeCode: Int16Array;
  /** Not ours: 1 = another's, 2 = ours that our journal had lost, FOREIGN_DROPPED. */
  readonly foreign: Uint8Array;
  /** 1 = the OMS knows it. */
  readonly told: Uint8Array;
  /** 1 = an order that is not ours and may still trade. */
  readonly foreignOpen: Uint8Array;
  /** Answers of the bridge when its row came first. */
  readonly bridgeAtFirst: Int32Array;
  readonly instrument: Int32Array;
  readonly kind: Int8Array;
  readonly priceE4: Int32Array;
  readonly qty: Int32Array;
  /** Of the kill switch: how far, and 1 = the record of a cancel that is due is written. */
  readonly killState: Uint8Array;
  readonly killWritten: Uint8Array;

  constructor(capacity: number) {
    this.filled = new Int32Array(capacity);
    this.status = new Int8Array(capacity);
    this.traded = new Int32Array(capacity);
    this.tradedBefore = new Int32Array(capacity);
    this.listed = new Int32Array(capacity);
    this.known = new Int32Array(capacity);
    this.bridge = new Uint8Array(capacity);
    this.bridgeCode = new Int16Array(capacity);
    this.foreign = new Uint8Array(capacity);
    this.told = new Uint8Array(capacity);
    this.foreignOpen = new Uint8Array(capacity);
    this.bridgeAtFirst = new Int32Array(capacity);
    this.instrument = new Int32Array(capacity);
    this.kind = new Int8Array(capacity);
    this.priceE4 = new Int32Array(capacity);
    this.qty = new Int32Array(capacity);
    this.killState = new Uint8Array(capacity);
    this.killWritten = new Uint8Array(capacity);
  }
}
