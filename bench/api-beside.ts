// What stands beside the engine in a real session: the core's pump and socket, the api process and
// one open page that reads everything. Called by engine-run.ts for the figure "with the api".
// Always: all of it runs at normal priority on whatever cores the engine's threads leave it.
import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { WebSocket } from 'ws';
import { EventPump } from '../engine/host/event-pump.ts';
import { EventSocket } from '../engine/host/event-socket.ts';
import { linkMeta } from '../engine/host/link-meta.ts';
import { localAddress } from '../engine/host/local-address.ts';
import { type MemoryMap, RingOpener } from '../engine/host/memory-map.ts';
import { RiskWatch } from '../engine/host/risk-watch.ts';
import type { EngineSetup } from '../engine/host/setup.ts';
import type { Topology } from '../engine/topology.ts';
import { repositoryFile } from './bench-setups.ts';

const PUMP_MS = 5;
const HOST = '127.0.0.1';

export class ApiBeside {
  /** Messages that the page has read. */
  messages = 0;
  readonly #socket: EventSocket;
  readonly #pump: EventPump;
  readonly #secret: string;
  readonly #address: string;
  #api: ChildProcess | null = null;
  #page: WebSocket | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(setup: EngineSetup, topology: Topology, map: MemoryMap) {
    this.#address = localAddress(`bench-${randomBytes(6).toString('hex')}`);
    this.#secret = randomBytes(24).toString('base64url');
    this.#socket = new EventSocket({
      address: this.#address,
      secret: this.#secret,
      meta: linkMeta(setup, 'bench', 'paper'),
      onCommand: () => {},
    });
    const rings = new RingOpener(topology, map);
    const readers = topology.actors.map(({ name }) => rings.broadcastReader(`events:${name}`));
    const watch = new RiskWatch(setup, () => {});
    this.#pump = new EventPump(readers, this.#socket.send.bind(this.#socket), watch);
  }

  /** Resolves when the page is open; rejects with what the api process said. */
  async open(): Promise<void> {
    await this.#socket.listen();
    const port = await this.#startApi();
    this.#timer = setInterval(() => this.#pump.pump(), PUMP_MS);
    const page = new WebSocket(`ws://${HOST}:${port}/ws`, { origin: `http://${HOST}:${port}` });
    this.#page = page;
    page.on('message', () => {
      this.messages++;
    });
    await new Promise<void>((resolve, reject) => {
      page.once('open', () => resolve());
      page.once('error', reject);
    });
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#page?.terminate();
    const api = this.#api;
    if (api !== null && api.exitCode === null) {
      // It ends first: it would warn of a link that is gone.
      const ended = new Promise((resolve) => api.once('exit', resolve));
      api.kill('SIGKILL');
      await ended;
    }
    await this.#socket.close();
  }

  #startApi(): Promise<number> {
    const child = fork(repositoryFile('engine/control/main.ts'), [], {
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#api = child;
    child.send({
      host: HOST,
      port: 0,
      server: 'uws',
      allowedHosts: [],
      token: randomBytes(24).toString('base64url'),
      address: this.#address,
      secret: this.#secret,
      pagesDir: repositoryFile('dashboards/dist'),
      targets: [],
      runDir: '',
    });
    return new Promise((resolve, reject) => {
      child.once('message', (answer: { listening?: boolean; port?: number; message?: string }) => {
        if (answer.listening === true && answer.port !== undefined) resolve(answer.port);
        else reject(new Error(answer.message ?? 'the api process could not start'));
      });
      child.once('exit', (code) => reject(new Error(`the api process ended with code ${code}`)));
    });
  }
}
