// The house rules as data: which folder may import what, which folders are hot, sizes, entry points
// and exceptions. Read by the other tidy-*.ts files and by CONTRIBUTING.md's readers.
// Invariant: every code file of the repository falls under exactly one row of PLACES (the longest
// prefix wins); a folder that is missing here is refused, so nobody adds one in passing.

/** One row of the import table. Paths are relative to the root, with `/`; folders end in `/`. */
export interface Place {
  /** Folder or file this row is about. */
  readonly at: string;
  /** Folders and files it may import, beside itself. */
  readonly may: readonly string[];
  /** Packages and `node:` modules it may import. */
  readonly packages: readonly string[] | 'any';
  /** Hot: no allocation after start, no async, no throw, no clock. */
  readonly hot?: boolean;
  /** Hot, but `try` is allowed (around `write()`). */
  readonly mayTry?: boolean;
  /** Hot, but the one place that reads clocks. */
  readonly mayReadClock?: boolean;
  /** Its subfolders may import the files directly in it, but not one another. */
  readonly apart?: boolean;
}

const BASE = ['engine/assert.ts', 'engine/limits.ts'];
const PURE = [...BASE, 'engine/messages/', 'engine/core/'];
/** What an engine is made from, as data: topology, configuration, version. Read by cold folders. */
const ROOT_DATA = [
  'engine/topology.ts',
  'engine/config.ts',
  'engine/risk-limits.ts',
  'engine/risk-limits-schema.ts',
  'engine/version.ts',
  'engine/csv-lines.ts',
  'engine/config-arming.ts',
];
const COLD = [
  ...PURE,
  ...ROOT_DATA,
  'engine/ring/',
  'engine/actors/',
  'engine/host/',
  'engine/journal/',
  'engine/backtest/',
  'engine/rules/',
  'engine/strategy/',
];
/** What the writer puts on disk, apart from how. Pure, so the hot writer may use them. */
const JOURNAL_FORMAT = [
  'engine/journal/record.ts',
  'engine/journal/segment.ts',
  'engine/journal/journal-code.ts',
];
const JOURNAL_READERS = ['engine/journal/reader.ts', ...JOURNAL_FORMAT];
const EVERYTHING = [
  'engine/',
  'wasm/',
  'gateways/',
  'dashboards/',
  'bench/',
  'tools/',
  'tests/',
  'examples/',
];
const format = { may: [...BASE, 'engine/messages/', ...JOURNAL_FORMAT], packages: [] };
const coldRow = { may: COLD, packages: 'any' } as const;
const root = { may: ['engine/'], packages: 'any' } as const;
const edge = { may: EVERYTHING, packages: 'any' } as const;

/** The import table. Imports point up: a row never imports a row below it. */
export const PLACES: readonly Place[] = [
  { at: 'engine/assert.ts', may: [], packages: [], hot: true },
  { at: 'engine/limits.ts', may: ['engine/assert.ts'], packages: [], hot: true },
  // zlib: its crc32 is arithmetic, no I/O. flatbuffers: cold table messages only.
  { at: 'engine/messages/', may: PURE, packages: ['flatbuffers', 'node:zlib'], hot: true },
  { at: 'engine/core/', may: [...PURE, 'engine/ring/frame-handler.ts'], packages: [], hot: true },
  { at: 'engine/ring/', may: [...BASE, 'engine/messages/'], packages: [], hot: true },
  {
    at: 'engine/actors/',
    may: [...PURE, 'engine/ring/', 'engine/actors/clock.ts'],
    packages: [],
    hot: true,
  },
  {
    at: 'engine/actors/clock.ts',
    may: PURE,
    packages: ['node:perf_hooks'],
    hot: true,
    mayReadClock: true,
  },
  {
    at: 'engine/journal/writer.ts',
    may: [...BASE, 'engine/messages/', ...JOURNAL_FORMAT],
    packages: ['node:fs'],
    hot: true,
    mayTry: true,
  },
  { at: 'engine/journal/record.ts', ...format },
  { at: 'engine/journal/segment.ts', ...format },
  { at: 'engine/journal/journal-code.ts', ...format },
  { at: 'engine/strategy/', may: PURE, packages: [] },
  { at: 'engine/host/', ...coldRow },
  { at: 'engine/journal/', ...coldRow },
  { at: 'engine/backtest/', ...coldRow },
  { at: 'engine/verify/', ...coldRow },
  { at: 'engine/rules/', ...coldRow },
  // The end of a day: closing, archive, reports, reconciliation, what the next day opens with.
  { at: 'engine/day/', may: [...COLD, 'engine/config-numbers.ts'], packages: 'any' },
  // Nothing but the tools imports the simulator: no engine carries it, or its planted bugs.
  { at: 'engine/sim/', may: ['engine/'], packages: 'any' },
  {
    at: 'engine/control/',
    may: [
      ...PURE,
      ...JOURNAL_READERS,
      'engine/journal/audit-log.ts',
      'engine/host/affinity.ts',
      'engine/day/history.ts',
      'engine/config-arming.ts',
      'engine/alert-events.ts',
      'engine/backtest/records/',
    ],
    packages: 'any',
  },
  { at: 'wasm/assembly/', may: ['wasm/'], packages: [] },
  {
    at: 'wasm/reference/',
    may: ['wasm/', 'engine/core/book.ts', 'engine/core/exchange-kernel.ts'],
    packages: [],
  },
  { at: 'gateways/', may: ['engine/', 'wasm/'], packages: 'any', apart: true },
  { at: 'engine/main.ts', ...root },
  { at: 'engine/topology.ts', may: BASE, packages: [] },
  { at: 'engine/csv-lines.ts', may: [], packages: [] },
  { at: 'engine/version.ts', may: [], packages: ['node:fs'] },
  { at: 'engine/alert-events.ts', may: [], packages: [] },
  { at: 'engine/config.ts', ...root },
  { at: 'engine/config-arming.ts', ...root },
  { at: 'engine/config-schema.ts', ...root },
  { at: 'engine/config-check.ts', ...root },
  { at: 'engine/config-fees.ts', ...root },
  { at: 'engine/config-json.ts', ...root },
  { at: 'engine/config-numbers.ts', ...root },
  { at: 'engine/config-problems.ts', ...root },
  { at: 'engine/config-text.ts', ...root },
  { at: 'engine/risk-limits.ts', ...root },
  { at: 'engine/risk-limits-schema.ts', ...root },
  { at: 'dashboards/', ...edge },
  { at: 'bench/', ...edge },
  { at: 'tools/', ...edge },
  { at: 'tests/', ...edge },
  { at: 'examples/', ...edge },
  { at: 'vitest.config.ts', ...edge },
];

