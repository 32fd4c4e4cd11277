// `pankou replay`: runs a recorded session again and compares every state hash. Hands over to
// engine/backtest/replay.ts, which says what differs. Always: the recording is only read.
import { resolve } from 'node:path';
import type { Command } from 'commander';

const AFTER = `
DIR is the run folder of a session with "recording": true.
Exit codes: 0 the same hashes, 1 a difference or a damaged recording, 2 wrong use.`;

export function registerReplay(program: Command): void {
  program
    .command('replay')
    .description('run a recorded session again and compare its state hashes')
    .argument('<DIR>', 'run folder')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', AFTER)
    .action(async (dir: string, flags: { json?: boolean }) => {
      const { replayRecording } = await import('../../engine/backtest/replay.ts');
      process.exitCode = await replayRecording(resolve(dir), { json: flags.json === true });
    });
}
