// One simulated run: engine, broker, market, disks and faults under a seeded scheduler with virtual
// time. Called by run.ts. Chaos first, then calm: the faults stop, everything converges and must
// equal the broker's ledger. Invariant: all chance comes from the seed, so a seed is a whole run.
import type { Agent } from '../actors/agent.ts';
import type { MonoClock } from '../actors/clock.ts';
import type { OutPort } from '../actors/port.ts';
import { StateHash } from '../core/state-hash.ts';
import { AccountState } from '../host/account-state.ts';
import { killWordOf } from '../host/memory-map.ts';
import type { EngineSetup } from '../host/setup.ts';
import { readJournal } from '../journal/reader.ts';
import { LINK_NAMES, LINK_READY, PHASE_LUNCH } from '../messages/codes.ts';
import type { FrameMemory } from '../messages/frames.ts';
import { Fill, Report } from '../messages/generated/order.ts';
import type { FrameHandler } from '../ring/frame-handler.ts';
import { AccountAudit } from './account-audit.ts';
import { Auditor } from './auditor.ts';
import { BrokerLedger } from './broker-ledger.ts';
import { Chaos } from './chaos.ts';
import { CrashPoint, CrashSignal } from './crash-signal.ts';
import { DayRoll, type Eve, type RollingWorld } from './day-roll.ts';
import { type FaultClass, FaultPlan } from './faults.ts';
import { JournalEye } from './journal-eye.ts';
import { simKernels } from './kernel-cache.ts';
import { type Life, startLife } from './life.ts';
import { Random } from './random.ts';
import { SecondPerson, withLargeLimits } from './second-person.ts';
import { type Answer, isTraceable, PACKS, SimBroker } from './sim-broker.ts';
import { SimDesk } from './sim-desk.ts';
import { SimDisk } from './sim-disk.ts';
import { SimMarket } from './sim-market.ts';
import { drawPace, type SimPace, stepOf } from './sim-pace.ts';
import { drawSetup, INSTRUMENTS } from './sim-setup.ts';
import { ANSWER_ROOM } from './stage.ts';
import { LifeWatch } from './tap-rings.ts';
import { clockText, keyText, START_NS } from './trace-text.ts';
import { demand, Violation } from './violation.ts';
import { Zombie } from './zombie.ts';

const MS = 1_000_000;
/** Streams of draws of a second day. */
const DAY_STREAM = 1_000;
/** Virtual time in which everything must have converged once the faults are off; quiet times. */
const CONVERGE_NS = 60_000 * MS;
const CONVERGE_QUIETS = 5;
/** Changes of one order, once the faults are off, behind which waiting starts again. */
const LAST_CHANGES = 4;
const STEPPED_NS = 500 * MS;
const RATE_NS = 1_100 * MS;
/** Rounds without news after which all is told: of a broker outside, a full reconciliation. */
const QUIET_ROUNDS = { inside: 3, outside: 160 };
/** From the OMS over risk and gateway back to it, in whatever order they come. */
const LAST_ROUNDS = 4;
const FULL_CHECK_STEPS = 100;

/** How large a run is, and which classes of faults it may not have. */
export interface RunSize {
  readonly orders: number;
  readonly steps: number;
  readonly without: ReadonlySet<FaultClass>;
}

export class World implements FrameHandler, RollingWorld {
  readonly seed: number;
  readonly size: RunSize;
  readonly faults: FaultPlan;
  readonly pace: SimPace;
  readonly setup: EngineSetup;
  readonly disks: SimDisk[];
  readonly broker: SimBroker;
  readonly desk: SimDesk;
  readonly market: SimMarket;
  readonly auditor: Auditor;
  readonly crash = new CrashPoint();
  readonly hash: StateHash;
  nowNs = START_NS;
  step = 0;
  crashes = 0;
  /** Readable lines of what happens; null = nobody reads. */
  readonly trace: ((line: string) => void) | null;
  life!: Life;
  readonly #audits: AccountAudit[];
  readonly #eyes: JournalEye[];
  /** What the day opens with; null = it is the first. */
  readonly #eve: Eve | null;
  /** How the day ends and the next one opens; null = it does not. */
  readonly #roll: DayRoll | null;
  readonly #pick: Random;
  readonly #rings: Random;
  readonly #chaos: Chaos;
  /** Parent orders, and replaces, that each strategy may ask for in each life. */
  readonly #parents: number;
  readonly #replaces: number;
  readonly #clock: MonoClock;
  readonly #report = new Report();
  readonly #fill = new Fill();
  readonly #second: SecondPerson;
  #lives = 0;
  #watch: LifeWatch | null = null;
  /** Which of the thread's kernels the running engine has. */
  #engine = 0;
  #zombie: Zombie | null = null;

