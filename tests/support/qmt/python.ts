// Python for tests of the bridges: whether there is one, and a script that turns JSON into JSON.
// Used by tests/unit/qmt and tests/e2e. Always: no bytecode is left in the tree.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../run-cli.ts';

const PROBE = 'import sys; sys.exit(0 if sys.version_info >= (3, 6) else 1)';

export const HAS_PYTHON = spawnSync('python3', ['-c', PROBE]).status === 0;
/** For the names of skipped tests. */
export const NO_PYTHON = HAS_PYTHON ? '' : '(needs python3)';
export const PYTHON_ENV = { ...process.env, PYTHONDONTWRITEBYTECODE: '1' };

/** Runs a script of the repository with `input` as JSON on stdin; what it prints, parsed. */
export function pythonJson(script: string, input: unknown, args: readonly string[] = []): unknown {
  const found = spawnSync('python3', [join(ROOT, script), ...args], {
    input: JSON.stringify(input),
    encoding: 'utf8',
    env: PYTHON_ENV,
    maxBuffer: 64 * 1_048_576,
  });
  if (found.status !== 0) throw new Error(`${script} failed: ${found.stderr}`);
  return JSON.parse(found.stdout);
}
