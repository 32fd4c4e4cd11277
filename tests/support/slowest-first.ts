// The order of test files: those that start processes first, the slowest of them at the very
// beginning, then the rest by size, so that no long file is alone at the end. Used by
// vitest.config.ts. Always: the order changes nothing but the time; a file that is not listed runs.
import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take longest, slowest first; worth a look when a file grows beyond ten seconds. */
const SLOWEST = [
  'e2e/bench.test.ts',
  'e2e/bad-input.test.ts',
  'e2e/recovery.test.ts',
  'e2e/desk.test.ts',
  'e2e/dashboard.test.ts',
  'e2e/bad-input-strategies.test.ts',
  'e2e/risk-switches.test.ts',
  'contract/gateway-terminal.test.ts',
  'contract/gateway-xtquant.test.ts',
  'contract/gateway-node.test.ts',
  'e2e/run.test.ts',
  'e2e/python-backtest.test.ts',
  'e2e/live-quotes.test.ts',
  'e2e/runs-pages.test.ts',
  'e2e/cli.test.ts',
  'e2e/replay.test.ts',
  'e2e/lockstep.test.ts',
  'crash/processes.test.ts',
  'e2e/cli-bundle.test.ts',
  'e2e/days.test.ts',
  'unit/sweep/sweep.test.ts',
  'unit/check/check.test.ts',
  'unit/backtest/runner.test.ts',
  'sim/seeds.test.ts',
  'sim/plants.test.ts',
];

export class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const root = `${this.ctx.config.root}/tests`;
    const rank = (file: TestSpecification): number => {
      const at = SLOWEST.indexOf(relative(root, file.moduleId).replaceAll('\\', '/'));
      return at < 0 ? SLOWEST.length : at;
    };
    const group = (file: TestSpecification): number => file.project.config.sequence.groupOrder;
    const shares = (file: TestSpecification): number => (file.project.config.isolate ? 0 : 1);
    const bySize = await super.sort(files);
    return bySize.sort((a, b) => group(a) - group(b) || shares(a) - shares(b) || rank(a) - rank(b));
  }
}
