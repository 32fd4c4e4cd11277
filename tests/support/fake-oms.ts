// A core that answers orders as the OMS does, without one: keys, statuses, refusals. Called by the
// contract tests of the trading interface. Always: the first answer to a key is kept, an order of
// 777 shares is refused by cash, one of 888 never answered.

import {
  STATUS_CANCEL_PENDING,
  STATUS_CANCELLED,
  STATUS_SUBMITTED,
} from '../../engine/core/order-status.ts';
import { REJECT_CASH, REJECT_KEY_REUSED } from '../../engine/core/reject-code.ts';
import {
  CONFIRM_YES,
  DESK_STRATEGY,
  ORDER_CONFIRMED,
  STAGE_OMS,
} from '../../engine/messages/codes.ts';
import type { FrameMemory } from '../../engine/messages/frames.ts';
import {
  CancelCommand,
  OrderSettle,
  RiskConfirm,
} from '../../engine/messages/generated/control.ts';
import { Intent, ParentIntent } from '../../engine/messages/generated/order.ts';
import type { FakeCore } from './api-setup.ts';
import { orderFrame, parentFrame, rejectFrame } from './control-frames.ts';

export class FakeOms {
  /** Orders made, by number from 1. */
  readonly orders: { readonly key: string; readonly fields: object; readonly content: string }[] =
    [];
  readonly parents = new Map<string, { readonly no: number; readonly content: string }>();
  readonly #core: FakeCore;
  readonly #parent = new ParentIntent();
  readonly #intent = new Intent();
  readonly #cancel = new CancelCommand();
  readonly #confirm = new RiskConfirm();
  readonly #settle = new OrderSettle();

  constructor(core: FakeCore) {
    this.#core = core;
    core.onCommand = (type, memory, at) => {
      if (type === ParentIntent.TYPE) this.#onParent(memory, at);
      else if (type === Intent.TYPE) this.#onIntent(memory, at);
      else if (type === CancelCommand.TYPE) this.#onCancel(memory, at);
      else if (type === RiskConfirm.TYPE) this.#onConfirm(memory, at);
      else if (type === OrderSettle.TYPE) this.#onSettle(memory, at);
    };
  }

  #onIntent(memory: FrameMemory, at: number): void {
    const f = this.#intent.wrap(memory, at);
    const { account, instrument, side, kind, priceE4, qty, keyA, keyB, keyC, keyD } = f;
    const keys = { keyA, keyB, keyC, keyD };
    const fields = {
      ...{ account, instrument, side, kind, priceE4, qty, ...keys },
      strategy: DESK_STRATEGY + account,
    };
    const key = Object.values(keys).join(' ');
    const content = JSON.stringify(fields);
    if (qty === 888) return;
    if (qty === 777) {
      this.#core.socket.send(rejectFrame(REJECT_CASH, { ...fields, stage: STAGE_OMS }), 0);
      return;
    }
    const known = this.orders.findIndex((order) => order.key === key);
    if (known >= 0 && this.orders[known]!.content !== content) {
      this.#core.socket.send(rejectFrame(REJECT_KEY_REUSED, { ...fields, stage: STAGE_OMS }), 0);
      return;
    }
    if (known < 0) this.orders.push({ key, fields, content });
    const no = known < 0 ? this.orders.length : known + 1;
    this.#core.socket.send(orderFrame(no, { ...fields, status: STATUS_SUBMITTED }), 0);
  }

  #onParent(memory: FrameMemory, at: number): void {
    const f = this.#parent.wrap(memory, at);
    const { account, instrument, kind, side, priceE4, triggerE4, qty } = f;
    const { keyA, keyB, keyC, keyD } = f;
    const keys = { keyA, keyB, keyC, keyD };
    const fields = { account, instrument, kind, side, priceE4, triggerE4, qty, ...keys };
    const key = Object.values(keys).join(' ');
    const content = JSON.stringify(fields);
    if (qty === 888) return;
    const no = this.parents.get(key)?.no ?? this.parents.size + 2;
    const isOther = (this.parents.get(key)?.content ?? content) !== content;
    const code = qty === 777 ? REJECT_CASH : isOther ? REJECT_KEY_REUSED : 0;
    if (code === 0) this.parents.set(key, { no, content });
    const told =
      code === 0 ? parentFrame(no, fields) : parentFrame(0, { ...fields, state: 7, code });
    this.#core.socket.send(told, 0);
  }

  #onConfirm(memory: FrameMemory, at: number): void {
    const { coidC, decision } = this.#confirm.wrap(memory, at);
    const status = decision === CONFIRM_YES ? STATUS_SUBMITTED : STATUS_CANCELLED;
    this.#core.socket.send(orderFrame(coidC, { status, flags: ORDER_CONFIRMED }), 0);
  }

  #onSettle(memory: FrameMemory, at: number): void {
    const { coidC } = this.#settle.wrap(memory, at);
    this.#core.socket.send(orderFrame(coidC, { status: STATUS_CANCELLED, flags: 16 }), 0);
  }

  #onCancel(memory: FrameMemory, at: number): void {
    const no = this.#cancel.wrap(memory, at).coidC;
    const order = this.orders[no - 1];
    if (order === undefined) return;
    const status = STATUS_CANCEL_PENDING;
    this.#core.socket.send(orderFrame(no, { ...order.fields, status }), 0);
  }
}
