// How `npm run check` schedules its steps, on whole fakes; and its command line, in a child.
// Nothing here runs the real checks: those are what `npm run check` itself is for.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stepsOf } from '../../../tools/check.ts';
import { runSteps, type Step, type StepResult } from '../../../tools/check-steps.ts';

/** Steps that end only when told to, and a log of what happened. */
class FakeRunner {
  readonly log: string[] = [];
  readonly #ends = new Map<string, (result: StepResult) => void>();
  mostAtOnce = 0;

  readonly run = (step: Step): Promise<StepResult> => {
    this.log.push(`start ${step.name}`);
    return new Promise((resolve) => {
      this.#ends.set(step.name, resolve);
      this.mostAtOnce = Math.max(this.mostAtOnce, this.#ends.size);
    });
  };

  /** Ends a running step and lets the next one start. */
  async end(name: string, isOk = true): Promise<void> {
    const resolve = this.#ends.get(name);
    expect(resolve, `${name} is running`).toBeDefined();
    this.#ends.delete(name);
    this.log.push(`end ${name}`);
    resolve?.({ name, isOk, seconds: 0, output: '', counts: undefined });
    await new Promise((next) => setImmediate(next));
  }
}

function step(name: string, isAlone = false): Step {
  return { name, about: '', args: [], limitS: 1, isAlone };
}

describe('steps', () => {
  it('run two at a time, and those marked alone after all others', async () => {
    const fake = new FakeRunner();
    const steps = [step('tests', true), step('a'), step('b'), step('c')];
    const done = runSteps(steps, 2, fake.run, () => {});
    await fake.end('b');
    await fake.end('a');
    expect(fake.log).not.toContain('start tests');
    await fake.end('c');
    await fake.end('tests');
    expect((await done).map(({ name }) => name)).toEqual(['tests', 'a', 'b', 'c']);
    expect(fake.mostAtOnce).toBe(2);
    expect(fake.log.at(-2)).toBe('start tests');
  });

  it('go on after a failure and report it as it happens', async () => {
    const fake = new FakeRunner();
    const heard: string[] = [];
    const done = runSteps([step('a'), step('b')], 1, fake.run, ({ name, isOk }) => {
      heard.push(`${name} ${isOk}`);
    });
    await fake.end('a', false);
    expect(heard).toEqual(['a false']);
    await fake.end('b');
    expect((await done).map(({ isOk }) => isOk)).toEqual([false, true]);
  });
});

describe('npm run check', () => {
  const check = (...args: string[]) =>
    spawnSync(process.execPath, ['tools/check.ts', ...args], {
      cwd: join(import.meta.dirname, '../../..'),
      encoding: 'utf8',
    });

  it('covers types, lint, rules, generated code, kernels, pages and tests', () => {
    expect(stepsOf('x').map(({ name }) => name)).toEqual([
      'types',
      'pages-types',
      'pages',
      'kernels',
      'indicators',
      'lint',
      'tidy',
      'codegen',
      'bridges',
      'tests',
    ]);
  });

  it('ends with exit code 2 and the list of steps when a step is unknown', () => {
    const { status, stderr } = check('--only', 'typos');
    expect(status).toBe(2);
    expect(stderr).toContain("'typos'");
    expect(stderr).toContain('codegen');
  });

  it('ends with exit code 2 when an option is unknown, and 0 for --help', () => {
    expect(check('--fast').status).toBe(2);
    const help = check('--help');
    expect(help.status).toBe(0);
    expect(help.stdout).toContain('--only STEP');
  });

  it('runs one step alone and counts it', () => {
    const { status, stdout } = check('--only', 'codegen');
    expect(stdout).toMatch(/^codegen +(ok|FAILED) +\d+\.\d s/m);
    expect(stdout).toMatch(status === 0 ? /^1 passed, 0 failed$/m : /^0 passed, 1 failed$/m);
  });
});
