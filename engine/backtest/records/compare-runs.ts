// What differs between two recorded runs: what they were made from, what came out, and the first
// fill in which they part. Called by `pankou runs diff` and the pages. Always: pure but for reading
// fills.csv of both; equal inputs with unequal results are called what they are.
import type { RunRecord } from './run-record.ts';

export interface Difference {
  /** `params.fast`, `code strategy.ts`, `options.cashE4`. */
  readonly what: string;
  readonly a: string;
  readonly b: string;
}

export interface RunComparison {
  readonly inputs: readonly Difference[];
  readonly figures: readonly Difference[];
  readonly sameState: boolean;
  /** The first line of fills.csv in which they differ; null = all equal. */
  readonly firstFill: { readonly line: number; readonly a: string; readonly b: string } | null;
  /** Same inputs, another result. */
  readonly contradiction: boolean;
}

const ABSENT = '—';

export function compareRuns(
  a: RunRecord,
  b: RunRecord,
  fillsA: string,
  fillsB: string,
): RunComparison {
  const code = (run: RunRecord): Record<string, string> =>
    Object.fromEntries(run.code.map(({ name, sha256 }) => [`code ${name}`, sha256.slice(0, 12)]));
  const { code: _a, ...inputsA } = a.inputs;
  const { code: _b, ...inputsB } = b.inputs;
  const sameState = a.stateHash === b.stateHash;
  return {
    inputs: [
      ...differences({ strategy: a.strategy }, { strategy: b.strategy }),
      ...differences(code(a), code(b)),
      ...differences(
        { packages: a.inputs.code.packages.join(' ') },
        { packages: b.inputs.code.packages.join(' ') },
      ),
      ...differences(flat(inputsA), flat(inputsB)),
    ],
    figures: differences(flat(a.figures), flat(b.figures)),
    sameState,
    firstFill: firstDifference(fillsA, fillsB),
    contradiction: a.inputsHash === b.inputsHash && !sameState,
  };
}

/** What several runs were made from: a row for each input in which they are not all alike. */
export function inputsBeside(
  runs: readonly RunRecord[],
): { readonly what: string; readonly values: readonly string[] }[] {
  const columns = runs.map((run) => {
    const { code, ...inputs } = run.inputs;
    const files = run.code.map(({ name, sha256 }) => [`code ${name}`, sha256.slice(0, 12)]);
    return {
      strategy: run.strategy,
      ...(Object.fromEntries(files) as Record<string, string>),
      packages: code.packages.join(' '),
      ...flat(inputs),
    } as Readonly<Record<string, string>>;
  });
  const names = [...new Set(columns.flatMap((column) => Object.keys(column)))];
  return names
    .map((what) => ({ what, values: columns.map((column) => column[what] ?? ABSENT) }))
    .filter(({ values }) => values.some((value) => value !== values[0]));
}

/** Leaves by path: `{ x: { y: 1 } }` is `{ 'x.y': '1' }`; lists of plain values are one leaf. */
export function flat(value: unknown, path = ''): Record<string, string> {
  if (typeof value !== 'object' || value === null) return { [path]: text(value) };
  if (Array.isArray(value) && value.every((one) => typeof one !== 'object')) {
    return { [path]: value.map(text).join(', ') };
  }
  const parts = Object.entries(value).map(([key, one]) => {
    return flat(one, path === '' ? key : `${path}.${key}`);
  });
  return Object.assign({}, ...parts) as Record<string, string>;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function differences(
  a: Readonly<Record<string, string>>,
  b: Readonly<Record<string, string>>,
): Difference[] {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return names
    .filter((name) => a[name] !== b[name])
    .map((what) => ({ what, a: a[what] ?? ABSENT, b: b[what] ?? ABSENT }));
}

export function firstDifference(a: string, b: string): RunComparison['firstFill'] {
  const [left, right] = [a.trimEnd().split('\n'), b.trimEnd().split('\n')];
  const most = Math.max(left.length, right.length);
  for (let i = 1; i < most; i++) {
    if (left[i] === right[i]) continue;
    return { line: i + 1, a: left[i] ?? ABSENT, b: right[i] ?? ABSENT };
  }
  return null;
}
