// Frames that a bridge says to an engine, and the requests it reads, with instruments translated:
// the engine's dense index on the wire, symbols inside the bridge. One per connection, called by
// peer.ts. Invariant: what the engine does not know as an instrument goes out as index -1.
import { parseOrderId } from '../../engine/core/order-id.ts';
import { STAGE_EXCHANGE, STAGE_GATEWAY } from '../../engine/messages/codes.ts';
import { FrameMemory } from '../../engine/messages/frames.ts';
import {
  BridgeRow,
  BrokerCash,
  BrokerOrder,
  BrokerPosition,
  BrokerTrade,
  LinkState,
  QueryEnd,
} from '../../engine/messages/generated/broker.ts';
import { Fill, Report, Request } from '../../engine/messages/generated/order.ts';
import type { CashRow, OrderRow, PositionRow, TradeRow } from '../broker-port.ts';
import { type BridgeRequest, checkWord } from './bridge.ts';
import type { KnownOrder } from './journal.ts';
import type { LinkChannel } from './link-channel.ts';

const SCRATCH_BYTES = 512;

export interface WireState {
  readonly account: number;
  readonly state: number;
  readonly epoch: number;
  readonly day: number;
}

export class WireFrames {
  readonly #channel: LinkChannel;
  readonly #symbols: string[] = [];
  readonly #indexOf = new Map<string, number>();
  readonly #memory = new FrameMemory(new ArrayBuffer(SCRATCH_BYTES));
  readonly #request = new Request();
  readonly #report = new Report();
  readonly #fill = new Fill();
  readonly #state = new LinkState();
  readonly #bridgeRow = new BridgeRow();
  readonly #order = new BrokerOrder();
  readonly #trade = new BrokerTrade();
  readonly #position = new BrokerPosition();
  readonly #cash = new BrokerCash();
  readonly #end = new QueryEnd();

  constructor(channel: LinkChannel) {
    this.#channel = channel;
  }

  addSymbols(symbols: readonly string[]): void {
    for (const symbol of symbols) {
      this.#indexOf.set(symbol, this.#symbols.length);
      this.#symbols.push(symbol);
    }
  }

  /** The request at byte `at`; null when its instrument is none that the engine named. */
  readRequest(memory: FrameMemory, at: number, epoch: number): BridgeRequest | null {
    const request = this.#request.wrap(memory, at);
    const symbol = this.#symbols[request.instrument];
    if (symbol === undefined) return null;
    const { action, side, kind, priceE4, qty, valueE4, strategy, intentNo, credit } = request;
    const id = { a: request.coidA, b: request.coidB, c: request.coidC };
    const terms = { symbol, action, side, kind, priceE4, qty, valueE4, credit };
    return { ...id, ...terms, strategy, intentNo, epoch };
  }

  sayState({ account, state, epoch, day }: WireState): void {
    const frame = this.#state.begin(this.#memory, 0);
    frame.account = account;
    frame.state = state;
    frame.epoch = epoch;
    frame.day = day;
    this.#send();
  }

  sayReport(account: number, order: KnownOrder, kind: number, code: number): void {
    const report = this.#beginReport(account, order, kind, code);
    report.filledQty = order.filledQty;
    report.leavesQty = Math.max(0, order.qty - order.filledQty);
    report.brokerOrderNo = order.brokerOrderNo;
    report.stage = order.brokerOrderNo === 0 ? STAGE_GATEWAY : STAGE_EXCHANGE;
    this.#send();
  }

  sayRefusal(account: number, request: BridgeRequest, kind: number, code: number): void {
    const report = this.#beginReport(account, request, kind, code);
    report.leavesQty = request.qty;
    this.#send();
  }

  sayFill(account: number, order: KnownOrder, trade: TradeRow): void {
    const fill = this.#fill.begin(this.#memory, 0);
    fill.coidA = order.a;
    fill.coidB = order.b;
    fill.coidC = order.c;
    fill.coidD = checkWord(order);
    fill.account = account;
    fill.strategy = order.strategy;
    fill.intentNo = order.intentNo;
    fill.instrument = this.#index(trade.symbol);
    fill.side = trade.side;
    fill.priceE4 = trade.priceE4;
    fill.qty = trade.qty;
    fill.leavesQty = Math.max(0, order.qty - order.filledQty);
    fill.fillNo = trade.tradeNo;
    this.#send();
  }

