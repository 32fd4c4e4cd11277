// Requests byte by byte and WebSocket clients with any header: what a browser cannot be made to
// send. Called by the tests of the api process.
import { connect } from 'node:net';
import { WebSocket } from 'ws';
import type { ServerMessage } from '../../engine/control/protocol.ts';
import { waitFor } from './wait-for.ts';

export interface RawAnswer {
  /** 0 when the server closed without an answer. */
  readonly status: number;
  /** Lower-case names. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  readonly text: string;
}

/**
 * Sends `bytes` as they are and reads until the server closes, or says nothing for `quietMs`, or,
 * with `headOnly`, has sent its headers.
 */
export function rawRequest(
  port: number,
  bytes: string | Buffer,
  quietMs = 400,
  headOnly = false,
): Promise<RawAnswer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.setTimeout(quietMs, () => socket.destroy());
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      if (headOnly && Buffer.concat(chunks).includes('\r\n\r\n')) socket.destroy();
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(parseAnswer(Buffer.concat(chunks).toString('utf8'))));
  });
}

function parseAnswer(text: string): RawAnswer {
  const split = text.indexOf('\r\n\r\n');
  const head = split < 0 ? text : text.slice(0, split);
  const lines = head.split('\r\n');
  const headers = new Map<string, string>();
  for (const line of lines.slice(1)) {
    const colon = line.indexOf(':');
    headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(lines[0])?.[1] ?? 0);
  return { status, headers, body: split < 0 ? '' : text.slice(split + 4), text };
}

/** One request with `Connection: close`; `headers` replace the default ones of the same name. */
export function request(
  port: number,
  path: string,
  options: { method?: string; headers?: { [name: string]: string }; body?: string } = {},
): Promise<RawAnswer> {
  const { method = 'GET', body = '' } = options;
  const headers: { [name: string]: string } = {
    Host: `127.0.0.1:${port}`,
    Connection: 'close',
    ...(body === '' ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }),
    ...options.headers,
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return rawRequest(port, `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`, 10_000);
}

/** Status of an upgrade request with these headers; 101 = let in. */
export async function upgradeStatus(
  port: number,
  headers: { [name: string]: string },
  path = '/ws',
): Promise<number> {
  const all = {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    Host: `127.0.0.1:${port}`,
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  const text = `GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`;
  return (await rawRequest(port, text, 10_000, true)).status;
}

/** A page as far as the protocol goes: collects what the server sends. */
export class Page {
  readonly socket: WebSocket;
  readonly messages: ServerMessage[] = [];
  closed = false;
  closeCode = 0;
  #id = 0;

  constructor(port: number, origin = `http://127.0.0.1:${port}`) {
    this.socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, {
      origin,
      perMessageDeflate: false,
      maxPayload: 64 << 20,
    });
    this.socket.on('message', (data) => this.messages.push(JSON.parse(data.toString())));
    this.socket.on('error', () => {});
    this.socket.on('close', (code) => {
      this.closed = true;
      this.closeCode = code;
    });
  }

  /** Resolves when the first snapshot is there. */
  async ready(): Promise<this> {
    await waitFor('a snapshot', () => this.closed || this.count('snapshot') > 0);
    if (this.closed) throw new Error('the server closed the page');
    return this;
  }

  count(t: ServerMessage['t']): number {
    return this.messages.filter((message) => message.t === t).length;
  }

  /** The newest message of this type. */
  last<T extends ServerMessage['t']>(t: T): Extract<ServerMessage, { t: T }> {
    const found = this.messages.findLast((message) => message.t === t);
    if (found === undefined) throw new Error(`no ${t} message yet`);
    return found as Extract<ServerMessage, { t: T }>;
  }

  /** Sends an operation and resolves with its reply. */
  async ask(operation: object): Promise<Extract<ServerMessage, { t: 'reply' }>> {
    const id = ++this.#id;
    this.socket.send(JSON.stringify({ id, ...operation }));
    const isReply = (message: ServerMessage) => message.t === 'reply' && message.id === id;
    await waitFor(`reply ${id}`, () => this.closed || this.messages.some(isReply));
    return this.messages.find(isReply) as Extract<ServerMessage, { t: 'reply' }>;
  }

  close(): void {
    this.socket.terminate();
  }
}
