// The strategy every simulated run trades with: places, cancels and misbehaves by its own seeded
// draws. Loaded by the strategy host like any user's file. Invariant: equal parameters and equal
// messages give equal intents.
import {
  type Context,
  defineStrategy,
  KIND_BEST5_CANCEL,
  KIND_IOC,
  KIND_LIMIT,
  type OrderView,
  STATUS_ACCEPTED,
  STATUS_PARTLY_FILLED,
  STATUS_PENDING,
  STATUS_SUBMITTED,
  type Tick,
} from '../core/strategy.ts';
import { LINK_READY } from '../messages/codes.ts';
import { ParentScript } from './parent-script.ts';
import { Random } from './random.ts';

const STREAM = 900;
const OPEN = [STATUS_PENDING, STATUS_SUBMITTED, STATUS_ACCEPTED, STATUS_PARTLY_FILLED];

interface Script {
  readonly random: Random;
  readonly parents: ParentScript;
  /** Orders it may still ask for. */
  budget: number;
  /** Own intents it believes live. */
  readonly open: number[];
  ticks: number;
  /** Orders go out. */
  ready: boolean;
}

const PARAMS = {
  seed: { default: 1, int: true },
  orders: { default: 30, int: true },
  /** Share of intents that no checked engine may let through, in percent. */
  bad: { default: 0, int: true },
  /** Parent and conditional orders. */
  parents: { default: 0, int: true },
  /** Cancel-replaces. */
  replaces: { default: 0, int: true },
  /** Tick at which it throws; 0 = never. */
  failAt: { default: 0, int: true },
} as const;

export default defineStrategy({
  params: PARAMS,
  onInit(ctx): Script {
    return {
      random: new Random(ctx.params.seed, STREAM),
      parents: new ParentScript(ctx.params.seed, ctx.params.parents, ctx.params.replaces),
      budget: ctx.params.orders,
      open: [],
      ticks: 0,
      ready: false,
    };
  },
  onTick(ctx, tick): void {
    const script = ctx.state as Script;
    const { random } = script;
    if (++script.ticks === ctx.params.failAt) throw new Error('the script ends here');
    if (script.open.length > 0 && random.chance(0.1)) {
      const target = random.pick(script.open);
      ctx.cancel(target);
      if (random.chance(0.1)) ctx.cancel(target);
    }
    if (script.ready) script.parents.onTick(ctx, tick, script.open);
    // While the link is not ready it mostly waits, as a sane script does; some press on.
    const eager = script.ready || random.chance(0.01);
    const wishes = eager && random.chance(0.6) ? random.between(1, 3) : 0;
    for (let n = wishes; n > 0 && script.budget > 0; n--) placeOne(ctx, script, tick);
  },
  onLink(ctx, link): void {
    (ctx.state as Script).ready = link.state === LINK_READY;
  },
  onOrder(ctx, order: OrderView): void {
    const { open } = ctx.state as Script;
    const at = open.indexOf(order.intentNo);
    const live = OPEN.includes(order.status);
    if (live && at < 0) open.push(order.intentNo);
    if (!live && at >= 0) open.splice(at, 1);
  },
});

/** One order of the budget: mostly sensible, sometimes nothing a checked engine lets through. */
function placeOne(ctx: Context<typeof PARAMS>, script: Script, tick: Tick): void {
  const { random } = script;
  const bad = random.chance(ctx.params.bad / 100);
  const held = ctx.position(tick.instrument).sellableQty;
  const selling = random.chance(held >= 100 ? 0.5 : 0.05);
  const qty = bad ? badQty(random) : goodQty(random, selling ? held : 0);
  const priceE4 = bad && random.chance(0.5) ? random.below(1_000_000) : goodPrice(random, tick);
  const kind = random.chance(0.9) ? KIND_LIMIT : random.pick([KIND_IOC, KIND_BEST5_CANCEL]);
  const price = kind === KIND_BEST5_CANCEL && random.chance(0.5) ? 0 : priceE4;
  const no = selling
    ? ctx.sell(tick.instrument, price, qty, kind)
    : ctx.buy(tick.instrument, price, qty, kind);
  // What found no room is wanted again; what was refused is spent.
  if (no > 0 || bad) script.budget--;
  if (no > 0 && random.chance(0.1)) ctx.cancel(no);
}

function goodQty(random: Random, held: number): number {
  const lots = Math.floor(held / 100);
  if (lots === 0) return 100 * random.between(2, 20);
  // All of it at times, so that a second sell finds nothing left.
  return random.chance(0.2) ? lots * 100 : 100 * random.between(1, Math.min(lots, 20));
}

function badQty(random: Random): number {
  return random.pick([0, -100, 150, 1, 99_999_900, Number.NaN, 2_147_483_647]);
}

function goodPrice(random: Random, tick: Tick): number {
  const last = tick.lastE4;
  const away = 100 * random.between(-8, 8);

  return Math.min(tick.upperLimitE4, Math.max(tick.lowerLimitE4, last + away));
}
