// Turns a target-position file into orders, once for each version of its content. Lives in the api
// process; looks at the file twice a second. Always: a file is taken whole or refused whole; what
// is planned is on disk before it is sent, and each order's key is made from the content, so a
// restart goes on with the same orders; orders go through the same OMS and risk as any other.
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LotRule } from '../core/ordering/lots.ts';
import type { Holding } from '../core/ordering/target.ts';
import { throughBestE4 } from './aggressive-price.ts';
import type { Replica } from './replica.ts';
import { readTargets, type Target } from './target-file.ts';
import { planTargets } from './target-plan.ts';
import { type ResultLeg, readResult, type TargetResult, writeResult } from './target-result.ts';
import { isFinished } from './trade-store.ts';
import type { Trading } from './trading.ts';

const POLL_MS = 500;
const LOOK_MS = 100;
/** Buys wait so long for the sells that pay for them. */
const SELL_WAIT_MS = 60_000;
/** Longest wait for the cancels of a version that was replaced. */
const CANCEL_WAIT_MS = 10_000;
/** A target file is some kilobytes. */
const BYTES_MAX = 1_048_576;
/** Times an order without an answer is asked again under its key. */
const TRIES = 5;

export interface TargetWatcherOptions {
  /** Absolute. */
  readonly file: string;
  readonly account: string;
  readonly replica: Replica;
  readonly trading: Trading;
  readonly log: (level: 'info' | 'warn', text: string) => void;
  /** Milliseconds; 500 and 60,000. */
  readonly pollMs?: number;
  readonly sellWaitMs?: number;
}

export class TargetWatcher {
  readonly #options: TargetWatcherOptions;
  #timer: NodeJS.Timeout | undefined;
  #seen = '';
  #hash = '';
  /** The version whose orders are being sent or watched; a newer one ends it. */
  #running = Promise.resolve();
  #busy = false;
  #stopped = false;

