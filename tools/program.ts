// The commands of `pankou`, put together. Called by tools/cli.ts and by tests. Always: a command
// sets process.exitCode or throws; what it needs of the engine is imported inside its action, so
// that `--help` and `doctor` work where a part of the engine does not.
import { Command } from 'commander';
import { version } from '../engine/version.ts';
import { registerAlert } from './commands/alert.ts';
import { registerArming } from './commands/arming.ts';
import { registerAudit } from './commands/audit.ts';
import { registerBacktest } from './commands/backtest.ts';
import { registerBridge } from './commands/bridge.ts';
import { registerBundle } from './commands/bundle.ts';
import { registerCheck } from './commands/check.ts';
import { registerData } from './commands/data.ts';
import { registerReconcile } from './commands/day.ts';
import { registerDesk } from './commands/desk.ts';
import { registerDoctor } from './commands/doctor.ts';
import { registerExplain } from './commands/explain.ts';
import { registerFees } from './commands/fees.ts';
import { registerIndicator } from './commands/indicator.ts';
import { registerInit } from './commands/init.ts';
import { registerJournal } from './commands/journal.ts';
import { registerLatency } from './commands/latency.ts';
import { registerLeaveOneOut } from './commands/leave-one-out.ts';
import { registerMatch } from './commands/match.ts';
import { registerOrderDesk } from './commands/order-desk.ts';
import { registerReplay } from './commands/replay.ts';
import { registerRisk } from './commands/risk.ts';
import { registerRules } from './commands/rules.ts';
import { registerRun } from './commands/run.ts';
import { registerRuns } from './commands/runs.ts';
import { registerServe } from './commands/serve.ts';
import { registerSim } from './commands/sim.ts';
import { registerStrategy } from './commands/strategy.ts';
import { registerSweep } from './commands/sweep.ts';
import { registerVerify } from './commands/verify.ts';

const AFTER = `
Exit codes:
  0  fine
  1  failed: the message says what and where
  2  wrong use: an unknown command or option, or a value that cannot be

Environment:
  PANKOU_DEBUG=1  print stacks with errors
  NO_COLOR=1      no colours

Examples:
  pankou run examples/paper.json --for 20s --summary out.json
  pankou backtest examples/strategies/ma-cross.ts --data synthetic:1 \\
    --instruments 600001.SH --out out
  pankou init ../my-desk
  pankou doctor`;

/** The whole command line; throws CommanderError instead of leaving the process. */
export async function createProgram(): Promise<Command> {
  const program = new Command('pankou')
    .description('Low-latency trading engine and tick-level backtester for Chinese A-shares (盘口)')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help; also: pankou help COMMAND')
    .helpCommand('help [COMMAND]', 'print help of a command')
    .showHelpAfterError('(--help tells what is possible)')
    .exitOverride()
    .addHelpText('after', AFTER);
  registerRun(program);
  registerBacktest(program);
  registerSweep(program);
  registerCheck(program);
  registerRuns(program);
  registerServe(program);
  registerStrategy(program);
  registerData(program);
  registerReplay(program);
  registerVerify(program);
  registerLatency(program);
  registerLeaveOneOut(program);
  registerMatch(program);
  registerDesk(program);
  registerBridge(program);
  registerOrderDesk(program);
  registerArming(program);
  registerAlert(program);
  registerAudit(program);
  registerExplain(program);
  registerJournal(program);
  registerReconcile(program);
  registerRules(program);
  registerFees(program);
  registerIndicator(program);
  registerRisk(program);
  registerSim(program);
  registerInit(program);
  registerDoctor(program);
  registerBundle(program);
  return program;
}
