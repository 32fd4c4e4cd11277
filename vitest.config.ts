// How `npm test` runs on two cores. Read by vitest only.
// First the tests of whole processes (commands, engines, bridges, a browser), which wait more than
// they compute, so three at a time; each file in a process of its own. Behind them those of parts,
// in processes that many files share: what a file leaves behind in a module the next one sees, so a
// test that changes its process (folder, environment, output) puts it back.
// Tests that count allocations or race threads come last, one file at a time, so that nothing
// beside them disturbs what they look at.
// `*.long.test.ts` runs only when PANKOU_LONG=1 is set: minutes instead of seconds.
import { configDefaults, defineConfig } from 'vitest/config';
import { QUICK_START } from './tests/support/quick-start/prepare.ts';
import { SlowestFirst } from './tests/support/slowest-first.ts';

const in_ = (...folders: string[]) => folders.map((name) => `tests/${name}/**/*.test.ts`);
const WHOLE = [...in_('e2e', 'crash', 'unit/sweep'), 'tests/contract/gateway-*.test.ts'];
const QUIET = in_('race', 'alloc');
const LONG = process.env['PANKOU_LONG'] === '1' ? [] : ['tests/**/*.long.test.ts'];
const NEVER = [...configDefaults.exclude, ...LONG];
/** Backtests of tests leave no records in a person's own store. */
const ENV = { PANKOU_RUNS: 'off' };
const WORKERS = 3;

export default defineConfig({
  test: {
    pool: 'forks',
    execArgv: [],
    sequence: { sequencer: SlowestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'whole',
          include: WHOLE,
          exclude: NEVER,
          env: { ...ENV, ...QUICK_START },
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
          exclude: [...NEVER, ...WHOLE, ...QUIET],
          env: ENV,
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
          exclude: NEVER,
          env: ENV,
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
