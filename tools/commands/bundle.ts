// `pankou bundle`: an archive of the engine with its Node, for hosts without internet. Always: made
// for the platform it is made on, which its name says.
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';

const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '');

const AFTER = `
Unpack it anywhere on a host of the same platform and start ./pankou.sh (Linux) or pankou.cmd
(Windows): 'pankou.sh doctor' first, then 'pankou.sh run examples/paper.json'. Nothing is installed.
Exit codes: 0 written and listed, 1 failed, 2 wrong use.`;

export function registerBundle(program: Command): void {
  program
    .command('bundle')
    .description('make an offline archive of the engine, Node included, for this platform')
    .option('--out <FILE>', 'archive (default: pankou-VERSION-PLATFORM-ARCH.tar.gz here)')
    .addHelpText('after', AFTER)
    .action(async (flags: { out?: string }) => {
      const { makeBundle } = await import('../bundle/make-bundle.ts');
      const { version } = await import('../../engine/version.ts');
      const { file, bytes, entries } = makeBundle({
        root: ROOT,
        version,
        out: flags.out ?? null,
      });
      console.log(`${file}: ${(bytes / 1024 ** 2).toFixed(1)} MiB, ${entries} entries`);
    });
}
