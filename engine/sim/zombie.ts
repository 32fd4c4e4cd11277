// An engine that should be gone and is not: a machine frozen, copied or forgotten, whose successor
// has taken over with a higher epoch (F16). It goes on with its own copy of the disks, its market
// and its old connection until the bridge tells it of the fence. Called by the world.
// Invariant: once it has heard of the fence it hands over no order any more.
import type { OutPort } from '../actors/port.ts';
import { ACTION_PLACE, LINK_REFUSED } from '../messages/codes.ts';
import type { FrameMemory } from '../messages/frames.ts';
import { Request } from '../messages/generated/order.ts';
import type { FrameHandler } from '../ring/frame-handler.ts';
import type { CrashPoint } from './crash-signal.ts';
import type { Life } from './life.ts';
import type { Random } from './random.ts';
import type { SimDesk } from './sim-desk.ts';
import type { SimDisk } from './sim-disk.ts';
import type { SimMarket } from './sim-market.ts';
import { demand } from './violation.ts';

/** More than any simulated ring holds. */
const LINK_FRAMES = 4_096;

/** What the old engine still reaches of the world. */
export interface ZombieWorld {
  readonly disks: readonly SimDisk[];
  readonly crash: CrashPoint;
  readonly desk: SimDesk;
  readonly market: SimMarket;
}

export class Zombie implements FrameHandler {
  readonly #life: Life;
  readonly #world: ZombieWorld;
  readonly #random: Random;
  readonly #request = new Request();
  /** The bridge has told it, by account. */
  readonly #told: boolean[];
  /** Its gateway link had heard of it before this step. */
  readonly #refused: boolean[] = [];
  #nowNs = 0;

  constructor(life: Life, world: ZombieWorld, random: Random) {
    this.#life = life;
    this.#world = world;
    this.#random = random;
    this.#told = life.states.map(() => false);
  }

  /** One step of it: some actor, its link, its market. */
  step(nowNs: number): void {
    const { disks, crash, market } = this.#world;
    this.#nowNs = nowNs;
    for (const [a, { broker }] of this.#life.actors.gateways.entries()) {
      this.#refused[a] = broker.state === LINK_REFUSED;
    }
    crash.paused = true;
    for (const disk of disks) disk.detached = true;
    if (this.#random.chance(0.2)) market.move(this.#life.market, nowNs);
    for (let n = 3; n > 0; n--) this.#random.pick(this.#life.agents).doWork();
    for (const [a, link] of this.#life.links.entries()) {
      link.poll(this, LINK_FRAMES);
      this.#answer(a, this.#life.answers[a]!);
    }
    for (const disk of disks) disk.detached = false;
    crash.paused = false;
  }

  /** Its time goes on; a bridge that is fenced against it says so. */
  #answer(account: number, out: OutPort): void {
    const { desk } = this.#world;
    if (out.room() < 1_024) return;
    const epoch = this.#life.setup.epochs[account]!;
    if (!this.#told[account] && desk.epochOf(account) > epoch && this.#random.chance(0.2)) {
      this.#told[account] = true;
      desk.refuse(account, out, this.#nowNs);
    } else desk.tick(out, this.#nowNs);
  }

  onFrame(type: number, memory: FrameMemory, at: number): void {
    if (type !== Request.TYPE) return;
    const request = this.#request.wrap(memory, at);
    const { account } = request;
    const isFenced = this.#refused[account] === true && request.action === ACTION_PLACE;
    demand(!isFenced, 'I1', () => `account ${account}: a fenced engine sends on`);
    this.#world.desk.takeOld(request, this.#life.setup.epochs[account]!, this.#nowNs);
  }
}
