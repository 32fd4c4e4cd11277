// How `npm test` runs: two cores, every test file in a process of its own. Read by vitest only.
// Tests of whole processes (commands, engines, a browser) come after those of parts, and wait more
// than they compute. Tests that count allocations, race threads or kill processes come last, one
// file at a time, so that nothing beside them disturbs what they look at.
// `*.long.test.ts` runs only when PANKOU_LONG=1 is set: minutes instead of seconds.
import { configDefaults, defineConfig } from 'vitest/config';

const WHOLE = ['tests/e2e/**/*.test.ts'];
const QUIET = ['race', 'alloc', 'crash'].map((folder) => `tests/${folder}/**/*.test.ts`);
const LONG = process.env['PANKOU_LONG'] === '1' ? [] : ['tests/**/*.long.test.ts'];
const NEVER = [...configDefaults.exclude, ...LONG];

export default defineConfig({
  test: {
    pool: 'forks',
    execArgv: [],
    // Backtests of tests leave no records in a person's own store.
    env: { PANKOU_RUNS: 'off' },
    projects: [
      {
        extends: true,
        test: {
          name: 'plain',
          include: ['tests/**/*.test.ts'],
          exclude: [...NEVER, ...WHOLE, ...QUIET],
          fileParallelism: true,
          maxWorkers: 2,
          testTimeout: 20_000,
          hookTimeout: 20_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'whole',
          include: WHOLE,
          exclude: NEVER,
          fileParallelism: true,
          maxWorkers: 2,
          testTimeout: 90_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'quiet',
          include: QUIET,
          exclude: NEVER,
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
