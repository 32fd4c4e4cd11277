// `pankou status|orders|positions|cancel|cancel-all|flatten|kill`: looks at a running engine and
// tells it what to do, over its local socket. Always: what changes anything says what it did;
// --json prints one JSON value; exit code 1 when the engine refused or does not answer.
import { randomUUID } from 'node:crypto';
import process from 'node:process';
import type { Command } from 'commander';
import { command, done, type Flags, fail, show, withSession } from '../desk/desk-command.ts';
import type { DeskSession } from '../desk/find-engine.ts';

/** Longest wait for a bridge's word on a kill. */
const BRIDGE_WAIT_MS = 3_000;
/** Statuses that nothing but a late fill changes. */
const FINISHED = new Set(['filled', 'cancelled', 'partly-cancelled', 'rejected']);

export function registerDesk(program: Command): void {
  command(program, 'status', 'how a running engine is').action((flags: Flags) =>
    withSession(flags, async (session) => show(flags, ...(await statusOf(session)))),
  );
  command(program, 'orders', 'orders of the day')
    .option('--open', 'only those that still work')
    .option('--all', 'of every day in the journals of --dir; needs no running engine')
    .option('--day <YYYYMMDD>', 'of one day in the journals of --dir')
    .action((flags: Flags) => {
      if (flags.all === true || flags.day !== undefined) return showHistory(flags);
      return withSession(flags, async ({ replica }) => {
        const { ordersTable } = await import('../desk/tables.ts');
        const open = new Set(replica.trades.openOrders(flags.account).map(({ coid }) => coid));
        const page = replica.trades.orders(
          ({ account, coid }) =>
            (flags.account === undefined || account === flags.account) &&
            (flags.open !== true || open.has(coid)),
          undefined,
          Number.MAX_SAFE_INTEGER,
        );
        const rows = page?.rows ?? [];
        show(flags, rows, ordersTable(rows));
      });
    });
  command(program, 'positions', 'cash and positions of the accounts').action((flags: Flags) =>
    withSession(flags, async ({ replica }) => {
      const { accountsTable, booksTable, positionsTable } = await import('../desk/tables.ts');
      const isMeant = (row: { account: string }) =>
        flags.account === undefined || row.account === flags.account;
      const accounts = replica.accounts().filter(isMeant);
      const positions = replica.positions(flags.account);
      const books = replica.strategyBooks(flags.account);
      const tables = [accountsTable(accounts), positionsTable(positions), booksTable(books)];
      show(flags, { accounts, positions, books }, tables.join('\n'));
    }),
  );
  command(program, 'cancel', 'cancel one order')
    .argument('<ORDER>', 'client order id, 16 characters')
    .action((coid: string, flags: Flags) =>
      withSession(flags, async ({ trading }) => {
        const outcome = await trading.cancel(coid);
        if (!outcome.ok) fail(flags, outcome.error);
        else show(flags, outcome.data, `${coid}: ${outcome.data.status}`);
      }),
    );
  command(program, 'cancel-all', 'cancel every working order').action((flags: Flags) =>
    withSession(flags, async ({ trading, engine }) => {
      const { audited } = await import('../desk/audited.ts');
      const about = flags.account === undefined ? {} : { account: flags.account };
      const step = { dir: engine.dir, what: 'cancel-all', about };
      const outcome = await audited(step, () => trading.cancelAll(flags.account));
      if (!outcome.ok) fail(flags, outcome.error);
      else show(flags, outcome.data, `cancelling ${outcome.data.open} working orders`);
    }),
  );
  command(program, 'flatten', 'cancel everything, then sell all that may be sold today')
    .option('--yes', 'do it; without this it only says what it would do')
    .action((flags: Flags) => withSession(flags, (session) => flattenAll(session, flags)));
  command(program, 'kill', 'kill switch: no new orders, cancel everything; stays on')
    .option('--strategy <NAME>', 'only this strategy')
    .option('--all', 'the firm: the same as naming nobody')
    .action(killBothWays);
}

/** Orders of a closed day, from the archive of a run folder. */
async function showOldOrders(flags: Flags, runDir: string, day: number): Promise<void> {
  const { ordersTable } = await import('../desk/tables.ts');
  const { ordersOfDay } = await import('../../engine/day/history.ts');
  if (flags.open === true) throw new Error('--open: nothing is open on a closed day; leave it out');
  const rows = ordersOfDay(runDir, day).filter(
    ({ account }) => flags.account === undefined || account === flags.account,
  );
  show(flags, rows, ordersTable(rows));
}

/** The run folder whose archive has the day; null = none: its journals are searched then. */
async function archiveOf(flags: Flags, day: number): Promise<string | null> {
  const { runFolderOf } = await import('../day/run-folder.ts');
  const { placeOf } = await import('../desk/find-engine.ts');
  const { closedDays } = await import('../../engine/day/archive.ts');
  try {
    const runDir = runFolderOf(placeOf(flags.dir ?? process.cwd()));
    return closedDays(runDir).includes(day) ? runDir : null;
  } catch {
    return null;
  }
}

