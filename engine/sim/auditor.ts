// The independent witness: hears every frame that leaves for the broker or for the OMS, reads the
// journals with its own eye and knows the broker's ledger; raises a Violation at the first
// contradiction. Called by the tapped rings and the world. Invariant: it changes nothing.
import { must } from '../assert.ts';
import { LIMIT_ORDERS_PER_SECOND } from '../core/risk/limit-table.ts';
import { accountRow } from '../core/risk/rule-set.ts';
import { killWordOf } from '../host/memory-map.ts';
import { ACTION_PLACE, REPORT_UNKNOWN, STAGE_GATEWAY } from '../messages/codes.ts';
import { type FrameMemory, frameType } from '../messages/frames.ts';
import { Fill, Report, Request } from '../messages/generated/order.ts';
import type { AccountAudit } from './account-audit.ts';
import { coidKey, type JournalEye } from './journal-eye.ts';
import type { Life } from './life.ts';
import { checkParents } from './parent-audit.ts';
import type { SimBroker } from './sim-broker.ts';
import type { SimDisk } from './sim-disk.ts';
import type { RingWatch } from './tap-rings.ts';
import { demand } from './violation.ts';

const SECOND_NS = 1_000_000_000;

/** A request on its way out, as the tap saw it. */
interface Sent {
  readonly key: number;
  readonly action: number;
  readonly idA: number;
  readonly idC: number;
  readonly instrument: number;
  readonly side: number;
  readonly priceE4: number;
  readonly qty: number;
  readonly approval: number;
  readonly eventNs: number;
}

/** A report or a fill on its way to the OMS. */
interface Heard {
  readonly key: number;
  /** 0 = a fill. */
  readonly kind: number;
  readonly fillNo: number;
}

export class Auditor implements RingWatch {
  readonly eyes: readonly JournalEye[];
  /** Orders sent in all lives. */
  readonly sent = new Set<number>();
  readonly cancelled = new Map<number, number>();
  sends = 0;
  /** Told of each effect, for traces and hashes; null = nobody listens. */
  onEffect: ((what: string, key: number, kind: number) => void) | null = null;
  readonly #disks: readonly SimDisk[];
  readonly #broker: SimBroker;
  readonly #accounts: readonly AccountAudit[];
  #life: Life | null = null;
  readonly #pending: Sent[][];
  readonly #heard: Heard[][];
  /** Engine times of the latest sends, by account. */
  readonly #times: number[][];
  readonly #request = new Request();
  readonly #report = new Report();
  readonly #fill = new Fill();
  #lastEpochs: number[];

  constructor(
    disks: readonly SimDisk[],
    eyes: readonly JournalEye[],
    broker: SimBroker,
    accounts: readonly AccountAudit[],
  ) {
    this.#disks = disks;
    this.eyes = eyes;
    this.#broker = broker;
    this.#accounts = accounts;
    this.#pending = disks.map(() => []);
    this.#heard = disks.map(() => []);
    this.#times = disks.map(() => []);
    this.#lastEpochs = disks.map(() => 0);
  }

