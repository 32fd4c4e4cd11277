// `pankou bridge kill|release`: the kill flag of a bridge, set or let go directly: no engine, no
// api needed. Always: done is what the bridge has confirmed; exit code 1 when it has not.
import process from 'node:process';
import type { Command } from 'commander';
import type { BridgeFlags } from '../desk/bridge-flag.ts';

/** Longest wait for the bridge's word. */
const PATIENCE_MS = 5_000;

const AFTER = `
The flag is the bridge's own: it is written, holds over restarts and days, refuses every new order
at the bridge and cancels what is open; cancels pass. 'pankou kill' sets it too; only 'release' lets
it go. The bridge is that of --dir (a configuration, or the run folder of a running engine), or the
one at --address.
急停标志由桥接程序自己保存：重启、跨日均有效；拒绝一切新委托并撤销挂单；只有 release 才会解除。
Exit codes: 0 the bridge has confirmed, 1 it has not, 2 wrong use.`;

interface Flags extends BridgeFlags {
  readonly account?: string;
  readonly json?: boolean;
}

export function registerBridge(program: Command): void {
  const bridge = program
    .command('bridge')
    .description('the kill flag of a bridge, past the engine');
  for (const [name, on, text] of [
    ['kill', true, 'no new orders at the bridge, everything open is cancelled'],
    ['release', false, 'lets the kill flag go'],
  ] as const) {
    bridge
      .command(name)
      .description(text)
      .option('--dir <DIR>', 'configuration, or run folder of a running engine')
      .option('--address <ADDRESS>', 'tcp:HOST:PORT or socket path of the bridge')
      .option('--secret-file <FILE>', 'the shared secret, with --address')
      .option('--account <ID>', 'only this account')
      .option('--json', 'print JSON')
      .addHelpText('after', AFTER)
      .action((flags: Flags) => setFlag(flags, on));
  }
}

async function setFlag({ account = '*', json, ...where }: Flags, on: boolean): Promise<void> {
  const { bridgeOf, setBridgeFlag } = await import('../desk/bridge-flag.ts');
  const place = bridgeOf(where);
  if (place === null) throw new Error('no bridge there: its orders go to the simulated exchange');
  const { accounts, why } = await setBridgeFlag(place, account, on, PATIENCE_MS);
  const word = on ? 'on' : 'off';
  if (accounts === null) {
    process.exitCode = 1;
    const text = `the bridge at ${place.address} has not confirmed: ${why}`;
    if (json === true) console.log(JSON.stringify({ ok: false, message: text }));
    else console.error(`error: ${text}`);
    return;
  }
  if (json === true) console.log(JSON.stringify({ ok: true, accounts, on }));
  else console.log(`kill flag ${word} at the bridge: ${accounts.join(', ')}`);
}
