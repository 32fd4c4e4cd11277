// The end of a simulated day and the opening of the next, through the real close of a day (F41):
// the engine is gone, orders may be live, unknown or held; the broker's close ends what rests; the
// day is closed with proof or not at all; the next one opens with its books. Called by world.ts.
// Invariants checked: an order that was alive is never ended without proof; the closed books are
// the broker's; a close cut short is written again, whole; what was bought is free the next day.
import { formatOrderId } from '../core/order-id.ts';
import type { StateHash } from '../core/state-hash.ts';
import {
  closeOpened,
  closingOptions,
  type DayEndProof,
  whyNotClosed,
} from '../day/close-journal.ts';
import { closingBooks } from '../day/open-day.ts';
import { type ReplayedAccount, replayFolder } from '../day/replay-day.ts';
import type { StatedTrade, StatementFile } from '../day/statement-file.ts';
import { AccountState } from '../host/account-state.ts';
import { carriedAccount } from '../host/carry-over.ts';
import type { EngineSetup } from '../host/setup.ts';
import { openJournalAt } from '../journal/open.ts';
import { PHASE_CLOSED, SIDE_SELL } from '../messages/codes.ts';
import type { BrokerLedger } from './broker-ledger.ts';
import { CrashSignal } from './crash-signal.ts';
import type { JournalEye } from './journal-eye.ts';
import { SMALL_JOURNAL } from './life.ts';
import type { Random } from './random.ts';
import { isTraceable } from './sim-broker.ts';
import type { Stage } from './stage.ts';
import { demand } from './violation.ts';

/** Effects ahead at which the process that closes the day may die. */
const CRASH_EFFECTS = 12;
const SECOND_NS = 1_000_000_000;
const NEXT_DAY = 20_260_106;

/** What a day opens with: the books of the one before, the engine's and the broker's. */
export interface Eve {
  readonly setup: EngineSetup;
  readonly ledgers: readonly { readonly cashE4: number; readonly qty: readonly number[] }[];
  readonly hash: StateHash;
}

/** How the engine's last life of the day ends. */
export type DayEnd = 'in-chaos' | 'at-rest' | 'after-the-close';

/** What the roll needs of the world beside what stands on it. */
export interface RollingWorld extends Stage {
  readonly hash: StateHash;
  /** One more life that learns from the broker what became of everything, and ends. */
  lifeOfProof(): Promise<void>;
}

export class DayRoll {
  readonly end: DayEnd;
  /** Part of the run after which it is lunch, and orders are held; 1 = no lunch. */
  readonly #lunchAfter: number;
  readonly #world: RollingWorld;
  readonly #random: Random;
  /** Orders that lived when the engine ended for the day. */
  readonly #wasLive = new Set<number>();

  constructor(world: RollingWorld, random: Random) {
    this.#world = world;
    this.#random = random;
    this.end = random.pick(['in-chaos', 'in-chaos', 'at-rest', 'after-the-close'] as const);
    this.#lunchAfter = this.end === 'in-chaos' && random.chance(0.6) ? 0.4 : 1;
  }

  /** Whether lunch begins at this step. */
  isLunch(step: number, steps: number): boolean {
    return this.#lunchAfter < 1 && step === Math.floor(steps * this.#lunchAfter);
  }

