// Starts the `pankou` command as a child of the api process, at the gentlest priority: strategies
// and data are never loaded into the process that serves pages. Called by the job queue and the
// calls that look into a file. Always: a child ends with this process; its output is bounded.
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import process from 'node:process';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const CLI_FILE = fileURLToPath(new URL('../../../tools/cli.ts', import.meta.url));
/** A look into a strategy or a store answers within this, or is ended. */
const LOOK_MS = 30_000;
const OUTPUT_MAX = 16 << 20;

export type PankouChild = ChildProcessByStdio<null, Readable, Readable>;

/** Starts `pankou ARGS`; stdout and stderr are pipes. */
export function startPankou(args: readonly string[], env: NodeJS.ProcessEnv = {}): PankouChild {
  const child = spawn(process.execPath, [CLI_FILE, ...args], {
    // The channel ties the child to this process (tools/end-with-parent.ts).
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...process.env, ...env, NO_COLOR: '1' },
  }) as unknown as PankouChild;
  if (child.pid !== undefined) stepBack(child.pid);
  return child;
}

function stepBack(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_LOW);
  } catch {
    // Already gone, or not allowed: it runs at the priority it inherited.
  }
}

export interface ChildAnswer {
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `pankou ARGS` to its end; never rejects. */
export function askPankou(args: readonly string[]): Promise<ChildAnswer> {
  return new Promise((resolve) => {
    const child = startPankou(args);
    const texts = { stdout: '', stderr: '' };
    const timer = setTimeout(() => {
      texts.stderr += `no answer within ${LOOK_MS / 1000} s\n`;
      child.kill('SIGKILL');
    }, LOOK_MS);
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8');
      child[name].on('data', (text: string) => {
        if (texts[name].length + text.length <= OUTPUT_MAX) texts[name] += text;
      });
    }
    const end = (ok: boolean): void => {
      clearTimeout(timer);
      resolve({ ok, ...texts });
    };
    child.once('error', (error) => {
      texts.stderr += `${error.message}\n`;
      end(false);
    });
    child.once('close', (code) => end(code === 0));
  });
}