  sayBridgeRow(account: number, queryNo: number, order: KnownOrder, action: number): void {
    const row = this.#bridgeRow.begin(this.#memory, 0);
    row.coidA = order.a;
    row.coidB = order.b;
    row.coidC = order.c;
    row.coidD = checkWord(order);
    row.account = account;
    row.queryNo = queryNo;
    row.action = action;
    row.state = order.state;
    row.code = order.code;
    row.brokerOrderNo = order.brokerOrderNo;
    this.#send();
  }

  /** `known`: our order under that number, when the remark does not say so itself. */
  sayOrder(account: number, queryNo: number, order: OrderRow, known: KnownOrder | null): void {
    const row = this.#order.begin(this.#memory, 0);
    this.#setId(row, order.remark, known);
    row.account = account;
    row.queryNo = queryNo;
    row.instrument = this.#index(order.symbol);
    row.side = order.side;
    row.kind = order.kind;
    row.priceE4 = order.priceE4;
    row.qty = order.qty;
    row.filledQty = order.filledQty;
    row.cancelledQty = order.cancelledQty;
    row.status = order.status;
    row.brokerOrderNo = order.orderNo;
    this.#send();
  }

  sayTrade(account: number, queryNo: number, trade: TradeRow, known: KnownOrder | null): void {
    const row = this.#trade.begin(this.#memory, 0);
    this.#setId(row, trade.remark, known);
    row.account = account;
    row.queryNo = queryNo;
    row.instrument = this.#index(trade.symbol);
    row.side = trade.side;
    row.priceE4 = trade.priceE4;
    row.qty = trade.qty;
    row.brokerOrderNo = trade.orderNo;
    row.fillNo = trade.tradeNo;
    this.#send();
  }

  sayPosition(account: number, queryNo: number, held: PositionRow): void {
    const row = this.#position.begin(this.#memory, 0);
    row.account = account;
    row.queryNo = queryNo;
    row.instrument = this.#index(held.symbol);
    row.qty = held.qty;
    row.sellableQty = held.sellableQty;
    row.costAmountE4 = held.costAmountE4;
    this.#send();
  }

  sayCash(account: number, queryNo: number, cash: CashRow): void {
    const row = this.#cash.begin(this.#memory, 0);
    row.account = account;
    row.queryNo = queryNo;
    row.cashE4 = cash.cashE4;
    row.availableE4 = cash.availableE4;
    row.frozenE4 = cash.frozenE4;
    this.#send();
  }

  /** Only behind this does the answer say anything about what is not in it. */
  sayEnd(
    account: number,
    queryNo: number,
    kind: number,
    result: number,
    rows: number,
    day: number,
  ): void {
    const end = this.#end.begin(this.#memory, 0);
    end.account = account;
    end.queryNo = queryNo;
    end.kind = kind;
    end.result = result;
    end.rows = rows;
    end.day = day;
    this.#send();
  }

  #beginReport(
    account: number,
    order: KnownOrder | BridgeRequest,
    kind: number,
    code: number,
  ): Report {
    const report = this.#report.begin(this.#memory, 0);
    report.coidA = order.a;
    report.coidB = order.b;
    report.coidC = order.c;
    report.coidD = checkWord(order);
    report.account = account;
    report.strategy = order.strategy;
    report.instrument = this.#index(order.symbol);
    report.kind = kind;
    report.stage = STAGE_GATEWAY;
    report.code = code;
    return report;
  }

  #setId(row: BrokerOrder | BrokerTrade, remark: string, known: KnownOrder | null): void {
    const id = known ?? parseOrderId(remark);
    if (id === null) return;
    row.coidA = id.a;
    row.coidB = id.b;
    row.coidC = id.c;
    row.coidD = checkWord(id);
  }

  #index(symbol: string): number {
    return this.#indexOf.get(symbol) ?? -1;
  }

  #send(): void {
    this.#channel.sendFrame(this.#memory, 0);
  }
}
