// The runs store as pages see it: the list, one run with its figures and curve, several runs beside
// one another. Called by runs-calls.ts. Always: records are only read; a curve is thinned to what a
// chart can draw, its first, last, lowest and highest points kept.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { firstDifference, flat, inputsBeside } from '../../backtest/records/compare-runs.ts';
import type { RunRecord } from '../../backtest/records/run-record.ts';
import type { RunRow, RunStore } from '../../backtest/records/run-store.ts';
import type { RunBody } from './run-schemas.ts';

/** Points of a curve that are sent. */
export const CURVE_POINTS = 2_000;
const CODE_CHARS = 200_000;
const E4 = 10_000;

export type Plain = string | number | boolean | null;
type Point = readonly [day: number, seconds: number, yuan: number];

/** Report parts that are lists of things, not figures. */
const NOT_FIGURES: ReadonlySet<string> = new Set([
  ...['strategy', 'instruments', 'days', 'missingDays', 'positions', 'actions', 'rejects'],
  ...['warnings', 'failures', 'series', 'divergence', 'stateHash', 'dataSha256'],
]);

interface Report {
  readonly warnings?: readonly string[];
  readonly failures?: readonly { readonly name: string; readonly text: string }[];
  readonly [part: string]: unknown;
}

/** Everything a page shows of one run. */
export function runView(store: RunStore, id: string) {
  const record = store.record(id);
  const report = reportOf(store, id);
  return {
    row: rowIn(store, record),
    strategyFile: record.strategyFile,
    dataPath: dataOf(record),
    seconds: record.seconds,
    notes: record.notes,
    warnings: report.warnings ?? [],
    failures: (report.failures ?? []).map(({ name, text }) => `${name}: ${text}`),
    changed: store.changedFiles(record),
    files: record.files.map(({ name, bytes }) => ({ name, bytes })),
    inputs: flat(record.inputs),
    figures: figuresOf(report),
    curve: thin(curveOf(store, id)),
    code: codeOf(store, record),
    again: bodyOf(record),
  };
}

/** Several runs beside one another; the first fill that differs where there are two. */
export function comparison(store: RunStore, ids: readonly string[]) {
  const records = ids.map((id) => store.record(id));
  const figures = ids.map((id) => figuresOf(reportOf(store, id)));
  const names = [...new Set(figures.flatMap((one) => Object.keys(one)))];
  const [first, second] = records;
  const isPair = records.length === 2 && first !== undefined && second !== undefined;
  return {
    runs: records.map((record) => rowIn(store, record)),
    inputs: inputsBeside(records),
    figures: names.map((what) => ({ what, values: figures.map((one) => one[what] ?? null) })),
    curves: ids.map((id) => thin(curveOf(store, id))),
    firstFill: isPair ? firstDifference(fillsOf(store, first), fillsOf(store, second)) : null,
    contradiction: records.some((a) =>
      records.some((b) => a.inputsHash === b.inputsHash && a.stateHash !== b.stateHash),
    ),
  };
}

function rowIn(store: RunStore, record: RunRecord): RunRow {
  const found = store.rows().find(({ id }) => id === record.id);
  if (found === undefined) throw new Error(`run ${record.id} has no row in the index`);
  return found;
}

function reportOf(store: RunStore, id: string): Report {
  return JSON.parse(readFileSync(join(store.folder(id), 'report.json'), 'utf8')) as Report;
}

/** Figures by path, as numbers; what is not there stays null. */
function figuresOf(report: Report): Record<string, Plain> {
  const found: Record<string, Plain> = {};
  const walk = (value: unknown, path: string): void => {
    if (Array.isArray(value)) return;
    if (typeof value === 'object' && value !== null) {
      for (const [name, one] of Object.entries(value)) {
        walk(one, path === '' ? name : `${path}.${name}`);
      }
    } else if (!path.endsWith('timeNs')) found[path] = value as Plain;
  };
  for (const [part, value] of Object.entries(report)) {
    if (NOT_FIGURES.has(part)) continue;
    walk(value, part === 'metrics' ? '' : part);
  }
  return found;
}