  /** The engine has ended: closes the day and opens the next; null = the days end here. */
  async roll(nowNs: number): Promise<Eve | null> {
    this.#closeTheMarket(nowNs);
    const { disks, setup } = this.#world;
    for (const [a] of disks.entries()) {
      const why = this.#whyNot(a, { kind: 'none' });
      for (const key of this.#wasLive) {
        if (!this.#eyes[a]!.requests.has(key)) continue;
        demand(why !== '', 'I11', () => `order ${key} was alive, its day closes without proof`);
      }
    }
    const isOpen = disks.some((_, a) => this.#whyNot(a, { kind: 'none' }) !== '');
    if (isOpen && !this.#isInside && this.#random.chance(0.4)) await this.#world.lifeOfProof();
    const proofs = disks.map((_, a) => this.#proofOf(a));
    if (proofs.includes(null)) return null;
    for (const [a, proof] of proofs.entries()) this.#close(a, proof!);
    const books = disks.map((disk, a) => closingBooks(setup, a, disk.dir, disk));
    if (!books.every(({ cashE4 }, a) => this.#isBrokers(a, cashE4))) return null;
    const next = { ...setup, day: NEXT_DAY };
    const accounts = setup.accounts.map((account, a) => {
      return carriedAccount(next, a, account, books[a]!, 1);
    });
    const ledgers = this.#world.broker.ledgers.map((ledger) => ({
      cashE4: ledger.cashE4(),
      qty: ledger.openingQty.map((_, i) => ledger.qty(i)),
    }));
    this.#world.say(() => `day ${setup.day} is closed, day ${next.day} opens`);
    return { setup: { ...next, accounts }, ledgers, hash: this.#world.hash };
  }

  get #eyes(): readonly JournalEye[] {
    return this.#world.auditor.eyes;
  }

  get #isInside(): boolean {
    return this.#world.broker.pack.inside;
  }

  /** What is on its way arrives, a little trades, the rest expires; nobody of ours hears of it. */
  #closeTheMarket(nowNs: number): void {
    const { broker, desk, market } = this.#world;
    desk.work(nowNs + SECOND_NS);
    for (const order of broker.byKey.values()) {
      if (order.state === 'live') this.#wasLive.add(order.key);
    }
    if (this.end !== 'after-the-close') {
      for (let n = this.#random.below(6); n > 0; n--) broker.tradeOne(nowNs);
    }
    broker.expireAll(nowNs);
    market.phase = PHASE_CLOSED;
    for (const queue of broker.answers) queue.length = 0;
  }

  #replayed(a: number): ReplayedAccount {
    const disk = this.#world.disks[a]!;
    return replayFolder(this.#world.setup, a, disk.dir, disk);
  }

  #whyNot(a: number, proof: DayEndProof): string {
    const isGone = this.#isInside && proof.kind === 'none';
    return whyNotClosed(this.#replayed(a), isGone ? { kind: 'exchange-gone' } : proof);
  }

  /** How the account's day is closed; null = no proof can be had. */
  #proofOf(a: number): DayEndProof | null {
    if (this.#isInside) return { kind: 'exchange-gone' };
    if (this.#whyNot(a, { kind: 'none' }) === '') return { kind: 'none' };
    const proof: DayEndProof = { kind: 'statement', file: this.#statement(a) };
    const why = this.#whyNot(a, proof);
    if (why === '') return proof;
    const ledger = this.#world.broker.ledgers[a]!;
    demand(isOdd(ledger), 'I22', () => `the whole statement proves nothing: ${why}`);
    return null;
  }

  /** The broker's statement: every trade, with the order's remark where it has kept it. */
  #statement(a: number): StatementFile {
    const { setup, broker } = this.#world;
    const account = setup.accounts[a]!.id;
    const trades: StatedTrade[] = [];
    for (const order of broker.ledgers[a]!.orders) {
      const isOurs = !order.external && isTraceable(order);
      const coid = isOurs ? formatOrderId(order.idA, setup.day, order.idC) : '';
      const instrument = setup.instruments[order.instrument]!.symbol;
      const side = order.side === SIDE_SELL ? 'sell' : 'buy';
      for (const { fillNo, priceE4, qty } of order.fills) {
        const row = { line: trades.length + 2, account, instrument, side, feeE4: null } as const;
        trades.push({ ...row, qty, priceE4, fillNo, coid });
      }
    }
    return { trades, positions: [], cash: [], has: (kind) => kind === 'trade' };
  }

  /** Closes an account's journal; the process that does it may die, and does it again. */
  #close(a: number, proof: DayEndProof): void {
    const { crash, disks } = this.#world;
    const disk = disks[a]!;
    // The machine has had all the time to bring to the device what the last life wrote.
    disk.syncAll();
    disk.mood.tears = true;
    if (this.#random.chance(0.5)) crash.arm(this.#random.between(1, CRASH_EFFECTS));
    try {
      this.#writeClose(a, proof);
    } catch (error) {
      if (!(error instanceof CrashSignal)) throw error;
      this.#world.say(() => `the close of account ${a} is cut short: ${error.message}`);
      if (this.#random.chance(0.5)) disk.powerCut();
      crash.disarm();
      this.#writeClose(a, proof);
    }
    crash.disarm();
    this.#eyes[a]!.scan();
    const { damage } = this.#eyes[a]!;
    demand(damage === '', 'I18', () => `account ${a}, closed: ${damage}`);
    demand(this.#replayed(a).isClosed, 'I18', () => `account ${a}: its journal has no close`);
  }

  /** As the close of a day does it: read first, and not again when it is closed already. */
  #writeClose(a: number, proof: DayEndProof): void {
    const { setup, disks } = this.#world;
    const account = this.#replayed(a);
    if (account.isClosed) return;
    const state = new AccountState(setup, a);
    const options = { ...closingOptions(setup, account, state), ...SMALL_JOURNAL };
    const { writer } = openJournalAt(disks[a]!, options);
    const { warnings } = closeOpened(setup, account, state, writer, proof, null);
    demand(warnings.length === 0, 'I5', () => warnings.join());
    writer.close();
  }

  /** The closed books are the broker's; false = they are not, and nobody could have known. */
  #isBrokers(a: number, cashE4: number): boolean {
    const { orders, positions } = this.#replayed(a).state.account;
    const ledger = this.#world.broker.ledgers[a]!;
    // Filled beyond its quantity after we had seen its end, and the push was lost with the day.
    const isOverfilled = ledger.orders.some(({ idA, idC, filled, qty }) => {
      const slot = orders.findById(idA, idC);
      return filled > qty && slot >= 0 && orders.filled[slot]! < filled;
    });
    const isFair = isOdd(ledger) || isOverfilled;
    let isEqual = cashE4 === ledger.cashE4();
    const cash = (): string => `closed with cash ${cashE4}, broker ${ledger.cashE4()}`;
    demand(isEqual || isFair, 'I8', () => `account ${a}: ${cash()}`);
    for (let i = 0; i < ledger.openingQty.length; i++) {
      const [ours, theirs] = [positions.qty[i]!, ledger.qty(i)];
      const text = (): string => `account ${a}: closed with ${ours} of ${i}, broker ${theirs}`;
      demand(ours === theirs || isFair, 'I5', text);
      isEqual &&= ours === theirs;
    }
    return isEqual;
  }
}

/** The broker has told what was not so, or has orders that nobody can tell whose they are. */
function isOdd(ledger: BrokerLedger): boolean {
  if (ledger.misled) return true;
  return ledger.orders.some((order) => order.external || !isTraceable(order));
}
