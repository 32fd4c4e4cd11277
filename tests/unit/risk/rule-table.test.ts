// The typical case of every risk rule, in figures a person can check, on both sides of the limit;
// the documents that list the rules; and boundaries that random days do not meet. Run by vitest.
// Always: one account, one strategy, a share at 10.00 yuan; money in 1/10,000 yuan.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as code from '../../../engine/core/reject-code.ts';
import { enforce, judge, openCase, RULES } from '../../../engine/core/risk/judge.ts';
import { LIMITS, SLOTS } from '../../../engine/core/risk/limit-table.ts';
import * as event from '../../../engine/core/risk/risk-events.ts';
import { type RiskCase, RiskState } from '../../../engine/core/risk/risk-state.ts';
import { fillRules } from '../../../engine/core/risk/rule-entry.ts';
import * as rules from '../../../engine/core/risk/rule-set.ts';
import { makeInstrument } from '../../support/instruments.ts';
import { rulesByRow } from '../../support/risk-rules.ts';

const SIZES = { accounts: 2, strategies: 1, instruments: 6 };
const SYMBOLS = ['600001.SH', '688001.SH', '300001.SZ', '920001.BJ', '113001.SH', '000300.SH'];
const YUAN = 10_000;
const TEN = 9.5 * 3600e9 + 30 * 60e9;
const [FIRM, ACCOUNT, STRATEGY] = [0, 1, 3];
type Rows = Readonly<Record<number, Readonly<Record<string, number>>>>;

class Desk {
  readonly state: RiskState;
  readonly #at = new Float64Array(3);
  #id = 0;
  #nowNs = TEN;

  constructor(rows: Rows = {}, preCloseE4 = 100_000) {
    const instruments = SYMBOLS.map((s, i) => makeInstrument(i, s, { preCloseE4 }));
    this.state = new RiskState(SIZES, instruments, 4_096, 1_024);
    fillRules(this.state.rules, rulesByRow(SIZES, rows).entries);
    event.onOpeningCash(this.state, 0, 1_000_000 * YUAN);
    enforce(this.state, this.state.rules);
    this.quote({});
  }

  after(seconds: number): this {
    this.#nowNs += seconds * 1e9;
    return this;
  }

