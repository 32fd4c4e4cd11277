// Puts the api process together: replica, link to the core, pages, hub, server. Called by main.ts
// and by tests. Always: every request passes the host list first; an upgrade also the origin check
// and the limit of clients; only the trading interface takes anything but GET and HEAD.
import type { AlertsConfig, ArmedAccount } from '../config-arming.ts';
import { AuditLog } from '../journal/audit-log.ts';
import type { BridgePlace } from '../messages/link-types.ts';
import { Alerts } from './alerts/alerts.ts';
import { ArmingControl } from './arming/arming-control.ts';
import { PeopleStore } from './arming/people-store.ts';
import { loadBridgeKill } from './bridge-kill.ts';
import { Commands } from './commands.ts';
import { EngineLink } from './engine-link.ts';
import { Hub } from './hub.ts';
import { KeyMemory } from './key-memory.ts';
import { OPENAPI_PATH, openApi } from './openapi.ts';
import { OrderBudget } from './order-budget.ts';
import { HostList } from './origin.ts';
import { Replica } from './replica.ts';
import { type RunsOptions, RunsRoutes } from './runs/runs-routes.ts';
import {
  type HttpReply,
  type HttpRequest,
  type HttpServer,
  type ServerOptions,
  WEBSOCKET_PATH,
} from './server.ts';
import { jsonReply, StaticFiles, textReply } from './static-files.ts';
import { TargetWatcher } from './target-watcher.ts';
import { Trading } from './trading.ts';
import type { CallContext } from './trading-calls.ts';
import { TradingRoutes } from './trading-routes.ts';

export const HEALTH_PATH = '/api/v1/health';

export interface ApiConfig {
  /** Address to bind; 127.0.0.1 unless the configuration says otherwise. */
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  readonly server: 'uws' | 'ws';
  /** Host names allowed besides this machine's own, `name` or `name:port`. */
  readonly allowedHosts: readonly string[];
  /** What commands must carry; at least 128 random bits as text. */
  readonly token: string;
  /** SHA-256 of the confirmation token, hexadecimal; '' or absent = the trading token confirms. */
  readonly confirmHash?: string | undefined;
  /** Local socket of the core; '' = there is none, pages and runs alone are served. */
  readonly address: string;
  /** What the core wants to hear on that socket. */
  readonly secret: string;
  /** dashboards/dist */
  readonly pagesDir: string;
  /** Target-position files, absolute, with the account each is for. */
  readonly targets?: readonly { readonly file: string; readonly account: string }[] | undefined;
  /** Run folder, for orders and fills of closed days, the audit log, what people entered. */
  readonly runDir?: string | undefined;
  /** The bridge whose kill flag is set past the core; absent = there is none. */
  readonly bridge?: BridgePlace | undefined;
  /** Accounts that must be armed; none when absent. */
  readonly arming?: readonly ArmedAccount[] | undefined;
  /** Who is told of what; nobody when absent. */
  readonly alerts?: AlertsConfig | undefined;
  /** Name of the run, for alerts. */
  readonly name?: string | undefined;
  /** How often the api process has been started again after it died. */
  readonly restarts?: number | undefined;
  /** Folders and store of the runs pages; absent = there are none. */
  readonly runs?: RunsOptions | undefined;
}

export type Log = (level: 'info' | 'warn' | 'error', text: string) => void;

/** Knobs of tests. */
export interface ApiTuning {
  readonly maxClients?: number;
  readonly batchMs?: number;
  readonly slowBytes?: number;
  readonly maxPauseMs?: number;
  readonly answerMs?: number;
}

/** Milliseconds between goodbye and the end of all connections. */
const GOODBYE_MS = 100;

export class Api {
  readonly replica = new Replica();
  readonly hub: Hub;
  readonly link: EngineLink;
  readonly trading: Trading;
  readonly #routes: TradingRoutes;
  readonly #runs: RunsRoutes | null;
  readonly #watchers: readonly TargetWatcher[];
  readonly #config: ApiConfig;
  readonly #log: Log;
  readonly #pages: StaticFiles;
  readonly #alerts: Alerts | null;
  #people: PeopleStore | null = null;
  #hosts: HostList;
  #server: HttpServer | undefined;