  constructor(options: TargetWatcherOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer ??= setInterval(() => this.look(), this.#options.pollMs ?? POLL_MS);
    this.#timer.unref();
  }

  /** Ends after what is under way; nothing more is sent. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#stopped = true;
    await this.#running;
  }

  /** Takes up a new content of the file, if there is one and the market takes orders. */
  look(): void {
    const { file } = this.#options;
    const mark = markOf(file);
    if (mark === '' || mark === this.#seen || this.#stopped || !this.#mayTrade()) return;
    const read = readWhole(file, mark);
    if (read === null) return; // changed while it was read: the next look sees it whole
    this.#seen = mark;
    const hash = createHash('sha256').update(read).digest('hex');
    if (hash === this.#hash) return;
    this.#hash = hash;
    const before = this.#running;
    this.#running = before
      .then(() => this.#take(read, hash))
      .catch((error: unknown) => {
        this.#busy = false;
        this.#options.log('warn', `targets ${file}: ${String(error)}`);
      });
  }

  /** Whether a version is being worked on. */
  get isBusy(): boolean {
    return this.#busy;
  }

  #mayTrade(): boolean {
    const { state, killed, phase } = this.#options.replica.engine();
    return state === 'running' && !killed && phase === 'continuous';
  }

  #isCurrent(hash: string): boolean {
    return this.#hash === hash && !this.#stopped;
  }

  async #take(bytes: Buffer, hash: string): Promise<void> {
    const { file, account, log, replica } = this.#options;
    if (!this.#isCurrent(hash)) return;
    const before = readResult(file);
    const { day } = replica.hello();
    const isKnown = before?.hash === hash && before.account === account && before.day === day;
    if (isKnown && before.state !== 'working') return;
    this.#busy = true;
    if (!isKnown && before?.state === 'working' && before.day === day) await this.#replace(before);
    const result = isKnown ? before : this.#plan(bytes, hash);
    writeResult(file, result);
    if (result.error !== null) {
      const { line, field, why } = result.error;
      const place = line === 0 ? field : `line ${line}, ${field}`;
      log('warn', `targets ${file} refused, nothing done: ${place}: ${why}`);
    } else await this.#work(result);
    this.#busy = false;
  }

  /** Cancels what a replaced version left working, so that it is not counted twice. */
  async #replace(old: TargetResult): Promise<void> {
    const { trading, replica, file } = this.#options;
    const open = old.legs.filter(({ coid }) => this.#isOpen(coid));
    await Promise.all(open.map(({ coid }) => trading.cancel(coid)));
    const until = performance.now() + CANCEL_WAIT_MS;
    while (open.some(({ coid }) => this.#isOpen(coid)) && performance.now() < until) {
      await sleep(LOOK_MS);
    }
    refresh(old, replica);
    writeResult(file, { ...old, state: 'replaced' });
  }

  #isOpen(coid: string): boolean {
    const order = this.#options.replica.trades.order(coid);
    return order !== undefined && !isFinished(order);
  }

  #plan(bytes: Buffer, hash: string): TargetResult {
    const { file, account, replica } = this.#options;
    const { engineId, day } = replica.hello();
    const at = new Date().toISOString();
    const base = { file, account, hash, engineId, day, at, legs: [], notes: [] };
    let text: string;
    try {
      text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    } catch {
      const error = { line: 0, field: '', why: 'not UTF-8 text' };
      return { ...base, state: 'refused', error };
    }
    const read = readTargets(text);
    if (!read.ok) {
      const { line, field, why } = read;
      return { ...base, state: 'refused', error: { line, field, why } };
    }
    const unknown = read.targets.find((t) => replica.instrument(t.instrument) === undefined);
    if (unknown !== undefined) {
      const why = 'the engine does not trade this instrument';
      const error = { line: unknown.line, field: unknown.instrument, why };
      return { ...base, state: 'refused', error };
    }
    const { orders, notes } = planTargets(
      read.targets,
      this.#holdings(),
      this.#rules(read.targets),
    );
    const legs = orders.map(({ instrument, side, qty }) => ({
      ...{ instrument, side, qty, priceE4: 0, coid: '', status: 'planned', filledQty: 0, why: '' },
      key: `targets:${hash.slice(0, 32)}:${instrument}:${side}`,
    }));
    return { ...base, state: 'working', error: null, legs, notes: [...notes] };
  }

  #holdings(): Map<string, Holding> {
    const { replica, account } = this.#options;
    const holdings = new Map<string, Holding>();
    for (const { instrument, qty, sellableQty } of replica.positions(account)) {
      holdings.set(instrument, { qty, sellable: sellableQty, openBuy: 0, openSell: 0 });
    }
    for (const { instrument, side, qty, filledQty } of replica.trades.openOrders(account)) {
      const held = holdings.get(instrument) ?? { qty: 0, sellable: 0, openBuy: 0, openSell: 0 };
      const left = qty - filledQty;
      const buy = side === 'buy' ? left : 0;
      const openBuy = held.openBuy + buy;
      holdings.set(instrument, { ...held, openBuy, openSell: held.openSell + left - buy });
    }
    return holdings;
  }

