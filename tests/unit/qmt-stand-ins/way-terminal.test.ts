// Way B of the QMT bridge alone: runs way_terminal_checks.py with python3, each check a test here.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { HAS_PYTHON, NO_PYTHON, PYTHON_ENV } from '../../support/qmt/python.ts';
import { ROOT } from '../../support/run-cli.ts';

const CHECKS = join(ROOT, 'tests/unit/qmt-stand-ins/way_terminal_checks.py');
const NAMES = [...readFileSync(CHECKS, 'utf8').matchAll(/def (test_\w+)/g)].map((m) => m[1]!);

describe.skipIf(!HAS_PYTHON)(
  `way B between a played terminal and a played core ${NO_PYTHON}`,
  () => {
    const text = HAS_PYTHON
      ? spawnSync('python3', [CHECKS], { encoding: 'utf8', env: PYTHON_ENV }).stderr
      : '';

    test.each(NAMES)('%s', (name) => {
      const line = text.split('\n').find((one) => one.startsWith(`${name} `));
      expect(line, text.slice(-3_000)).toMatch(/ ok$/);
    });
  },
);
