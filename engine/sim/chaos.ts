// The hand that breaks things: at its turn in the schedule it draws one fault of the run's classes
// and does it. Called by the world. Invariant: only classes of the fault plan are used, and after
// stop() nothing is broken any more but what a person would have to repair.

import {
  SCOPE_ACCOUNT,
  SCOPE_FIRM,
  SCOPE_ORDER,
  SCOPE_STRATEGY,
  STAGE_SUPERVISOR,
} from '../messages/codes.ts';
import { copyFrame, FrameMemory } from '../messages/frames.ts';
import { CancelCommand, Kill } from '../messages/generated/control.ts';
import type { Random } from './random.ts';
import { isTraceable } from './sim-broker.ts';
import { ANSWER_ROOM, type Stage } from './stage.ts';
import { demand } from './violation.ts';

const MS = 1_000_000;
const HOUR_NS = 3_600_000 * MS;
/** Steps before the kill switch at which the link goes, and for how long it stays away. */
const AWAY_STEPS = 80;
const AWAY_NS = 250 * MS;
/** Effects ahead at which an armed crash may fall. */
const CRASH_EFFECTS = 25;
/** Most connections that go down with cancels behind the kill switch. */
const SWALLOWS = 4;
/** Part of the run in which nobody presses the kill switch: a killed run has little to show. */
const KILL_AFTER = 0.3;
/** The same where the wire is to swallow its cancels, and orders that live then, so that it can. */
const SWALLOW_AFTER = 0.08;
const SWALLOW_LIVE = 3;

/** A gateway link with less room towards its OMS takes nothing more. */
const STUCK_ROOM = 3 * ANSWER_ROOM;

export class Chaos {
  readonly #world: Stage;
  readonly #random: Random;
  /** Step up to which each actor stands still. */
  #stalledUntil: number[] = [];
  /** An actor of this life is dead. */
  hasDead = false;
  #restartAt = Number.POSITIVE_INFINITY;
  /** A second engine starts beside this one; the world does it. */
  splitsNow = false;
  /** Step up to which the link's thread takes nothing: its ring fills. */
  #linkStalledUntil = 0;
  #powerCut = false;
  /** Step at which the kill switch is pressed; 0 = not yet decided. */
  #killAt = 0;
  /** It is pressed as soon as enough orders live. */
  #killsLive = false;
  /** Lives in which kill frames were sent, for the check that they are journaled. */
  #framesSent = false;
  #killed = false;
  /** It was pressed in this life. */
  #killedNow = false;
  /** Orders alive when the kill switch was pressed, by key, and the cancels they had. */
  #cancelsAtKill = new Map<number, number>();
  /** Commands that found a full ring. */
  readonly #waiting: { actor: string; frame: FrameMemory }[] = [];

  constructor(world: Stage, random: Random) {
    this.#world = world;
    this.#random = random;
  }

