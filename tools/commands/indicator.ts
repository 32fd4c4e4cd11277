// `pankou indicator NAME`: prints an indicator of a CSV file's columns, one value a row, empty
// while it warms up; `pankou indicator list` says what there is. For anyone who wants to compare.
// Always: nothing of the file is changed; exit 0 = fine, 1 = the file or a parameter is wrong, 2
// = wrong use.
import { writeFileSync } from 'node:fs';
import process from 'node:process';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { closest } from 'fastest-levenshtein';
import {
  CONVENTIONS,
  type Convention,
  INDICATOR_ALIASES,
  INDICATORS,
  type IndicatorName,
  type IndicatorSpec,
} from '../../engine/core/indicator-specs.ts';

const AFTER = `
One value a row of FILE, in its order, without a heading: the first output, or --output NAME
(--output all: every output, commas between, a heading first). Empty: warming up, or the row misses
a number. open, high, low, close and volume are found by name in any case.
Names are TA-Lib's (plus_di, PLUSDI and plusDi are one). Formulas, seeds and divisors are in
docs/INDICATORS.md.
Exit codes: 0 fine, 1 the file or a parameter is wrong, 2 wrong use.

Examples:
  pankou indicator list
  pankou indicator rsi --params period=14 --in bars.csv --column close
  pankou indicator kdj --convention tdx --in bars.csv --output j
  pankou indicator macd --params fast=12,slow=26 --in bars.csv --output all --out macd.csv`;

interface Flags {
  in?: string;
  column: string[];
  params: Readonly<Record<string, number>>;
  convention: Convention;
  output?: string;
  out?: string;
  json?: boolean;
}

export function registerIndicator(program: Command): void {
  program
    .command('indicator')
    .description('print an indicator of a CSV file, or (list) what indicators there are')
    .argument('<NAME>', "an indicator, or 'list'")
    .option('--in <FILE>', 'CSV file with a line of column names')
    .option('--params <PAIRS>', 'parameters, period=14,fast=3', readParams, {})
    .option('--column <NAME>', 'column to take (two: NAME,NAME); close unless given', readList, [])
    .addOption(
      new Option('--convention <NAME>', 'how seeds and scales are chosen')
        .choices(CONVENTIONS)
        .default('talib'),
    )
    .option('--output <NAME>', "which output, or 'all'")
    .option('--out <FILE>', 'write there instead of printing')
    .option('--json', 'list: print JSON')
    .addHelpText('after', AFTER)
    .action(async (name: string, flags: Flags, command: Command) => {
      if (name === 'list') process.stdout.write(listText(flags.json === true));
      else if (flags.in === undefined) command.error('error: --in FILE is needed');
      else await printIndicator(nameOf(name), flags.in, flags);
    });
}

async function printIndicator(name: IndicatorName, file: string, flags: Flags): Promise<void> {
  const spec: IndicatorSpec = INDICATORS[name];
  const wanted = outputsOf(name, spec, flags.output);
  const { IndicatorModule } = await import('../../engine/host/indicators/module.ts');
  const { readColumns } = await import('../indicator/csv-columns.ts');
  const { params, convention } = flags;
  const opened = new IndicatorModule({ megabytes: 128 }).open(name, { convention, params });
  const columns = readColumns(file, spec.inputs, flags.column);
  const results = opened.batch(columns);
  const rows = columns[0]?.length ?? 0;
  const lines = flags.output === 'all' ? [spec.outputs.join(',')] : [];
  for (let i = 0; i < rows; i++) {
    lines.push(wanted.map((k) => cellText(results[k]![i]!)).join(','));
  }
  const text = lines.map((line) => `${line}\n`).join('');
  if (flags.out === undefined) process.stdout.write(text);
  else writeFileSync(flags.out, text);
}

function cellText(value: number): string {
  return Number.isNaN(value) ? '' : String(value);
}

function outputsOf(name: string, spec: IndicatorSpec, wanted: string | undefined): number[] {
  if (wanted === undefined) return [0];
  if (wanted === 'all') return spec.outputs.map((_, k) => k);
  const k = spec.outputs.indexOf(wanted.toLowerCase());
  if (k >= 0) return [k];
  const known = spec.outputs.join(', ');
  throw new Error(`--output ${wanted}: ${name} gives ${known} (or all)`);
}

/** `plus_di`, `PLUS-DI` and `plusDi` are one name. */
function nameOf(text: string): IndicatorName {
  const plain = (name: string) => name.toLowerCase().replaceAll(/[_\- ]/g, '');
  const names = Object.keys(INDICATORS) as IndicatorName[];
  const found = names.find((name) => plain(name) === plain(text));
  const known = found ?? INDICATOR_ALIASES[plain(text)];
  if (known !== undefined) return known;
  const near = closest(plain(text), names.map(plain));
  const like = names.find((name) => plain(name) === near);
  throw new Error(
    `no indicator is called ${text}; did you mean ${like}? ('pankou indicator list' shows all)`,
  );
}

/** `period=14,fast=3`. */
function readParams(text: string, before: Readonly<Record<string, number>>) {
  const params: Record<string, number> = { ...before };
  for (const pair of text.split(/[,\s]+/).filter((one) => one !== '')) {
    const [name = '', value = ''] = pair.split('=');
    if (!/^[A-Za-z]\w*$/.test(name) || value === '' || !Number.isFinite(Number(value))) {
      throw new InvalidArgumentError(`'${pair}': expected NAME=NUMBER such as period=14.`);
    }
    params[name] = Number(value);
  }
  return params;
}

function readList(text: string, before: readonly string[]): string[] {
  return [...before, ...text.split(',').map((one) => one.trim())];
}

function listText(isJson: boolean): string {
  if (isJson) return `${JSON.stringify(INDICATORS, null, 2)}\n`;
  const specs: readonly (readonly [string, IndicatorSpec])[] = Object.entries(INDICATORS);
  const lines = specs.map(([name, spec]) => {
    const params = Object.entries(spec.params).map(([key, { default: value }]) => {
      const tdx = spec.tdx?.[key];
      return `${key}=${value}${tdx === undefined ? '' : ` (tdx ${tdx})`}`;
    });
    const outputs = spec.outputs.length > 1 ? ` -> ${spec.outputs.join(', ')}` : '';
    const what = `${name.padEnd(20)} ${spec.inputs.join(',').padEnd(22)} ${params.join(' ')}`;
    return `${what.trimEnd()}\n  ${spec.about}${outputs}\n`;
  });
  return `${lines.join('')}${specs.length} indicators; conventions: ${CONVENTIONS.join(', ')}\n`;
}
