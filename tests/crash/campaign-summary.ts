// What the runs of a campaign come to. Called by campaign.ts. Always: pure, sums and percentiles
// over what each run has told.
import type { RunResult } from './campaign-run.ts';
import type { Parts } from './link-steps.ts';
import { type Percentiles, percentiles } from './link-times.ts';

export interface Summary {
  readonly runs: number;
  readonly seconds: number;
  readonly orders: number;
  readonly fills: number;
  readonly killsEngine: number;
  readonly killsBridge: number;
  readonly killsCounter: number;
  readonly atPoints: number;
  readonly cuts: number;
  readonly freezes: number;
  readonly unknown: number;
  readonly findings: number;
  readonly failedSeeds: readonly number[];
  /** ms; of cuts that nothing else disturbed. */
  readonly cutNoticedMs: { readonly closed: Percentiles; readonly silent: Percentiles };
  readonly tradingAgainMs: { readonly closed: Percentiles; readonly silent: Percentiles };
  /** The same by parts (link-steps.ts), of both kinds. */
  readonly againPartsMs: { readonly [name in keyof Parts]: Percentiles };
}

export function summaryOf(results: readonly RunResult[]): Summary {
  const sum = (of: (one: RunResult) => number): number =>
    results.reduce((total, one) => total + of(one), 0);
  const all = (of: (one: RunResult) => number[]): Percentiles => percentiles(results.flatMap(of));
  return {
    runs: results.length,
    seconds: sum((one) => one.seconds),
    orders: sum((one) => one.orders),
    fills: sum((one) => one.fills),
    killsEngine: sum((one) => one.kills.engine),
    killsBridge: sum((one) => one.kills.bridge),
    killsCounter: sum((one) => one.kills.counter),
    atPoints: sum((one) => one.atPoints),
    cuts: sum((one) => one.cuts),
    freezes: sum((one) => one.freezes),
    unknown: sum((one) => one.unknown),
    findings: sum((one) => one.findings.length),
    failedSeeds: results.filter((one) => one.findings.length > 0).map((one) => one.seed),
    cutNoticedMs: {
      closed: all((one) => one.noticedMs.closed),
      silent: all((one) => one.noticedMs.silent),
    },
    tradingAgainMs: {
      closed: all((one) => one.againMs.closed),
      silent: all((one) => one.againMs.silent),
    },
    againPartsMs: partsOf(results.flatMap((one) => one.parts)),
  };
}

function partsOf(parts: readonly Parts[]): Summary['againPartsMs'] {
  const of = (name: keyof Parts): Percentiles => percentiles(parts.map((one) => one[name]));
  return {
    reconnect: of('reconnect'),
    login: of('login'),
    journal: of('journal'),
    rounds: of('rounds'),
    askedRounds: of('askedRounds'),
    failedAnswers: of('failedAnswers'),
    statement: of('statement'),
    order: of('order'),
  };
}
