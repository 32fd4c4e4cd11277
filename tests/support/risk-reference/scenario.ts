// A random day of a small firm, played into the engine's risk state and into the reference log at
// once: quotes, orders, fills, cancels, refusals, switches. At each order every rule is asked on
// both sides. Used by the risk property test. Always: one seed, one day; prices near each other, so
// that limits are met from both sides.

import { REJECT_NONE } from '../../../engine/core/reject-code.ts';
import { enforce, judge, openCase, RULES } from '../../../engine/core/risk/judge.ts';
import { LIMITS, SLOTS } from '../../../engine/core/risk/limit-table.ts';
import * as event from '../../../engine/core/risk/risk-events.ts';
import { RiskState } from '../../../engine/core/risk/risk-state.ts';
import * as rules from '../../../engine/core/risk/rule-set.ts';
import { makeInstrument } from '../instruments.ts';
import { AMOUNT_RULES, type ReferenceRule } from './amount-rules.ts';
import { LIMIT_CHOICES, type LimitKey } from './limit-choices.ts';
import { MARKET_RULES, ROW_ELSEWHERE } from './market-rules.ts';
import { RATE_RULES } from './rate-rules.ts';
import { type LoggedOrder, leaves, type ScopeLimits, World, type WorldLimits } from './world.ts';

export const REFERENCE: Readonly<Record<string, ReferenceRule>> = {
  ...AMOUNT_RULES,
  ...RATE_RULES,
  ...MARKET_RULES,
};

const SIZES = { accounts: 2, strategies: 3, instruments: 5 };
const SYMBOLS = ['600001.SH', '688001.SH', '300001.SZ', '920001.BJ', '113001.SH'];
const PERMITS = ['star', 'chinext', 'bse', 'convertible-bond', 'risk-warning'];

/** One rule at one order: what both sides said. */
export type Verdict = (rule: number, refused: boolean, agree: boolean, text: () => string) => void;

