// `pankou risk pause|resume`: what a person tells the risk manager of a running engine, over its
// local socket. Registered below `pankou risk`. Always: what changes anything says what it did;
// exit code 1 when the engine refused or does not answer.
import { type Command, Option } from 'commander';
import { command, done, type Flags, withSession } from '../desk/desk-command.ts';

interface SwitchFlags extends Flags {
  market?: string;
  strategy?: string;
}

const market = (text: string): Option =>
  new Option('--market <MARKET>', text).choices(['SH', 'SZ', 'BJ']);

export function registerRiskDesk(risk: Command): void {
  command(risk, 'pause', 'let no order through; cancels pass', false)
    .addOption(market('only this market'))
    .action((flags: SwitchFlags) =>
      withSession(flags, async ({ trading }) => {
        const outcome = trading.switches.pause(flags.market);
        done(flags, outcome, `${flags.market ?? 'every market'} is paused`);
      }),
    );
  command(risk, 'resume', 'end a pause, or let go on what risk has stopped')
    .option('--strategy <NAME>', 'this strategy (desk: orders of people)')
    .addOption(market('the pause of this market only'))
    .action((flags: SwitchFlags) =>
      withSession(flags, async ({ trading }) => {
        const { account, strategy } = flags;
        const outcome = trading.switches.resume({
          ...(account === undefined ? {} : { account }),
          ...(strategy === undefined ? {} : { strategy }),
          ...(flags.market === undefined ? {} : { market: flags.market as 'SH' | 'SZ' | 'BJ' }),
        });
        const whose = strategy ?? account ?? flags.market ?? 'every market';
        done(flags, outcome, `${whose} may go on`);
      }),
    );
}
