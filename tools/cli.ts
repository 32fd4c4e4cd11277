// Entry of the `pankou` command on the pinned Node; started by tools/pankou.mjs or by hand.
// Always: errors become one clear message on stderr (the stack only with PANKOU_DEBUG=1); exit code
// 0 = fine, 1 = failed, 2 = wrong use.
import { CommanderError } from 'commander';
import { endWithParent } from './end-with-parent.ts';
import { createProgram } from './program.ts';

endWithParent();
await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<void> {
  // `pankou --help | head`: nobody reads on. Of anything else the pipe's end must not be the end.
  if (args.length === 0 || args.some((arg) => arg === '--help' || arg === '-h' || arg === 'help')) {
    process.stdout.on('error', () => process.exit(0));
  }
  try {
    const program = await createProgram();
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    process.exitCode = exitCodeOf(error);
  }
}

/** Commander has printed its own message; its code 1 stands for wrong use. */
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 1 ? 2 : error.exitCode;
  const fault = error instanceof Error ? error : new Error(String(error));
  const debug = process.env['PANKOU_DEBUG'] === '1';
  console.error(`pankou: ${debug ? fault.stack : fault.message}`);
  return 1;
}