  constructor(
    seed: number,
    size: RunSize,
    trace: ((line: string) => void) | null,
    eve: Eve | null = null,
  ) {
    this.seed = seed;
    this.size = size;
    this.trace = trace;
    this.hash = eve?.hash ?? new StateHash();
    this.#eve = eve;
    const draws = (stream: number) => new Random(seed, eve === null ? stream : stream + DAY_STREAM);
    this.#pick = draws(1);
    this.#rings = draws(2);
    this.faults = new FaultPlan(seed, size.without);
    this.pace = drawPace(new Random(seed, 11));
    const drawn = drawSetup(new Random(seed, 3), this.pace.link, this.faults.isOn('power-cut'));
    const isPlain = !this.faults.isOn('second-person');
    this.setup = eve?.setup ?? (isPlain ? drawn : withLargeLimits(drawn, new Random(seed, 15)));
    const { accounts } = this.setup;
    const disk = draws(4);
    this.disks = accounts.map((account) => new SimDisk(account.id, this.crash, disk));
    for (const each of this.disks) each.mood.tears = this.faults.isOn('torn-tail');
    this.#eyes = this.disks.map((each) => new JournalEye(each));
    this.market = new SimMarket(INSTRUMENTS, this.faults, draws(5));
    const ledgers = accounts.map((account, a) => {
      const held = eve?.ledgers[a]?.qty;
      const qty = INSTRUMENTS.map((_, i) => {
        return held?.[i] ?? account.positions.find((p) => p.instrument === i)?.qty ?? 0;
      });
      const sameDay = INSTRUMENTS.map((i) => i.turnround);
      const cashE4 = eve?.ledgers[a]?.cashE4 ?? account.cashE4;
      return new BrokerLedger(account.fees, cashE4, qty, sameDay);
    });
    const pack = new Random(seed, 6).pick(PACKS);
    this.broker = new SimBroker(ledgers, pack, this.faults, this.market, draws(8));
    this.desk = new SimDesk(this.broker, this.faults, draws(10), this.setup.day);
    this.#audits = ledgers.map((ledger) => new AccountAudit(ledger, this.broker.byKey));
    for (const audit of this.#audits) {
      audit.upperLimitE4 = INSTRUMENTS.map((i) => i.upperLimitE4);
      audit.beyondProof = this.desk.beyondProof;
    }
    this.auditor = new Auditor(this.disks, this.#eyes, this.broker, this.#audits);
    this.auditor.onEffect = (what, key, kind) => this.#effect(what, key, kind);
    this.#chaos = new Chaos(this, draws(9));
    this.#second = new SecondPerson(this.#eyes, draws(14));
    const rolls = eve === null && this.faults.isOn('day-roll');
    this.#roll = rolls ? new DayRoll(this, new Random(seed, 13)) : null;
    const parents = new Random(seed, 11);
    this.#parents = parents.chance(0.5) ? parents.between(1, 8) : 0;
    this.#replaces = parents.chance(0.5) ? parents.between(1, 12) : 0;
    this.#clock = {
      nowNs: () => this.nowNs,
      stamp: (slots, index) => {
        slots[index] = this.nowNs;
      },
    };
  }

  get steps(): number {
    return this.size.steps;
  }