/** Small, fast, seeded. */
export function random(seed: number): (below: number) => number {
  let a = seed | 0;
  return (below) => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

export class Scenario {
  readonly #next: (below: number) => number;
  readonly #state: RiskState;
  readonly #world: World;
  readonly #set: rules.RuleSet;
  #nowNs = 9.5 * 3600e9 + 50e9;
  #id = 0;
  readonly #volume = [0, 0, 0, 0, 0];
  readonly #at = new Float64Array(3);

  constructor(seed: number) {
    this.#next = random(seed);
    const instruments = SYMBOLS.map((s, i) => makeInstrument(i, s, { preCloseE4: 100_000 }));
    const opening = [0, 1].map(() => SYMBOLS.map(() => this.#next(3) * 100));
    const cash = [0, 1].map(() => 20_000_000 * (1 + this.#next(6)));
    this.#world = new World(this.#drawLimits(), instruments, cash, opening);
    this.#state = new RiskState(SIZES, instruments, 256, 16);
    this.#set = toRuleSet(this.#world.limits);
    enforce(this.#state, this.#set);
    for (const [a, amount] of cash.entries()) event.onOpeningCash(this.#state, a, amount);
    for (const [a, row] of opening.entries()) {
      for (const [i, qty] of row.entries()) event.onOpeningPosition(this.#state, a, i, qty, 0);
    }
    if (this.#chance(90)) for (let i = 0; i < 5; i++) this.#quote(i);
  }

  /** Plays `steps` events; `verdict` hears of every rule at every order. */
  play(steps: number, verdict: Verdict): void {
    for (let n = 0; n < steps; n++) {
      if (this.#chance(60)) this.#nowNs += this.#pick([0, 1e6, 2e8, 999_999_999, 1e9, 7e9, 31e9]);
      const kind = this.#next(100);
      if (kind < 40) this.#order(verdict);
      else if (kind < 62) this.#quote(this.#next(5));
      else if (kind < 82) this.#news();
      else if (kind < 94) this.#cancel();
      else this.#switch();
    }
  }

  #chance(percent: number): boolean {
    return this.#next(100) < percent;
  }

  #pick<T>(from: readonly T[]): T {
    return from[this.#next(from.length)]!;
  }

  #drawLimits(): WorldLimits {
    const few = this.#pick([3, 10, 30, 60]);
    // Some days have little but rates and their cool-down: else others refuse first.
    const paced = this.#chance(15) ? { maxOrdersPerSecond: 1, coolDown: 40_000 } : {};
    const scope = (letter: string): ScopeLimits => {
      const mine = LIMITS.filter((l) => l.scopes.includes(letter) && this.#chance(few));
      return Object.fromEntries(
        mine.map((l) => [l.key, this.#pick<number>(LIMIT_CHOICES[l.key as LimitKey])]),
      );
    };
    const some = (percent: number) => [0, 1, 2, 3, 4].filter(() => this.#chance(percent));
    const list = () => (this.#chance(10) ? some(60) : null);
    const everyRow = [0, 1, 2, 3, 4, 5];
    return {
      firm: { ...scope('f'), ...paced },
      accounts: [scope('a'), scope('a')],
      strategies: [scope('s'), scope('s'), scope('s')],
      black: everyRow.map(() => (this.#chance(10) ? some(30) : [])),
      white: everyRow.map(list),
      industries: [[0, 1], [2, 4].slice(0, 1 + this.#next(2))],
      warned: some(40),
      owners: this.#chance(50) ? [7, 7] : [1, 2],
      managers: this.#pick([
        [0, 0],
        [5, 5],
        [5, 6],
      ]),
      permissions: [0, 1].map(() => PERMITS.filter(() => this.#chance(75))),
      breaker: this.#chance(40) ? this.#next(5) : -1,
    };
  }

  #quote(i: number): void {
    const up = this.#next(2);
    this.#volume[i]! += this.#pick([0, 0, 100, 700, 2_500]);
    const q = {
      instrument: i,
      phase: this.#pick([4, 4, 4, 4, 4, 1, 8]),
      lastE4: this.#pick([0, 98_000, 99_000, 100_000, 101_000, 102_000, 104_000]),
      preCloseE4: 100_000,
      bidE4: this.#pick([0, 98_900, 99_900, 100_900]),
      askE4: this.#pick([0, 99_100, 100_100, 101_100]),
      upperLimitE4: 110_000 + up * 10_000,
      lowerLimitE4: 90_000 - up * 10_000,
      volume: this.#volume[i]!,
      eventNs: this.#nowNs,
      stale: this.#chance(10) ? 1 : 0,
    };
    event.onQuote(this.#state, q, q.stale);
    this.#world.quotes.push(q);
  }

  #order(verdict: Verdict): void {
    const order = this.#makeOrder();
    const refused = openCase(this.#state);
    if (refused !== REJECT_NONE) throw new Error(`case refused: ${refused}`);
    let first = -1;
    let firstRow = -1;
    for (const [r, rule] of RULES.entries()) {
      const expected = REFERENCE[rule.name]!(this.#world, order);
      const found = rule.check(this.#state);
      const row = this.#row(expected, order);
      let agree = found === (expected < 0 ? REJECT_NONE : rule.code);
      if (expected >= 0 && expected !== ROW_ELSEWHERE) agree &&= this.#state.row === row;
      verdict(r, expected >= 0, agree, () => this.#describe(order, rule.name, expected, found));
      if (expected >= 0 && first < 0) {
        first = r;
        firstRow = expected;
      }
    }
    const judged = judge(this.#state);
    const expected = first < 0 ? REJECT_NONE : RULES[first]!.code;
    if (judged !== expected) throw new Error(this.#describe(order, 'judge', expected, judged));
    const { account, strategy } = order;
    if (first >= 0 && RULES[first]!.rate) {
      this.#world.rateRefusals.push({ k: firstRow, account, strategy, nowNs: this.#nowNs });
    }
    const unknownId = !this.#world.orders.some((o) => o.id === order.id);
    if (unknownId && (judged === REJECT_NONE || this.#chance(50))) this.#send(order);
    else this.#turn('refused', order);
  }

  /** A new order in the state's case and as the log has it. */
  #makeOrder(): LoggedOrder {
    const c = this.#state.case;
    c.idA = 1;
    c.idC = this.#chance(95) ? ++this.#id : Math.max(1, this.#id);
    c.account = this.#next(2);
    c.strategy = this.#next(3);
    c.instrument = this.#pick([0, 0, 1, 2, 3, 4]);
    c.side = 1 + this.#pick([0, 0, 1]);
    c.kind = 1;
    c.priceE4 = this.#pick([
      0, 89_900, 98_000, 99_100, 100_000, 101_000, 103_000, 112_000, 110_000, 90_000,
    ]);
    c.qty = 100 * (1 + this.#next(5));
    const last = this.#world.orders.at(-1);
    if (last !== undefined && this.#chance(15)) {
      c.account = last.account;
      c.strategy = last.strategy;
      c.instrument = last.instrument;
      c.side = last.side;
      c.priceE4 = last.priceE4;
      c.qty = last.qty;
    }
    c.nowNs = this.#nowNs;
    c.confirmed = this.#next(2);
    c.valueE4 = 0;
    const upper = this.#world.quote(c.instrument)?.upperLimitE4;
    const limit = upper ?? this.#world.instruments[c.instrument]!.upperLimitE4;
    return {
      ...{ id: c.idC, account: c.account, strategy: c.strategy, instrument: c.instrument },
      ...{ side: c.side, priceE4: c.priceE4, qty: c.qty, nowNs: c.nowNs, confirmed: c.confirmed },
      ...{ valueE4: c.priceE4 > 0 ? c.priceE4 : limit, referenceE4: 0, fills: [] },
      ...{ ended: false, answered: false },
    };
  }

  #send(order: LoggedOrder): void {
    order.referenceE4 = this.#world.mark(order.instrument);
    event.onSent(this.#state);
    this.#world.orders.push(order);
    this.#log('sent', order);
  }

  /** A refusal counts; so the log says. */
  #turn(what: 'refused' | 'accepted', order: LoggedOrder): void {
    if (what === 'refused') event.onRefused(this.#state, order.account, order.strategy);
    this.#log(what, order);
  }

  #log(what: 'sent' | 'refused' | 'accepted' | 're-enabled', order: LoggedOrder): void {
    const { account, strategy, instrument, side } = order;
    this.#world.turns.push({ what, account, strategy, instrument, side });
  }

  /** The broker speaks of an order: accepted, filled, ended, rejected. */
  #news(): void {
    if (this.#world.orders.length === 0) return;
    const order = this.#pick(this.#world.orders);
    const slot = this.#state.orders.find(1, order.id);
    const at = this.#at;
    at[0] = this.#nowNs;
    const kind = this.#next(10);
    if (kind < 6) {
      at[1] = this.#pick([0, 50_000]);
      const priceE4 = this.#pick([99_000, 100_000, 102_000]);
      const qty = 100 * (1 + this.#next(3));
      at[2] = priceE4 * qty;
      event.onFill(this.#state, slot, qty, at);
      order.fills.push({ priceE4, qty, feeE4: at[1]! });
      if (leaves(order) === 0) order.ended = true;
    } else if (kind < 8) {
      event.onAccepted(this.#state, slot, at);
      this.#turn('accepted', order);
    } else {
      if (order.ended) return;
      event.onEnd(this.#state, slot, at);
      order.ended = true;
      if (kind === 9) this.#turn('refused', order);
    }
    order.answered = true;
    this.#world.answers.push({ account: order.account, nowNs: this.#nowNs });
  }

  #cancel(): void {
    this.#at[0] = this.#nowNs;
    const { orders, cancels } = this.#world;
    const order = this.#chance(90) && orders.length > 0 ? this.#pick(orders) : null;
    const account = order?.account ?? this.#next(2);
    const strategy = order?.strategy ?? this.#next(3);
    const slot = order === null ? -1 : this.#state.orders.find(1, order.id);
    event.onCancelSent(this.#state, account, strategy, slot, this.#at);
    const ageNs = order === null ? Number.POSITIVE_INFINITY : this.#nowNs - order.nowNs;
    cancels.push({ account, strategy, nowNs: this.#nowNs, ageNs });
  }

  /** A person switches: kill, pause, re-enable. */
  #switch(): void {
    const kind = this.#next(3);
    if (kind === 0) {
      const row = this.#pick([0, 1, 2, 3, 4, 5]);
      const [a, s] = [row - 1, row - 3];
      const name = row === 0 ? 'firm' : row < 3 ? `account ${a}` : `strategy ${s}`;
      const on = this.#chance(20);
      this.#state.meters.killed[row] = on ? 1 : 0;
      if (on) this.#world.killed.add(name);
      else this.#world.killed.delete(name);
    } else if (kind === 1) {
      const market = this.#next(4);
      const on = this.#chance(20);
      this.#state.paused[market] = on ? 1 : 0;
      if (on) this.#world.paused.add(market);
      else this.#world.paused.delete(market);
    } else {
      const [account, strategy] = [this.#next(2), this.#next(3)];
      const byAccount = this.#chance(50);
      event.reenable(this.#state, byAccount ? 1 + account : 3 + strategy);
      const nobody = { instrument: -1, side: 0 };
      const row = byAccount ? { account, strategy: -1 } : { account: -1, strategy };
      this.#world.turns.push({ what: 're-enabled', ...row, ...nobody });
      const { rateRefusals } = this.#world;
      const mine = (r: { k: number; account: number; strategy: number }) =>
        byAccount ? r.k === 1 && r.account === account : r.k === 2 && r.strategy === strategy;
      rateRefusals.splice(0, Infinity, ...rateRefusals.filter((r) => !mine(r)));
    }
  }

  #row(k: number, order: LoggedOrder): number {
    return k === 0 ? 0 : k === 1 ? 1 + order.account : 3 + order.strategy;
  }

  #describe(order: LoggedOrder, rule: string, expected: number, found: number): string {
    const { value, limit, row } = this.#state;
    const facts = JSON.stringify({ order, rule, expected, found, value, limit, row });
    return `${facts}\n${JSON.stringify(this.#world.limits)}`;
  }
}

/** The same limits as the engine's checks read them. */
export function toRuleSet(limits: WorldLimits): rules.RuleSet {
  const set = new rules.RuleSet(SIZES);
  const scopes = [limits.firm, ...limits.accounts, ...limits.strategies];
  for (const [row, scope] of scopes.entries()) {
    for (const { key, slot } of LIMITS) {
      const limit = scope[key as LimitKey];
      if (limit !== undefined) set.values[row * SLOTS + slot] = limit;
    }
  }
  for (const [row, list] of limits.black.entries()) {
    for (const i of list) rules.listInstrument(set, row, i, rules.LISTED_BLACK);
  }
  for (const [row, list] of limits.white.entries()) {
    if (list !== null) set.hasWhite[row] = 1;
    for (const i of list ?? []) rules.listInstrument(set, row, i, rules.LISTED_WHITE);
  }
  for (const [n, members] of limits.industries.entries()) {
    for (const i of members) rules.joinIndustry(set, i, n);
  }
  for (const i of limits.warned) set.warned[i] = 1;
  for (let a = 0; a < SIZES.accounts; a++) {
    const bits = limits.permissions[a]!.map((name) => 1 << PERMITS.indexOf(name));
    const at = a * rules.FACTS;
    set.facts[at + rules.FACT_PERMISSIONS] = bits.reduce((all, bit) => all | bit, 0);
    set.facts[at + rules.FACT_OWNER] = limits.owners[a]!;
    set.facts[at + rules.FACT_MANAGER] = limits.managers[a]!;
  }
  set.breakerIndex = limits.breaker;
  rules.sealRules(set);
  return set;
}