  constructor(config: ApiConfig, log: Log, tuning: ApiTuning = {}) {
    this.#config = config;
    this.#log = log;
    this.#hosts = new HostList(config.host, config.port, config.allowedHosts);
    this.#pages = new StaticFiles(config.pagesDir);
    const { replica } = this;
    const { maxPauseMs, answerMs, ...hubTuning } = tuning;
    const pause = maxPauseMs === undefined ? {} : { maxPauseMs };
    this.link = new EngineLink({
      address: config.address,
      secret: config.secret,
      replica,
      log,
      ...pause,
    });
    this.trading = new Trading({
      replica,
      sendCommand: (memory, at) => this.link.sendCommand(memory, at),
      ...(answerMs === undefined ? {} : { answerMs }),
    });
    const { runDir } = config;
    const audit = runDir === undefined ? undefined : new AuditLog(runDir);
    this.#alerts = this.#makeAlerts();
    const context: CallContext = {
      ...{ replica, trading: this.trading, budget: new OrderBudget(), runDir, audit },
      ...{ arming: this.#makeArming(), alerts: this.#alerts ?? undefined, keys: new KeyMemory() },
      onAuditFailed: (why) => {
        log('error', `audit log: ${why}`);
        this.#alerts?.watch.onAuditFailed(why);
      },
    };
    const { confirmHash = '' } = config;
    this.#routes = new TradingRoutes(context, config.token, confirmHash);
    this.#runs = config.runs === undefined ? null : new RunsRoutes(config.runs, config.token);
    const commands = new Commands(config.token, context, confirmHash);
    const { trading } = this;
    this.#watchers = (config.targets ?? []).map(
      ({ file, account }) => new TargetWatcher({ file, account, replica, trading, log }),
    );
    this.hub = new Hub({ replica, commands, log, ...hubTuning });
  }

  /** Opens the port and the link; the port. Rejects with a PortError. */
  async start(): Promise<number> {
    const { host, port } = this.#config;
    const server = await this.#makeServer();
    const bound = await server.listen(host, port);
    this.#server = server;
    this.#hosts = new HostList(host, bound, this.#config.allowedHosts);
    if (!this.#pages.built) this.#log('warn', 'pages are not built: npm run build:pages');
    this.#alerts?.start();
    if (this.#config.address !== '') this.link.open();
    await this.#openBridgeKill();
    this.hub.start();
    for (const watcher of this.#watchers) watcher.start();
    return bound;
  }

  /** Without it the kill goes through the core alone; that is said, and nothing else stops. */
  async #openBridgeKill(): Promise<void> {
    const { bridge } = this.#config;
    if (bridge === undefined) return;
    try {
      this.trading.switches.bridge = await loadBridgeKill(bridge, {
        log: (text) => this.#log('warn', `kill link to the bridge: ${text}`),
      });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#log('error', `no kill link to the bridge: ${why}`);
    }
  }

  /** Says goodbye, gives the port back. */
  async close(reason: string): Promise<void> {
    for (const watcher of this.#watchers) void watcher.stop();
    this.link.close();
    this.trading.switches.bridge?.close();
    this.hub.stop(reason);
    if (this.hub.clientCount > 0) await new Promise((done) => setTimeout(done, GOODBYE_MS));
    await this.#runs?.close();
    await this.#server?.close();
    this.#server = undefined;
    await this.#alerts?.close();
    await this.#people?.close();
  }

  #makeArming(): ArmingControl | undefined {
    const { arming: accounts = [], runDir } = this.#config;
    if (accounts.length === 0 || runDir === undefined) return undefined;
    const people = new PeopleStore(runDir);
    this.#people = people;
    return new ArmingControl({
      ...{ replica: this.replica, accounts, people },
      sendCommand: (memory, at) => this.link.sendCommand(memory, at),
      channels: () => this.#alerts?.channels() ?? { all: [], tested: [] },
    });
  }

  #makeAlerts(): Alerts | null {
    const { alerts, runDir, name = '', restarts = 0 } = this.#config;
    if (alerts === undefined || runDir === undefined) return null;
    if (Object.keys(alerts.channels).length === 0) return null;
    return new Alerts({
      ...{ config: alerts, runDir, name, restarts, replica: this.replica, log: this.#log },
    });
  }

  async #makeServer(): Promise<HttpServer> {
    const options: ServerOptions = {
      respond: (request) => this.#respond(request),
      bodyLimit: (request) => this.#bodyLimit(request),
      refuseUpgrade: (request) => this.#refuseUpgrade(request),
      sockets: this.hub,
      onError: (error) => this.#log('error', `server: ${String(error)}`),
    };
    if (this.#config.server === 'uws') {
      try {
        const { UwsServer } = await import('./uws-server.ts');
        return new UwsServer(options);
      } catch (error) {
        const why = error instanceof Error ? error.message.split('\n')[0] : String(error);
        this.#log('warn', `uWebSockets.js does not load here, ws serves instead: ${why}`);
      }
    }
    const { WsServer } = await import('./ws-server.ts');
    return new WsServer(options);
  }

  /** A body is read only for somebody who may send one. */
  #bodyLimit(request: HttpRequest): number {
    const routes = this.#owner(request.path);
    if (routes === null) return 0;
    return this.#refuseStranger(request) === undefined ? routes.bodyLimit(request) : 0;
  }

