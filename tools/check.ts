// `npm run check`: everything that must hold before a commit, in one command; CI runs the same.
// Prints one line a step with its seconds, a step's output only when it failed, then the total as
// `N passed, N failed`, where steps and tests count alike. `--only STEP` (repeatable) runs a part.
// Invariant: steps see the tree as it is; only `pages` writes (dashboards/dist), before any test.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runSteps, type Step, type StepResult, type TestCounts } from './check-steps.ts';

const ROOT = join(import.meta.dirname, '..');
const USAGE = `usage: npm run check [-- --only STEP]...

Runs all checks, two at a time, the tests last and alone.
Exit codes: 0 all passed, 1 a check failed, 2 wrong use.`;

/** JavaScript entries of the tools: started by this Node itself, so no shell and no .cmd files. */
const TSC = 'node_modules/typescript/bin/tsc';
const VUE_TSC = 'node_modules/vue-tsc/bin/vue-tsc.js';
const BIOME = 'node_modules/@biomejs/biome/bin/biome';
const ASC = 'node_modules/assemblyscript/bin/asc.js';
const VITE = 'node_modules/vite/bin/vite.js';
const VITEST = 'node_modules/vitest/vitest.mjs';

/** All steps in the order they start; `folder` is for what they write. */
export function stepsOf(folder: string): Step[] {
  const report = join(folder, 'tests.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  return [
    { name: 'types', about: 'tsc', args: [TSC, '--noEmit'], limitS: 180 },
    {
      name: 'pages-types',
      about: 'vue-tsc',
      args: [VUE_TSC, '--noEmit', '-p', 'dashboards/tsconfig.json'],
      limitS: 180,
    },
    { name: 'pages', about: 'vite build', args: buildPages(), limitS: 180 },
    wasmStep(folder, 'kernels', 'wasm/assembly/index.ts', 'release'),
    wasmStep(folder, 'indicators', 'wasm/assembly/indicators/module.ts', 'indicators'),
    { name: 'lint', about: 'biome', args: [BIOME, 'check', '.'], limitS: 120 },
    { name: 'tidy', about: 'house rules', args: ['tools/tidy.ts'], limitS: 120 },
    {
      name: 'codegen',
      about: 'generated messages are those of the schemas',
      args: ['tools/codegen.ts', '--check'],
      limitS: 60,
    },
    {
      name: 'bridges',
      about: 'the Python bridges are those of their parts',
      args: ['tools/build-bridges.ts', '--check'],
      limitS: 60,
    },
    {
      name: 'tests',
      about: 'vitest',
      args: [VITEST, 'run', ...reporters],
      limitS: 880,
      isAlone: true,
      counts: () => testCounts(report),
    },
  ];
}

/** Builds a module again and compares it with the built one. */
function wasmStep(folder: string, name: string, entry: string, target: string): Step {
  const file = `${name}.wasm`;
  const wasm = join(folder, file);
  const asc = [entry, '--config', 'asconfig.json', '--target', target];
  return {
    name,
    about: `the built ${file} is that of the sources`,
    args: [ASC, ...asc, '--outFile', wasm, '--textFile', join(folder, `${name}.wat`)],
    limitS: 120,
    verify: () => sameFile(wasm, join(ROOT, 'wasm/build', file)),
  };
}

function buildPages(): string[] {
  return [VITE, 'build', 'dashboards', '--logLevel', 'warn'];
}

/** '' when both files hold the same bytes; else what to do. */
function sameFile(fresh: string, built: string): string {
  try {
    if (readFileSync(fresh).equals(readFileSync(built))) return '';
  } catch {
    return `${built} is missing: run 'npm run build:wasm'`;
  }
  return `${built} is older than its sources: run 'npm run build:wasm'`;
}

/** Counts out of vitest's JSON report; undefined when it never got to write one. */
function testCounts(report: string): TestCounts | undefined {
  try {
    const counts = JSON.parse(readFileSync(report, 'utf8'));
    const { numPassedTests: passed, numFailedTests: failed, numPendingTests: skipped } = counts;
    if (![passed, failed, skipped].every(Number.isSafeInteger)) return undefined;
    return { passed, failed, skipped };
  } catch {
    return undefined;
  }
}

/** Runs one step as a child without stdin; never rejects. */
function runStep(step: Step): Promise<StepResult> {
  const startedMs = performance.now();
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const child = spawn(process.execPath, [...step.args], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, FORCE_COLOR: '0', NO_COLOR: '1' },
    });
    let why = '';
    const limit = setTimeout(() => {
      why = `took longer than ${step.limitS} s and was ended`;
      child.kill();
      setTimeout(() => child.kill('SIGKILL'), 5_000).unref();
    }, step.limitS * 1_000);
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', (error) => {
      why = error.message;
    });
    child.on('close', (code, signal) => {
      clearTimeout(limit);
      if (why === '' && signal !== null) why = `ended by ${signal}`;
      if (why === '' && code === 0) why = step.verify?.() ?? '';
      const isOk = why === '' && code === 0;
      const seconds = (performance.now() - startedMs) / 1_000;
      const counts = step.counts?.();
      const output = `${Buffer.concat(chunks).toString('utf8')}${why === '' ? '' : `${why}\n`}`;
      resolve({ name: step.name, isOk, seconds, output, counts });
    });
  });
}

function printResult(result: StepResult): void {
  const { name, isOk, seconds, counts } = result;
  const tests =
    counts === undefined
      ? ''
      : `  (${counts.passed} tests passed, ${counts.failed} failed, ${counts.skipped} skipped)`;
  const word = isOk ? 'ok' : 'FAILED';
  console.log(`${name.padEnd(12)} ${word.padEnd(7)} ${seconds.toFixed(1).padStart(6)} s${tests}`);
  if (!isOk) console.log(result.output.trimEnd().replace(/^/gm, '    '));
}

async function main(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'pankou-check-'));
  try {
    const steps = stepsOf(folder);
    const names = steps.map((step) => step.name);
    const chosen = parseOnly(names);
    if (typeof chosen === 'number') return chosen;
    const startedMs = performance.now();
    const wanted = steps.filter((step) => chosen.length === 0 || chosen.includes(step.name));
    const results = await runSteps(wanted, 2, runStep, printResult);
    const failed = results.filter((result) => !result.isOk).length;
    let passed = results.length - failed;
    let broken = failed;
    for (const { counts } of results) {
      passed += counts?.passed ?? 0;
      broken += counts?.failed ?? 0;
    }
    const seconds = (performance.now() - startedMs) / 1_000;
    console.log(`total ${seconds.toFixed(1)} s on Node ${process.version}`);
    console.log(`${passed} passed, ${broken} failed`);
    return failed === 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The step names asked for, or the exit code when there is nothing to run. */
function parseOnly(names: readonly string[]): string[] | number {
  const options = {
    only: { type: 'string', multiple: true },
    help: { type: 'boolean', short: 'h' },
  } as const;
  const steps = `steps: ${names.join(', ')}`;
  try {
    const { values } = parseArgs({ options });
    if (values.help === true) {
      console.log(`${USAGE}\n\n${steps}`);
      return 0;
    }
    const only = (values.only ?? []).flatMap((text) => text.split(','));
    const unknown = only.find((name) => !names.includes(name));
    if (unknown === undefined) return only;
    console.error(`check: no step is called '${unknown}'; ${steps}`);
  } catch (error) {
    console.error(`check: ${error instanceof Error ? error.message : String(error)}`);
    console.error(`${USAGE}\n\n${steps}`);
  }
  return 2;
}

if (process.argv[1] === import.meta.filename) process.exitCode = await main();
