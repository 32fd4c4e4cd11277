// The bridge from the connection and the replica to Vue: shallow references that are renewed at
// most every 100 ms, and the commands. Used by all components; made once in main.ts. Always holds:
// views see only whole batches, rows are never deeply reactive, and the replica is the only state.
import { computed, ref, shallowRef } from 'vue';
import {
  type Command,
  type CommandResult,
  Connection,
  type LinkStatus,
  type SocketLike,
} from './connection.ts';
import { pickedAccount, pickedInstrument } from './preferences.ts';
import type {
  Account,
  Bar1,
  Book,
  Engine,
  Fill,
  Hello,
  Latency,
  Order,
  Position,
} from './protocol.ts';
import { isLive, type LogRow, type RejectRow, Replica, type Section } from './replica.ts';
import { takeToken } from './session-token.ts';

const PUBLISH_MS = 100;

const replica = new Replica();
const shown = new Map<Section, number>();

export const hello = shallowRef<Hello>();
export const engine = shallowRef<Engine>();
export const latency = shallowRef<Latency>();
export const accounts = shallowRef<Account[]>([]);
export const positions = shallowRef<Position[]>([]);
export const orders = shallowRef<Order[]>([]);
export const fills = shallowRef<Fill[]>([]);
export const rejects = shallowRef<RejectRow[]>([]);
export const logLines = shallowRef<LogRow[]>([]);
export const instruments = shallowRef<string[]>([]);
export const books = shallowRef<Map<string, Book>>(new Map());
/** Renewed with each change; the points themselves are read with `barsOf`. */
export const pricesVersion = ref(0);
export const synced = ref(false);
export const token = ref('');
export const link = shallowRef<LinkStatus>({
  phase: 'connecting',
  failures: 0,
  retryInMs: 0,
  reason: '',
});
/** Orders whose cancel was asked for here and is not answered yet. */
export const cancelling = shallowRef<ReadonlySet<string>>(new Set());

/** What is on show can be trusted as current. */
export const isCurrent = computed(() => synced.value && link.value.phase === 'live');
/** Commands can be sent: also while waiting for a snapshot, because a kill must not wait for it. */
export const canCommand = computed(
  () => token.value !== '' && (link.value.phase === 'live' || link.value.phase === 'resyncing'),
);
export const instrument = computed(() =>
  instruments.value.includes(pickedInstrument.value)
    ? pickedInstrument.value
    : (instruments.value[0] ?? ''),
);
export const book = computed(() => books.value.get(instrument.value));
export const account = computed(
  () => accounts.value.find((row) => row.account === pickedAccount.value) ?? accounts.value[0],
);
export const liveOrders = computed(() => orders.value.filter(isLive));

/** Price points of one instrument, ascending; read again whenever `pricesVersion` moves. */
export function barsOf(name: string): readonly Bar1[] {
  return replica.bars(name);
}

function renewed(section: Section): boolean {
  const version = replica.versions[section];
  if (shown.get(section) === version) return false;
  shown.set(section, version);
  return true;
}

function publish(): void {
  synced.value = replica.synced;
  if (renewed('engine')) {
    hello.value = replica.hello;
    engine.value = replica.engine;
  }
  if (renewed('accounts')) accounts.value = replica.accountRows();
  if (renewed('positions')) positions.value = replica.positionRows();
  if (renewed('orders')) orders.value = replica.orderRows();
  if (renewed('fills')) fills.value = replica.fillRows();
  if (renewed('rejects')) rejects.value = replica.rejectRows();
  if (renewed('log')) logLines.value = replica.logRows();
  if (renewed('latency')) latency.value = replica.latency;
  if (renewed('books')) {
    books.value = new Map(replica.books().map((row) => [row.instrument, row]));
  }
  if (renewed('prices')) pricesVersion.value += 1;
  const names = replica.instruments();
  if (names.join() !== instruments.value.join()) instruments.value = names;
}

let publishTimer: ReturnType<typeof setTimeout> | undefined;

function publishSoon(): void {
  if (publishTimer !== undefined) return;
  publishTimer = setTimeout(() => {
    publishTimer = undefined;
    publish();
  }, PUBLISH_MS);
}

function openSocket(): SocketLike {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  return new WebSocket(`${scheme}://${location.host}/ws`) as unknown as SocketLike;
}

const connection = new Connection(
  {
    openSocket,
    setTimer: (run, ms) => window.setTimeout(run, ms),
    clearTimer: (timer) => window.clearTimeout(timer),
    random: Math.random,
  },
  {
    onHello(message) {
      replica.applyHello(message);
      publishSoon();
    },
    onSnapshot(message) {
      replica.applySnapshot(message);
      publish();
    },
    onEvents(message) {
      const result = replica.applyEvents(message);
      publishSoon();
      return result;
    },
    onStatus(status) {
      link.value = status;
      synced.value = replica.synced;
    },
  },
);

/** Take the token out of the address and connect. Called once. */
export function start(): void {
  token.value = takeToken();
  window.addEventListener('hashchange', () => {
    token.value = takeToken();
  });
  window.addEventListener('online', () => connection.connect());
  window.addEventListener('pagehide', () => connection.stop());
  window.addEventListener('pageshow', (event) => {
    // Back from the browser's page cache: the closed connection cannot be revived in place.
    if (event.persisted) location.reload();
  });
  connection.connect();
}

export function reconnectNow(): void {
  connection.connect();
}

function command(body: Command): Promise<CommandResult> {
  if (token.value === '') return Promise.resolve({ ok: false, code: 'no-token', message: '' });
  return connection.send(body);
}

type WithoutToken<C> = C extends { token: string } ? Omit<C, 'token'> : never;

/** Any command that carries the page's token. */
export function ask(body: WithoutToken<Command>): Promise<CommandResult> {
  return command({ ...body, token: token.value } as Command);
}

export function kill(): Promise<CommandResult> {
  return command({ op: 'kill', token: token.value });
}

export async function cancelOrder(coid: string): Promise<CommandResult> {
  if (cancelling.value.has(coid)) return { ok: true };
  cancelling.value = new Set([...cancelling.value, coid]);
  const result = await command({ op: 'cancel', coid, token: token.value });
  cancelling.value = new Set([...cancelling.value].filter((other) => other !== coid));
  return result;
}

export function cancelAll(): Promise<CommandResult> {
  return command({ op: 'cancel-all', token: token.value });
}

/** A second person's word on a parked order; `secret`: his own token, '' = the page's. */
export function decideOrder(
  coid: string,
  isYes: boolean,
  by: string,
  secret: string,
): Promise<CommandResult> {
  const op = isYes ? 'risk-confirm' : 'risk-reject';
  return command({ op, coid, by, token: secret === '' ? token.value : secret });
}
