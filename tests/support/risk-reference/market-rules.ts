// Reference rules of prices, quotes, volume, lists, losses: what they mean, in the plainest words.
// Each answers the first row that refuses (0 firm, 1 account, 2 strategy), or -1; ROW_ELSEWHERE
// when it refuses on behalf of another row. Used by the risk property tests only.
import { firstRow, type ReferenceRule } from './amount-rules.ts';
import { filled, type LoggedOrder, leaves, sameRow, signOf, sum, type World } from './world.ts';

/** Refused; the row is another's (the account of the other side). */
export const ROW_ELSEWHERE = 9;
const ALL = [0, 1, 2];
const ACCOUNT = [1];
const MS = 1e6;
const MINUTE = 60e9;
const CONTINUOUS = 4;

const refuseIf = (refused: boolean, k: number) => (refused ? k : -1);
const phase = (w: World, o: LoggedOrder) => w.quote(o.instrument)?.phase ?? 0;
const opening = (w: World, o: LoggedOrder, k: number) =>
  o.nowNs < 9.5 * 3600e9 + (w.limit(k, o, 'openMinutes') ?? 5) * MINUTE;

/** The tighter one of a limit and its form for the opening, as a limit of `key`. */
function withOpening(
  w: World,
  o: LoggedOrder,
  key: 'maxVolumeShare' | 'maxTurnoverPerMinute',
  breaks: (k: number, limit: number) => boolean,
): number {
  const found = ALL.find((k) => {
    const usual = w.limit(k, o, key);
    const early = opening(w, o, k) ? w.limit(k, o, `${key}Open`) : undefined;
    if (usual === undefined && early === undefined) return false;
    return breaks(k, Math.min(usual ?? Infinity, early ?? Infinity));
  });
  return found ?? -1;
}

/** Shares traded between two times, by the quotes' running totals. */
function tradedIn(w: World, instrument: number, fromNs: number, toNs: number): number {
  const upTo = (ns: number) => {
    const seen = w.quotes.filter((q) => q.instrument === instrument && q.eventNs < ns);
    return Math.max(0, ...seen.map((q) => q.volume));
  };
  return upTo(toNs) - upTo(fromNs);
}

function cage(w: World, o: LoggedOrder): number {
  const { kind, tickE4, preCloseE4 } = w.instruments[o.instrument]!;
  const q = w.quote(o.instrument);
  const stocks = ['main', 'star', 'chinext', 'bse'];
  if (q?.phase !== CONTINUOUS || o.priceE4 === 0 || !stocks.includes(kind)) return -1;
  const order = o.side === 1 ? [q.askE4, q.bidE4] : [q.bidE4, q.askE4];
  const reference = [...order, w.last(o.instrument), preCloseE4].find((p) => p > 0)!;
  const away = kind === 'bse' ? 5n : 2n;
  const ticks = (kind === 'star' ? 1 : 10) * tickE4;
  const scaled = BigInt(reference) * (o.side === 1 ? 100n + away : 100n - away);
  const unit = 100n * BigInt(tickE4);
  const bound = Number((2n * scaled + unit) / (2n * unit)) * tickE4;
  if (o.side === 1) return refuseIf(o.priceE4 > Math.max(bound, reference + ticks), 0);
  return refuseIf(o.priceE4 < Math.min(bound, Math.max(tickE4, reference - ticks)), 0);
}

const permitted = (
  name: string,
  concerns: (w: World, o: LoggedOrder) => boolean,
): ReferenceRule => {
  return (w, o) => {
    const may = w.limits.permissions[o.account]!.includes(name);
    return refuseIf(o.side === 1 && concerns(w, o) && !may, 1);
  };
};
const onBoard = (name: string, kind: string) =>
  permitted(name, (w, o) => w.instruments[o.instrument]!.kind === kind);

const lists = (w: World, o: LoggedOrder, of: readonly (readonly number[] | null)[]) => [
  of[0],
  of[1 + o.account],
  of[1 + w.limits.accounts.length + o.strategy],
];

const lost =
  (k: number): ReferenceRule =>
  (w, o) => {
    const most = w.limit(k, o, 'maxDayLoss');
    if (most === undefined || o.side !== 1) return -1;
    return refuseIf(w.openingE4(k, o) - w.equity(k, o) > most, k);
  };

/** Equity over units, in E4; null when the account has no units. */
function netValue(w: World, o: LoggedOrder): number | null {
  const units = w.limit(1, o, 'units');
  return units === undefined || o.side !== 1 ? null : w.equity(1, o) / units;
}

