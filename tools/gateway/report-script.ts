// The script of `pankou gateway report`: tiny limit orders far below the market through a running
// engine, each cancelled again, and how client and engine answered. Called with the engine's own
// trading interface, so every order passes OMS, risk, limits and kill switch like any other.
// Always: the smallest lot 4 % below the best bid; the first fill ends it; what it placed is
// cancelled.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Order } from '../../engine/control/protocol.ts';
import type { Replica } from '../../engine/control/replica.ts';
import type { Trading } from '../../engine/control/trading.ts';

const STEP_MS = 15_000;
const REST_MS = 300;
const LOOK_MS = 5;
/** A lower limit this near to the best bid leaves no room for what could never trade. */
const FAR = 0.97;
const BELOW = 0.96;
const WORKING = new Set(['accepted', 'partly-filled', 'cancel-pending']);
const ENDED = new Set(['filled', 'cancelled', 'partly-cancelled', 'rejected']);

export interface ReportWish {
  readonly account: string;
  readonly instrument: string;
  /** Single orders, and orders at once. */
  readonly orders: number;
  /** Makes the keys of its orders unique. */
  readonly run: string;
}

/** One order of the script: what was told of it, ms after it was asked for. */
export interface OrderStory {
  readonly step: 'single' | 'burst';
  readonly coid: string;
  readonly states: readonly { readonly status: string; readonly ms: number; reason?: string }[];
  /** ms from the cancel to its end; null = it did not end in time. */
  readonly cancelMs: number | null;
  /** Whether a second cancel at once was passed on. */
  readonly secondCancel?: string;
}

export interface ScriptResult {
  readonly priceE4: number;
  readonly qty: number;
  readonly stories: readonly OrderStory[];
  /** Why it ended early; absent = it did not. */
  readonly stopped?: string;
}

/** Why the script may not run; '' = it may. */
export function refusalOf(replica: Replica, { account, instrument }: ReportWish): string {
  const broker = replica.accountIds().find(({ id }) => id === account)?.broker;
  if (broker === 'real') {
    return `account ${account} is not marked "simulated": the report trades on simulations only`;
  }
  if (broker !== 'simulated') return `account ${account} is not behind a bridge`;
  const { link } = replica.stages.of(account);
  if (link !== 'ready') return `the link to the bridge is ${link === '' ? 'down' : link}`;
  const { phase, killed } = replica.engine();
  if (killed) return 'the kill switch is on';
  if (phase !== 'continuous') return `the market is in ${phase}: run it in continuous trading`;
  const book = replica.book(instrument);
  if (book === undefined) return `there is no quote of ${instrument} yet`;
  if (book.lowerLimitE4 <= 0) return `${instrument} has no lower limit price`;
  const bidE4 = book.bids[0]?.[0] ?? 0;
  const isFar = bidE4 > 0 && book.lowerLimitE4 <= bidE4 * FAR;
  return isFar ? '' : `${instrument} is near its lower limit: choose another instrument`;
}

export class ReportScript {
  readonly #replica: Replica;
  readonly #trading: Trading;
  readonly #wish: ReportWish;
  readonly #states = new Map<string, { status: string; atMs: number; reason?: string }[]>();
  readonly #placed: string[] = [];
  #number = 0;
  #stopped = '';

