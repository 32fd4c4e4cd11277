// `pankou sim`: seeds, one seed with its trace, or planted bugs. Called by the command line with
// checked options. Invariant: the exit code is 1 exactly when something is not as promised.
import { writeFileSync } from 'node:fs';
import { SingleBar } from 'cli-progress';
import Table from 'cli-table3';
import { type CampaignResult, runCampaign, type SeedViolation } from './campaign.ts';
import { plantOf } from './plant-names.ts';
import { type PlantResult, runPlant } from './plant-run.ts';
import { PLANTS } from './plants.ts';
import { runSeed, SHORT_RUN } from './run.ts';
import { shrink } from './shrink.ts';

export interface SimOptions {
  readonly seeds: number;
  readonly from: number;
  /** One seed, with every effect as a line; null = many seeds. */
  readonly trace: number | null;
  /** Name of a plant, 'all', or '' for none. */
  readonly plant: string;
  /** File for the JSON result; '' = none. */
  readonly json: string;
}

/** Runs what was asked for, prints it; 0, or 1 when something broke. */
export async function runSimCommand(options: SimOptions): Promise<number> {
  if (options.trace !== null) return traceSeed(options.trace);
  if (options.plant !== '') return runPlants(options);
  const bar = progressBar('seeds', options.seeds);
  const result = await runCampaign({
    seeds: options.seeds,
    from: options.from,
    onSeed: (done) => bar?.update(done),
  });
  bar?.stop();
  if (options.json !== '') {
    writeFileSync(options.json, `${JSON.stringify(shownResult(result), null, 2)}\n`);
  }
  console.log(summaryOf(result));
  for (const violation of result.violations.slice(0, 5)) await explain(violation);
  return result.violations.length > 0 ? 1 : 0;
}

function shownResult(result: CampaignResult): object {
  const violations = result.violations.map(({ seed, invariant, step }) => {
    return { seed, invariant, step };
  });
  return { ...result, violations };
}

function summaryOf(result: CampaignResult): string {
  const { seeds, violations, steps, sends, crashes, seconds, runsPerMinute } = result;
  const rate = `${seconds.toFixed(1)} s, ${runsPerMinute} runs a minute`;
  const found = `${violations.length} violations in ${seeds} seeds`;
  return `${found}: ${steps} steps, ${sends} sends, ${crashes} crashes, ${rate}`;
}

/** A violation, and the smallest run of the same seed that shows it. */
async function explain(found: SeedViolation): Promise<void> {
  const { seed, invariant, step, text } = found;
  console.log(`\nseed ${seed}, ${invariant}, step ${step}: ${text}`);
  console.log(`  again, with a trace: pankou sim --seed ${seed} --trace`);
  if (invariant === 'determinism') return;
  const { size, outcome, runs } = await shrink(seed, SHORT_RUN, invariant);
  const faults = outcome.faults.join(' ') || 'none';
  const shape = `${size.orders} orders, ${outcome.steps} steps, pack ${outcome.pack}`;
  console.log(`  shrunk in ${runs} runs: ${shape}, faults: ${faults}`);
  console.log(`  ${outcome.violation?.text ?? ''}`);
}

async function traceSeed(seed: number): Promise<number> {
  const outcome = await runSeed(seed, SHORT_RUN, (line) => console.log(line));
  const { hash, steps, sends, crashes, violation } = outcome;
  console.log(`seed ${seed}: hash ${hash}, ${steps} steps, ${sends} sends, ${crashes} crashes`);
  return violation === null ? 0 : 1;
}

async function runPlants(options: SimOptions): Promise<number> {
  const plants = options.plant === 'all' ? PLANTS : [plantOf(options.plant)];
  const bar = progressBar('plants', plants.length);
  const results: PlantResult[] = [];
  for (const plant of plants) {
    results.push(await runPlant(plant, options.seeds, options.from));
    bar?.update(results.length);
  }
  bar?.stop();
  if (options.json !== '') {
    const rows = results.map(({ plant, caught, firstSeed }) => ({ plant, caught, firstSeed }));
    writeFileSync(options.json, `${JSON.stringify(rows, null, 2)}\n`);
  }
  const table = new Table({ head: ['plant', 'caught', 'first seed', 'by', 'found'] });
  for (const { plant, caught, firstSeed, invariant, text } of results) {
    table.push([plant, caught ? 'yes' : 'NO', firstSeed, invariant, text.slice(0, 60)]);
  }
  console.log(table.toString());
  const missed = results.filter((result) => !result.caught).length;
  console.log(`${results.length - missed} of ${results.length} planted bugs caught`);
  return missed > 0 ? 1 : 0;
}

function progressBar(what: string, total: number): SingleBar | null {
  if (process.stderr.isTTY !== true) return null;
  const format = `{bar} {percentage}% | ${what} | {value}/{total} | {eta} s`;
  const bar = new SingleBar({ format, hideCursor: true, clearOnComplete: true });
  bar.start(total, 0);
  return bar;
}
