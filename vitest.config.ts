// How `npm test` runs on two cores. Read by vitest only.
// First the tests of whole processes (commands, engines, bridges, a browser), which wait more than
// they compute, so three at a time; each file in a process of its own. Behind them those of parts,
// in processes that many files share: what a file leaves behind in a module the next one sees, so a
// test that changes its process (folder, environment, output) puts it back.
// Tests that count allocations or race threads come last, one file at a time, so that nothing
// beside them disturbs what they look at.
// `*.long.test.ts` runs only with `--mode long` or PANKOU_LONG=1: minutes instead of seconds.
import { configDefaults, defineConfig, type ViteUserConfig } from 'vitest/config';
import { QUICK_START } from './tests/support/quick-start/prepare.ts';
import { SlowestFirst } from './tests/support/slowest-first.ts';

const in_ = (...folders: string[]) => folders.map((name) => `tests/${name}/**/*.test.ts`);
const WHOLE = [...in_('e2e', 'crash', 'unit/sweep'), 'tests/contract/gateway-*.test.ts'];
const QUIET = in_('race', 'alloc');
const WORKERS = 3;

export default defineConfig(({ mode }) => ({ test: settings(mode === 'long') }));

function settings(isLongMode: boolean): ViteUserConfig['test'] {
  const isLong = isLongMode || process.env['PANKOU_LONG'] === '1';
  const never = [...configDefaults.exclude, ...(isLong ? [] : ['tests/**/*.long.test.ts'])];
  // Backtests of tests leave no records in a person's own store.
  const env = { PANKOU_RUNS: 'off', PANKOU_LONG: isLong ? '1' : '' };
  return {
    pool: 'forks',
    execArgv: [],
    sequence: { sequencer: SlowestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'whole',
          include: WHOLE,
          exclude: never,
          env: { ...env, ...QUICK_START },
          globalSetup: 'tests/support/quick-start/prepare.ts',
          maxWorkers: WORKERS,
          testTimeout: 120_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'plain',
          include: ['tests/**/*.test.ts'],
          exclude: [...never, ...WHOLE, ...QUIET],
          env,
          isolate: false,
          maxWorkers: WORKERS,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'quiet',
          include: QUIET,
          exclude: never,
          env,
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  };
}