  beginLife(): void {
    this.#stalledUntil = this.#world.life.agents.map(() => 0);
    this.#waiting.length = 0;
    this.hasDead = false;
    this.#restartAt = Number.POSITIVE_INFINITY;
    if (this.#killed) this.#world.broker.isDull = false;
    this.#killedNow = false;
    this.#framesSent = false;
  }

  isLinkStalled(): boolean {
    return this.#world.step < this.#linkStalledUntil;
  }

  isStalled(agent: number): boolean {
    return this.#world.step < this.#stalledUntil[agent]!;
  }

  /** Whether the crash that has just fallen takes the machine's memory with it. */
  isPowerCut(): boolean {
    const cut = this.#powerCut;
    this.#powerCut = false;
    return cut;
  }

  /** The chaos is over. */
  stop(): void {
    for (const [i, until] of this.#stalledUntil.entries()) {
      if (Number.isFinite(until)) this.#stalledUntil[i] = 0;
    }
    this.#linkStalledUntil = 0;
    for (const disk of this.#world.disks) disk.heal();
    this.#world.market.clockOffsetNs = 0;
    this.#world.desk.swallows = 0;
    this.#sendWaiting();
  }

  /** One fault, or none. */
  act(): void {
    this.#sendWaiting();
    if (this.#killAt > 0 && this.#world.step >= this.#killAt) this.#kill();
    const classes = this.#world.faults.names();
    if (classes.length === 0) return;
    const name = this.#random.pick(classes);
    if (!this.#random.chance(this.#world.faults.strength(name))) return;
    this.#do(name);
  }

  #do(name: string): void {
    const world = this.#world;
    const random = this.#random;
    switch (name) {
      case 'crash':
      case 'power-cut':
        this.#armCrash(name === 'power-cut');
        break;
      case 'torn-tail':
        this.#world.crash.armWrite();
        break;
      case 'disk-full':
        this.#toggleDisk('full');
        break;
      case 'disk-error':
        this.#toggleDisk(random.chance(0.5) ? 'failing' : 'syncFailing');
        break;
      case 'slow-actor':
        this.#stall();
        break;
      case 'replay':
        world.say(() => 'the broker repeats the day');
        world.broker.replay(random.below(world.disks.length), world.nowNs);
        break;
      case 'dead-actor':
        this.#killActor();
        break;
      case 'bridge-crash':
        world.say(() => 'the bridge dies');
        world.desk.crashBridge(random.below(world.disks.length), world.nowNs);
        break;
      case 'two-engines':
        this.splitsNow = true;
        break;
      case 'silent-hour':
        world.say(() => 'the broker is silent for an hour');
        world.broker.silentUntilNs = world.nowNs + HOUR_NS;
        break;
      case 'link-drop':
        world.say(() => 'the link drops');
        world.desk.drop(random.below(world.disks.length), world.nowNs);
        break;
      case 'external':
        world.say(() => 'a person trades by hand');
        world.broker.tradeByHand(random.below(world.disks.length), world.nowNs);
        break;
      case 'clock-step':
        world.market.clockOffsetNs = random.between(-500, 500) * MS;
        break;
      case 'kill':
        this.#planKill();
        break;
      case 'manual-cancel':
        this.#manualCancel();
        break;
      default:
        break;
    }
    for (const disk of world.disks) if (random.chance(0.2) && !disk.mood.failing) disk.syncAll();
  }

  #armCrash(powerCut: boolean): void {
    this.#powerCut = powerCut;
    this.#world.crash.arm(1 + this.#random.below(CRASH_EFFECTS));
  }

  /** One actor never moves again; the supervisor ends the process when it looks next. */
  #killActor(): void {
    const { step, life } = this.#world;
    if (this.hasDead || step < 200) return;
    const agent = this.#random.below(this.#stalledUntil.length);
    this.#stalledUntil[agent] = Number.POSITIVE_INFINITY;
    this.hasDead = true;
    this.#world.say(() => `${life.specs[agent]!.name} is dead`);
    if (this.#random.chance(0.5)) this.#restartAt = step + this.#random.between(50, 400);
    if (this.#world.faults.isOn('kill') && this.#killAt === 0) this.#killAt = step + 20;
  }

  /** Whether the supervisor ends the process now: one of its actors is dead. */
  get ends(): boolean {
    return this.hasDead && this.#world.step >= this.#restartAt;
  }

  #toggleDisk(mood: 'full' | 'failing' | 'syncFailing'): void {
    const { mood: state } = this.#random.pick(this.#world.disks);
    state[mood] = !state[mood];
    this.#world.say(() => `disk ${mood}: ${state[mood]}`);
  }

  #stall(): void {
    const steps = this.#random.between(5, 200);
    if (this.#random.chance(0.15)) {
      this.#linkStalledUntil = this.#world.step + steps;
      return;
    }
    const agent = this.#random.below(this.#stalledUntil.length);
    if (!Number.isFinite(this.#stalledUntil[agent]!)) return;
    this.#stalledUntil[agent] = this.#world.step + steps;
    this.#world.say(() => `${this.#world.life.specs[agent]!.name} stands still, ${steps} steps`);
  }

  /** At every step: the kill switch waits for orders that live. */
  watchKill(): void {
    if (this.#killsLive && this.#world.broker.liveCount >= SWALLOW_LIVE) this.#kill();
  }

  /** Half of the time the link stands still first: the switch must work behind a full ring. */
  #planKill(): void {
    const { step, steps, faults, disks, desk, nowNs, broker } = this.#world;
    if (this.#killAt > 0 || this.#killsLive) return;
    const swallows = faults.isOn('link-drop') && !broker.pack.inside;
    if (step < steps * (swallows ? SWALLOW_AFTER : KILL_AFTER)) return;
    if (swallows && this.#random.chance(0.6)) {
      this.#killsLive = true;
      broker.isDull = true;
      return;
    }
    const blocked = this.#random.chance(0.5);
    this.#killAt = step + (blocked ? 150 : 1);
    if (blocked) this.#linkStalledUntil = step + 400;
    else if (faults.isOn('link-drop') && this.#random.chance(0.7)) {
      this.#killAt = step + AWAY_STEPS;
      for (const [a] of disks.entries()) desk.drop(a, nowNs, AWAY_NS);
    }
    this.#world.say(() => `kill switch to come${blocked ? ', the link stands still' : ''}`);
  }

  /** As the supervisor does it: the shared words first, then the frames; or only one of both. */
  #kill(): void {
    const world = this.#world;
    if (this.#killed) return;
    const swallows = this.#killsLive;
    this.#killed = true;
    this.#killsLive = false;
    this.#killedNow = true;
    const how = this.#random.below(3);
    world.say(() => `kill switch: ${['words and frames', 'frames', 'words'][how]}`);
    const accounts = world.disks.map((_, a) => a);
    if (how !== 1) for (const a of accounts) world.killWord(a)[0] = 1;
    // The connection goes at this very moment, before anyone has noticed; or with the cancels.
    if (swallows) {
      world.desk.swallows = this.#random.between(1, SWALLOWS);
      world.say(() => `the wire swallows ${world.desk.swallows} of its cancels`);
    } else if (world.faults.isOn('link-drop') && this.#random.chance(0.4)) {
      for (const a of accounts) world.desk.drop(a, world.nowNs);
    }
    for (const order of world.broker.byKey.values()) {
      if (order.state !== 'live') continue;
      this.#cancelsAtKill.set(order.key, order.cancels);
    }
    if (how === 2) return;
    const frame = new FrameMemory(new ArrayBuffer(Kill.BYTES));
    const kill = new Kill().begin(frame, 0);
    kill.scope = SCOPE_FIRM;
    kill.on = 1;
    kill.source = STAGE_SUPERVISOR;
    kill.eventNs = world.nowNs;
    this.#tell('risk', frame);
    for (const a of accounts) this.#tell(`gateway:${a}`, frame);
    this.#framesSent = true;
  }

  /** Every order that lived when the switch was pressed, and still does, was asked to end. */
  mustHaveCancelled(): void {
    const world = this.#world;
    for (const [a, eye] of world.auditor.eyes.entries()) {
      const spoilt = world.disks[a]!.spoilt;
      const kept = !this.#framesSent || spoilt || eye.killed !== 0;
      demand(kept, 'I16', () => `account ${a}: the kill switch is not in the journal`);
    }
    for (const order of world.broker.byKey.values()) {
      if (order.state !== 'live' || !isTraceable(order)) continue;
      if (!this.#isKilled(order.account)) continue;
      const before = this.#cancelsAtKill.get(order.key) ?? 0;
      const { key, cancels } = order;
      demand(cancels > before, 'I16', () => `order ${key} lives on, no cancel reached the broker`);
    }
  }

  /** Every order that lived when the switch was pressed was asked to end, if its gateway lives. */
  mustHaveAsked(): void {
    const key = this.unasked();
    demand(key < 0, 'I16', () => `order ${key} lives on beside a dead actor, never cancelled`);
  }

  /** Such an order that nobody has asked to end yet; -1 = none. */
  unasked(): number {
    const { broker, auditor } = this.#world;
    if (!this.#killedNow) return -1;
    const accounts = this.#killableAccounts();
    for (const key of this.#cancelsAtKill.keys()) {
      const order = broker.byKey.get(key)!;
      if (!accounts.has(order.account) || order.state !== 'live') continue;
      if ((auditor.cancelled.get(key) ?? 0) === 0) return key;
    }
    return -1;
  }

  /** Those whose gateway can send a cancel. */
  #killableAccounts(): Set<number> {
    const { specs, actors, reports } = this.#world.life;
    const accounts = new Set<number>();
    for (const [i, { kind, index }] of specs.entries()) {
      const { broker } = actors.gateways[index] ?? {};
      if (kind !== 'gateway' || this.isStalled(i) || !broker?.takesCancels) continue;
      // It stands before the full ring of a dead OMS: no time comes to it, and its account's rate
      // never opens. The kill flag of the bridge, which nobody plays here, ends those orders.
      const news = reports[index]!;
      if (news.capacityBytes - news.size() >= STUCK_ROOM) accounts.add(index);
    }
    return accounts;
  }

  /** The switch is on in this life: pressed in it, or written down by one before. */
  #isKilled(account: number): boolean {
    return this.#killedNow || this.#world.auditor.eyes[account]!.killed !== 0;
  }

  #manualCancel(): void {
    const world = this.#world;
    const account = this.#random.below(world.disks.length);
    const frame = new FrameMemory(new ArrayBuffer(CancelCommand.BYTES));
    const command = new CancelCommand().begin(frame, 0);
    command.eventNs = world.nowNs;
    command.account = account;
    command.scope = this.#random.pick([SCOPE_ORDER, SCOPE_STRATEGY, SCOPE_ACCOUNT]);
    command.strategy = this.#random.below(world.setup.strategies.length);
    const orders = world.broker.ledgers[account]!.orders;
    if (orders.length > 0) {
      const { idA, idB, idC } = this.#random.pick(orders);
      command.coidA = idA;
      command.coidB = idB;
      command.coidC = idC;
    }
    world.say(() => `a person cancels, scope ${command.scope}`);
    this.#tell(`oms:${account}`, frame);
  }

  #tell(actor: string, frame: FrameMemory): void {
    this.#waiting.push({ actor, frame });
    this.#sendWaiting();
  }

  #sendWaiting(): void {
    while (this.#waiting.length > 0) {
      const { actor, frame } = this.#waiting[0]!;
      const out = this.#world.life.controls.get(actor)!;
      const at = out.claim(frame.byteLength);
      if (at < 0) return;
      copyFrame(frame, 0, out.memory, at);
      out.commit();
      out.publish();
      this.#waiting.shift();
    }
  }
}
