// What the OMS notes of each order beside the order itself: whether it is held, cancelled while
// held, old, owed to risk; and its lists of slots. Part of the order table (order-table.ts), used
// by engine/actors/order-holds.ts and risk-told.ts. Always: emptied with the table, as far as its
// slots were used. Allocates at construction only.

export class HoldColumns {
  readonly state: Uint8Array;
  /** 1 = cancelled while risk had not answered. */
  readonly cancelAsked: Uint8Array;
  /** 1 = an earlier life held it. */
  readonly isOld: Uint8Array;
  /** 1 = risk has still to hear of its news. */
  readonly isDue: Uint8Array;
  /** Lists of slots: held, parked, working. */
  readonly held: Int32Array;
  readonly parked: Int32Array;
  readonly working: Int32Array;

  constructor(capacity: number) {
    this.state = new Uint8Array(capacity);
    this.cancelAsked = new Uint8Array(capacity);
    this.isOld = new Uint8Array(capacity);
    this.isDue = new Uint8Array(capacity);
    this.held = new Int32Array(capacity);
    this.parked = new Int32Array(capacity);
    this.working = new Int32Array(capacity);
  }
}