  constructor(replica: Replica, trading: Trading, wish: ReportWish) {
    this.#replica = replica;
    this.#trading = trading;
    this.#wish = wish;
    replica.listen({ onOrder: (order) => this.#onOrder(order) });
  }

  async run(say: (text: string) => void): Promise<ScriptResult> {
    const { instrument, orders } = this.#wish;
    const priceE4 = this.#farPriceE4();
    const qty = this.#replica.instrument(instrument)?.buyMin ?? 100;
    const stories: OrderStory[] = [];
    try {
      for (let i = 0; i < orders; i++) {
        say(`single order ${i + 1} of ${orders}`);
        stories.push(await this.#single(priceE4, qty, i === 0));
      }
      say(`${orders} orders at once`);
      stories.push(...(await this.#burst(priceE4, qty)));
    } catch (error) {
      this.#stopped = error instanceof Error ? error.message : String(error);
    } finally {
      await this.#cancelLeft();
    }
    const stopped = this.#stopped === '' ? {} : { stopped: this.#stopped };
    return { priceE4, qty, stories, ...stopped };
  }

  /** 4 % below the best bid: far, and within the 5 % that the default limits allow. */
  #farPriceE4(): number {
    const { instrument } = this.#wish;
    const book = this.#replica.book(instrument);
    const { tickE4 = 100 } = this.#replica.instrument(instrument) ?? {};
    const bidE4 = book?.bids[0]?.[0] ?? 0;
    const priceE4 = Math.ceil((bidE4 * BELOW) / tickE4) * tickE4;
    return Math.max(priceE4, book?.lowerLimitE4 ?? 0);
  }

  async #single(priceE4: number, qty: number, isTwice: boolean): Promise<OrderStory> {
    const { coid, askedMs } = await this.#place(priceE4, qty);
    await this.#until(coid, WORKING);
    await sleep(REST_MS);
    const cancelledMs = performance.now();
    const first = this.#trading.cancel(coid);
    const second = isTwice ? this.#trading.sendCancel(coid) : undefined;
    await first;
    const cancelMs = (await this.#until(coid, ENDED)) ? performance.now() - cancelledMs : null;
    const answer =
      second === undefined ? {} : { secondCancel: second.ok ? 'passed on' : 'refused' };
    return { ...this.#story('single', coid, askedMs, cancelMs), ...answer };
  }

  async #burst(priceE4: number, qty: number): Promise<OrderStory[]> {
    const wishes = Array.from({ length: this.#wish.orders }, () => this.#place(priceE4, qty));
    const placed = await Promise.all(wishes);
    for (const { coid } of placed) await this.#until(coid, WORKING);
    await sleep(REST_MS);
    const cancelledMs = performance.now();
    await Promise.all(placed.map(({ coid }) => this.#trading.cancel(coid)));
    const stories: OrderStory[] = [];
    for (const { coid, askedMs } of placed) {
      const cancelMs = (await this.#until(coid, ENDED)) ? performance.now() - cancelledMs : null;
      stories.push(this.#story('burst', coid, askedMs, cancelMs));
    }
    return stories;
  }

  async #place(priceE4: number, qty: number): Promise<{ coid: string; askedMs: number }> {
    const { account, instrument, run } = this.#wish;
    const askedMs = performance.now();
    const body = { account, instrument, side: 'buy', priceE4, qty, by: 'gateway report' } as const;
    const outcome = await this.#trading.place(body, `report-${run}-${this.#number++}`);
    if (!outcome.ok) throw new Error(`an order was refused: ${outcome.error.message}`);
    this.#placed.push(outcome.data.coid);
    return { coid: outcome.data.coid, askedMs };
  }

  /** Waits for a status; false = not in time. Ends the script when anything has traded. */
  async #until(coid: string, wanted: ReadonlySet<string>): Promise<boolean> {
    const end = performance.now() + STEP_MS;
    for (;;) {
      const order = this.#replica.trades.order(coid);
      if ((order?.filledQty ?? 0) > 0)
        throw new Error(`order ${coid} traded, far below the market`);
      const status = order?.status ?? '';
      if (wanted.has(status)) return true;
      if (ENDED.has(status)) throw new Error(`order ${coid} ended early: ${status}`);
      if (performance.now() > end) return false;
      await sleep(LOOK_MS);
    }
  }

  #story(
    step: OrderStory['step'],
    coid: string,
    askedMs: number,
    cancelMs: number | null,
  ): OrderStory {
    const states = (this.#states.get(coid) ?? []).map(({ status, atMs, reason }) => {
      const ms = Math.round((atMs - askedMs) * 10) / 10;
      return reason === undefined ? { status, ms } : { status, ms, reason };
    });
    return { step, coid, states, cancelMs: cancelMs === null ? null : Math.round(cancelMs) };
  }

  #onOrder({ coid, status, reason }: Order): void {
    const states = this.#states.get(coid) ?? [];
    const atMs = performance.now();
    const why = reason === undefined ? {} : { reason: `${reason.code} ${reason.text.en}` };
    if (states.at(-1)?.status !== status) states.push({ status, atMs, ...why });
    this.#states.set(coid, states);
  }

  async #cancelLeft(): Promise<void> {
    const isOpen = (coid: string): boolean =>
      !ENDED.has(this.#replica.trades.order(coid)?.status ?? '');
    for (const coid of this.#placed.filter(isOpen)) this.#trading.sendCancel(coid);
    const end = performance.now() + STEP_MS;
    while (this.#placed.some(isOpen) && performance.now() < end) await sleep(LOOK_MS);
    const left = this.#placed.filter(isOpen);
    if (left.length > 0) this.#stopped ||= `still open, look at them: ${left.join(', ')}`;
  }
}