  /** The whole day; throws a Violation, or what an actor threw. What the next one opens with. */
  async run(): Promise<Eve | null> {
    const faults = this.faults.names().join(' ');
    this.say(() => `pack ${this.broker.pack.name}, pace ${this.pace.name}, faults ${faults}`);
    await this.#begin();
    if (this.#eve !== null) for (const audit of this.#audits) audit.mustOpenFree();
    while (this.step < this.size.steps && !this.#spent()) await this.#stepOnce();
    if (this.#roll !== null) return this.#rollDay(this.#roll);
    await this.#calmDown();
    return null;
  }

  /** The engine ends for the day, in one of several ways, and the day is closed. */
  async #rollDay(roll: DayRoll): Promise<Eve | null> {
    this.say(() => `the day ends ${roll.end}`);
    this.#faultsOff();
    if (roll.end !== 'in-chaos') await this.#comeToRest();
    if (roll.end === 'after-the-close') {
      this.broker.expireAll(this.nowNs);
      this.#settle();
    }
    this.#die(new CrashSignal('the end of the day'));
    return roll.roll(this.nowNs);
  }

  async lifeOfProof(): Promise<void> {
    await this.#begin();
    this.#settle();
    this.auditor.full();
    this.#die(new CrashSignal('the end of the day, all told'));
  }

  /** A line for the trace. */
  say(line: () => string): void {
    this.trace?.(`${String(this.step).padStart(5)} ${clockText(this.nowNs)} ${line()}`);
  }

  #effect(what: string, key: number, kind: number): void {
    this.hash.int(key | 0);
    this.hash.int(kind + (what === 'send' ? 100 : 200));
    this.say(() => `${what} ${keyText(key)} ${kind === 0 ? 'fill' : kind}`);
  }

  /** Whether every order of the run's budget was made and nothing is left to happen. */
  #spent(): boolean {
    return this.#made() >= this.size.orders * 1.5;
  }

