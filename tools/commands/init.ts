// `pankou init`: a folder of one's own outside the clone, with configuration, strategy and sample
// data, linked to the engine. Always: refuses a folder that is not empty and one inside the clone.
import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';

const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '');

const AFTER = `
The folder gets package.json, pankou.json, strategies/my-strategy.ts, a generated sample day in
data/, and a link to this clone (node_modules/pankou), so that a strategy imports 'pankou'.
Exit codes: 0 made, 1 refused (not empty, inside the clone) or failed, 2 wrong use.`;

export function registerInit(program: Command): void {
  program
    .command('init')
    .description('make a folder of your own: configuration, a strategy, data, runs')
    .argument('<DIR>', 'new or empty folder outside the clone')
    .option('--relink', 'only make the links to the engine again, in a folder made before')
    .addHelpText('after', AFTER)
    .action(async (dir: string, flags: { relink?: boolean }) => {
      const { linkEngine, makeFolder } = await import('../init/make-folder.ts');
      if (flags.relink === true) {
        const target = resolve(dir);
        if (!existsSync(join(target, 'pankou.json'))) {
          throw new Error(`${target} has no pankou.json; 'pankou init DIR' makes a new folder`);
        }
        linkEngine(target, ROOT);
        console.log(`${target} is linked to ${ROOT}`);
        return;
      }
      const target = await makeFolder({ dir, root: ROOT, writeSample });
      console.log(nextSteps(target));
    });
}

/** A generated day of two invented securities, in the layout that `--data` reads. */
async function writeSample(dataDir: string): Promise<void> {
  const sample = await import('../init/folder-files.ts');
  const { writeSyntheticDay } = await import('../../engine/backtest/synthetic/write-day.ts');
  await writeSyntheticDay(dataDir, {
    seed: sample.SAMPLE_SEED,
    day: sample.SAMPLE_DAY,
    instruments: sample.SAMPLE_INSTRUMENTS.map(({ symbol, preClose }) => ({
      symbol,
      preCloseE4: Math.round(preClose * 10_000),
      volatility: 0.02,
      eventsPerSecond: sample.SAMPLE_EVENTS_PER_SECOND,
    })),
  });
}

function nextSteps(target: string): string {
  const way = relative(process.cwd(), target) || '.';
  return [
    `made ${target}`,
    '',
    'Next:',
    `  cd ${way}`,
    '  npm run backtest     # my-strategy over the sample day in data/',
    '  npm start            # a paper session; prints one URL, Ctrl-C ends it in order',
    '  npx pankou doctor    # is this machine fine',
    '',
    'Then change strategies/my-strategy.ts; pankou.json holds accounts, limits and the market.',
  ].join('\n');
}
