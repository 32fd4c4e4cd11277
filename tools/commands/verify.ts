// `pankou verify`: replays recorded order streams through the matching kernel and compares with the
// exchange. Hands over to engine/verify/verify-folder.ts. Always: the data is only read; exit 0
// only when everything is equal.
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { RULES_OPTION, rulesPath, symbolList } from '../option-values.ts';
import { progressBar } from '../progress-bar.ts';

const AFTER = `
DIR is a folder of recorded feeds of one or more instruments: orders and trades, and snapshots and
order queues where there are any (docs/DATA.md lists the layouts, docs/VERIFY.md says what is
compared). Only orders and cancels go into the kernel, never a trade.
Exit codes: 0 everything equal, 1 a difference or data that cannot be read, 2 wrong use.

Examples:
  pankou verify data/l2-day
  pankou verify data/l2-day --instruments 600519.SH --json report.json`;

/** Steps of the progress bar. */
const STEPS = 1000;

interface VerifyFlags {
  instruments?: string[];
  json?: string;
  rules?: string[];
}

export function registerVerify(program: Command): void {
  program
    .command('verify')
    .description("replay recorded orders through the kernel, compare with the exchange's trades")
    .argument('<DIR>', 'folder of recorded feeds')
    .option('--instruments <A,B>', 'only these symbols', symbolList)
    .option('--rules <FILE>', RULES_OPTION, rulesPath)
    .option('--json <FILE>', 'write the report as JSON; - prints it instead of the table')
    .addHelpText('after', AFTER)
    .action(async (dir: string, flags: VerifyFlags) => {
      const { verifyFolder } = await import('../../engine/verify/verify-folder.ts');
      const { verifyText } = await import('../../engine/verify/report-text.ts');
      const { overlayFiles, ruleBookOf } = await import('../../engine/rules/overlay-files.ts');
      const { placesOf } = await import('../../engine/config-json.ts');
      const overlays = overlayFiles(flags.rules ?? [], process.cwd());
      const rules = ruleBookOf(overlays, placesOf);
      for (const path of overlays) console.error(`rules of ${path}`);
      const bar = progressBar(STEPS);
      try {
        const report = await verifyFolder({
          path: resolve(dir),
          instruments: flags.instruments ?? 'all',
          rules,
          onProgress: (fraction, text) => bar?.update(Math.floor(fraction * STEPS), { text }),
        });
        bar?.stop();
        const json = `${JSON.stringify(report, null, 2)}\n`;
        if (flags.json === '-') process.stdout.write(json);
        else {
          if (flags.json !== undefined) writeFileSync(resolve(flags.json), json);
          process.stdout.write(`${verifyText(report)}\n`);
        }
        process.exitCode = report.equal ? 0 : 1;
      } finally {
        bar?.stop();
      }
    });
}