  #made(): number {
    return this.life.states.reduce((sum, state) => sum + state.account.orders.count, 0);
  }

  /** Starts a life, over again as long as the start itself is a crash. */
  async #begin(): Promise<void> {
    this.#watch = new LifeWatch(this.auditor);
    for (let attempt = 1; ; attempt++) {
      try {
        this.life = await startLife({
          setup: this.#setupOfLife(),
          disks: this.disks,
          crash: this.crash,
          watch: this.#watch,
          random: this.#rings,
          clock: this.#clock,
          smallest: this.faults.isOn('small-ring'),
          kernels: () => simKernels(this.#engine),
        });
        break;
      } catch (error) {
        if (!(error instanceof CrashSignal) || attempt > 5) throw error;
        this.#die(error);
      }
    }
    this.auditor.beginLife(this.life);
    this.market.tellAll(this.life.market, this.nowNs);
    this.desk.beginLife(this.nowNs);
    this.#chaos.beginLife();
    this.hash.int(++this.#lives);
    this.say(() => `life ${this.#lives}: ${this.#made()} orders recovered`);
  }

  #setupOfLife(): EngineSetup {
    const { setup, faults } = this;
    const share = Math.ceil(this.size.orders / setup.strategies.length);
    const fails = faults.isOn('strategy-fails') ? this.#rings.between(1, 60) : 0;
    const bad = Math.round(faults.strength('bad-intents') * 40);
    const strategies = setup.strategies.map((strategy, s) => {
      const own = this.#eyes[strategy.account]!.requests.size / setup.strategies.length;
      const orders = Math.max(0, share - Math.floor(own));
      const seed = this.#rings.below(1_000_000);
      const params = { seed, orders, bad, parents: this.#parents, replaces: this.#replaces };
      return { ...strategy, params: { ...params, failAt: s === 0 ? fails : 0 } };
    });
    return { ...setup, strategies };
  }

  async #stepOnce(): Promise<void> {
    this.step++;
    this.nowNs += stepOf(this.pace, this.#pick, this.#allReady());
    if (this.desk.work(this.nowNs) > 0) this.auditor.arrived();
    const random = this.#pick;
    const draw = random.below(100);
    if (this.#roll?.isLunch(this.step, this.size.steps)) this.#goToLunch();
    try {
      if (draw < 66) this.#duty(random.below(this.life.agents.length));
      else if (draw < 74) this.#takeRequests(random.below(this.life.links.length), 4);
      else if (draw < 84) this.#giveAnswers(random.below(this.life.links.length), 4);
      else if (draw < 86) this.broker.tradeOne(this.nowNs);
      else if (draw < 97) this.market.move(this.life.market, this.nowNs);
      else this.#chaos.act();
      if (this.pace.hurries) this.#hurryLinks();
      if (this.#zombie !== null && random.chance(0.3)) this.#zombie.step(this.nowNs);
      this.#chaos.watchKill();
      this.#second.act(this.life, this.nowNs);
      if (this.#chaos.ends) throw new CrashSignal('the supervisor, an actor is dead');
      if (this.#chaos.splitsNow) await this.#split();
      if (this.step % FULL_CHECK_STEPS === 0) this.auditor.full();
    } catch (error) {
      if (!(error instanceof CrashSignal)) throw error;
      this.#die(error);
      await this.#begin();
    }
  }

  /** From here on orders are held, and cancels parked. */
  #goToLunch(): void {
    this.say(() => 'lunch');
    this.market.phase = PHASE_LUNCH;
  }

  /** A second engine takes over from here; the first goes on, with disks that nobody reads. */
  async #split(): Promise<void> {
    this.#chaos.splitsNow = false;
    if (this.broker.pack.inside || this.#engine > 0) return;
    this.say(() => 'a second engine takes over, the first one goes on');
    this.#watch!.end();
    this.#zombie = new Zombie(this.life, this, new Random(this.seed, 12));
    this.#engine = 1;
    for (const disk of this.disks) {
      disk.fork();
      disk.heal();
    }
    for (const ledger of this.broker.ledgers) ledger.misled = true;
    for (const eye of this.#eyes) eye.scan();
    this.desk.splitLife();
    this.auditor.endLife();
    await this.#begin();
  }

  /** One duty cycle of one actor, unless it is stalled. */
  #duty(index: number): void {
    if (this.#chaos.isStalled(index)) return;
    const agent: Agent = this.life.agents[index]!;
    const work = agent.doWork();
    const { kind, index: account } = this.life.specs[index]!;
    if (work > 0 || kind === 'gateway') this.auditor.afterCycle(kind, account);
  }

  /** Both threads of every link that is not ready take a turn. */
  #hurryLinks(): void {
    const { specs, actors } = this.life;
    for (let i = 0; i < specs.length; i++) {
      const { kind, index: account } = specs[i]!;
      if (kind !== 'gateway') continue;
      if (actors.gateways[account]!.broker.state === LINK_READY) continue;
      this.#takeRequests(account, 4);
      this.#giveAnswers(account, 4);
      this.#duty(i);
    }
  }

  /** The link's thread takes requests off the ring; from here on they are with the broker. */
  #takeRequests(account: number, limit: number): number {
    if (this.#chaos.isLinkStalled()) return 0;
    return this.life.links[account]!.poll(this, limit);
  }

  onFrame(type: number, memory: FrameMemory, at: number): void {
    if (this.desk.take(type, memory, at, this.nowNs)) this.auditor.arrived();
  }

  /** The link's thread puts what has arrived into the ring to the gateway. */
  #giveAnswers(account: number, limit: number): number {
    const out = this.life.answers[account]!;
    this.desk.give(account, out, this.nowNs);
    let given = 0;
    while (given < limit && this.desk.hears(account) && out.room() >= ANSWER_ROOM) {
      const answer = this.broker.nextAnswer(account, this.nowNs);
      if (answer === null) break;
      if (answer.kind === 0) this.#writeFill(out, answer);
      else this.#writeReport(out, answer);
      given++;
    }
    if (given > 0) out.publish();
    return given;
  }

  #writeFill(out: OutPort, answer: Answer): void {
    const { order } = answer;
    const fill = this.#fill.begin(out.memory, out.claim(Fill.BYTES));
    fill.eventNs = this.nowNs;
    if (isTraceable(order)) {
      fill.coidA = order.idA;
      fill.coidB = order.idB;
      fill.coidC = order.idC;
    }
    fill.account = order.account;
    fill.strategy = order.strategy;
    fill.instrument = order.instrument;
    fill.side = order.side;
    fill.priceE4 = answer.priceE4;
    fill.qty = answer.qty;
    fill.leavesQty = answer.leavesQty;
    fill.fillNo = answer.fillNo;
    out.commit();
  }

  #writeReport(out: OutPort, answer: Answer): void {
    const { order } = answer;
    const report = this.#report.begin(out.memory, out.claim(Report.BYTES));
    report.eventNs = this.nowNs;
    if (isTraceable(order)) {
      report.coidA = order.idA;
      report.coidB = order.idB;
      report.coidC = order.idC;
    }
    report.account = order.account;
    report.strategy = order.strategy;
    report.instrument = order.instrument;
    report.kind = answer.kind;
    report.stage = 6;
    report.code = answer.code;
    report.filledQty = answer.filledQty;
    report.leavesQty = answer.leavesQty;
    report.brokerOrderNo = order.no;
    out.commit();
  }

  /** The process dies here; the exchange of pack `paper` with it. */
  #die(error: CrashSignal): void {
    this.crashes++;
    this.crash.disarm();
    const cut = this.#chaos.isPowerCut();
    this.say(() => `${error.message}${cut ? ', power cut' : ''}`);
    for (const [a, disk] of this.disks.entries()) {
      if (cut) disk.powerCut();
      disk.heal();
      this.#eyes[a]!.scan();
      if (!this.broker.pack.inside) continue;
      this.broker.forget(a, this.#eyes[a]!.fills, this.#eyes[a]!.reports);
    }
    this.desk.endLife();
    this.auditor.endLife();
  }

  #faultsOff(): void {
    this.crash.disarm();
    this.#chaos.stop();
    this.broker.calm = true;
    this.desk.calm = true;
    this.market.calm = true;
    // The market's stepped clock may have been so far ahead: the links' time goes on from there.
    this.nowNs += STEPPED_NS;
    this.say(() => 'faults off');
    this.#zombie = null;
  }

  /** A dead actor's process is started again; all that is on its way arrives. */
  async #comeToRest(): Promise<void> {
    if (this.#chaos.hasDead) {
      this.#workWithDead();
      this.#die(new CrashSignal('the supervisor, an actor is dead'));
      await this.#begin();
      this.#chaos.stop();
    }
    this.#settle();
  }

  /** Faults off; everything that is on its way arrives; then both sides must say the same. */
  async #calmDown(): Promise<void> {
    this.#faultsOff();
    await this.#comeToRest();
    this.#decide();
    this.auditor.full();
    for (const audit of this.#audits) audit.mustMatchLive();
    this.#chaos.mustHaveCancelled();
    this.broker.expireAll(this.nowNs);
    this.#settle();
    this.#decide();
    for (const [a, audit] of this.#audits.entries()) {
      audit.mustEqualBroker();
      this.#mustRecover(a, audit);
    }
    this.auditor.full();
  }

  /** The second person refuses what waits, until nothing comes after. */
  #decide(): void {
    this.#second.clear(this.life, this.#audits, (ns) => {
      this.nowNs += ns;
      for (const _ of INSTRUMENTS) this.market.move(this.life.market, this.nowNs);
      this.#settle();
      return this.nowNs;
    });
  }

  /** Those who live go on for a while beside the dead one: the kill switch needs no other actor. */
  #workWithDead(): void {
    // Behind many orders a cancel waits for the account's rate: a second, and a little.
    const untilNs = this.nowNs + RATE_NS;
    const waits = (): boolean => this.nowNs < untilNs && this.#chaos.unasked() >= 0;
    for (let round = 0; round < 60 || waits(); round++) {
      this.desk.work(this.nowNs);
      for (let i = 0; i < this.life.agents.length; i++) this.#duty(i);
      for (let a = 0; a < this.life.links.length; a++) {
        this.#takeRequests(a, 64);
        this.#giveAnswers(a, 64);
      }
      this.nowNs += MS;
    }
    this.#chaos.mustHaveAsked();
  }

  /** Round after round of everybody until nothing moves; too long is a violation (I22). */
  #settle(): void {
    do this.#settleOnce();
    while (this.#hasLastStep());
  }

  #settleOnce(): void {
    const { inside } = this.broker.pack;
    const needed = inside ? QUIET_ROUNDS.inside : QUIET_ROUNDS.outside;
    // Without ticks an OMS tries again only when its link asks for everything once more.
    const mostNs = Math.max(CONVERGE_NS, CONVERGE_QUIETS * needed * this.pace.roundNs);
    let until = Math.max(this.nowNs, this.broker.silentUntilNs) + mostNs;
    // Held orders are released a few at a time: who waits has patience with each, but not for ever.
    let changesLeft = LAST_CHANGES * this.#made();
    let quiet = 0;
    while (quiet < needed) {
      const before = this.#news();
      let work = this.desk.work(this.nowNs);
      for (let i = 0; i < this.life.agents.length; i++) {
        const done = this.life.agents[i]!.doWork();
        const { kind, index } = this.life.specs[i]!;
        if (done > 0) this.auditor.afterCycle(kind, index);
        // A broker outside is asked again and again: only what changes orders counts.
        if (inside) work += done;
      }
      for (let a = 0; a < this.life.links.length; a++) {
        const taken = this.#takeRequests(a, 64);
        work += this.#giveAnswers(a, 64) + (inside ? taken : 0);
      }
      const waiting = this.desk.busy || this.broker.answers.some((queue) => queue.length > 0);
      if (this.nowNs < this.broker.silentUntilNs) this.nowNs = this.broker.silentUntilNs;
      const { roundNs, roundUnreadyNs } = this.pace;
      this.nowNs += this.#allReady() && !this.desk.talks ? roundNs : roundUnreadyNs;
      const changed = this.#news() !== before;
      if (changed && changesLeft-- > 0) until = Math.max(until, this.nowNs + mostNs);
      const moved = work > 0 || waiting || changed || !this.#allReady();
      quiet = moved ? 0 : quiet + 1;
      if (!moved) continue;
      demand(
        this.nowNs < until,
        'I22',
        () => `not converged in ${mostNs / 1e9} s: ${this.#state()}`,
      );
    }
  }

  /** A step of a parent order that came due in the last round: whether anything was written. */
  #hasLastStep(): boolean {
    // What waits in a link's ring says nothing: a broker outside is asked again and again.
    const before = this.#news() + this.#written();
    for (let round = 0; round < LAST_ROUNDS; round++) {
      for (const agent of this.life.agents) agent.doWork();
    }
    return this.#news() + this.#written() !== before;
  }

  /** Records of all journals. */
  #written(): number {
    return this.life.writers.reduce((sum, { writtenSeq }) => sum + writtenSeq, 0);
  }

  /** Grows with everything that happens to an order. */
  #news(): number {
    let sum = this.desk.requests;
    for (const { account } of this.life.states) {
      const { orders } = account;
      for (let slot = 0; slot < orders.count; slot++) {
        sum += orders.status[slot]! * (slot + 1) + orders.filled[slot]! + 1;
      }
    }
    return sum;
  }

  #allReady(): boolean {
    return this.life.actors.gateways.every((link) => link.broker.state === LINK_READY);
  }

  #state(): string {
    const links = this.life.actors.gateways.map((link) => {
      const { state, goodRounds, badRounds, lastFault } = link.broker;
      return `link ${LINK_NAMES[state]} rounds ${goodRounds}+${badRounds} fault ${lastFault}`;
    });
    return links.join(', ');
  }

  /** The journal, read again by the real reader, gives the account as it is (I21). */
  #mustRecover(account: number, audit: AccountAudit): void {
    if (this.life.writers[account]!.failure !== 0) return;
    const state = new AccountState(this.life.setup, account);
    const disk = this.disks[account]!;
    try {
      readJournal(disk.dir, (r) => state.apply(r.frameType, r.memory, r.frameAt), { source: disk });
    } catch (error) {
      throw new Violation('I18', error instanceof Error ? error.message : String(error));
    }
    audit.mustEqualRecovered(state.account);
  }

  /** The shared kill word of an account. */
  killWord(account: number): Int32Array {
    return killWordOf(this.life.map, account);
  }
}
