// What the JSON messages of the link between core and api process say; types only. Written by
// engine/host/event-socket.ts, checked on arrival by engine/control/link-schemas.ts. Every message
// is `{kind, value}`: core -> api `meta` (first), `instruments` (more of meta's list), `ready`
// (state replay done), `health`, `log`; api -> core `hello` (first, with the secret).

/** Who and what runs: sent first on each connection; indexes of frames refer to its lists. */
export interface LinkMeta {
  readonly version: string;
  /** SCHEMA_HASH of the generated messages; both sides must agree. */
  readonly schemaHash: string;
  /** New for each life of the core process. */
  readonly engineId: string;
  readonly mode: string;
  readonly pace: 'realtime' | 'lockstep';
  readonly speed: number;
  /** Trading day, 20260109. */
  readonly day: number;
  readonly accounts: readonly {
    readonly index: number;
    readonly id: string;
    /** Who takes its orders: our exchange, a broker's simulation, a broker; absent = not said. */
    readonly broker?: 'exchange' | 'simulated' | 'real' | undefined;
  }[];
  readonly strategies: readonly {
    readonly index: number;
    readonly name: string;
    readonly file: string;
  }[];
  readonly instruments: readonly {
    readonly index: number;
    /** `600519.SH` */
    readonly symbol: string;
    readonly name?: string | undefined;
    /** Decimals of a price, 2 or 3. */
    readonly decimals: number;
    /** What an order must keep to; absent in old recordings of this message. */
    readonly tickE4?: number | undefined;
    readonly buyMin?: number | undefined;
    readonly buyStep?: number | undefined;
    readonly sellMin?: number | undefined;
    readonly sellStep?: number | undefined;
    readonly maxQty?: number | undefined;
  }[];
}

/** One actor as the supervisor sees it. */
export interface LinkActor {
  readonly name: string;
  readonly thread: string;
  /** Host milliseconds since its last heartbeat. */
  readonly heartbeatAgeMs: number;
  readonly state: 'running' | 'stopped' | 'dead';
}

/** One strategy; its state also arrives as StrategyState frames, the reason only here. */
export interface LinkStrategy {
  readonly name: string;
  readonly state: 'running' | 'stopped' | 'failed';
  readonly reason?: string | undefined;
}

/** What only the core knows of the conditions of arming (docs/ARMING.md). */
export interface LinkArming {
  /** Prices follow the market itself, rather than a played one. */
  readonly live: boolean;
  /** Instruments without limit prices of the engine's day, the first few. */
  readonly unpriced: readonly string[];
  /** China's date now, and whether the calendar knows it as a trading day. */
  readonly today: { readonly day: number; readonly known: boolean; readonly trading: boolean };
  readonly accounts: readonly {
    readonly id: string;
    readonly killed: boolean;
    /** `reportedPerSecond`, `reportedPerDay` of the limits in force; null = none. */
    readonly perSecond: number | null;
    readonly perDay: number | null;
  }[];
}

/** Every 500 ms. What is absent keeps its last value. */
export interface LinkHealth {
  readonly actors: readonly LinkActor[];
  readonly strategies?: readonly LinkStrategy[] | undefined;
  readonly eventsPerSecond?: number | undefined;
  /** Display frames that the event stream lost on its way to the socket. */
  readonly dropped?: number | undefined;
  /** Time of day of the engine, ns since midnight China time. */
  readonly virtualNs?: number | undefined;
  /** What only the core knows of the conditions of arming; absent = no account needs it. */
  readonly arming?: LinkArming | undefined;
  /** A sentence for people about the state, shown in the banner. */
  readonly message?: string | undefined;
}

/** One line for people. */
export interface LinkLog {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly source: string;
  readonly text: string;
  /** ns since midnight China time */
  readonly ns: number;
}

/** First message of the api process. */
export interface LinkHello {
  readonly secret: string;
  readonly schemaHash: string;
}

/** Where a bridge is, and which module speaks to its kill flag. */
export interface BridgePlace {
  readonly file: string;
  readonly address: string;
  readonly secretFile: string;
}

/** Api process -> launcher, once: it listens, or why it cannot. It answers `ping` with `pong`. */
export type ApiAnswer =
  | { readonly listening: true; readonly port: number }
  | { readonly failed: true; readonly code: string; readonly message: string };