/** Sizes no file may pass. */
export const FILE_LINES_MAX = 600;
export const FUNCTION_LINES_MAX = 70;
export const LINE_COLUMNS_MAX = 100;
export const HEAD_LINES_MIN = 2;
export const HEAD_LINES_MAX = 8;
export const FILE_BYTES_MAX = 1_000_000;

/** Written by tools/codegen.ts: free of size and style rules, still part of the import graph. */
export const GENERATED = /(^|\/)generated\//;
/** Files that are parsed as TypeScript. */
export const CODE_FILE = /\.(ts|mts|mjs|js|vue)$/;
/** Files whose lines are measured. */
export const MEASURED_FILE = /\.(ts|mts|mjs|js|vue|css|fbs|sh)$|^\.ci\/run$/;
/** Text files that are read at all; anything else is only weighed. */
export const TEXT_FILE =
  /\.(ts|mts|mjs|js|vue|css|fbs|sh|md|json|ya?ml|html|svg|txt|cmd)$|^\.ci\/run$|^[^/]*rc$/;

/** Words that say nothing about what a file is for. */
export const EMPTY_NAMES = ['util', 'utils', 'common', 'helper', 'helpers', 'misc'];
/** The one index.ts: AssemblyScript's entry, whose exports are the module's exports. */
export const INDEX_ALLOWED = 'wasm/assembly/index.ts';
/** Prices here carry their unit in the name. */
export const PRICE_FOLDER = 'engine/core/';

/** Files that nothing imports because people, npm or another program start them. */
export const ENTRY_POINTS: readonly RegExp[] = [
  /^engine\/main\.ts$/,
  /^engine\/core\/strategy\.ts$/,
  /^wasm\/assembly\/(index|indicators\/module)\.ts$/,
  /^dashboards\/(report\/)?(src\/main|vite\.config)\.ts$/,
  /^tools\/(pankou\.mjs|cli\.ts|codegen\.ts|tidy\.ts|check\.ts)$/,
  /^bench\/(run|[^/]+\.bench)\.ts$/,
  /^tests\/.*\.test\.ts$/,
  /^examples\/.*\.ts$/,
  /^vitest\.config\.ts$/,
  /^tests\/support\/bad-strategies\//,
  /^gateways\/[a-z]+\/(session|broker|main)\.ts$/,
  /^tests\/crash\/(run|campaign|crash-points|batch-strategy)\.ts$/,
  /^engine\/sim\/(plant-child|scripted-strategy)\.ts$/,
  /^engine\/control\/alerts\/last-word\.ts$/,
];

/** Files whose strings name any file of the tree: what they name is not alive by that. */
export const NAMES_ANY_FILE = /^(tools\/tidy[^/]*|tests\/unit\/tidy\/.*)\.ts$/;

/** Folders of one machine, which mean nothing on another. */
export const MACHINE_FOLDERS = ['work', 'root', 'home'];
