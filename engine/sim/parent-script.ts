// The parent and conditional orders of the scripted strategy, and its replaces, by draws of their
// own. Called by scripted-strategy.ts with each tick. Invariant: equal seeds and equal ticks give
// equal wishes.
import { type Context, SIDE_BUY, SIDE_SELL, type Tick } from '../core/strategy.ts';
import { Random } from './random.ts';

const STREAM = 901;
const MS = 1_000_000;

export class ParentScript {
  readonly #random: Random;
  /** Parents it may still ask for. */
  #budget: number;
  /** Replaces it may still ask for. */
  #replaces: number;
  readonly #own: number[] = [];
  /** Replaces it asked for: each may be replaced again. */
  readonly #replacing: number[] = [];

  constructor(seed: number, budget: number, replaces: number) {
    this.#replaces = replaces;
    this.#random = new Random(seed, STREAM);
    this.#budget = budget;
  }

  /** `open`: numbers of own orders that it believes live. */
  onTick(ctx: Pick<Context, ParentVerb>, tick: Tick, open: readonly number[]): void {
    const random = this.#random;
    if (this.#replaces > 0 && open.length > 0 && random.chance(0.12)) this.#replace(ctx, open);
    if (this.#own.length > 0 && random.chance(0.02)) ctx.cancel(random.pick(this.#own));
    if (this.#budget === 0 || !random.chance(0.1)) return;
    this.#budget--;
    const no = this.#wish(ctx, tick);
    if (no > 0) this.#own.push(no);
  }

  /** Another price, another quantity, both, or nothing new; at times a replace of a replace. */
  #replace(ctx: Pick<Context, ParentVerb>, open: readonly number[]): void {
    const random = this.#random;
    const again = this.#replacing.length > 0 && random.chance(0.3);
    const target = again ? random.pick(this.#replacing) : random.pick(open);
    const qty = random.chance(0.6) ? { qty: 100 * random.between(1, 30) } : {};
    const lastE4 = ctx.lastE4(random.below(ctx.instruments.length));
    const price = random.chance(0.3) ? { priceE4: lastE4 + 100 * random.between(-4, 4) } : {};
    this.#replaces--;
    const no = ctx.replace(target, { ...qty, ...price });
    if (no > 0) this.#replacing.push(no);
  }

  #wish(ctx: Pick<Context, ParentVerb>, tick: Tick): number {
    const random = this.#random;
    const { instrument, lastE4 } = tick;
    const priceE4 = lastE4 + 100 * random.between(-3, 3);
    const wish = {
      ...{ instrument, side: random.chance(0.5) ? SIDE_BUY : SIDE_SELL },
      ...{ qty: 100 * random.between(5, 60), priceE4: random.chance(0.5) ? priceE4 : 0 },
      endNs: ctx.nowNs + MS * random.between(100, 2_500),
    };
    const near = { ...wish, triggerE4: lastE4 + 100 * random.between(-4, 4) };
    switch (random.below(6)) {
      case 0:
        return ctx.twap({ ...wish, slices: random.between(1, 8) });
      case 1:
        return ctx.vwap({ ...wish, slices: random.between(1, 8) });
      case 2:
        return ctx.pov({ ...wish, rate: 0.01 * random.between(1, 60) });
      case 3:
        return ctx.iceberg({ ...wish, priceE4, showQty: 100 * random.between(2, 6) });
      case 4:
        return ctx.stopLoss(near);
      default:
        return random.chance(0.5) ? ctx.takeProfit(near) : ctx.atTime(wish);
    }
  }
}

type ParentVerb =
  | 'nowNs'
  | 'lastE4'
  | 'instruments'
  | 'replace'
  | 'cancel'
  | 'twap'
  | 'vwap'
  | 'pov'
  | 'iceberg'
  | 'stopLoss'
  | 'takeProfit'
  | 'atTime';
