// `pankou risk pause|resume|confirm|reject`: what a person tells risk of a running engine, and of
// its parked orders, over the local socket. Registered below `pankou risk`. Always: what changes
// anything says what it did; exit code 1 when the engine refused or does not answer.
import { type Command, Option } from 'commander';
import { audited } from '../desk/audited.ts';
import {
  command,
  done,
  type Flags,
  fail,
  nameOption,
  show,
  withSession,
} from '../desk/desk-command.ts';

interface SwitchFlags extends Flags {
  market?: string;
  strategy?: string;
}

interface ConfirmFlags extends Flags {
  by: string;
  tokenFile?: string;
}

const CONFIRM_HELP = `
Orders above parkAmount of the limits wait for a second person (pankou orders --open shows them as
held, 350). The one who confirms is another than the one who sent; both names are in the journal.
With confirmTokenFile in the configuration a confirmation needs that token: --token-file.`;

const market = (text: string): Option =>
  new Option('--market <MARKET>', text).choices(['SH', 'SZ', 'BJ']);

export function registerRiskDesk(risk: Command): void {
  command(risk, 'pause', 'let no order through; cancels pass', false)
    .addOption(market('only this market'))
    .action((flags: SwitchFlags) =>
      withSession(flags, async ({ trading, engine }) => {
        const about = flags.market === undefined ? {} : { market: flags.market };
        const step = { dir: engine.dir, what: 'risk-pause', about };
        const outcome = await audited(step, () => trading.switches.pause(flags.market));
        done(flags, outcome, `${flags.market ?? 'every market'} is paused`);
      }),
    );
  confirmCommand(risk, 'confirm', 'let a parked order go: a second person confirms it', true);
  confirmCommand(risk, 'reject', 'refuse a parked order: it ends unsent', false);
  command(risk, 'resume', 'end a pause, or let go on what risk has stopped')
    .option('--strategy <NAME>', 'this strategy (desk: orders of people)')
    .addOption(market('the pause of this market only'))
    .action((flags: SwitchFlags) =>
      withSession(flags, async ({ trading, engine }) => {
        const { account, strategy } = flags;
        const about = {
          ...(account === undefined ? {} : { account }),
          ...(strategy === undefined ? {} : { strategy }),
          ...(flags.market === undefined ? {} : { market: flags.market as 'SH' | 'SZ' | 'BJ' }),
        };
        const step = { dir: engine.dir, what: 'risk-resume', about, first: true };
        const outcome = await audited(step, () => trading.switches.resume(about));
        const whose = strategy ?? account ?? flags.market ?? 'every market';
        done(flags, outcome, `${whose} may go on`);
      }),
    );
}

function confirmCommand(risk: Command, name: string, text: string, isYes: boolean): void {
  command(risk, name, text, false)
    .argument('<ORDER>', 'client order id, 16 characters')
    .requiredOption('--by <NAME>', 'who says so')
    .option('--token-file <FILE>', 'file with the confirmation token')
    .addHelpText('after', CONFIRM_HELP)
    .action((coid: string, flags: ConfirmFlags) =>
      withSession(flags, async ({ trading, engine }) => {
        const by = nameOption(flags.by);
        const token = await tokenOf(flags);
        const what = isYes ? 'risk-confirm' : 'risk-reject';
        const step = { dir: engine.dir, what, about: { coid }, by, first: true };
        const say = () => trading.words.confirm({ coid, by }, isYes, token);
        const outcome = await audited(step, say);
        if (!outcome.ok) fail(flags, outcome.error);
        else show(flags, outcome.data, `${coid}: ${outcome.data.status}`);
      }),
    );
}

/** The second person's token; '' = none was given. */
async function tokenOf({ tokenFile }: ConfirmFlags): Promise<string> {
  if (tokenFile === undefined) return '';
  const { readConfirmToken } = await import('../../engine/host/people-door.ts');
  const found = readConfirmToken(tokenFile);
  if ('why' in found) throw new Error(`--token-file ${tokenFile}: ${found.why}`);
  return found.token;
}
