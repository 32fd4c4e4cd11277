// The files of a run as texts: report.json, detail.json, and CSV of fills, orders, refusals and
// equity. Called by keep-run.ts, which writes them beside --out and into the record. Always: money
// in yuan, times HH:MM:SS.mmm, days 20260109; one header line, cells quoted only where they must.
import { E4_PER_YUAN } from '../../core/price.ts';
import { csvLines } from '../../csv-lines.ts';
import type { CurvePoint } from '../analytics/input.ts';
import type { WholeLives } from '../detail/detail-recorder.ts';
import type { RunDetail } from '../detail/run-detail.ts';
import { type BacktestReport, clockText, fillsText } from '../report.ts';
import type { FillRow } from '../run-collector.ts';

export interface RunTexts {
  readonly report: BacktestReport;
  readonly fills: readonly FillRow[];
  readonly curve: readonly CurvePoint[];
  /** days.csv. */
  readonly days: string;
  readonly lives: WholeLives;
  readonly detail: RunDetail;
}

/** Name and content of every file, in the order they are written. */
export function runFiles(run: RunTexts): Map<string, string | Uint8Array> {
  const { report, fills, curve, days, lives, detail } = run;
  return new Map([
    ['report.json', `${JSON.stringify(report, null, 2)}\n`],
    ['detail.json', `${JSON.stringify({ ...detail, equity: equityRows(curve) })}\n`],
    ['fills.csv', fillsText(fills)],
    ['orders.csv', ordersText(lives)],
    ['rejects.csv', rejectsText(lives)],
    ['equity.csv', equityText(curve)],
    ['days.csv', days],
  ]);
}

/** day, second of the day, yuan. */
export function equityRows(curve: readonly CurvePoint[]): [number, number, number][] {
  return curve.map(({ day, timeNs, equityE4 }) => [day, timeNs / 1e9, equityE4 / E4_PER_YUAN]);
}

function ordersText({ orders }: WholeLives): string {
  const head = [
    ...['day', 'created', 'orderId', 'strategy', 'instrument', 'side', 'price', 'qty'],
    ...['filled', 'averagePrice', 'fee', 'status', 'code', 'firstAnswer', 'firstFill', 'ended'],
  ];
  const rows = orders.map((o) => {
    const steps = o.steps;
    const answer = steps.find(([, status]) => !UNANSWERED.has(status));
    const filled = steps.find(([, , qty]) => qty > 0);
    const last = steps[steps.length - 1];
    const ended = last !== undefined && ENDED.has(last[1]) ? last : undefined;
    const time = (step: readonly [number, ...unknown[]] | undefined): string =>
      step === undefined ? '' : clockText(step[0]);
    return [
      ...[o.day, clockText(o.createdNs), o.coid, o.strategy, o.instrument, o.side, o.price, o.qty],
      ...[o.filled, o.averagePrice ?? '', o.fee, o.status, o.code === 0 ? '' : o.code],
      ...[time(answer), time(filled), time(ended)],
    ];
  });
  return csvLines(head, rows);
}

const UNANSWERED: ReadonlySet<string> = new Set(['pending', 'submitted', 'held']);
const ENDED: ReadonlySet<string> = new Set([
  ...['filled', 'cancelled', 'partly-cancelled', 'rejected'],
]);

function rejectsText({ rejects }: WholeLives): string {
  const head = [
    ...['day', 'time', 'strategy', 'instrument', 'action', 'side', 'price', 'qty'],
    ...['stage', 'code', 'reason', 'reasonZh', 'value', 'limit'],
  ];
  const rows = rejects.map((r) => [
    ...[r.day, clockText(r.ns), r.strategy, r.instrument, r.action, r.side, r.price, r.qty],
    ...[r.stage, r.code, r.en, r.zh, r.value, r.limit],
  ]);
  return csvLines(head, rows);
}

function equityText(curve: readonly CurvePoint[]): string {
  const rows = curve.map(({ day, timeNs, equityE4 }) => {
    return [day, clockText(timeNs), equityE4 / E4_PER_YUAN];
  });
  return csvLines(['day', 'time', 'equity'], rows);
}
