// Frames of the simulated broker's side that are neither report nor fill: states, rows, ends, made
// when the question is asked and written when they are due. Called by sim-desk.ts.
// Invariant: a frame keeps what the ledger said when it was made, whatever happens after.
import type { OutPort } from '../actors/port.ts';
import { must } from '../assert.ts';
import { idCheck } from '../core/order-id.ts';
import {
  STATUS_ACCEPTED,
  STATUS_CANCELLED,
  STATUS_FILLED,
  STATUS_PARTLY_CANCELLED,
  STATUS_PARTLY_FILLED,
  STATUS_REJECTED,
} from '../core/order-status.ts';
import { STAGE_EXCHANGE } from '../messages/codes.ts';
import type { FrameMemory } from '../messages/frames.ts';
import {
  BridgeRow,
  BrokerCash,
  BrokerOrder as BrokerOrderRow,
  BrokerPosition,
  BrokerTrade,
  LinkState,
  QueryEnd,
} from '../messages/generated/broker.ts';
import { Clock } from '../messages/generated/control.ts';
import { Report } from '../messages/generated/order.ts';
import type { BrokerFill, BrokerOrder } from './broker-ledger.ts';
import type { Asked } from './sim-broker.ts';

/** What every frame has. */
interface Stamped {
  eventNs: number;
}
/** A view of one type of frame. */
interface View<T> {
  begin(memory: FrameMemory, at: number): T;
}

/** One frame on its way to a gateway link. */
export interface DeskFrame {
  dueNs: number;
  /** Said by the session in the engine's process: it is not lost with the connection. */
  isLocal: boolean;
  /** Writes it into claimed room; the caller commits. */
  write(out: OutPort, nowNs: number): void;
  /** The same row as an answer to another question. */
  again(queryNo: number): DeskFrame;
}

/** A frame of `fields`, whose names are those of the view. */
function frameOf<T extends Stamped>(
  view: View<T>,
  bytes: number,
  fields: Readonly<Partial<T>>,
): DeskFrame {
  return {
    dueNs: 0,
    isLocal: false,
    write(out, nowNs) {
      const at = out.claim(bytes);
      must(at >= 0 ? at : undefined, 'room for a frame of the desk');
      Object.assign(view.begin(out.memory, at) as object, fields, { eventNs: nowNs });
    },
    again: (queryNo) => frameOf(view, bytes, { ...fields, queryNo }),
  };
}

export class DeskWriter {
  readonly #state = new LinkState();
  readonly #bridge = new BridgeRow();
  readonly #order = new BrokerOrderRow();
  readonly #trade = new BrokerTrade();
  readonly #position = new BrokerPosition();
  readonly #cash = new BrokerCash();
  readonly #end = new QueryEnd();
  readonly #report = new Report();
  readonly #clock = new Clock();

  clock(out: OutPort, nowNs: number): void {
    this.#clock.begin(out.memory, out.claim(Clock.BYTES)).eventNs = nowNs;
  }

  state(
    account: number,
    state: number,
    sessionNo: number,
    epoch: number,
    day: number,
    traits: number,
  ): DeskFrame {
    const fields = { account, state, sessionNo, epoch, day, traits, source: STAGE_EXCHANGE };
    return frameOf(this.#state, LinkState.BYTES, fields);
  }

  /** A request that the session itself refuses: it was never handed over. */
  refusal(asked: Asked, kind: number, code: number): DeskFrame {
    const { account, coidA, coidB, coidC, strategy, instrument, qty } = asked;
    const ids = { coidA, coidB, coidC, coidD: idCheck(coidA, coidB, coidC) };
    const rest = { account, strategy, instrument, leavesQty: qty };
    const fields = { ...ids, ...rest, kind, code, stage: STAGE_EXCHANGE };
    return frameOf(this.#report, Report.BYTES, fields);
  }

  bridge(asked: Asked, state: number, brokerOrderNo: number): DeskFrame {
    const { account, action, coidA, coidB, coidC } = asked;
    const ids = { coidA, coidB, coidC, coidD: idCheck(coidA, coidB, coidC) };
    return frameOf(this.#bridge, BridgeRow.BYTES, {
      ...ids,
      account,
      action,
      state,
      brokerOrderNo,
    });
  }

  order(order: BrokerOrder): DeskFrame {
    const { account, instrument, side, kind, priceE4, qty, filled, no } = order;
    const facts = { account, instrument, side, kind, priceE4, qty, filledQty: filled };
    const ended = order.state === 'cancelled' ? qty - filled : 0;
    return frameOf(this.#order, BrokerOrderRow.BYTES, {
      ...{ ...idsOf(order), ...facts, cancelledQty: ended },
      ...{ status: statusOf(order), brokerOrderNo: no },
    });
  }

  trade(order: BrokerOrder, fill: BrokerFill): DeskFrame {
    const { account, instrument, side, no } = order;
    const facts = { account, instrument, side, ...fill, brokerOrderNo: no };
    return frameOf(this.#trade, BrokerTrade.BYTES, { ...idsOf(order), ...facts });
  }

  position(account: number, instrument: number, qty: number): DeskFrame {
    const fields = { account, instrument, qty, sellableQty: qty };
    return frameOf(this.#position, BrokerPosition.BYTES, fields);
  }

  cash(account: number, cashE4: number): DeskFrame {
    return frameOf(this.#cash, BrokerCash.BYTES, { account, cashE4, availableE4: cashE4 });
  }

  end(
    account: number,
    queryNo: number,
    kind: number,
    result: number,
    rows: number,
    day: number,
  ): DeskFrame {
    return frameOf(this.#end, QueryEnd.BYTES, { account, queryNo, kind, result, rows, day });
  }
}

/** The remark; what people did by hand has none. */
function idsOf(order: BrokerOrder): { coidA: number; coidB: number; coidC: number; coidD: number } {
  if (order.external || !order.hasRemark) return { coidA: 0, coidB: 0, coidC: 0, coidD: 0 };
  const { idA: coidA, idB: coidB, idC: coidC } = order;
  return { coidA, coidB, coidC, coidD: idCheck(coidA, coidB, coidC) };
}

function statusOf(order: BrokerOrder): number {
  if (order.filled >= order.qty) return STATUS_FILLED;
  if (order.state === 'live') return order.filled > 0 ? STATUS_PARTLY_FILLED : STATUS_ACCEPTED;
  if (order.state === 'rejected') return STATUS_REJECTED;
  return order.filled > 0 ? STATUS_PARTLY_CANCELLED : STATUS_CANCELLED;
}
