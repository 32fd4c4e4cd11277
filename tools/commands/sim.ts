// `pankou sim`: the engine against a simulated broker, with faults drawn per seed. Turns the
// command line into SimOptions and hands over to engine/sim/command.ts. Always: wrong use is found
// here, before anything is run.
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';

interface SimFlags {
  seeds?: number;
  from: number;
  seed?: number;
  trace?: boolean;
  plant?: string;
  json?: string;
}

const SEEDS = 1_000;
const PLANT_SEEDS = 2_000;

const AFTER = `
A run is one trading session of the real actors in one thread, with virtual time: about 60 orders
and 2,000 steps against a broker that answers late, twice, out of order or not at all, while the
process crashes, the disk fills and actors stand still. An independent auditor checks the invariants
at every step; when the faults stop, both sides' books must be equal. In one run of seven the day
rolls: it is closed with proof, and a second day opens with its books. A seed is a whole run.

--plant switches on a known bug, in a process of its own, that the simulator must catch.
Exit codes: 0 nothing broke (of plants: all were caught), 1 something did, 2 wrong use.`;

export function registerSim(program: Command): void {
  program
    .command('sim')
    .description('attack the engine in simulation: crashes, lost and doubled reports, full disks')
    .option('--seeds <N>', `runs (default: ${SEEDS}; of a plant: at most ${PLANT_SEEDS})`, seed)
    .option('--from <K>', 'first seed', seed, 1)
    .option('--seed <K>', 'one seed only', seed)
    .option('--trace', 'print every effect of the seed given with --seed')
    .option('--plant <NAME>', 'run with a planted bug, or with each of them: all')
    .option('--json <FILE>', 'write the result as JSON')
    .addHelpText('after', AFTER)
    .action(async (flags: SimFlags, command: Command) => {
      if (flags.trace === true && flags.seed === undefined) {
        command.error('error: --trace shows one run: give it with --seed K', { exitCode: 2 });
      }
      const { runSimCommand } = await import('../../engine/sim/command.ts');
      const plant = flags.plant ?? '';
      const one = flags.seed !== undefined;
      const usual = plant === '' ? SEEDS : PLANT_SEEDS;
      process.exitCode = await runSimCommand({
        seeds: flags.seeds ?? (one ? 1 : usual),
        from: flags.seed ?? flags.from,
        trace: flags.trace === true ? (flags.seed ?? null) : null,
        plant,
        json: flags.json ?? '',
      });
    });
}

function seed(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new InvalidArgumentError('expected a whole number from 1.');
}
