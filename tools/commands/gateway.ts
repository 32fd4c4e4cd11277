// `pankou gateway report`: what this version of a broker's client really does, measured with tiny
// orders on a simulated account through a running engine. Always: a real account is refused;
// nothing is sent before the account was typed; the files hold no secret, cash or position.
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import process from 'node:process';
import type { Command } from 'commander';
import { command, type Flags, withSession } from '../desk/desk-command.ts';
import type { DeskSession } from '../desk/find-engine.ts';
import { wholeNumber } from '../option-values.ts';

interface ReportFlags extends Flags {
  config: string;
  instrument: string;
  orders: number;
  out: string;
  confirm?: string;
}

const HELP = `
On an account marked "simulated" behind a bridge, in continuous trading, with the engine running:
places --orders single buys of the smallest lot 4 % below the best bid and cancels each, one of
them twice, then the same number at once; every order passes OMS, risk, limits and kill switch.
The first fill ends it, and everything it placed is cancelled. It then asks the bridge what it saw:
remarks kept, answers before or after pushes, doubles, status codes, stale lists, timings.
Writes OUT.json and OUT.html; read the page, then send both in (docs/GATEWAY_REPORT.md).
  pankou gateway report --config qmt-sim.json --account 55001234 --instrument 510300.SH`;

export function registerGateway(program: Command): void {
  const gateway = program.command('gateway').description('the way to a broker');
  command(gateway, 'report', "what a broker's client really does, on a simulated account")
    .requiredOption('--config <FILE>', 'configuration of the engine: says where its bridge is')
    .requiredOption('--instrument <SYMBOL>', 'what to place orders in; cheap, and not at its limit')
    .option('--orders <N>', 'single orders, and orders at once', wholeNumber(1, 20), 5)
    .option('--out <NAME>', 'files to write: NAME.json and NAME.html', 'gateway-report')
    .option('--confirm <ACCOUNT>', 'the account, typed here instead of at the question')
    .addHelpText('after', HELP)
    .action((flags: ReportFlags) =>
      withSession({ ...flags, dir: flags.dir ?? flags.config }, (session) =>
        report(session, flags),
      ),
    );
}

async function report(session: DeskSession, flags: ReportFlags): Promise<void> {
  const { loadConfig } = await import('../../engine/config.ts');
  const { readSecret } = await import('../../gateways/bridge/address.ts');
  const { readBridgeFacts } = await import('../gateway/bridge-facts.ts');
  const { ReportScript, refusalOf } = await import('../gateway/report-script.ts');
  const { parseSymbol } = await import('../../engine/core/instrument.ts');
  const { audited } = await import('../desk/audited.ts');
  const { replica, trading, engine } = session;
  const { gateway } = loadConfig(flags.config);
  if (gateway.kind !== 'bridge') throw new Error(`${flags.config}: its gateway is no bridge`);
  const account = flags.account ?? replica.accountIds()[0]?.id ?? '';
  const instrument = parseSymbol(flags.instrument).symbol;
  const wish = { account, instrument, orders: flags.orders, run: randomUUID().slice(0, 8) };
  const refusal = refusalOf(replica, wish);
  if (refusal !== '') throw new Error(refusal);
  await confirm(account, instrument, flags);
  const secret = readSecret(gateway.secretFile);
  const before = await readBridgeFacts(gateway.address, secret);
  const script = new ReportScript(replica, trading, wish);
  const about = { account, instrument, orders: flags.orders };
  const step = { dir: engine.dir, what: 'gateway-report', about, first: true };
  const say = (text: string): void => void process.stderr.write(`pankou gateway: ${text}\n`);
  const outcome = await audited(step, async () => ({ ok: true, data: await script.run(say) }));
  if (!outcome.ok) throw new Error(outcome.error.message);
  const after = await readBridgeFacts(gateway.address, secret);
  const { clockOffsetMs } = replica.stages.of(account);
  const { version, day } = replica.hello();
  await write(flags, {
    ...{ format: 1, version, at: new Date().toISOString(), day, instrument },
    bridge: { capabilities: after.capabilities, bridge: after.bridge },
    ...{ before: before.accounts?.[account] ?? null, after: after.accounts?.[account] ?? null },
    clockOffsetMs: clockOffsetMs === undefined ? null : Math.round(clockOffsetMs),
    script: outcome.data,
  });
}

type Report = import('../gateway/report-page.ts').GatewayReport;

async function write({ out }: ReportFlags, result: Report): Promise<void> {
  const { reportPage } = await import('../gateway/report-page.ts');
  writeFileSync(`${out}.json`, `${JSON.stringify(result, null, 1)}\n`);
  writeFileSync(`${out}.html`, reportPage(result));
  const { stories, stopped } = result.script;
  process.stdout.write(`${stories.length} orders; ${out}.json, ${out}.html\n`);
  if (stopped === undefined) return;
  process.stderr.write(`stopped early: ${stopped}\n`);
  process.exitCode = 1;
}

async function confirm(account: string, instrument: string, flags: ReportFlags): Promise<void> {
  const { askLine } = await import('../desk/prompt.ts');
  const what = `${flags.orders * 2} buy orders of the smallest lot in ${instrument}, far below`;
  const question = `${what} the market, on the simulated account ${account}.\nType the account: `;
  const typed = flags.confirm ?? (await askLine(question, '--confirm ACCOUNT'));
  if (typed !== account) throw new Error(`'${typed}' is not ${account}: nothing was sent`);
}
