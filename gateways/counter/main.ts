// The simulated counter as a process, for tests and for trying a bridge by hand:
//   node gateways/counter/main.ts --dir DIR [--port N] [--day 20260105] [--seed 1] [--beat MS]
//     [--account ID:YUAN] [--position SYMBOL:QTY:YUAN] [--behave delayMs=5,none=0.1]
// Prints `listening PORT` when it can be reached. Invariant: a start on the same folder goes on
// with the same books, whatever killed it; a folder has one counter.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { parseSymbol } from '../../engine/core/instrument.ts';
import { lockFolder } from '../../engine/host/folder-lock.ts';
import { Behaviour, parsePack } from './behaviour.ts';
import { Ledger, type OpeningAccount } from './ledger.ts';
import { CounterServer } from './server.ts';
import { Tape } from './tape.ts';

function readArgs() {
  return parseArgs({
    options: {
      dir: { type: 'string', default: '' },
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string', default: '0' },
      day: { type: 'string', default: '20260105' },
      seed: { type: 'string', default: '1' },
      beat: { type: 'string', default: '50' },
      account: { type: 'string', default: 'demo:1000000' },
      position: { type: 'string', multiple: true, default: [] as string[] },
      behave: { type: 'string', default: '' },
    },
  }).values;
}

/** `demo:1000000` and `600519.SH:100:1500.00`. */
function openingOf(account: string, positions: readonly string[]): OpeningAccount {
  const [id, cash] = account.split(':');
  const held: Record<string, { qty: number; costE4: number }> = {};
  for (const text of positions) {
    const [symbol, qty, cost] = text.split(':');
    held[parseSymbol(symbol!).symbol] = {
      qty: numberOf(qty, text),
      costE4: Math.round(numberOf(cost, text) * 10_000),
    };
  }
  const cashE4 = Math.round(numberOf(cash, account) * 10_000);
  return { account: id!, cashE4, positions: held };
}

function numberOf(text: string | undefined, what: string): number {
  const value = Number(text);
  if (text === undefined || text === '' || !Number.isFinite(value)) {
    throw new Error(`'${what}': expected numbers, such as 600519.SH:100:1500 or demo:1000000`);
  }
  return value;
}

async function main(): Promise<void> {
  const args = readArgs();
  if (args.dir === '') throw new Error('--dir is missing: the folder of the ledger');
  mkdirSync(args.dir, { recursive: true });
  await lockFolder(args.dir);
  const seed = numberOf(args.seed, `--seed ${args.seed}`);
  const opening = openingOf(args.account, args.position);
  const day = numberOf(args.day, `--day ${args.day}`);
  const ledger = new Ledger(join(args.dir, 'ledger.jsonl'), day, [opening]);
  // Another life, another stretch of tape.
  const life = seed + ledger.orders.size + ledger.trades.length;
  const behaviour = new Behaviour(parsePack(args.behave), life);
  const server = new CounterServer(ledger, new Tape(life), behaviour);
  const port = await server.listen(args.host, numberOf(args.port, `--port ${args.port}`));
  setInterval(() => server.step(), numberOf(args.beat, `--beat ${args.beat}`));
  process.stdout.write(`listening ${port}\n`);
  const stop = (): void => {
    server.close();
    process.exit(0);
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

main().catch((error: Error) => {
  process.stderr.write(`counter: ${error.message}\n`);
  process.exit(1);
});
