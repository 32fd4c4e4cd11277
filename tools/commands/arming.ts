// `pankou arm` and `pankou disarm`: the stages of an account behind a real broker, step by step.
// Arming asks the api process, which checks every condition; disarming goes to the core directly,
// so it works without one. Always: a password is typed unseen or read from a file, never an
// argument.
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import process from 'node:process';
import { type Command, Option } from 'commander';
import type { ArmingRow } from '../../engine/control/trade-schemas.ts';
import { command, type Flags, fail, nameOption, show, withSession } from '../desk/desk-command.ts';

const STAGES = ['shadow', 'pilot', 'full', 'disarmed'];
const ARMING = '/api/v1/arming';

interface ArmFlags extends Flags {
  check?: boolean;
  setPassword?: boolean;
  by?: string;
  number?: string;
  passwordFile?: string;
}

const HELP = `
Stages of an account behind a bridge that is not marked simulated (docs/ARMING.md):
  disarmed  no new orders; cancels pass. Every start begins here
  shadow    everything is decided and checked, nothing is sent (521)
  pilot     orders within the caps and the list of arming.accounts.ID.pilot
  full      orders within the limits
One stage up at a time. pilot and full ask for the account's number and the trading password and
need every condition of --check. Down, at any time: pankou disarm, or a lower stage.
  pankou arm --check                    every condition: fine or not, and what to do
  pankou arm --set-password --dir RUN   once: stores a proof of the trading password
  pankou arm pilot --by 'Li Wei'`;

export function registerArming(program: Command): void {
  command(
    program,
    'arm',
    'put an account behind a real broker into a stage, or show what is missing',
  )
    .argument('[STAGE]', STAGES.join(', '))
    .option('--check', 'show every condition; exit code 1 when one is not met')
    .option('--set-password', 'store the proof of a new trading password in the run folder')
    .option('--by <NAME>', 'who does it, for the audit log (default: the user of the system)')
    .option('--number <NUMBER>', "the account's number (default: asked for)")
    .addOption(new Option('--password-file <FILE>', 'file with the password (default: asked for)'))
    .addHelpText('after', HELP)
    .action((stage: string | undefined, flags: ArmFlags) => run(stage, flags));
  command(program, 'disarm', 'no new orders of an account behind a real broker; cancels pass')
    .option('--by <NAME>', 'who does it, for the audit log (default: the user of the system)')
    .addHelpText(
      'after',
      '\nWithout --account: every account that has a stage. It asks for nothing.',
    )
    .action((flags: ArmFlags) => disarm(flags));
}

async function run(stage: string | undefined, flags: ArmFlags): Promise<void> {
  if (flags.setPassword === true) return setPassword(flags);
  if (flags.check === true || stage === undefined) return check(flags);
  if (!STAGES.includes(stage)) {
    throw new Error(`stage '${stage}': expected one of ${STAGES.join(', ')}`);
  }
  if (stage === 'disarmed') return disarm(flags);
  return arm(stage, flags);
}

async function check(flags: ArmFlags): Promise<void> {
  const { findEngine } = await import('../desk/find-engine.ts');
  const { askApi } = await import('../desk/api-client.ts');
  const engine = findEngine(flags.dir ?? null);
  const query = flags.account === undefined ? '' : `?account=${encodeURIComponent(flags.account)}`;
  const outcome = await askApi<{ rows: ArmingRow[] }>(engine, 'GET', `${ARMING}${query}`);
  if (!outcome.ok) {
    fail(flags, outcome.error);
    return;
  }
  const { rows } = outcome.data;
  const { armingText } = await import('../desk/arming-text.ts');
  const none = 'no account here needs arming: none is behind a bridge without `simulated`';
  show(flags, rows, rows.length === 0 ? none : rows.map((row) => armingText(row)).join('\n\n'));
  if (rows.some(({ ready }) => !ready)) process.exitCode = 1;
}

