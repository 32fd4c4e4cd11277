// Runs the `pankou` command as a person would, in a process of its own. Called by the e2e tests of
// the command line. Always: waits for the end of the process and returns all it printed.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Folder of the engine. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '');

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Another program than the engine's own command. */
  readonly program?: readonly [file: string, ...args: string[]];
}

/** Starts `pankou ARGS` and resolves when it has ended. */
export function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const own = [process.execPath, `${ROOT}/tools/pankou.mjs`] as const;
  const [file, ...first] = options.program ?? own;
  const child = spawn(file, [...first, ...args], {
    cwd: options.cwd ?? ROOT,
    env: options.env ?? { ...process.env, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const text = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text.stdout += part));
  child.stderr.setEncoding('utf8').on('data', (part: string) => (text.stderr += part));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? -1, ...text }));
  });
}