function curveOf(store: RunStore, id: string): Point[] {
  const path = join(store.folder(id), 'equity.csv');
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n').slice(1);
  return lines.map((line) => {
    const [day = '', time = '', equity = ''] = line.split(',');
    const [h = 0, m = 0, s = 0] = time.split(':').map(Number);
    return [Number(day), h * 3600 + m * 60 + s, Number(equity)];
  });
}

/** At most CURVE_POINTS points: of each stretch its lowest and its highest. */
export function thin(points: readonly Point[]): Point[] {
  if (points.length <= CURVE_POINTS) return [...points];
  const stretch = points.length / (CURVE_POINTS / 2 - 1);
  const kept = new Set([0, points.length - 1]);
  for (let from = 0; from < points.length; from += stretch) {
    const end = Math.min(points.length, from + stretch);
    let [low, high] = [Math.floor(from), Math.floor(from)];
    for (let i = low + 1; i < end; i++) {
      if (points[i]![2] < points[low]![2]) low = i;
      if (points[i]![2] > points[high]![2]) high = i;
    }
    kept.add(low).add(high);
  }
  return [...kept].sort((a, b) => a - b).map((i) => points[i]!);
}

function fillsOf(store: RunStore, { id }: RunRecord): string {
  return readFileSync(join(store.folder(id), 'fills.csv'), 'utf8');
}

function codeOf(store: RunStore, record: RunRecord): { name: string; text: string }[] {
  let left = CODE_CHARS;
  return record.files.flatMap(({ name }) => {
    if (!name.startsWith('code/') || left <= 0) return [];
    const text = readFileSync(join(store.folder(record.id), name), 'utf8').slice(0, left);
    left -= text.length;
    return [{ name: name.slice('code/'.length), text }];
  });
}

interface Options {
  readonly day?: number;
  readonly from?: number;
  readonly to?: number;
  readonly cashE4?: number;
  readonly frequency?: RunBody['freq'];
  readonly benchmark?: string;
  readonly world?: RunBody['world'];
  readonly queue?: RunBody['queue'];
  readonly barShare?: number;
  readonly positions?: readonly { readonly symbol: string; readonly qty: number }[];
  readonly fees?: {
    readonly commissionRateE7: number;
    readonly commissionMinE4: number;
    readonly stampDutyRateE7: number | null;
    readonly transferRateE7: number | null;
  };
  readonly metrics?: { readonly rf?: number };
}

/** As `--data` takes it. */
function dataOf({ inputs: { data }, dataPath }: RunRecord): string {
  return 'synthetic' in data ? `synthetic:${data.synthetic}` : dataPath;
}

/** The request that would run it again: what a form is filled with. */
export function bodyOf(record: RunRecord): RunBody {
  const { params, data, options } = record.inputs;
  const known = options as Options;
  const { fees } = known;
  const rate = (e7: number | null): number | undefined => (e7 === null ? undefined : e7 / 1e7);
  const body = {
    strategy: record.strategyFile,
    params: { ...params },
    data: dataOf(record),
    instruments: [...record.instruments],
    ...('synthetic' in data ? { day: known.day } : { from: known.from, to: known.to }),
    freq: known.frequency,
    cash: (known.cashE4 ?? 0) / E4,
    positions: Object.fromEntries((known.positions ?? []).map((one) => [one.symbol, one.qty])),
    fees: fees && {
      commissionRate: rate(fees.commissionRateE7),
      commissionMin: fees.commissionMinE4 / E4,
      stampDutyRate: rate(fees.stampDutyRateE7),
      transferRate: rate(fees.transferRateE7),
    },
    benchmark: known.benchmark,
    rf: known.metrics?.rf || undefined,
    world: known.world,
    queue: known.queue,
    barShare: known.barShare === undefined ? undefined : known.barShare * 100,
  };
  return JSON.parse(JSON.stringify(body)) as RunBody;
}
