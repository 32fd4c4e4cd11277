// The texts of a folder made by `pankou init`: package.json, configuration, tsconfig and the rest.
// Called by tools/init/make-folder.ts. Always: the configuration passes engine/config.ts (a test
// says so), and everything in the folder is named relative to it.
import { readFileSync } from 'node:fs';

/** Invented securities of the sample day: codes that no exchange lists today. */
export const SAMPLE_INSTRUMENTS = [
  { symbol: '600001.SH', name: '盘古样本 (invented)', preClose: 12.5 },
  { symbol: '000003.SZ', name: '山海样本 (invented)', preClose: 28.36 },
] as const;

export const SAMPLE_SEED = 20260105;
export const SAMPLE_DAY = 20260105;
/** Few, so that the sample is made in a moment and stays small. */
export const SAMPLE_EVENTS_PER_SECOND = 1;

/** Path inside the folder and text of every file that is written as it stands. */
export function folderFiles(name: string): ReadonlyMap<string, string> {
  return new Map([
    ['package.json', json(packageJson(name))],
    ['pankou.json', json(paperConfig())],
    ['tsconfig.json', json(TSCONFIG)],
    ['.gitignore', 'node_modules/\nruns/\n*.log\n'],
    ['README.md', template('README.template.md')],
    ['strategies/my-strategy.ts', template('my-strategy.ts')],
    ['runs/.gitkeep', ''],
  ]);
}

function packageJson(name: string): object {
  const [first] = SAMPLE_INSTRUMENTS;
  const backtest = [
    'pankou backtest strategies/my-strategy.ts --data data',
    `--instruments ${first.symbol} --preclose ${first.symbol}=${first.preClose}`,
    `--position ${first.symbol}=10000 --cash 1000000 --out runs/backtest`,
  ];
  return {
    name,
    private: true,
    type: 'module',
    scripts: {
      start: 'pankou run pankou.json',
      backtest: backtest.join(' '),
      doctor: 'pankou doctor pankou.json',
    },
  };
}

function paperConfig(): object {
  const [first, second] = SAMPLE_INSTRUMENTS;
  return {
    comment: 'A paper session on the synthetic market. The securities are invented.',
    name: 'paper',
    mode: 'paper',
    day: SAMPLE_DAY,
    market: {
      source: 'synthetic',
      seed: SAMPLE_SEED,
      instruments: [
        { ...first, eventsPerSecond: 40 },
        { ...second, eventsPerSecond: 40 },
      ],
    },
    pace: 'realtime',
    speed: 10,
    accounts: [
      { id: 'demo', cash: 1_000_000, positions: { [first.symbol]: { qty: 10_000, cost: 12.31 } } },
    ],
    strategies: [
      {
        name: 'my-strategy',
        file: 'strategies/my-strategy.ts',
        account: 'demo',
        instruments: [first.symbol],
        params: { period: 10, dip: 0.002, qty: 100 },
      },
    ],
    limits: {
      firm: { checkPriceLimits: true, preventSelfTrade: true },
      account: {
        maxOrderAmount: 200_000,
        maxPositionQty: 50_000,
        maxOrdersPerSecond: 50,
        maxPriceDeviation: 0.05,
      },
      strategy: { maxRepetitions: 200, maxRejectsInRow: 20 },
    },
    journal: { dir: 'runs/paper-{start}' },
    api: { port: 8_720 },
  };
}

const TSCONFIG = {
  compilerOptions: {
    target: 'es2024',
    lib: ['es2024'],
    module: 'nodenext',
    moduleResolution: 'nodenext',
    strict: true,
    noEmit: true,
    allowImportingTsExtensions: true,
    erasableSyntaxOnly: true,
    verbatimModuleSyntax: true,
    skipLibCheck: true,
    types: [],
  },
  include: ['strategies'],
};

function template(name: string): string {
  return readFileSync(new URL(`./${name}`, import.meta.url), 'utf8');
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
