// What the commands that speak with a running engine have in common: options, the session, how an
// answer is shown. Used by tools/commands/desk.ts and risk-desk.ts. Always: --json prints one JSON
// value; a refusal goes to stderr (or the JSON) and makes the exit code 1.
import process from 'node:process';
import type { Command } from 'commander';
import type { Outcome } from '../../engine/control/outcome.ts';
import { NAME_BYTES } from '../../engine/messages/frame-text.ts';
import type { DeskSession } from './find-engine.ts';

export interface Flags {
  dir?: string;
  json?: boolean;
  account?: string;
  open?: boolean;
  all?: boolean;
  day?: string;
  yes?: boolean;
}

const AFTER = `
The engine is found by the file engine.json of its run folder: below this folder, or below --dir (a
run folder, or the configuration the engine was started with).
Exit codes: 0 done, 1 refused or no engine, 2 wrong use.`;

/** A command with the options of all of them. */
export function command(program: Command, name: string, text: string, byAccount = true): Command {
  const made = program
    .command(name)
    .description(text)
    .option('--dir <DIR>', 'run folder or configuration of the engine')
    .option('--json', 'print JSON')
    .addHelpText('after', AFTER);
  return byAccount ? made.option('--account <ID>', 'only this account') : made;
}

/** Runs `use` with a connection to the engine that is meant. */
export async function withSession(
  flags: Flags,
  use: (session: DeskSession) => Promise<void>,
): Promise<void> {
  const { withEngine } = await import('../desk/find-engine.ts');
  await withEngine(flags.dir ?? null, async (session) => {
    const ids = session.replica.accountIds().map(({ id }) => id);
    if (flags.account !== undefined && !ids.includes(flags.account)) {
      throw new Error(`no account ${flags.account}; this engine has ${ids.join(', ')}`);
    }
    await use(session);
  });
}

/** A person's name as the journal keeps it. */
export function nameOption(text: string): string {
  const name = text.trim();
  const bytes = Buffer.byteLength(name);
  if (name !== '' && bytes <= NAME_BYTES) return name;
  throw new Error(`--by: expected a name of 1 to ${NAME_BYTES} bytes of UTF-8, found ${bytes}`);
}

/** Prints what an answer is, for people or as JSON. */
export function show(flags: Flags, data: unknown, text: string): void {
  process.stdout.write(`${flags.json === true ? JSON.stringify(data, null, 2) : text}\n`);
}

/** Prints a refusal. */
export function fail(flags: Flags, error: { code: string; message: string }): void {
  if (flags.json === true) process.stdout.write(`${JSON.stringify({ error }, null, 2)}\n`);
  else process.stderr.write(`error: ${error.message} (${error.code})\n`);
  process.exitCode = 1;
}

/** Prints an outcome: `text` when it is good. */
export function done(flags: Flags, outcome: Outcome<unknown>, text: string): void {
  if (outcome.ok) show(flags, outcome.data, text);
  else fail(flags, outcome.error);
}
