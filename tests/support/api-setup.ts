// A whole fake core (EventSocket itself) and a real api process's inside around it, on free ports.
// Called by the contract suite of the servers and by the tests of the api process.
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Api, type ApiConfig, type ApiTuning } from '../../engine/control/api.ts';
import { EventSocket } from '../../engine/host/event-socket.ts';
import { localAddress } from '../../engine/host/local-address.ts';
import { type FrameMemory, frameLength } from '../../engine/messages/frames.ts';
import type { LinkMeta } from '../../engine/messages/link-types.ts';
import { makeMeta } from './control-frames.ts';
import { waitFor } from './wait-for.ts';

export const TOKEN = randomBytes(24).toString('base64url');
export const SECRET = randomBytes(24).toString('base64url');

export const PAGE_HTML = '<!doctype html><html><script type="module" src="/assets/a.js"></script>';

/** A folder as the build of the pages leaves it. */
export function makePages(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pankou-pages-'));
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), PAGE_HTML);
  writeFileSync(join(folder, 'assets', 'a.js'), 'export const a = 1;\n');
  writeFileSync(join(folder, 'assets', 'secret.pem'), 'not for the web');
  writeFileSync(join(folder, '.env'), 'not for the web');
  return folder;
}

/** One command frame as the core got it. */
export interface Command {
  readonly type: number;
  readonly bytes: Buffer;
}

export class FakeCore {
  readonly address: string;
  readonly commands: Command[] = [];
  /** What the core does with a command, beside keeping it. */
  onCommand: (type: number, memory: FrameMemory, at: number) => void = () => {};
  socket: EventSocket;

  constructor(
    address = localAddress(`t-${randomBytes(6).toString('hex')}`),
    meta: LinkMeta = makeMeta(),
  ) {
    this.address = address;
    this.socket = new EventSocket({
      address,
      secret: SECRET,
      meta,
      flushMs: 1,
      onCommand: (type, memory, at) => this.#take(type, memory, at),
    });
  }

  #take(type: number, memory: FrameMemory, at: number): void {
    const bytes = Buffer.from(memory.u8.subarray(at, at + frameLength(memory, at)));
    this.commands.push({ type, bytes });
    this.onCommand(type, memory, at);
  }
}

export interface Setup {
  readonly core: FakeCore;
  readonly api: Api;
  readonly port: number;
  readonly log: string[];
  close(): Promise<void>;
}

/** Core and api, connected. */
export async function startApi(
  server: 'uws' | 'ws',
  config: Partial<ApiConfig> = {},
  tuning: ApiTuning = {},
  meta: LinkMeta = makeMeta(),
): Promise<Setup> {
  const core = new FakeCore(undefined, meta);
  await core.socket.listen();
  const pagesDir = makePages();
  const log: string[] = [];
  const api = new Api(
    {
      host: '127.0.0.1',
      port: 0,
      server,
      allowedHosts: [],
      token: TOKEN,
      address: core.address,
      secret: SECRET,
      pagesDir,
      ...config,
    },
    (level, text) => log.push(`${level} ${text}`),
    { batchMs: 10, maxPauseMs: 50, ...tuning },
  );
  const port = await api.start();
  await waitFor('the link', () => api.link.up);
  const close = async () => {
    await api.close('test over');
    await core.socket.close();
    rmSync(pagesDir, { recursive: true, force: true });
  };
  return { core, api, port, log, close };
}
