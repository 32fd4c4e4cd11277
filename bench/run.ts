// `npm run bench [-- --json FILE] [-- --only NAME] [-- --quick]`: runs every suite beside this
// file, prints a table per suite, and writes what machines read. Exit codes: 0 fine, 1 a suite
// failed (the others still ran), 2 wrong use. Always: a wrong answer fails its suite.
import { readdir, writeFile } from 'node:fs/promises';
import os from 'node:os';
import { parseArgs } from 'node:util';
import type { BenchResult, BenchSuite } from './harness.ts';
import { formatTable } from './harness.ts';

const HELP = `Usage: npm run bench -- [options]
  --json FILE   also write results and machine to FILE
  --only NAME   only the suite of that name (may be given again)
  --quick       tiny inputs: sees that the benches work, says nothing about speed
  --help        this text`;

interface Options {
  json: string | undefined;
  only: readonly string[];
  quick: boolean;
}

/** Written by --json. */
interface BenchDocument {
  machine: { node: string; cpu: string; cores: number; platform: string; loadBefore: number };
  startedAt: string;
  quick: boolean;
  suites: { name: string; seconds: number; results: BenchResult[]; error?: string }[];
}

async function main(): Promise<number> {
  const options = readOptions();
  if (typeof options === 'number') return options;
  const suites = await loadSuites();
  const names = suites.map((s) => s.name);
  const unknown = options.only.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    console.error(`--only ${unknown}: no such suite; there are ${names.join(', ')}`);
    return 2;
  }
  const document = describeRun(options.quick);
  for (const suite of suites) {
    if (options.only.length > 0 && !options.only.includes(suite.name)) continue;
    document.suites.push(await runSuite(suite, options.quick));
  }
  if (options.json !== undefined) {
    await writeFile(options.json, `${JSON.stringify(document, null, 2)}\n`);
  }
  const failed = document.suites.filter((s) => s.error !== undefined);
  for (const suite of failed) console.error(`suite ${suite.name} failed: ${suite.error}`);
  return failed.length > 0 ? 1 : 0;
}

function readOptions(): Options | number {
  try {
    const { values } = parseArgs({
      options: {
        json: { type: 'string' },
        only: { type: 'string', multiple: true, default: [] },
        quick: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) {
      console.log(HELP);
      return 0;
    }
    return { json: values.json, only: values.only, quick: values.quick };
  } catch (error) {
    console.error(`${(error as Error).message}\n${HELP}`);
    return 2;
  }
}

async function loadSuites(): Promise<BenchSuite[]> {
  const files = (await readdir(new URL('.', import.meta.url))).filter((f) =>
    /\.bench\.ts$/.test(f),
  );
  const suites: BenchSuite[] = [];
  for (const file of files.sort()) {
    const module = (await import(new URL(file, import.meta.url).href)) as { suite?: BenchSuite };
    if (module.suite === undefined) throw new Error(`bench/${file} exports no suite`);
    suites.push(module.suite);
  }
  return suites;
}

function describeRun(quick: boolean): BenchDocument {
  const cpus = os.cpus();
  return {
    machine: {
      node: process.version,
      cpu: cpus[0]?.model ?? 'unknown',
      cores: os.availableParallelism(),
      platform: `${os.platform()} ${os.release()} ${os.arch()}`,
      loadBefore: os.loadavg()[0],
    },
    startedAt: new Date().toISOString(),
    quick,
    suites: [],
  };
}

async function runSuite(suite: BenchSuite, quick: boolean) {
  const started = performance.now();
  const seconds = () => Math.round((performance.now() - started) / 100) / 10;
  console.log(`\n${suite.name}${quick ? ' (quick: numbers mean nothing)' : ''}`);
  try {
    const results = await suite.run({ quick });
    console.log(formatTable(results));
    return { name: suite.name, seconds: seconds(), results };
  } catch (error) {
    return { name: suite.name, seconds: seconds(), results: [], error: (error as Error).message };
  }
}

process.exitCode = await main();
