// The server interface over node:http and ws: for platforms without a uWebSockets.js binary. Called
// by api.ts. Always: same answers and limits as uws-server.ts, proved by the same contract suite.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { type RawData, WebSocket, WebSocketServer } from 'ws';
import {
  HTTP_TIMEOUT_S,
  type HttpReply,
  type HttpRequest,
  type HttpServer,
  MAX_MESSAGE_BYTES,
  MAX_UNSENT_BYTES,
  PortError,
  type ServerOptions,
  SOCKET_TIMEOUT_S,
  type SocketPeer,
  STATUS_TEXTS,
  WEBSOCKET_PATH,
} from './server.ts';
import { textReply } from './static-files.ts';

const MAX_CONNECTIONS = 512;
const CLOSE_GRACE_MS = 2_000;

class WsPeer implements SocketPeer {
  /** A pong or a message came since the last ping. */
  alive = true;
  readonly #socket: WebSocket;

  constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  send(text: Uint8Array): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    if (this.#socket.bufferedAmount > MAX_UNSENT_BYTES) this.terminate();
    else this.#socket.send(text, { binary: false });
  }

  unsentBytes(): number {
    return this.#socket.bufferedAmount;
  }

  close(code: number, reason: string): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    this.#socket.close(code, reason);
    setTimeout(() => this.#socket.terminate(), CLOSE_GRACE_MS).unref();
  }

  terminate(): void {
    this.#socket.terminate();
  }

  /** Asks for a sign of life; cuts the connection when the last question had no answer. */
  checkAlive(): void {
    if (!this.alive) this.terminate();
    else if (this.#socket.readyState === WebSocket.OPEN) {
      this.alive = false;
      this.#socket.ping();
    }
  }
}

export class WsServer implements HttpServer {
  readonly name = 'ws';
  readonly #options: ServerOptions;
  readonly #http: Server;
  readonly #sockets: WebSocketServer;
  readonly #peers = new Set<WsPeer>();
  #heartbeat: NodeJS.Timeout | undefined;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#sockets = new WebSocketServer({
      noServer: true,
      maxPayload: MAX_MESSAGE_BYTES,
      perMessageDeflate: false,
    });
    this.#http = createServer(
      {
        maxHeaderSize: 16_384,
        headersTimeout: HTTP_TIMEOUT_S * 1_000,
        requestTimeout: HTTP_TIMEOUT_S * 1_000,
        keepAliveTimeout: HTTP_TIMEOUT_S * 1_000,
        connectionsCheckingInterval: 2_000,
      },
      (message, response) => this.#answer(message, response),
    );
    this.#http.maxConnections = MAX_CONNECTIONS;
    this.#http.on('upgrade', (message, socket, head) => this.#upgrade(message, socket, head));
    this.#http.on('clientError', (_error, socket) => {
      if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
      else socket.destroy();
    });
  }

  async listen(host: string, port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#http.once('error', (error: NodeJS.ErrnoException) => {
        reject(new PortError(error.code ?? 'unknown', host, port));
      });
      this.#http.listen({ host, port, exclusive: true }, resolve);
    });
    this.#http.on('error', (error) => this.#options.onError(error));
    this.#heartbeat = setInterval(
      () => {
        for (const peer of this.#peers) peer.checkAlive();
      },
      (SOCKET_TIMEOUT_S * 1_000) / 2,
    );
    this.#heartbeat.unref();
    const address = this.#http.address();
    return typeof address === 'object' && address !== null ? address.port : port;
  }

  async close(): Promise<void> {
    clearInterval(this.#heartbeat);
    for (const peer of this.#peers) peer.terminate();
    if (!this.#http.listening) return;
    const closed = new Promise<void>((resolve) => this.#http.close(() => resolve()));
    this.#http.closeAllConnections();
    await closed;
  }

  #answer(message: IncomingMessage, response: ServerResponse): void {
    const request = requestOf(message, false);
    const limit = this.#bodyLimit(request);
    if (limit === 0) {
      // A body that nobody reads must not hold the connection.
      const close = request.method !== 'GET' && request.method !== 'HEAD';
      void this.#reply(request, response, close);
      return;
    }
    readBody(message, limit, (body, bodyState) => {
      void this.#reply({ ...request, body, bodyState }, response, bodyState !== 'whole');
    });
  }

  #bodyLimit(request: HttpRequest): number {
    try {
      return this.#options.bodyLimit?.(request) ?? 0;
    } catch (error) {
      this.#options.onError(error);
      return 0;
    }
  }

  /** Never rejects; a response whose client has gone takes the bytes and drops them. */
  async #reply(request: HttpRequest, response: ServerResponse, close: boolean): Promise<void> {
    const reply = await this.#replyTo(request);
    const { method } = request;
    response.writeHead(reply.status, STATUS_TEXTS[reply.status], {
      ...reply.headers,
      ...(reply.status === 304 ? {} : { 'Content-Length': reply.body.length }),
      ...(close ? { Connection: 'close' } : {}),
    });
    response.end(method === 'HEAD' || reply.status === 304 ? undefined : reply.body);
  }

  #upgrade(message: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    const isWebSocket = message.headers.upgrade?.toLowerCase() === 'websocket';
    const request = requestOf(message, isWebSocket);
    if (!isWebSocket || request.path !== WEBSOCKET_PATH) {
      void this.#replyTo(request).then((reply) => writeRaw(socket, reply));
      return;
    }
    const refusal = this.#refuse(request);
    if (refusal !== undefined) {
      writeRaw(socket, refusal);
      return;
    }
    const { query } = request;
    this.#sockets.handleUpgrade(message, socket, head, (opened) => this.#open(opened, query));
  }

  #open(socket: WebSocket, query: string): void {
    const { sockets } = this.#options;
    const peer = new WsPeer(socket);
    this.#peers.add(peer);
    socket.on('message', (data: RawData, isBinary: boolean) => {
      peer.alive = true;
      const text = isBinary ? undefined : data.toString();
      this.#attempt(peer, () => sockets.onMessage(peer, text));
    });
    socket.on('ping', () => this.#attempt(peer, () => sockets.onPing(peer)));
    socket.on('pong', () => {
      peer.alive = true;
      this.#attempt(peer, () => sockets.onPing(peer));
    });
    socket.on('error', () => socket.terminate()); // garbage, oversize, bad UTF-8, reset
    socket.on('close', () => {
      this.#peers.delete(peer);
      this.#attempt(peer, () => sockets.onClose(peer));
    });
    this.#attempt(peer, () => sockets.onOpen(peer, query));
  }

  async #replyTo(request: HttpRequest): Promise<HttpReply> {
    try {
      return await this.#options.respond(request);
    } catch (error) {
      this.#options.onError(error);
      return textReply(500, 'error');
    }
  }

  #refuse(request: HttpRequest): HttpReply | undefined {
    try {
      return this.#options.refuseUpgrade(request);
    } catch (error) {
      this.#options.onError(error);
      return textReply(500, 'error');
    }
  }

  #attempt(peer: WsPeer, run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#options.onError(error);
      peer.close(1011, 'error');
    }
  }
}