  quote(changes: object): this {
    const prices = { lastE4: 100_000, bidE4: 99_900, askE4: 100_000, preCloseE4: 100_000 };
    const limits = { upperLimitE4: 110_000, lowerLimitE4: 90_000, volume: 10_000 };
    const facts = { instrument: 0, phase: 4, ...prices, ...limits, eventNs: this.#nowNs };
    const { stale = 0, ...quote } = { stale: 0, ...facts, ...changes };
    event.onQuote(this.state, quote, stale);
    return this;
  }

  /** The first refusal of an order; it is not sent. */
  ask(changes: Partial<RiskCase> = {}): number {
    const plain = { account: 0, strategy: 0, instrument: 0, side: 1, kind: 1, confirmed: 0 };
    Object.assign(this.state.case, { idA: 1, idC: ++this.#id, ...plain });
    Object.assign(this.state.case, { priceE4: 100_000, qty: 100, valueE4: 0, nowNs: this.#nowNs });
    Object.assign(this.state.case, changes);
    const found = openCase(this.state);
    return found === code.REJECT_NONE ? judge(this.state) : found;
  }

  /** Sends an order whatever the rules say; its slot. */
  send(changes: Partial<RiskCase> = {}): number {
    this.ask(changes);
    return event.onSent(this.state);
  }

  /** Fills `qty` shares at a price, with fees. */
  fill(slot: number, qty: number, priceE4 = 100_000, feeE4 = 0): this {
    this.#at.set([this.#nowNs, feeE4, priceE4 * qty]);
    event.onFill(this.state, slot, qty, this.#at);
    return this;
  }

  end(slot: number): this {
    this.#at[0] = this.#nowNs;
    event.onEnd(this.state, slot, this.#at);
    return this;
  }

  cancel(slot: number): this {
    this.#at[0] = this.#nowNs;
    event.onCancelSent(this.state, 0, 0, slot, this.#at);
    return this;
  }

  set(change: (set: rules.RuleSet) => void): this {
    change(this.state.rules);
    enforce(this.state, this.state.rules);
    return this;
  }
}

const sells = { side: 2 };
/** name, code, what passes, what is refused. */
const CASES: readonly [string, number, () => number, () => number][] = [
  ['killed', 305, () => new Desk().ask(), () => killed(FIRM).ask()],
  ['repetitions', 312, () => repeated(2).ask(), () => repeated(3).ask(sells)],
  ['rejects in a row', 313, () => refused(2).ask(), () => refused(3).ask()],
  ['duplicate id', 311, () => new Desk().ask(), () => sentOnce().ask({ idC: 1 })],
  ['paused', 358, () => paused(2).ask(), () => paused(1).ask()],
  ['halted', 359, () => halted(4).ask(), () => halted(8).ask()],
  ['venue silent', 357, () => silent(10).ask(), () => silent(10.001).ask()],
  ['feed silent', 336, () => quiet(5).ask(), () => quiet(5.001).ask()],
  ['stale quote', 335, () => old(3).ask(), () => old(3.001).ask()],
  ['black list', 340, () => black(1).ask(), () => black(0).ask()],
  ['white list', 341, () => white(0).ask(), () => white(1).ask()],
  ['STAR', 342, () => permits(31).ask({ instrument: 1 }), () => permits(30).ask({ instrument: 1 })],
  [
    'ChiNext',
    343,
    () => permits(31).ask({ instrument: 2 }),
    () => permits(29).ask({ instrument: 2 }),
  ],
  ['BSE', 344, () => permits(31).ask({ instrument: 3 }), () => permits(27).ask({ instrument: 3 })],
  [
    'convertible bonds',
    345,
    () => permits(31).ask({ instrument: 4 }),
    () => permits(23).ask({ instrument: 4 }),
  ],
  ['risk warning', 346, () => permits(15).ask({ instrument: 1 }), () => permits(15).ask()],
  [
    'risk-warning cap',
    347,
    () => capped(400_000).ask({ qty: 100_000 }),
    () => capped(400_000).ask({ qty: 100_100 }),
  ],
  ['loss of the firm', 354, () => lost(FIRM, 1_000).ask(), () => lost(FIRM, 1_000.01).ask()],
  [
    'loss of the account',
    353,
    () => lost(ACCOUNT, 1_000).ask(),
    () => lost(ACCOUNT, 1_000.01).ask(),
  ],
  [
    'loss of the strategy',
    352,
    () => lost(STRATEGY, 1_000).ask(),
    () => lost(STRATEGY, 1_000.01).ask(),
  ],
  [
    'net value stop',
    356,
    () => netValue('stopNetValue', 100).ask(),
    () => netValue('stopNetValue', 100.0001).ask(),
  ],
  [
    'net value warning',
    355,
    () => netValue('warnNetValue', 101).ask({ qty: 50_000 }),
    () => netValue('warnNetValue', 101).ask({ qty: 50_100 }),
  ],
  [
    'price limits',
    332,
    () => firm({ checkPriceLimits: 1 }).ask({ priceE4: 110_000 }),
    () => firm({ checkPriceLimits: 1 }).ask({ priceE4: 110_100 }),
  ],
  [
    'cage',
    333,
    () => firm({ checkCage: 1 }).ask({ priceE4: 102_000 }),
    () => firm({ checkCage: 1 }).ask({ priceE4: 102_100 }),
  ],
  [
    'deviation from last',
    304,
    () => own({ maxPriceDeviation: 0.05 }).ask({ priceE4: 105_000 }),
    () => own({ maxPriceDeviation: 0.05 }).ask({ priceE4: 105_100 }),
  ],
  [
    'deviation from opposite best',
    334,
    () => own({ maxOppositeDeviation: 0.01 }).ask({ priceE4: 101_000 }),
    () => own({ maxOppositeDeviation: 0.01 }).ask({ priceE4: 101_100 }),
  ],
  ['slippage', 337, () => slipped(10, 101_000).ask(), () => slipped(10, 101_100).ask()],
  [
    'order amount',
    301,
    () => own({ maxOrderAmount: 1_000 * YUAN }).ask(),
    () => own({ maxOrderAmount: 1_000 * YUAN }).ask({ qty: 200 }),
  ],
  [
    'order quantity',
    323,
    () => own({ maxOrderQty: 100 }).ask(),
    () => own({ maxOrderQty: 100 }).ask({ qty: 200 }),
  ],
  ['day amount', 324, () => dayAmount(1).ask(), () => dayAmount(2).ask()],
  [
    'cash reserve',
    325,
    () => own({ cashReserve: 999_000 * YUAN }).ask(),
    () => own({ cashReserve: 999_000 * YUAN }).ask({ qty: 200 }),
  ],
  [
    'position',
    302,
    () => held({ maxPositionQty: 600 }).ask(),
    () => held({ maxPositionQty: 600 }).ask({ qty: 200 }),
  ],
  [
    'stock value',
    326,
    () => held({ maxStockValue: 6_000 * YUAN }).ask(),
    () => held({ maxStockValue: 6_000 * YUAN }).ask({ qty: 200 }),
  ],
  [
    'stock share',
    327,
    () => held({ maxStockShare: 0.006 }).ask(),
    () => held({ maxStockShare: 0.006 }).ask({ qty: 200 }),
  ],
  [
    'industry value',
    328,
    () => industry().ask({ instrument: 1 }),
    () => industry().ask({ instrument: 1, qty: 200 }),
  ],
  [
    'total value',
    329,
    () => held({ maxTotalValue: 6_000 * YUAN }).ask({ instrument: 1 }),
    () => held({ maxTotalValue: 6_000 * YUAN }).ask({ instrument: 1, qty: 200 }),
  ],
  [
    'net exposure',
    330,
    () => held({ maxNetExposure: 1_000 * YUAN, hedge: 5_000 * YUAN }).ask(),
    () => held({ maxNetExposure: 1_000 * YUAN, hedge: 5_000 * YUAN }).ask({ qty: 200 }),
  ],
  [
    'leverage',
    331,
    () => own({ maxLeverage: 1 }).ask({ qty: 100_000 }),
    () => own({ maxLeverage: 1 }).ask({ qty: 100_100 }),
  ],
  ['self-trade', 348, () => resting(100_100).ask(), () => resting(100_000).ask()],
  ['opposite trades', 349, () => managed(5, 6).ask(), () => managed(5, 5).ask()],
  ['duplicate order', 310, () => twice(1).ask(), () => twice(0.999).ask()],
  [
    'volume share',
    338,
    () => own({ maxVolumeShare: 0.1 }).ask({ qty: 1_000 }),
    () => own({ maxVolumeShare: 0.1 }).ask({ qty: 1_100 }),
  ],
  ['turnover', 339, () => minute(61).ask(), () => minute(59).ask()],
  ['cool-down', 314, () => cooled(6).ask(), () => cooled(5.9).ask()],
  [
    'orders a day',
    315,
    () => counted('maxOrdersPerDay', 2).ask(),
    () => counted('maxOrdersPerDay', 3).ask(),
  ],
  [
    'orders a day and stock',
    316,
    () => counted('maxOrdersPerStockDay', 3).ask({ instrument: 1 }),
    () => counted('maxOrdersPerStockDay', 3).ask(),
  ],
  ['cancel ratio', 321, () => cancelled(5).ask(), () => cancelled(6).ask()],
  ['instant cancels', 322, () => instant(1).ask(), () => instant(0.999).ask()],
  [
    'reported day',
    318,
    () => counted('reportedPerDay', 2).ask(),
    () => counted('reportedPerDay', 3).ask(),
  ],
  [
    'high frequency day',
    320,
    () => counted('highFrequencyPerDay', 2, 7).ask(),
    () => counted('highFrequencyPerDay', 2, 6).ask(),
  ],
  [
    'reported rate',
    317,
    () => counted('reportedPerSecond', 3).after(1).ask(),
    () => counted('reportedPerSecond', 3).after(0.999).ask(),
  ],
  [
    'high frequency rate',
    319,
    () => counted('highFrequencyPerSecond', 1).ask(),
    () => counted('highFrequencyPerSecond', 2).ask(),
  ],
  [
    'orders a second',
    303,
    () => counted('maxOrdersPerSecond', 2).ask(),
    () => counted('maxOrdersPerSecond', 3).ask(),
  ],
  [
    'park',
    350,
    () => own({ parkAmount: 0 }).ask({ confirmed: 1 }),
    () => own({ parkAmount: 0 }).ask(),
  ],
  [
    'split',
    351,
    () => own({ splitAmount: 1_000 * YUAN }).ask(),
    () => own({ splitAmount: 1_000 * YUAN }).ask({ qty: 200 }),
  ],
];

const firm = (limits: Rows[0]) => new Desk({ [FIRM]: limits });
const own = (limits: Rows[0]) => new Desk({ [ACCOUNT]: limits });
const killed = (row: number) => {
  const desk = new Desk();
  desk.state.meters.killed[row] = 1;
  return desk;
};
const times = (desk: Desk, n: number, act: () => unknown) => {
  for (let k = 0; k < n; k++) act();
  return desk;
};
const repeated = (n: number) => {
  const desk = new Desk({ [STRATEGY]: { maxRepetitions: 3 } });
  return times(desk, n, () => desk.send());
};
const refused = (n: number) => {
  const desk = new Desk({ [STRATEGY]: { maxRejectsInRow: 3 } });
  return times(desk, n, () => event.onRefused(desk.state, 0, 0));
};
const sentOnce = () => {
  const desk = new Desk();
  desk.send({ idC: 1 });
  return desk;
};
const paused = (market: number) => {
  const desk = new Desk();
  desk.state.paused[market] = 1;
  return desk;
};
const halted = (phase: number) => firm({ refuseHalted: 1 }).quote({ phase });
const silent = (seconds: number) => {
  const desk = own({ maxVenueSilence: 10_000 });
  desk.send();
  return desk.after(seconds);
};
const quiet = (seconds: number) => firm({ maxFeedSilence: 5_000 }).after(seconds);
const old = (seconds: number) => own({ maxQuoteAge: 3_000 }).after(seconds);
const black = (i: number) =>
  new Desk().set((set) => rules.listInstrument(set, ACCOUNT, i, rules.LISTED_BLACK));
const white = (i: number) =>
  new Desk().set((set) => rules.listInstrument(set, STRATEGY, i, rules.LISTED_WHITE));
const permits = (bits: number) =>
  new Desk().set((set) => {
    set.facts[rules.FACT_PERMISSIONS] = bits;
    set.warned[0] = 1;
  });
const capped = (bought: number) => {
  const desk = firm({ riskWarningBuyCap: 500_000 }).set((set) => {
    set.warned[0] = 1;
    for (const a of [0, 1]) set.facts[a * rules.FACTS + rules.FACT_OWNER] = 9;
  });
  // Half filled, half working, by the owner's other account.
  desk.fill(desk.send({ account: 1, qty: bought }), bought / 2);
  return desk;
};
/** 10,000 shares bought at 10.00, marked down so that `yuan` are lost. */
const lost = (row: number, yuan: number) => {
  const desk = new Desk({ [row]: { maxDayLoss: 1_000 * YUAN } });
  const fee = Math.round(yuan * YUAN);
  return desk.fill(desk.send({ qty: 10_000 }), 10_000, 100_000, fee);
};
/** 10,000 units and a million yuan: a net value of 100. */
const netValue = (key: string, line: number) =>
  own({ units: 10_000, [key]: Math.round(line * YUAN), warnPosition: 0.5 });
const slipped = (fills: number, priceE4: number) => {
  const desk = own({ maxSlippage: 0.01 });
  return times(desk, fills, () => desk.fill(desk.send(), 100, priceE4));
};
const dayAmount = (n: number) => {
  const desk = own({ maxDayAmount: 2_000 * YUAN });
  return times(desk, n, () => desk.end(desk.send()));
};
/** 300 shares held and 200 being bought. */
const held = (limits: Rows[0]) => {
  const desk = own(limits);
  desk.fill(desk.send({ qty: 300 }), 300);
  desk.send({ qty: 200 });
  return desk;
};
const industry = () =>
  held({ maxIndustryValue: 6_000 * YUAN }).set((set) => {
    for (const i of [0, 1]) rules.joinIndustry(set, i, 0);
  });
const resting = (priceE4: number) => {
  const desk = firm({ preventSelfTrade: 1 });
  desk.send({ account: 1, side: 2, priceE4 });
  return desk;
};
const managed = (mine: number, other: number) => {
  const desk = firm({ preventOppositeTrades: 1 }).set((set) => {
    set.facts[rules.FACT_MANAGER] = mine;
    set.facts[rules.FACTS + rules.FACT_MANAGER] = other;
  });
  desk.send({ account: 1, side: 2 });
  return desk;
};
const twice = (seconds: number) => {
  const desk = own({ duplicateWindow: 1_000 });
  desk.send();
  return desk.after(seconds);
};
const minute = (seconds: number) => {
  const desk = own({ maxTurnoverPerMinute: 1_500 * YUAN });
  desk.send();
  return desk.after(seconds);
};
const cooled = (seconds: number) => {
  const desk = own({ maxOrdersPerSecond: 1, coolDown: 5_000 });
  desk.send();
  desk.after(0.5).ask();
  return desk.after(seconds - 1);
};
const counted = (key: string, n: number, limit = 3) => {
  const desk = own({ [key]: limit });
  return times(desk, n, () => desk.send());
};
const cancelled = (n: number) => {
  const desk = own({ maxCancelRatio: 0.5, cancelRatioFrom: 10 });
  times(desk, 10, () => desk.send());
  return times(desk.after(2), n, () => desk.cancel(0));
};
const instant = (seconds: number) => {
  const desk = own({ maxInstantCancels: 0 });
  const slot = desk.send();
  return desk.after(seconds).cancel(slot);
};

describe('the typical case of', () => {
  test('every rule is in the table', () => {
    expect(CASES.map(([name]) => name)).toEqual(RULES.map((rule) => rule.name));
  });

  for (const [name, reject, passes, refuses] of CASES) {
    test(`${name}: passes within, refuses with ${reject} beyond`, () => {
      expect([passes(), refuses()]).toEqual([code.REJECT_NONE, reject]);
    });
  }
});

describe('a boundary that random days do not meet', () => {
  test('the cage of a cheap share is ten ticks, on STAR two percent', () => {
    const cheap = (i: number, priceE4: number, side = 1) =>
      new Desk({ [FIRM]: { checkCage: 1 } }, 10_000)
        .quote({ instrument: i, lastE4: 10_000, bidE4: 10_000, askE4: 10_000, preCloseE4: 10_000 })
        .ask({ instrument: i, priceE4, side });
    expect([cheap(0, 11_000), cheap(0, 11_100)]).toEqual([0, 333]);
    expect([cheap(0, 9_000, 2), cheap(0, 8_900, 2)]).toEqual([0, 333]);
    expect([cheap(1, 10_200), cheap(1, 10_300)]).toEqual([0, 333]);
    expect([cheap(3, 11_000), cheap(3, 11_100)]).toEqual([0, 333]);
  });

  test('the limits of the day themselves are valid prices', () => {
    const at = (priceE4: number) => firm({ checkPriceLimits: 1 }).ask({ priceE4 });
    expect([at(89_900), at(90_000), at(110_000), at(110_100)]).toEqual([332, 0, 0, 332]);
  });

  test('the limits of the opening end to the nanosecond', () => {
    const at = (nowNs: number) =>
      own({ maxTurnoverPerMinuteOpen: 0, openMinutes: 5 }).ask({ nowNs });
    expect([at(9.5 * 3600e9 + 300e9 - 1), at(9.5 * 3600e9 + 300e9)]).toEqual([339, 0]);
  });

  test('an order without a price is worth the upper limit, and nothing at all is refused', () => {
    const desk = own({ maxOrderAmount: 1_000 * YUAN });
    expect(desk.ask({ priceE4: 0, qty: 90, valueE4: 1 })).toBe(code.REJECT_NONE);
    expect(desk.ask({ priceE4: 0, qty: 91, valueE4: 1 })).toBe(code.REJECT_ORDER_AMOUNT);
    expect(desk.state.value).toBe(91 * 110_000);
    expect(desk.ask({ instrument: -1 })).toBe(code.REJECT_UNKNOWN_INSTRUMENT);
    expect(desk.ask({ account: 2 })).toBe(code.REJECT_UNKNOWN_ROW);
  });

  test('a limit of 0 allows nothing, an absent one everything', () => {
    expect([own({ maxOrderAmount: 0 }).ask(), own({}).ask()]).toEqual([301, 0]);
  });

  test('an order of no strategy counts for its account and the firm', () => {
    const desk = own({ maxOrdersPerDay: 1 });
    desk.send({ strategy: -1 });
    expect(desk.ask()).toBe(code.REJECT_ORDERS_PER_DAY);
  });

  test('sells pass every rule that stops buys only', () => {
    const desk = lost(ACCOUNT, 5_000);
    expect([desk.ask(), desk.ask(sells)]).toEqual([353, 0]);
    expect(permits(0).ask({ instrument: 1, ...sells })).toBe(0);
  });
});

describe('the page about risk', () => {
  const page = readFileSync(new URL('../../../docs/RISK.md', import.meta.url), 'utf8');
  const row = (first: string) => page.split('\n').find((line) => line.startsWith(`| ${first} |`));

  test('has a line for each rule with its code, in the order they are asked', () => {
    const places = RULES.map((rule) => page.indexOf(`\n| ${rule.name} | ${rule.code} |`));
    expect(places.filter((at) => at < 0)).toEqual([]);
    expect(places).toEqual([...places].sort((a, b) => a - b));
  });

  test('has a line for each key with its unit, scopes and meaning', () => {
    for (const { key, unit, text } of LIMITS) {
      expect(row(`\`${key}\``)).toContain(`| ${unit} |`);
      expect(row(`\`${key}\``)).toContain(text);
    }
  });

  test('knows slots without holes', () => {
    expect(LIMITS.map((limit) => limit.slot)).toEqual(LIMITS.map((_, i) => i));
    expect(SLOTS).toBe(LIMITS.length);
  });
});
