// What a strategy sees in a backtest in place of the machine: its clock, chance, network and
// process are refused by name, with what to use instead. Imported by strategy files themselves, in
// a line that strategy-guard.ts puts in front of them. A guard against mistakes, not a sandbox:
// whoever wants to get round it can. Always: what is pure stays as it is (Math.floor, new
// Date(2026, 0, 5)).

function refusal(name: string, hint: string): Error {
  return new Error(`${name} is not there in a backtest: ${hint}`);
}

const CLOCK = 'time is ctx.nowNs and ctx.day, timers are ctx.at(...)';
const NETWORK = 'a strategy has no network; it gets data through its hooks';
const MACHINE =
  'a strategy has no files, network or process; ctx.save() keeps state, ctx.log() prints';

/** Throws at any use. */
function refused(name: string, hint: string): never {
  const fail = (): never => {
    throw refusal(name, hint);
  };
  const traps = { get: fail, set: fail, has: fail, apply: fail, construct: fail, ownKeys: fail };
  return new Proxy(function gone(): void {}, traps) as never;
}

const RealDate = globalThis.Date;
const GuardedDate = new Proxy(RealDate, {
  construct(target, given, made): object {
    if (given.length === 0) throw refusal('new Date()', CLOCK);
    return Reflect.construct(target, given, made) as object;
  },
  apply: () => {
    throw refusal('Date()', CLOCK);
  },
  get(target, key): unknown {
    if (key === 'now') throw refusal('Date.now', CLOCK);
    return Reflect.get(target, key, target) as unknown;
  },
});

const pure = Object.getOwnPropertyDescriptors(globalThis.Math);
const GuardedMath: typeof globalThis.Math = Object.freeze(
  Object.defineProperties({} as typeof globalThis.Math, {
    ...pure,
    random: {
      value: () => {
        throw refusal('Math.random', 'ctx.random() gives the same numbers in every run');
      },
    },
  }),
);

export const performance = refused('performance', CLOCK);
export const setTimeout = refused('setTimeout', CLOCK);
export const setInterval = refused('setInterval', CLOCK);
export const setImmediate = refused('setImmediate', CLOCK);
export const queueMicrotask = refused('queueMicrotask', CLOCK);
export const fetch = refused('fetch', NETWORK);
export const WebSocket = refused('WebSocket', NETWORK);
export const EventSource = refused('EventSource', NETWORK);
export const BroadcastChannel = refused('BroadcastChannel', NETWORK);
export const navigator = refused('navigator', MACHINE);
export const process = refused('process', MACHINE);
export const require = refused('require', MACHINE);
export const crypto = refused('crypto', 'ctx.random() gives the same numbers in every run');

const GUARDED: Readonly<Record<string, unknown>> = {
  ...{
    Date: GuardedDate,
    Math: GuardedMath,
    performance,
    setTimeout,
    setInterval,
    setImmediate,
    queueMicrotask,
  },
  ...{ fetch, WebSocket, EventSource, BroadcastChannel, navigator, process, require, crypto },
};

const all: unknown = new Proxy(globalThis, {
  get(target, key): unknown {
    if (key === 'globalThis' || key === 'global') return all;
    return typeof key === 'string' && key in GUARDED ? GUARDED[key] : Reflect.get(target, key);
  },
});

export { all as global, all as globalThis, GuardedDate as Date, GuardedMath as Math };

/** Names that are put in front of a strategy file. */
export const GUARDED_NAMES: readonly string[] = [...Object.keys(GUARDED), 'globalThis', 'global'];