  /** The process is gone, and with it what it had written into rings but not published. */
  endLife(): void {
    this.#life = null;
    for (const list of this.#pending) list.length = 0;
    for (const list of this.#heard) list.length = 0;
  }

  /** A new life has recovered: its journals, epochs and accounts must make sense. */
  beginLife(life: Life): void {
    this.#life = life;
    for (const [a, eye] of this.eyes.entries()) {
      eye.scan();
      demand(eye.damage === '', 'I18', () => `account ${a}: ${eye.damage}`);
      demand(eye.repeated.length === 0, 'I4', () => `id ${eye.repeated[0]} written twice`);
      const epoch = life.setup.epochs[a]!;
      const last = this.#lastEpochs[a]!;
      demand(epoch > last, 'I4', () => `epoch=${epoch} after ${last}`);
      this.#lastEpochs[a] = epoch;
      const { account } = life.states[a]!;
      const audit = this.#accounts[a]!;
      audit.beginLife(account);
      audit.mustKnowNothing();
      const { live } = life.actors.gateways[a]!;
      audit.numberOf = (idA, idC) => {
        const slot = live.find(idA, idC);
        return slot < 0 ? 0 : live.brokerNo[slot]!;
      };
      const synced = life.setup.flush === 'before-send';
      for (const [key, { file, at }] of eye.requests) {
        demand(audit.slotOf(key) >= 0, 'I3', () => `order ${key} journaled, not recovered`);
        const durable = !synced || this.#disks[a]!.isDurable(file, at);
        demand(durable, 'I2', () => `order ${key} recovered from what a power cut would take`);
      }
      audit.check();
    }
  }

  committed(ring: string, memory: FrameMemory, at: number): void {
    const account = Number(ring.slice(ring.indexOf(':') + 1));
    const type = frameType(memory, at);
    if (ring.startsWith('link')) {
      if (type === Request.TYPE) this.#pending[account]!.push(this.#sentOf(memory, at));
    } else if (type === Report.TYPE) {
      const report = this.#report.wrap(memory, at);
      if (report.stage === STAGE_GATEWAY) return;
      const key = coidKey(report.coidA, report.coidC);
      this.#heard[account]!.push({ key, kind: report.kind, fillNo: 0 });
    } else if (type === Fill.TYPE) {
      const fill = this.#fill.wrap(memory, at);
      const key = coidKey(fill.coidA, fill.coidC);
      this.#heard[account]!.push({ key, kind: 0, fillNo: fill.fillNo });
    }
  }

  #sentOf(memory: FrameMemory, at: number): Sent {
    const r = this.#request.wrap(memory, at);
    const { action, instrument, side, priceE4, qty, approval, eventNs } = r;
    const ids = { key: coidKey(r.coidA, r.coidC), idA: r.coidA, idC: r.coidC };
    return { ...ids, action, instrument, side, priceE4, qty, approval, eventNs };
  }

  published(ring: string): void {
    const account = Number(ring.slice(ring.indexOf(':') + 1));
    this.eyes[account]!.scan();
    if (ring.startsWith('link')) {
      for (const sent of this.#pending[account]!) this.#onSent(account, sent);
      this.#pending[account]!.length = 0;
      return;
    }
    for (const heard of this.#heard[account]!) this.#onHeard(account, heard);
    this.#heard[account]!.length = 0;
  }

  #onSent(account: number, sent: Sent): void {
    this.sends++;
    const { key } = sent;
    this.onEffect?.('send', key, sent.action);
    if (sent.action !== ACTION_PLACE) {
      this.cancelled.set(key, (this.cancelled.get(key) ?? 0) + 1);
      return;
    }
    const life = must(this.#life, 'life=null, a dead process sends');
    const epoch = life.setup.epochs[account]!;
    // What a life before has kept goes out under its first id, from a record of the journal.
    const isKept = this.eyes[account]!.kept.has(key) && (sent.idA & 0xffffff) < epoch;
    const isOwn = (sent.idA & 0xffffff) === epoch || isKept;
    demand(isOwn, 'I4', () => `id of another epoch than ${epoch}`);
    demand(sent.idA >>> 24 === account, 'I4', () => `id of another account than ${account}`);
    demand(!this.sent.has(key), 'I1', () => `order ${key} sent twice`);
    this.sent.add(key);
    this.#mustBeWritten(account, sent);
    const { awaiting, split } = this.eyes[account]!;
    demand(!awaiting.has(key), 'I13', () => `order ${key} sent, no second person confirmed it`);
    demand(!split.has(key), 'I13', () => `order ${key} sent whole, risk wanted it split`);
    demand(sent.approval === expectedApproval(sent), 'I13', () => `order ${key}: bad approval`);
    this.#mustKeepRate(account, sent.eventNs);
    const killed = this.eyes[account]!.killed !== 0 || killWordOf(life.map, account)[0] !== 0;
    demand(!killed, 'I16', () => `order ${key} sent after the kill switch`);
  }

  #mustBeWritten(account: number, sent: Sent): void {
    const { key } = sent;
    const written = this.eyes[account]!.requests.get(key);
    demand(written !== undefined, 'I2', () => `order ${key} sent, no record of it`);
    if (written === undefined) return;
    const same =
      written.instrument === sent.instrument &&
      written.side === sent.side &&
      written.priceE4 === sent.priceE4 &&
      written.qty === sent.qty;
    demand(same, 'I2', () => `order ${key} sent otherwise than written`);
    if (this.#life?.setup.flush !== 'before-send') return;
    const durable = this.#disks[account]!.isDurable(written.file, written.at);
    demand(durable, 'I2', () => `order ${key} sent, its record is not on the device`);
  }

  /** No more than the limit in any second, over all lives (I14; I12 after a restart). */
  #mustKeepRate(account: number, eventNs: number): void {
    const { entries } = this.#life!.setup.risk;
    const limit = entries.find(
      ([, row, slot]) => row === accountRow(account) && slot === LIMIT_ORDERS_PER_SECOND,
    );
    if (limit === undefined) return;
    const most = limit[3];
    const times = this.#times[account]!;
    times.push(eventNs);
    if (times.length <= most) return;
    const first = times[times.length - 1 - most]!;
    demand(eventNs - first >= SECOND_NS, 'I14', () => `${most + 1} orders within a second`);
  }

  /** What the OMS hears of the broker is journaled first, unless the journal has failed. */
  #onHeard(account: number, heard: Heard): void {
    this.onEffect?.('hear', heard.key, heard.kind);
    if (heard.kind !== REPORT_UNKNOWN) this.#accounts[account]!.named.add(heard.key);
    const gateway = this.#life?.actors.gateways[account];
    if (gateway === undefined || gateway.journalFailure < 0) return;
    const eye = this.eyes[account]!;
    const known =
      heard.kind === 0
        ? (eye.fills.get(heard.key)?.has(heard.fillNo) ?? false)
        : (eye.reports.get(heard.key)?.has(heard.kind) ?? false);
    demand(known, 'I3', () => `order ${heard.key}: told to the OMS, not written`);
  }

  /** After a duty cycle of an OMS, or of its gateway. */
  afterCycle(kind: string, account: number): void {
    if (kind === 'oms') {
      this.#accounts[account]!.check();
      if (this.#life!.reports[account]!.isEmpty()) this.#accounts[account]!.named.clear();
    }
    if (kind !== 'gateway') return;
    const control = this.#life!.controls.get(`gateway:${account}`)!;
    const empty = control.room() === control.capacityBytes;
    demand(empty, 'I16', () => `gateway ${account} left a command in its ring`);
  }

  /** Everything that can be checked at any time, from scratch. */
  full(): void {
    for (const [a, audit] of this.#accounts.entries()) {
      const eye = this.eyes[a]!;
      eye.scan();
      demand(eye.damage === '', 'I18', () => `account ${a}: ${eye.damage}`);
      demand(eye.repeated.length === 0, 'I4', () => `id ${eye.repeated[0]} written twice`);
      audit.check();
    }
    this.#mustFitTheLedger();
    this.#checkParents();
  }

  /** The broker's side of I8 and I9: nobody bought without cash or sold without shares. */
  #mustFitTheLedger(): void {
    for (const [a, ledger] of this.#broker.ledgers.entries()) {
      if (ledger.misled || ledger.orders.some((order) => order.filled > order.qty)) continue;
      const free = ledger.cashE4() - ledger.heldE4();
      // An overfill of the day before may have left less than nothing.
      const least = Math.min(0, ledger.openingCashE4);
      demand(free >= least, 'I8', () => `account ${a}: broker's free cash ${free}`);
      for (let i = 0; i < ledger.openingQty.length; i++) {
        const left = ledger.sellable(i);
        demand(left >= 0, 'I9', () => `account ${a}, instrument ${i}: sellable ${left}`);
      }
    }
  }

  /** A request has just reached the broker. */
  arrived(): void {
    this.#mustFitTheLedger();
    this.#checkParents();
  }

  #checkParents(): void {
    for (const [a, eye] of this.eyes.entries()) {
      checkParents(eye, this.#broker.ledgers[a]!, this.#broker.byKey);
    }
  }
}

/** What risk must have stamped on a request, computed here again from the layout's document. */
function expectedApproval(sent: Sent): number {
  let h = Math.imul(sent.idA ^ 0x9e3779b1, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15) ^ sent.idC, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 13) ^ sent.instrument, 0x27d4eb2f);
  h = Math.imul(h ^ (h >>> 15) ^ (sent.side << 28) ^ sent.priceE4, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 13) ^ sent.qty, 0x85ebca6b);
  return (h ^ (h >>> 16)) | 1;
}
