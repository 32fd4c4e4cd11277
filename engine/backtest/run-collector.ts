// What a run tells while it goes on: fills, refusals, the equity curve. Made for each day by
// whoever runs it, read by the day's record. Always: only frames that a run makes anyway are
// looked at.
import { formatOrderId } from '../core/order-id.ts';
import type { EngineSetup } from '../host/setup.ts';
import { SIDE_BUY, STAGE_NAMES } from '../messages/codes.ts';
import type { FrameMemory } from '../messages/frames.ts';
import { Fill, OrderUpdate, Reject } from '../messages/generated/order.ts';
import type { FrameHandler } from '../ring/frame-handler.ts';
import { RunCurve } from './run-curve.ts';
import type { BacktestHooks } from './runner.ts';

/** One fill, for the CSV and for tests. */
export interface FillRow {
  readonly day: number;
  readonly timeNs: number;
  readonly coid: string;
  readonly strategy: string;
  readonly instrument: string;
  readonly side: 'buy' | 'sell';
  readonly priceE4: number;
  readonly qty: number;
  readonly feeE4: number;
}

/** What a RunCollector must be shown. */
export const COLLECTED: ReadonlySet<number> = new Set([Fill.TYPE, Reject.TYPE, OrderUpdate.TYPE]);

/** Collects fills, refusals and the equity curve while a run goes on. */
export class RunCollector implements FrameHandler {
  readonly fills: FillRow[] = [];
  /** Refusals by station and code. */
  readonly rejects = new Map<string, number>();
  readonly #setup: EngineSetup;
  readonly curve: RunCurve;
  readonly #fill = new Fill();
  readonly #update = new OrderUpdate();
  readonly #reject = new Reject();

  constructor(setup: EngineSetup) {
    this.#setup = setup;
    this.curve = new RunCurve(setup.day);
  }

  /** What a run is to be given: this collector, and the moments at which it looks. */
  get hooks(): BacktestHooks {
    return {
      events: this,
      types: COLLECTED,
      onOpen: (accounts) => this.curve.watch(accounts[0]!.account),
      onMinute: (nowNs) => this.curve.sample(nowNs),
    };
  }

  onFrame(type: number, memory: FrameMemory, at: number): void {
    if (type === Fill.TYPE) this.#onFill(memory, at);
    else if (type === Reject.TYPE) this.#onReject(memory, at);
    else if (type === OrderUpdate.TYPE) this.#onOrder(memory, at);
  }

  #onOrder(memory: FrameMemory, at: number): void {
    const order = this.#update.wrap(memory, at);
    if (order.account === 0) this.curve.order(order.coidC, order.instrument);
  }

  #onFill(memory: FrameMemory, at: number): void {
    const fill = this.#fill.wrap(memory, at);
    this.fills.push({
      day: this.#setup.day,
      timeNs: fill.eventNs,
      coid: formatOrderId(fill.coidA, this.#setup.day, fill.coidC),
      strategy: this.#setup.strategies[fill.strategy]!.name,
      instrument: this.#setup.instruments[fill.instrument]!.symbol,
      side: fill.side === SIDE_BUY ? 'buy' : 'sell',
      priceE4: fill.priceE4,
      qty: fill.qty,
      feeE4: fill.feeE4,
    });
  }

  #onReject(memory: FrameMemory, at: number): void {
    const reject = this.#reject.wrap(memory, at);
    const key = `${STAGE_NAMES[reject.stage]}:${reject.code}`;
    this.rejects.set(key, (this.rejects.get(key) ?? 0) + 1);
  }
}