async function arm(stage: string, flags: ArmFlags): Promise<void> {
  const { findEngine } = await import('../desk/find-engine.ts');
  const { askApi } = await import('../desk/api-client.ts');
  const { userName } = await import('../desk/audited.ts');
  const engine = findEngine(flags.dir ?? null);
  const by = flags.by === undefined ? userName() : nameOption(flags.by);
  const proof = stage === 'shadow' ? {} : await proofOf(flags);
  const account = flags.account === undefined ? {} : { account: flags.account };
  const body = { stage, by, ...account, ...proof };
  const key = `arm-${randomUUID()}`;
  const outcome = await askApi<{ account: string; stage: string }>(
    ...([engine, 'POST', `${ARMING}/arm`, body, key] as const),
  );
  if (!outcome.ok) {
    fail(flags, outcome.error);
    const { conditions = [] } = outcome.error;
    if (flags.json === true || conditions.length === 0) return;
    const { conditionLines } = await import('../desk/arming-text.ts');
    process.stderr.write(`${conditionLines(conditions).join('\n')}\n`);
    return;
  }
  const { data } = outcome;
  show(flags, data, `account ${data.account} of "${engine.name}" is now ${data.stage}`);
}

async function disarm(flags: ArmFlags): Promise<void> {
  const { ArmingControl } = await import('../../engine/control/arming/arming-control.ts');
  const { audited } = await import('../desk/audited.ts');
  const by = flags.by === undefined ? {} : { by: nameOption(flags.by) };
  await withSession(flags, async ({ engine, replica, send }) => {
    const ids = replica.stages.staged();
    const control = new ArmingControl({
      ...{ replica, sendCommand: send },
      accounts: ids.map((id) => ({ id, number: id, reported: null, pilot: null })),
      people: { hasPassword: false, checkPassword: async () => ({ ok: false, why: 'none' }) },
      channels: () => ({ all: [], tested: [] }),
    });
    const { account } = flags;
    const about = account === undefined ? {} : { account };
    const step = { dir: engine.dir, what: 'disarm', about, ...by };
    const outcome = await audited(step, () => control.disarm(account));
    if (!outcome.ok) fail(flags, outcome.error);
    else show(flags, outcome.data, `disarmed: ${outcome.data.accounts.join(', ')}`);
  });
}

/** Number and password, typed or from their options. */
async function proofOf(flags: ArmFlags): Promise<{ number: string; password: string }> {
  const { askLine, askSecret } = await import('../desk/prompt.ts');
  const number = flags.number ?? (await askLine('account number: ', '--number'));
  const password =
    flags.passwordFile === undefined
      ? await askSecret('trading password: ', '--password-file')
      : readPassword(flags.passwordFile);
  return { number, password };
}

async function setPassword(flags: ArmFlags): Promise<void> {
  const { placeOf } = await import('../desk/find-engine.ts');
  const { PeopleStore } = await import('../../engine/control/arming/people-store.ts');
  const { audited } = await import('../desk/audited.ts');
  if (flags.dir === undefined) {
    throw new Error('--set-password: give the run folder or the configuration with --dir');
  }
  const dir = placeOf(flags.dir);
  mkdirSync(dir, { recursive: true });
  const password = await newPassword(flags);
  const people = new PeopleStore(dir);
  const step = { dir, what: 'set-password', first: true };
  const by = flags.by === undefined ? {} : { by: nameOption(flags.by) };
  try {
    const outcome = await audited({ ...step, ...by }, async () => {
      await people.setPassword(password);
      return { ok: true, data: { dir } };
    });
    if (outcome.ok) show(flags, outcome.data, `the trading password of ${dir} is set`);
  } finally {
    await people.close();
  }
}

async function newPassword(flags: ArmFlags): Promise<string> {
  if (flags.passwordFile !== undefined) return readPassword(flags.passwordFile);
  const { askSecret } = await import('../desk/prompt.ts');
  const first = await askSecret('new trading password: ', '--password-file');
  const again = await askSecret('the same again: ', '--password-file');
  if (first !== again) throw new Error('the two are not the same: nothing was changed');
  return first;
}

function readPassword(file: string): string {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined) throw new Error(`--password-file ${file}: no such file`);
  if (process.platform !== 'win32' && (stat.mode & 0o077) !== 0) {
    throw new Error(`--password-file ${file} can be read by others: chmod 600 it`);
  }
  return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
}