  #rules(targets: readonly Target[]): Map<string, LotRule> {
    const rules = new Map<string, LotRule>();
    for (const { instrument } of targets) {
      const facts = this.#options.replica.instrument(instrument);
      const { buyMin = 100, buyStep = 100, sellMin = 100, sellStep = 100 } = facts ?? {};
      const maxQty = facts?.maxQty ?? 1_000_000;
      rules.set(instrument, { buyMin, buyStep, sellMin, sellStep, maxQty });
    }
    return rules;
  }

  /** Sends sells, waits for them, sends buys, and follows all until they are finished. */
  async #work(result: TargetResult): Promise<void> {
    const { file, log, replica } = this.#options;
    const sells = result.legs.filter(({ side }) => side === 'sell');
    const buys = result.legs.filter(({ side }) => side === 'buy');
    await this.#send(result, sells);
    await this.#follow(result, sells, this.#options.sellWaitMs ?? SELL_WAIT_MS);
    await this.#send(result, buys);
    await this.#follow(result, result.legs, Number.POSITIVE_INFINITY);
    refresh(result, replica);
    const isDone = result.legs.every(isOver);
    writeResult(file, { ...result, state: isDone ? 'done' : 'working' });
    const filled = result.legs.filter(({ status }) => status === 'filled').length;
    if (isDone) log('info', `targets ${file}: ${filled} of ${result.legs.length} orders filled`);
  }

  async #send(result: TargetResult, legs: readonly ResultLeg[]): Promise<void> {
    const { file, replica, account, trading } = this.#options;
    if (!this.#isCurrent(result.hash)) return;
    for (const leg of legs) {
      if (leg.status !== 'planned') continue;
      const book = replica.book(leg.instrument);
      const tickE4 = replica.instrument(leg.instrument)?.tickE4 ?? 100;
      leg.priceE4 = book === undefined ? 0 : throughBestE4(leg.side, book, tickE4);
      leg.status = leg.priceE4 === 0 ? 'refused' : 'sending';
      if (leg.priceE4 === 0) leg.why = 'no price is known';
    }
    writeResult(file, result); // on disk before the first of them leaves
    for (const leg of legs) {
      for (let i = 0; i < TRIES && leg.status === 'sending'; i++) {
        const { instrument, side, qty, priceE4 } = leg;
        const outcome = await trading.place({ account, instrument, side, qty, priceE4 }, leg.key);
        if (outcome.ok) {
          leg.coid = outcome.data.coid;
          leg.status = outcome.data.status;
        } else if (!['unknown-outcome', 'busy', 'engine-down'].includes(outcome.error.code)) {
          leg.coid = outcome.error.order?.coid ?? '';
          leg.status = 'refused';
          leg.why = outcome.error.message;
        } else {
          leg.why = outcome.error.message;
          await sleep(POLL_MS);
        }
      }
    }
    writeResult(file, result);
  }

  /** Keeps the result up to date until the legs are over, the time is, or a newer version came. */
  async #follow(result: TargetResult, legs: readonly ResultLeg[], limitMs: number): Promise<void> {
    const { file, replica } = this.#options;
    const until = performance.now() + limitMs;
    for (;;) {
      if (refresh(result, replica)) writeResult(file, result);
      if (legs.every(isOver) || performance.now() > until) return;
      if (!this.#isCurrent(result.hash)) return;
      await sleep(LOOK_MS);
    }
  }
}

const OVER = new Set(['filled', 'cancelled', 'partly-cancelled', 'rejected', 'refused']);

function isOver(leg: ResultLeg): boolean {
  return OVER.has(leg.status);
}

/** Takes over what became of the orders; whether anything changed. */
function refresh(result: TargetResult, replica: Replica): boolean {
  let changed = false;
  for (const leg of result.legs) {
    const order = replica.trades.order(leg.coid);
    if (order === undefined) continue;
    if (order.status === leg.status && order.filledQty === leg.filledQty) continue;
    leg.status = order.status;
    leg.filledQty = order.filledQty;
    leg.why = order.reason?.text.en ?? '';
    changed = true;
  }
  return changed;
}

/** Changes whenever the file does; '' = it is not there. */
function markOf(file: string): string {
  try {
    const { mtimeNs, size, ino } = statSync(file, { bigint: true });
    return `${ino} ${size} ${mtimeNs}`;
  } catch {
    return '';
  }
}

/** The content, or null when it is no file, too long, or changed while it was read. */
function readWhole(file: string, mark: string): Buffer | null {
  try {
    if (statSync(file).size > BYTES_MAX) return Buffer.from('too long');
    const bytes = readFileSync(file);
    return markOf(file) === mark ? bytes : null;
  } catch {
    return null;
  }
}