  #respond(request: HttpRequest): HttpReply | Promise<HttpReply> {
    const refusal = this.#refuseStranger(request);
    if (refusal !== undefined) return refusal;
    const routes = this.#owner(request.path);
    if (routes !== null) return routes.respond(request);
    const known = this.#route(request);
    if (known === undefined) return textReply(404, 'not found');
    if (request.method === 'GET' || request.method === 'HEAD') return known;
    return textReply(405, 'only GET and HEAD', { Allow: 'GET, HEAD' });
  }

  #owner(path: string): TradingRoutes | RunsRoutes | null {
    if (this.#routes.owns(path)) return this.#routes;
    return this.#runs?.owns(path) === true ? this.#runs : null;
  }

  #route(request: HttpRequest): HttpReply | undefined {
    if (request.path === HEALTH_PATH) {
      return jsonReply(200, { ok: true, engine: this.#engineState() });
    }
    if (request.path === OPENAPI_PATH) return jsonReply(200, openApi());
    if (request.path === WEBSOCKET_PATH) {
      return textReply(426, 'a WebSocket is served here', { Upgrade: 'websocket' });
    }
    if (this.#config.address === '' && request.path === '/') {
      return textReply(302, 'see /runs.html', { Location: '/runs.html' });
    }
    return this.#pages.reply(request);
  }

  #engineState(): string {
    return this.#config.address === '' ? 'none' : this.replica.engine().state;
  }

  #refuseUpgrade(request: HttpRequest): HttpReply | undefined {
    const refusal = this.#refuseStranger(request);
    if (refusal !== undefined) return refusal;
    if (this.#config.address === '') return textReply(503, 'no engine runs here');
    if (!this.#hosts.allowsOrigin(request.origin, request.host)) {
      return textReply(403, 'this origin may not connect');
    }
    return this.hub.hasRoom ? undefined : textReply(503, 'too many pages are connected');
  }

  /** A request for another host name, or from a page of another origin. */
  #refuseStranger(request: HttpRequest): HttpReply | undefined {
    if (!this.#hosts.allowsHost(request.host)) {
      return textReply(403, 'this host name is not served here; see api.allowedHosts');
    }
    if (request.origin !== '' && !this.#hosts.allowsOrigin(request.origin, request.host)) {
      return textReply(403, 'this origin may not ask');
    }
    return undefined;
  }
}
