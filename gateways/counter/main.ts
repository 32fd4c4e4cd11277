// The simulated counter as a process, for tests and for trying a bridge by hand:
//   node gateways/counter/main.ts --dir DIR [--port N] [--day 20260105] [--seed 1] [--beat MS]
//     [--account ID:YUAN[:CREDIT:QUOTA]]... [--position SYMBOL:QTY:YUAN]...
//     [--instrument SYMBOL:PRECLOSE]... [--commission RATE:MIN] [--tick MS]
//     [--behave delayMs=5,none=0.1]
// Prints `listening PORT` when it can be reached. Positions belong to the first account. With
// --instrument only those are traded, by the rules of the day; without, anything, with wide limits.
// Invariant: a start on the same folder goes on with the same books, whatever killed it.
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import type { FeeSchedule } from '../../engine/core/fees.ts';
import { parseSymbol } from '../../engine/core/instrument.ts';
import { lockFolder } from '../../engine/host/folder-lock.ts';
import { Behaviour, parsePack } from './behaviour.ts';
import type { OpeningAccount } from './ledger.ts';
import { CounterServer } from './server.ts';
import { Tape } from './tape.ts';

const NO_FEES: FeeSchedule = {
  ...{ commissionRateE7: 0, commissionMinE4: 0, stampDutyRateE7: 0 },
  ...{ transferRateE7: 0, handlingRateE7: 0, regulatoryRateE7: 0 },
};
/** Since 2023-08-28, and since 2022-04-29. */
const STAMP_DUTY_E7 = 5_000;
const TRANSFER_E7 = 100;

function readArgs() {
  const text = { type: 'string' } as const;
  const list = { type: 'string', multiple: true, default: [] as string[] } as const;
  return parseArgs({
    options: {
      dir: { ...text, default: '' },
      host: { ...text, default: '127.0.0.1' },
      port: { ...text, default: '0' },
      day: { ...text, default: '20260105' },
      seed: { ...text, default: '1' },
      beat: { ...text, default: '50' },
      tick: { ...text, default: '3000' },
      'session-hold': { ...text, default: '3000' },
      account: list,
      position: list,
      instrument: list,
      commission: { ...text, default: '' },
      behave: { ...text, default: '' },
    },
  }).values;
}

/** `demo:1000000`, `margin:1000000:CREDIT:500000` and `600519.SH:100:1500.00`. */
function openingOf(text: string, positions: readonly string[]): OpeningAccount {
  const [account, cash, type = 'STOCK', quota = '0'] = text.split(':');
  if (type !== 'STOCK' && type !== 'CREDIT') {
    throw new Error(`--account '${text}': the type is STOCK or CREDIT`);
  }
  const held: Record<string, { qty: number; costE4: number }> = {};
  for (const one of positions) {
    const [symbol, qty, cost] = one.split(':');
    held[parseSymbol(symbol!).symbol] = { qty: numberOf(qty, one), costE4: e4Of(cost, one) };
  }
  const money = { cashE4: e4Of(cash, text), quotaE4: e4Of(quota, text) };
  return { account: account!, type, ...money, positions: held };
}

function e4Of(text: string | undefined, what: string): number {
  return Math.round(numberOf(text, what) * 10_000);
}

function numberOf(text: string | undefined, what: string): number {
  const value = Number(text);
  if (text === undefined || text === '' || !Number.isFinite(value)) {
    throw new Error(`'${what}': expected numbers, such as 600519.SH:100:1500 or demo:1000000`);
  }
  return value;
}

/** `0.00025:5`: rate and least commission in yuan, with stamp duty and transfer fee. */
function feesOf(text: string): FeeSchedule {
  if (text === '') return NO_FEES;
  const [rate, least] = text.split(':');
  return {
    ...NO_FEES,
    commissionRateE7: Math.round(numberOf(rate, text) * 1e7),
    commissionMinE4: e4Of(least, text),
    stampDutyRateE7: STAMP_DUTY_E7,
    transferRateE7: TRANSFER_E7,
  };
}

async function main(): Promise<void> {
  const args = readArgs();
  if (args.dir === '') throw new Error('--dir is missing: the folder of the ledger');
  mkdirSync(args.dir, { recursive: true });
  await lockFolder(args.dir);
  const texts = args.account.length > 0 ? args.account : ['demo:1000000'];
  const accounts = texts.map((text, i) => openingOf(text, i === 0 ? args.position : []));
  const ledgerPath = join(args.dir, 'ledger.jsonl');
  const bytes = statSync(ledgerPath, { throwIfNoEntry: false })?.size ?? 0;
  // Another life, another stretch of tape.
  const life = numberOf(args.seed, `--seed ${args.seed}`) + bytes;
  const server = new CounterServer({
    ledgerPath,
    day: numberOf(args.day, `--day ${args.day}`),
    accounts,
    fees: feesOf(args.commission),
    instruments: args.instrument.map((one) => {
      const [symbol, preClose] = one.split(':');
      return { symbol: parseSymbol(symbol!).symbol, preCloseE4: e4Of(preClose, one) };
    }),
    listsAnything: args.instrument.length === 0,
    behaviour: new Behaviour(parsePack(args.behave), life),
    tape: new Tape(life),
    sessionHoldMs: numberOf(args['session-hold'], '--session-hold'),
  });
  const port = await server.listen(args.host, numberOf(args.port, `--port ${args.port}`));
  const beatMs = numberOf(args.beat, `--beat ${args.beat}`);
  if (beatMs > 0) setInterval(() => server.step(), beatMs);
  const tickMs = numberOf(args.tick, `--tick ${args.tick}`);
  if (tickMs > 0) setInterval(() => server.beatTicks(), tickMs);
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
