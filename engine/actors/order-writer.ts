// Writes the OMS's orders into the ring to risk. Part of the order manager, split off for its size.
// Invariants: an order says what its table says at that moment; a full ring is told by `false` and
// nothing was written.
import type { Account } from '../core/account.ts';
import { FLOAT_ZERO } from '../core/float-zero.ts';
import { idCheck } from '../core/order-id.ts';
import {
  FLAG_CONFIRMED,
  INTENT_MARGIN,
  INTENT_SHORT,
  ORDER_CONFIRMED,
  ORDER_CREDIT_SHIFT,
} from '../messages/codes.ts';
import { Order } from '../messages/generated/order.ts';
import type { MonoClock } from './clock.ts';
import type { OutPort } from './port.ts';

/** Engine time of the frame at hand; an object's field, because a float64 argument is boxed. */
export interface EngineTime {
  readonly nowNs: number;
}

export class OrderWriter {
  /** Host times of what caused the order being passed on; 0 = a person or a policy did. */
  causeRecvNs = FLOAT_ZERO;
  causeAtNs = FLOAT_ZERO;
  readonly #time: EngineTime;
  readonly #account: Account;
  readonly #day: number;
  readonly #out: OutPort;
  readonly #clock: MonoClock;
  readonly #order = new Order();
  readonly #stamp = new Float64Array(1);

  constructor(account: Account, day: number, out: OutPort, clock: MonoClock, time: EngineTime) {
    this.#time = time;
    this.#account = account;
    this.#day = day;
    this.#out = out;
    this.#clock = clock;
  }

  /** Passes the order in `slot` on with an ACTION_*; false = no room. */
  pass(slot: number, action: number): boolean {
    const at = this.#out.claim(Order.BYTES);
    if (at < 0) return false;
    const { orders, positions, index } = this.#account;
    const i = orders.instrument[slot];
    const order = this.#order.begin(this.#out.memory, at);
    order.eventNs = this.#time.nowNs;
    order.recvNs = this.causeRecvNs;
    order.coidA = orders.idA[slot];
    order.coidB = this.#day;
    order.coidC = orders.idC[slot];
    order.coidD = idCheck(orders.idA[slot], this.#day, orders.idC[slot]);
    order.account = index;
    order.strategy = orders.strategy[slot];
    order.instrument = i;
    order.intentNo = orders.intentNo[slot];
    order.action = action;
    order.side = orders.side[slot];
    order.kind = orders.kind[slot];
    order.timeInForce = orders.timeInForce[slot];
    order.priceE4 = orders.priceE4[slot];
    order.qty = orders.qty[slot];
    order.lastE4 = positions.lastE4[i];
    order.valueE4 = orders.valueE4[slot];
    order.keyA = orders.keyA[slot];
    order.keyB = orders.keyB[slot];
    order.keyC = orders.keyC[slot];
    order.keyD = orders.keyD[slot];
    order.parentNo = orders.parentNo[slot];
    order.sender = orders.sender[slot];
    const isConfirmed = (orders.marks[slot] & ORDER_CONFIRMED) !== 0;
    const credit = (orders.marks[slot] >> ORDER_CREDIT_SHIFT) & (INTENT_MARGIN | INTENT_SHORT);
    order.flags = credit | (isConfirmed ? FLAG_CONFIRMED : 0);
    order.exposureQty = positions.qty[i] + positions.openBuy[i];
    order.intentAtNs = this.causeAtNs;
    this.#clock.stamp(this.#stamp, 0);
    order.omsAtNs = this.#stamp[0];
    this.#out.commit();
    return true;
  }
}