const NO_BODY = Buffer.alloc(0);

/** Gathers a body of at most `limit` bytes; `done` is called once. */
function readBody(
  message: IncomingMessage,
  limit: number,
  done: (body: Uint8Array, state: HttpRequest['bodyState']) => void,
): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  let over = false;
  const finish = (state: HttpRequest['bodyState']): void => {
    if (over) return;
    over = true;
    clearTimeout(timer);
    if (state !== 'whole') message.pause();
    done(state === 'whole' ? Buffer.concat(chunks) : NO_BODY, state);
  };
  const timer = setTimeout(() => finish('too-slow'), HTTP_TIMEOUT_S * 1_000);
  timer.unref();
  message.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > limit) finish('too-large');
    else if (!over) chunks.push(chunk);
  });
  message.on('end', () => finish('whole'));
  message.on('close', () => {
    over = true;
    clearTimeout(timer);
  });
}

function requestOf(message: IncomingMessage, isUpgrade: boolean): HttpRequest {
  const { headers } = message;
  const url = message.url ?? '';
  const query = url.indexOf('?');
  return {
    method: message.method ?? '',
    path: query < 0 ? url : url.slice(0, query),
    host: headers.host ?? '',
    origin: headers.origin ?? '',
    ifNoneMatch: headers['if-none-match'] ?? '',
    query: query < 0 ? '' : url.slice(query + 1),
    authorization: headers.authorization ?? '',
    idempotencyKey: String(headers['idempotency-key'] ?? ''),
    contentType: headers['content-type'] ?? '',
    address: message.socket.remoteAddress ?? '',
    isUpgrade,
    body: NO_BODY,
    bodyState: 'whole',
  };
}

/**
 * An answer on a socket that node:http has let go of. Values are the engine's own, never a
 * client's.
 */
function writeRaw(socket: Duplex, reply: HttpReply): void {
  const lines = [`HTTP/1.1 ${reply.status} ${STATUS_TEXTS[reply.status] ?? 'Status'}`];
  for (const [name, value] of Object.entries(reply.headers)) lines.push(`${name}: ${value}`);
  lines.push(`Content-Length: ${reply.body.length}`, 'Connection: close', '', '');
  socket.write(lines.join('\r\n'));
  socket.end(reply.body);
}
