// `npm run differential`: every kernel against its slow twin over many seeds, far more than the
// tests have time for. Prints a progress bar and, at the first difference, where it is and how to
// see it again. Exit codes: 0 no difference, 1 a difference, 2 wrong use. Always: a seed's run
// does not depend on which other seeds ran.
import { parseArgs } from 'node:util';
import { SingleBar } from 'cli-progress';
import type { Subject } from '../tests/differential/subjects.ts';
import { SUBJECTS } from '../tests/differential/subjects.ts';

const HELP = `Usage: npm run differential -- [options]
  --seeds N       seeds, each run for every subject (default 1000)
  --operations N  operations per seed and subject (default 2500)
  --from N        first seed (default 1)
  --subject NAME  only this one (may be given again): ${SUBJECTS.map((s) => s.name).join(', ')}
  --help          this text`;

interface Options {
  readonly seeds: number;
  readonly operations: number;
  readonly from: number;
  readonly subjects: readonly Subject[];
}

function readOptions(): Options | number {
  try {
    const { values } = parseArgs({
      options: {
        seeds: { type: 'string', default: '1000' },
        operations: { type: 'string', default: '2500' },
        from: { type: 'string', default: '1' },
        subject: { type: 'string', multiple: true, default: [] },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) {
      console.log(HELP);
      return 0;
    }
    return {
      seeds: count('seeds', values.seeds, 1),
      operations: count('operations', values.operations, 1),
      from: count('from', values.from, 0),
      subjects: chosen(values.subject),
    };
  } catch (error) {
    console.error(`${(error as Error).message}\n${HELP}`);
    return 2;
  }
}

function count(name: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new Error(`--${name} ${text}: expected a whole number of ${least} or more`);
}

function chosen(names: readonly string[]): readonly Subject[] {
  const unknown = names.find((name) => !SUBJECTS.some((subject) => subject.name === name));
  if (unknown !== undefined) throw new Error(`--subject ${unknown}: there is no such subject`);
  return names.length === 0 ? SUBJECTS : SUBJECTS.filter(({ name }) => names.includes(name));
}

function main(): number {
  const options = readOptions();
  if (typeof options === 'number') return options;
  const { seeds, operations, from, subjects } = options;
  const bar = new SingleBar({
    format: '{bar} {percentage} % | seed {value} of {total} | {eta_formatted} left',
    hideCursor: true,
  });
  bar.start(seeds, 0);
  for (let i = 0; i < seeds; i++) {
    for (const { name, run } of subjects) {
      const difference = run(from + i, operations);
      if (difference === undefined) continue;
      bar.stop();
      console.error(`${name}: kernel != twin at ${difference}`);
      const again = `--subject ${name} --from ${from + i} --seeds 1 --operations ${operations}`;
      console.error(`Again: npm run differential -- ${again}`);
      return 1;
    }
    bar.increment();
  }
  bar.stop();
  const each = seeds * operations;
  const total = (each * subjects.length).toLocaleString('en-US');
  const names = subjects.map(({ name }) => name).join(', ');
  console.log(`${total} operations over ${seeds} seeds, no difference (${names}).`);
  return 0;
}

process.exitCode = main();
