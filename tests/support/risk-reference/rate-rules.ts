// Reference rules of rates and guards: what they mean, in the plainest words code has.
// Each answers the first row that refuses (0 firm, 1 account, 2 strategy), or -1. Used by the risk
// property tests only; shares nothing with the engine's checks.
import { firstRow, type ReferenceRule } from './amount-rules.ts';
import { type LoggedOrder, sameRow, type World } from './world.ts';

const ALL = [0, 1, 2];
const ACCOUNT = [1];
const SECOND = 1e9;
const MS = 1e6;

/** How many lie less than a second back. */
const recent = (all: readonly { nowNs: number }[], nowNs: number) =>
  all.filter((one) => nowNs - one.nowNs < SECOND).length;

const messages = (w: World, o: LoggedOrder) => [...w.sent(1, o), ...w.cancelled(1, o)];

/** Whether row k was stopped by `inRow` and nobody has re-enabled it: the log is gone through. */
function stopped(
  w: World,
  o: LoggedOrder,
  k: number,
  mine: 'maxRepetitions' | 'maxRejectsInRow',
): boolean {
  const repetitions = w.limit(k, o, 'maxRepetitions') ?? Infinity;
  const rejects = w.limit(k, o, 'maxRejectsInRow') ?? Infinity;
  let refusals = 0;
  let latch = '';
  const run = new Map<number, { side: number; count: number }>();
  for (const turn of w.turns.filter((t) => sameRow(k, t, o))) {
    if (turn.what === 're-enabled') {
      latch = '';
      refusals = 0;
      for (const one of run.values()) one.count = 0;
    } else if (turn.what === 'refused') refusals++;
    else if (turn.what === 'accepted') refusals = 0;
    else {
      const before = run.get(turn.instrument);
      const count = before?.side === turn.side ? before.count + 1 : 1;
      run.set(turn.instrument, { side: turn.side, count });
      if (count >= repetitions && latch === '') latch = 'maxRepetitions';
    }
    if (turn.what === 'refused' && refusals >= rejects && latch === '') {
      latch = 'maxRejectsInRow';
    }
  }
  return latch === mine;
}

export const RATE_RULES: Readonly<Record<string, ReferenceRule>> = {
  killed: (w, o) => {
    const names = ['firm', `account ${o.account}`, `strategy ${o.strategy}`];
    return names.findIndex((name) => w.killed.has(name));
  },
  'duplicate id': (w, o) => (w.orders.some((x) => x.id === o.id) ? 0 : -1),
  repetitions: (w, o) => [1, 2].find((k) => stopped(w, o, k, 'maxRepetitions')) ?? -1,
  'rejects in a row': (w, o) => [1, 2].find((k) => stopped(w, o, k, 'maxRejectsInRow')) ?? -1,
  'duplicate order': (w, o) =>
    firstRow(ALL, w, o, 'duplicateWindow', (k, ms) => {
      const before = w.sent(k, o).findLast((x) => x.instrument === o.instrument);
      if (before === undefined || o.nowNs - before.nowNs >= ms * MS) return false;
      return before.side === o.side && before.priceE4 === o.priceE4 && before.qty === o.qty;
    }),
  'venue silent': (w, o) =>
    firstRow(ACCOUNT, w, o, 'maxVenueSilence', (_, ms) => {
      const waiting = w.sent(1, o).filter((x) => !x.answered);
      if (waiting.length === 0) return false;
      const heard = w.answers.filter((a) => a.account === o.account).map((a) => a.nowNs);
      // Silence begins with the first order that waits, or with the last word heard since.
      const since = Math.max(Math.min(...waiting.map((x) => x.nowNs)), ...heard);
      return o.nowNs - since > ms * MS;
    }),
  paused: (w, o) => {
    if (w.paused.has(0) || w.paused.has(w.instruments[o.instrument]!.market)) return 0;
    const move = w.limits.firm.breakerMove;
    if (w.limits.breaker < 0 || move === undefined || o.side !== 1) return -1;
    const last = w.last(w.limits.breaker);
    const close = w.instruments[w.limits.breaker]!.preCloseE4;
    return last > 0 && Math.abs(last - close) >= move * close ? 0 : -1;
  },
  halted: (w, o) => {
    return w.limits.firm.refuseHalted === 1 && w.quote(o.instrument)?.phase === 8 ? 0 : -1;
  },
  'orders a second': (w, o) =>
    firstRow(ALL, w, o, 'maxOrdersPerSecond', (k, most) => recent(w.sent(k, o), o.nowNs) >= most),
  'orders a day': (w, o) =>
    firstRow(ALL, w, o, 'maxOrdersPerDay', (k, most) => w.sent(k, o).length >= most),
  'orders a day and stock': (w, o) =>
    firstRow(ALL, w, o, 'maxOrdersPerStockDay', (k, most) => {
      return w.sent(k, o).filter((x) => x.instrument === o.instrument).length >= most;
    }),
  'cool-down': (w, o) => {
    const quiet = (k: number) => {
      const mine = w.rateRefusals.filter((r) => r.k === k && sameRow(k, r, o));
      const ms = w.limit(k, o, 'coolDown') ?? 0;
      return mine.some((r) => o.nowNs < r.nowNs + ms * MS);
    };
    return ALL.find(quiet) ?? -1;
  },
  'reported rate': (w, o) =>
    firstRow(ACCOUNT, w, o, 'reportedPerSecond', (_, most) => {
      return recent(messages(w, o), o.nowNs) + 1 > most;
    }),
  'high frequency rate': (w, o) =>
    firstRow(ACCOUNT, w, o, 'highFrequencyPerSecond', (_, wall) => {
      return recent(messages(w, o), o.nowNs) + 1 >= wall;
    }),
  'reported day': (w, o) =>
    firstRow(ACCOUNT, w, o, 'reportedPerDay', (_, most) => messages(w, o).length + 1 > most),
  'high frequency day': (w, o) =>
    firstRow(ACCOUNT, w, o, 'highFrequencyPerDay', (_, wall) => {
      const cancelsToCome = w.sent(1, o).filter((x) => !x.ended).length + 1;
      return messages(w, o).length + 1 + cancelsToCome >= wall;
    }),
  'cancel ratio': (w, o) =>
    firstRow(ALL, w, o, 'maxCancelRatio', (k, most) => {
      const sent = w.sent(k, o).length;
      if (sent < (w.limit(k, o, 'cancelRatioFrom') ?? 100)) return false;
      return w.cancelled(k, o).length > most * sent;
    }),
  'instant cancels': (w, o) =>
    firstRow(ALL, w, o, 'maxInstantCancels', (k, most) => {
      return w.cancelled(k, o).filter((c) => c.ageNs < SECOND).length > most;
    }),
};
