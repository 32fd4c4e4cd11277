// Firm-wide pre-trade risk: the only maker of approvals. Orders come from every OMS; requests go to
// the gateway of their account, refusals go the same way (they are journaled there and come back
// to the OMS as rejects). Invariants: a cancel always passes; a place passes only with an approval
// over what it says; the kill switch refuses every place from the moment it is read.

import { REJECT_NONE } from '../core/reject-code.ts';
import { approvalOf, checkOrder, type RiskState, ruleSetHash } from '../core/risk-checks.ts';
import { POLL_LIMIT } from '../limits.ts';
import { ACTION_PLACE, SCOPE_ACCOUNT, SCOPE_STRATEGY, STAGE_RISK } from '../messages/codes.ts';
import { copyFrame, type FrameMemory, frameLength } from '../messages/frames.ts';
import { Adjustment } from '../messages/generated/broker.ts';
import { End, Kill } from '../messages/generated/control.ts';
import {
  Order,
  ParentIntent,
  ParentUpdate,
  Reject,
  Report,
  Request,
} from '../messages/generated/order.ts';
import type { FrameHandler } from '../ring/frame-handler.ts';
import type { Agent } from './agent.ts';
import type { MonoClock } from './clock.ts';
import { type FrameInput, InPort, type OutPort, type Tap } from './port.ts';

/** Most bytes one input frame makes of output. */
const REQUEST_ROOM = 1_024;

export interface RiskManagerPorts {
  /** One of each OMS, by account index. */
  readonly orders: readonly FrameInput[];
  /** To the gateway of each account. */
  readonly requests: readonly OutPort[];
  readonly control: FrameInput;
  readonly tap: Tap;
  readonly clock: MonoClock;
}

export class RiskManager implements Agent, FrameHandler {
  readonly roleName = 'risk';
  approved = 0;
  refused = 0;
  readonly #state: RiskState;
  readonly #ruleSet: number;
  readonly #ports: RiskManagerPorts;
  readonly #ordersIn: readonly InPort[];
  readonly #controlIn: InPort;
  readonly #order = new Order();
  readonly #reject = new Reject();
  readonly #request = new Request();
  readonly #report = new Report();
  readonly #parent = new ParentIntent();
  readonly #parentUpdate = new ParentUpdate();
  readonly #kill = new Kill();
  readonly #stamp = new Float64Array(1);
  readonly #end = new End();
  readonly #adjustment = new Adjustment();

  constructor(state: RiskState, ports: RiskManagerPorts) {
    this.#state = state;
    this.#ruleSet = ruleSetHash(state.limits);
    this.#ports = ports;
    this.#controlIn = new InPort(ports.control, 0, true, ports.tap, this);
    this.#ordersIn = ports.orders.map((ring, i) => new InPort(ring, 1 + i, false, ports.tap, this));
  }

  onStart(): void {}