export const MARKET_RULES: Readonly<Record<string, ReferenceRule>> = {
  'price limits': (w, o) => {
    if (w.limits.firm.checkPriceLimits !== 1 || o.priceE4 === 0) return -1;
    const { upperLimitE4, lowerLimitE4 } = w.quote(o.instrument) ?? w.instruments[o.instrument]!;
    return refuseIf(o.priceE4 > upperLimitE4 || o.priceE4 < lowerLimitE4, 0);
  },
  cage: (w, o) => (w.limits.firm.checkCage === 1 ? cage(w, o) : -1),
  'deviation from last': (w, o) => {
    const last = w.mark(o.instrument);
    if (o.priceE4 === 0) return -1;
    return firstRow(ALL, w, o, 'maxPriceDeviation', (_, most) => {
      return Math.round((Math.abs(o.priceE4 - last) / last) * 1e9) > Math.round(most * 1e9);
    });
  },
  'deviation from opposite best': (w, o) => {
    const q = w.quote(o.instrument);
    const best = (o.side === 1 ? q?.askE4 : q?.bidE4) ?? 0;
    if (o.priceE4 === 0 || best === 0) return -1;
    return firstRow(ALL, w, o, 'maxOppositeDeviation', (_, most) => {
      return Math.round(((signOf(o) * (o.priceE4 - best)) / best) * 1e9) > Math.round(most * 1e9);
    });
  },
  'stale quote': (w, o) =>
    firstRow(ALL, w, o, 'maxQuoteAge', (_, ms) => {
      const q = w.quote(o.instrument);
      if (q?.stale === 1) return true;
      return q?.phase === CONTINUOUS && o.nowNs - q.eventNs > ms * MS;
    }),
  'feed silent': (w, o) =>
    firstRow([0], w, o, 'maxFeedSilence', (_, ms) => {
      const { market } = w.instruments[o.instrument]!;
      const last = w.quotes.findLast((q) => w.instruments[q.instrument]!.market === market);
      return phase(w, o) === CONTINUOUS && o.nowNs - (last?.eventNs ?? -Infinity) > ms * MS;
    }),
  slippage: (w, o) =>
    firstRow(ALL, w, o, 'maxSlippage', (k, most) => {
      const sent = w.sent(k, o);
      if (sum(sent, (x) => x.fills.length) < 10) return false;
      const paid = (x: LoggedOrder) =>
        sum(x.fills, (f) => signOf(x) * (f.priceE4 - x.referenceE4) * f.qty);
      const fair = (x: LoggedOrder) => sum(x.fills, (f) => x.referenceE4 * f.qty);
      return sum(sent, paid) > most * sum(sent, fair);
    }),
  'volume share': (w, o) =>
    withOpening(w, o, 'maxVolumeShare', (k, most) => {
      const start = Math.floor(o.nowNs / MINUTE) * MINUTE;
      const here = w.sent(k, o).filter((x) => x.instrument === o.instrument && x.nowNs >= start);
      const now = tradedIn(w, o.instrument, start, start + MINUTE);
      const before = tradedIn(w, o.instrument, start - MINUTE, start);
      const floor = w.limit(k, o, 'volumeFloor') ?? 0;
      return sum(here, (x) => x.qty) + o.qty > Math.max(floor, most * Math.max(now, before));
    }),
  turnover: (w, o) =>
    withOpening(w, o, 'maxTurnoverPerMinute', (k, most) => {
      const from = (Math.floor(o.nowNs / 1e9) - 60) * 1e9;
      const late = w.sent(k, o).filter((x) => x.nowNs >= from);
      return sum(late, (x) => x.valueE4 * x.qty) + o.valueE4 * o.qty > most;
    }),
  'black list': (w, o) =>
    lists(w, o, w.limits.black).findIndex((list) => list?.includes(o.instrument) === true),
  'white list': (w, o) =>
    lists(w, o, w.limits.white).findIndex((list) => list?.includes(o.instrument) === false),
  STAR: onBoard('star', 'star'),
  ChiNext: onBoard('chinext', 'chinext'),
  BSE: onBoard('bse', 'bse'),
  'convertible bonds': onBoard('convertible-bond', 'convertible-bond'),
  'risk warning': permitted('risk-warning', (w, o) => w.limits.warned.includes(o.instrument)),
  'risk-warning cap': (w, o) => {
    const { firm, owners, warned } = w.limits;
    if (o.side !== 1 || !warned.includes(o.instrument)) return -1;
    const bse = w.instruments[o.instrument]!.market === 3;
    const most = bse ? firm.riskWarningBuyCapBse : firm.riskWarningBuyCap;
    const buys = w.orders.filter((x) => x.side === 1 && x.instrument === o.instrument);
    const mine = buys.filter((x) => owners[x.account] === owners[o.account]);
    const taken = sum(mine, (x) => filled(x) + (x.ended ? 0 : leaves(x)));
    return refuseIf(most !== undefined && taken + o.qty > most, 1);
  },
  'self-trade': (w, o) => {
    if (w.limits.firm.preventSelfTrade !== 1) return -1;
    const other = w.orders.filter((x) => !x.ended && x.side !== o.side);
    const here = other.filter((x) => x.instrument === o.instrument);
    const price = (x: LoggedOrder) => (x.priceE4 > 0 ? x.priceE4 : x.side === 1 ? Infinity : 0);
    const meets = (buy: LoggedOrder, sell: LoggedOrder) => price(buy) >= price(sell);
    return refuseIf(
      here.some((x) => (o.side === 1 ? meets(o, x) : meets(x, o))),
      0,
    );
  },
  'opposite trades': (w, o) => {
    const { firm, managers } = w.limits;
    if (firm.preventOppositeTrades !== 1 || managers[o.account] === 0) return -1;
    const linked = w.orders.filter((x) => managers[x.account] === managers[o.account]);
    const others = linked.filter((x) => !sameRow(1, x, o) && x.instrument === o.instrument);
    const against = others.filter((x) => x.side !== o.side);
    const quantity = sum(against, (x) => filled(x) + (x.ended ? 0 : leaves(x)));
    return quantity > 0 ? ROW_ELSEWHERE : -1;
  },
  'loss of the firm': lost(0),
  'loss of the account': lost(1),
  'loss of the strategy': lost(2),
  'net value stop': (w, o) =>
    firstRow(ACCOUNT, w, o, 'stopNetValue', (_, line) => (netValue(w, o) ?? Infinity) < line),
  'net value warning': (w, o) =>
    firstRow(ACCOUNT, w, o, 'warnNetValue', (_, line) => {
      if ((netValue(w, o) ?? Infinity) >= line) return false;
      const wanted = w.heldE4(1, o) + w.openE4(1, o, 1) + o.valueE4 * o.qty;
      return wanted > (w.limit(1, o, 'warnPosition') ?? 0.5) * w.equity(1, o);
    }),
};
