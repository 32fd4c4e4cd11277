// `pankou leave-one-out`: takes recorded resting orders out and puts them in again through a
// strategy; their fills must be history's. Hands over to engine/verify/leave-one-out/. Always: the
// data is only read; exit 0 only when at least 99.9 % of the samples are equal.
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { RULES_OPTION, rulesPath } from '../option-values.ts';
import { progressBar } from '../progress-bar.ts';

const AFTER = `
DIR is a folder of recorded feeds with an order stream (docs/DATA.md lists the layouts). Sampled are
orders of continuous trading that came to rest; docs/BACKTEST.md says how a sample is judged.
Exit codes: 0 at least 99.9 % equal, 1 fewer or data that cannot be read, 2 wrong use.

Example:
  pankou leave-one-out data/l2-day --samples 10000 --json report.json`;

/** Steps of the progress bar, and the share of equal samples that is asked for. */
const STEPS = 1000;
const ENOUGH = 0.999;
/** Differences that the terminal shows. */
const SHOWN = 5;

interface Flags {
  samples: number;
  seed: number;
  json?: string;
  rules?: string[];
}

export function registerLeaveOneOut(program: Command): void {
  program
    .command('leave-one-out')
    .description('put recorded orders in again through a strategy and compare their fills')
    .argument('<DIR>', 'folder of recorded feeds')
    .option('--samples <N>', 'orders of each instrument', positive, 10_000)
    .option('--seed <N>', 'which orders', positive, 1)
    .option('--rules <FILE>', RULES_OPTION, rulesPath)
    .option('--json <FILE>', 'write the report as JSON; - prints it instead of the summary')
    .addHelpText('after', AFTER)
    .action(async (dir: string, flags: Flags) => {
      const { leaveOneOut } = await import('../../engine/verify/leave-one-out/leave-one-out.ts');
      const { overlayFiles, ruleBookOf } = await import('../../engine/rules/overlay-files.ts');
      const { placesOf } = await import('../../engine/config-json.ts');
      const overlays = overlayFiles(flags.rules ?? [], process.cwd());
      const rules = ruleBookOf(overlays, placesOf);
      for (const path of overlays) console.error(`rules of ${path}`);
      const bar = progressBar(STEPS, '{eta_formatted} left | ');
      try {
        const report = await leaveOneOut({
          path: resolve(dir),
          ...{ samples: flags.samples, seed: flags.seed, rules },
          onProgress: (done, text) => bar?.update(Math.floor(done * STEPS), { text }),
        });
        bar?.stop();
        const json = `${JSON.stringify(report, null, 2)}\n`;
        if (flags.json === '-') process.stdout.write(json);
        else {
          if (flags.json !== undefined) writeFileSync(resolve(flags.json), json);
          for (const one of report.instruments) {
            console.log(
              `${one.instrument}: ${one.equal} of ${one.samples} orders trade as in history ` +
                `(${one.population} rested, ${one.passes} passes)`,
            );
          }
          const { filled, fills } = report;
          console.log(
            `${filled} of them traded, ${fills} fills; others rested till cancel or close`,
          );
          for (const { order, why } of report.differences.slice(0, SHOWN)) {
            console.log(`  ${order.instrument} order ${order.orderNo}: ${why}`);
          }
        }
        process.exitCode = report.equal >= report.samples * ENOUGH ? 0 : 1;
      } finally {
        bar?.stop();
      }
    });
}

function positive(text: string): number {
  const value = Number(text);
  if (/^\d{1,9}$/.test(text) && value > 0) return value;
  throw new InvalidArgumentError('Expected a whole number from 1.');
}