  doWork(): number {
    if (!this.#ports.tap.ready()) return 0;
    let count = this.#controlIn.poll(POLL_LIMIT);
    for (let i = 0; i < this.#ordersIn.length; i++) {
      const room = Math.floor(this.#ports.requests[i]!.room() / REQUEST_ROOM) - 1;
      count += this.#ordersIn[i]!.poll(Math.min(POLL_LIMIT, room));
    }
    if (count === 0) return 0;
    for (let i = 0; i < this.#ports.requests.length; i++) this.#ports.requests[i]!.publish();
    this.#ports.tap.publish();
    return count;
  }

  onClose(): void {}

  isIdle(): boolean {
    for (let i = 0; i < this.#ordersIn.length; i++) {
      if (!this.#ordersIn[i]!.isEmpty()) return false;
    }
    return this.#controlIn.isEmpty();
  }

  onFrame(type: number, memory: FrameMemory, at: number): void {
    switch (type) {
      case Order.TYPE:
        this.#onOrder(memory, at);
        break;
      case Reject.TYPE:
        this.#pass(this.#reject.wrap(memory, at).account, memory, at);
        break;
      case Report.TYPE:
        this.#pass(this.#report.wrap(memory, at).account, memory, at);
        break;
      case ParentIntent.TYPE:
        this.#pass(this.#parent.wrap(memory, at).account, memory, at);
        break;
      case ParentUpdate.TYPE:
        this.#pass(this.#parentUpdate.wrap(memory, at).account, memory, at);
        break;
      case End.TYPE:
        this.#pass(this.#end.wrap(memory, at).account, memory, at);
        break;
      case Adjustment.TYPE:
        this.#pass(this.#adjustment.wrap(memory, at).account, memory, at);
        break;
      case Kill.TYPE:
        this.#onKill(memory, at);
        break;
      default:
        break;
    }
  }

  #onOrder(memory: FrameMemory, at: number): void {
    const order = this.#order.wrap(memory, at);
    if (order.action !== ACTION_PLACE) {
      this.#approve(order);
      return;
    }
    this.#state.now[0] = order.eventNs;
    const code = checkOrder(
      this.#state,
      order.account,
      order.side,
      order.priceE4,
      order.valueE4,
      order.lastE4,
      order.qty,
      order.exposureQty,
    );
    if (code === REJECT_NONE) this.#approve(order);
    else this.#refuse(order, code);
  }

  #approve(order: Order): void {
    const out = this.#ports.requests[order.account]!;
    const at = out.claim(Request.BYTES);
    if (at < 0) return;
    const request = this.#request.begin(out.memory, at);
    request.eventNs = order.eventNs;
    request.recvNs = order.recvNs;
    request.coidA = order.coidA;
    request.coidB = order.coidB;
    request.coidC = order.coidC;
    request.coidD = order.coidD;
    request.account = order.account;
    request.strategy = order.strategy;
    request.instrument = order.instrument;
    request.intentNo = order.intentNo;
    request.action = order.action;
    request.side = order.side;
    request.kind = order.kind;
    request.timeInForce = order.timeInForce;
    request.priceE4 = order.priceE4;
    request.qty = order.qty;
    request.valueE4 = order.valueE4;
    request.parentNo = order.parentNo;
    request.approval = approvalOf(
      order.coidA,
      order.coidC,
      order.instrument,
      order.side,
      order.priceE4,
      order.qty,
    );
    request.ruleSet = this.#ruleSet;
    request.keyA = order.keyA;
    request.keyB = order.keyB;
    request.keyC = order.keyC;
    request.keyD = order.keyD;
    request.intentAtNs = order.intentAtNs;
    request.omsAtNs = order.omsAtNs;
    this.#ports.clock.stamp(this.#stamp, 0);
    request.riskAtNs = this.#stamp[0];
    out.commit();
    this.approved++;
  }

  #refuse(order: Order, code: number): void {
    const out = this.#ports.requests[order.account]!;
    const at = out.claim(Reject.BYTES);
    if (at < 0) return;
    const reject = this.#reject.begin(out.memory, at);
    reject.eventNs = order.eventNs;
    reject.recvNs = order.recvNs;
    reject.coidA = order.coidA;
    reject.coidB = order.coidB;
    reject.coidC = order.coidC;
    reject.coidD = order.coidD;
    reject.account = order.account;
    reject.strategy = order.strategy;
    reject.instrument = order.instrument;
    reject.intentNo = order.intentNo;
    reject.side = order.side;
    reject.kind = order.kind;
    reject.priceE4 = order.priceE4;
    reject.qty = order.qty;
    reject.stage = STAGE_RISK;
    reject.code = code;
    reject.action = order.action;
    reject.timeInForce = order.timeInForce;
    reject.keyA = order.keyA;
    reject.keyB = order.keyB;
    reject.keyC = order.keyC;
    reject.keyD = order.keyD;
    reject.value = this.#state.value;
    reject.limit = this.#state.limit;
    out.commit();
    this.refused++;
  }

  #onKill(memory: FrameMemory, at: number): void {
    const kill = this.#kill.wrap(memory, at);
    const on = kill.on === 0 ? 0 : 1;
    if (kill.scope === SCOPE_ACCOUNT) this.#state.killed[kill.account] = on;
    // One strategy is stopped by its OMS and gateway: the others go on.
    else if (kill.scope !== SCOPE_STRATEGY) this.#state.killed.fill(on);
  }

  #pass(account: number, memory: FrameMemory, at: number): void {
    const out = this.#ports.requests[account]!;
    const to = out.claim(frameLength(memory, at));
    if (to < 0) return;
    copyFrame(memory, at, out.memory, to);
    out.commit();
  }
}