/** Orders of past sessions, from the queryable copy of the journals. */
async function showHistory(flags: Flags): Promise<void> {
  const day = flags.all === true ? 0 : Number(flags.day);
  if (!Number.isInteger(day) || (day !== 0 && (day < 19_900_101 || day > 29_991_231))) {
    throw new Error(`--day ${flags.day}: expected a day like 20260109`);
  }
  const archive = flags.all === true ? null : await archiveOf(flags, day);
  if (archive !== null) return showOldOrders(flags, archive, day);
  const { readProjection } = await import('../../engine/journal/projection.ts');
  const { historyTable } = await import('../desk/tables.ts');
  const note = (text: string): void => void process.stderr.write(`pankou orders: ${text}\n`);
  const { orders } = await readProjection(flags.dir ?? '.', day, note);
  const rows = orders.filter(
    ({ account, status }) =>
      (flags.account === undefined || String(account) === flags.account) &&
      (flags.open !== true || !FINISHED.has(status)),
  );
  show(flags, rows, historyTable(rows));
}

async function statusOf({ engine, replica }: DeskSession): Promise<[object, string]> {
  const { accountsTable, clockText, statusLines } = await import('../desk/tables.ts');
  const state = replica.engine();
  const { day, mode, version } = replica.hello();
  const { openCount, orderCount, fillCount } = replica.trades;
  const text = statusLines(state, [
    ['engine', `${engine.name} (${mode}), ${state.state}${state.killed ? ', KILLED' : ''}`],
    ['time', `${day} ${clockText(state.virtualNs)}, ${state.phase}`],
    ['orders', `${orderCount}, ${openCount} working; ${fillCount} fills`],
    ['folder', engine.dir],
    ['pages', engine.url ?? 'none'],
    ['version', version],
  ]);
  const { secret: _, token: __, socket: ___, ...shown } = engine;
  const data = {
    ...{ engine: shown, state, day, mode, version, accounts: replica.accounts() },
    orders: { total: orderCount, open: openCount },
    fills: fillCount,
  };
  return [data, `${text}\n${accountsTable(replica.accounts())}`];
}

async function flattenAll({ replica, trading, engine }: DeskSession, flags: Flags): Promise<void> {
  const positions = replica.positions(flags.account).filter(({ qty }) => qty > 0);
  const open = replica.trades.openOrders(flags.account).length;
  if (flags.yes !== true) {
    const what = `would cancel ${open} orders and sell ${positions.length} positions`;
    show(flags, { open, positions }, `${what}; say --yes to do it`);
    return;
  }
  const { flatten } = await import('../../engine/control/flatten.ts');
  const { audited } = await import('../desk/audited.ts');
  const about = flags.account === undefined ? {} : { account: flags.account };
  const done = await audited({ dir: engine.dir, what: 'flatten', about, first: true }, async () => {
    const key = `flatten-${randomUUID()}`;
    return { ok: true, data: await flatten(replica, trading, flags.account, key) };
  });
  if (!done.ok) throw new Error(done.error.message);
  const result = done.data;
  const lines = result.legs.map(({ instrument, account, qty, coid, why, held }) =>
    coid === ''
      ? `${account} ${instrument}: ${held} held, not sold: ${why}`
      : `${account} ${instrument}: selling ${qty} of ${held}, order ${coid}`,
  );
  show(flags, result, [`cancelled ${result.cancelled} orders`, ...lines].join('\n'));
  if (result.legs.some(({ coid, why }) => coid === '' && !why.includes('T+1')))
    process.exitCode = 1;
}

interface KillFlags extends Flags {
  strategy?: string;
}

/**
 * Through the core, and to the bridge where there is one: a core that is frozen or dead stops
 * neither. Of a strategy the bridge knows nothing.
 */
async function killBothWays(flags: KillFlags): Promise<void> {
  const { bridgeOf, setBridgeFlag } = await import('../desk/bridge-flag.ts');
  const place = flags.strategy === undefined ? bridgeOf(flags) : null;
  const told =
    place === null ? null : setBridgeFlag(place, flags.account ?? '*', true, BRIDGE_WAIT_MS);
  const tellBridge = async (): Promise<boolean> => {
    if (told === null || place === null) return false;
    const { accounts, why } = await told;
    if (accounts !== null) console.error(`kill flag on at the bridge: ${accounts.join(', ')}`);
    else console.error(`warning: the bridge at ${place.address} has not confirmed: ${why}`);
    return accounts !== null;
  };
  try {
    await withSession(flags, async (session) => kill(session, flags));
  } catch (error) {
    if (!(await tellBridge())) throw error;
    const { findEngine } = await import('../desk/find-engine.ts');
    const { audited } = await import('../desk/audited.ts');
    const { dir } = findEngine(flags.dir ?? null);
    const about = { account: flags.account ?? '*', core: false, bridge: true };
    await audited({ dir, what: 'kill', about }, () => ({ ok: true, data: {} }));
    console.error(`warning: the core has not heard it: ${(error as Error).message}`);
    return;
  }
  await tellBridge();
}

async function kill({ trading, engine }: DeskSession, flags: KillFlags): Promise<void> {
  const { account, strategy, all } = flags;
  if (all === true && (account ?? strategy) !== undefined) {
    throw new Error('say --all, or name an account or a strategy');
  }
  const whose =
    strategy !== undefined ? ` for ${strategy}` : account !== undefined ? ` for ${account}` : '';
  const about = {
    ...(account === undefined ? {} : { account }),
    ...(strategy === undefined ? {} : { strategy }),
  };
  const { audited } = await import('../desk/audited.ts');
  const step = { dir: engine.dir, what: 'kill', about };
  const outcome = await audited(step, () => trading.switches.kill(about));
  done(flags, outcome, `kill switch of "${engine.name}" is on${whose}, cancelling all`);
}
