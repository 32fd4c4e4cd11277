// The server interface over uWebSockets.js (native; the default where it has a binary). Called by
// api.ts. Always: a response or socket is not touched after its abort or close, because the native
// code would end the process; ArrayBuffers are copied before the callback returns; no JavaScript
// error leaves a callback. The port is opened exclusively: by default two processes could share it.

import {
  App,
  type HttpResponse,
  type TemplatedApp,
  type HttpRequest as UwsRequest,
  type us_listen_socket,
  us_listen_socket_close,
  us_socket_local_port,
  type WebSocket,
} from 'uWebSockets.js';
import { createServer } from 'node:net';
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

/** LIBUS_LISTEN_EXCLUSIVE_PORT, which the published types do not export. */
const EXCLUSIVE_PORT = 1;

interface PeerData {
  peer: UwsPeer | undefined;
  readonly query: string;
}

/** What became of a request while its answer was on its way. */
interface Exchange {
  aborted: boolean;
}

/** The published types lack this form, which the native code has. */
interface ExclusiveListen {
  listen(
    host: string,
    port: number,
    options: number,
    done: (socket: us_listen_socket | false) => void,
  ): void;
}

class UwsPeer implements SocketPeer {
  /** False from the close event on: then the native object is gone. */
  open = true;
  readonly #socket: WebSocket<PeerData>;

  constructor(socket: WebSocket<PeerData>) {
    this.#socket = socket;
  }

  send(text: Uint8Array): void {
    if (!this.open) return;
    const unsent = this.#socket.getBufferedAmount();
    if (unsent > MAX_UNSENT_BYTES) this.terminate();
    else this.#socket.send(text, false, false);
  }

  unsentBytes(): number {
    return this.open ? this.#socket.getBufferedAmount() : 0;
  }

  close(code: number, reason: string): void {
    if (this.open) this.#socket.end(code, reason);
  }

  terminate(): void {
    if (this.open) this.#socket.close();
  }
}

export class UwsServer implements HttpServer {
  readonly name = 'uws';
  readonly #options: ServerOptions;
  readonly #app: TemplatedApp;
  #listening: us_listen_socket | undefined;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#app = App();
    this.#app.ws<PeerData>(WEBSOCKET_PATH, {
      maxPayloadLength: MAX_MESSAGE_BYTES,
      maxBackpressure: 2 * MAX_UNSENT_BYTES,
      closeOnBackpressureLimit: true,
      idleTimeout: SOCKET_TIMEOUT_S,
      sendPingsAutomatically: true,
      upgrade: (res, req, context) => this.#guard(res, () => this.#upgrade(res, req, context)),
      open: (socket) => {
        const peer = new UwsPeer(socket);
        socket.getUserData().peer = peer;
        const { query } = socket.getUserData();
        this.#withPeer(socket, () => options.sockets.onOpen(peer, query));
      },
      message: (socket, message, isBinary) => {
        const text = isBinary ? undefined : Buffer.from(message).toString('utf8');
        this.#withPeer(socket, (peer) => options.sockets.onMessage(peer, text));
      },
      ping: (socket) => this.#withPeer(socket, (peer) => options.sockets.onPing(peer)),
      pong: (socket) => this.#withPeer(socket, (peer) => options.sockets.onPing(peer)),
      close: (socket) => {
        const { peer } = socket.getUserData();
        if (peer === undefined) return;
        peer.open = false;
        this.#attempt(() => options.sockets.onClose(peer));
      },
    });
    this.#app.any('/*', (res, req) => {
      this.#guard(res, (exchange) => this.#answer(res, req, exchange));
    });
  }

  async listen(host: string, port: number): Promise<number> {
    const listening = await new Promise<us_listen_socket | false>((resolve) => {
      const app = this.#app as unknown as ExclusiveListen;
      app.listen(host, port, EXCLUSIVE_PORT, resolve);
    });
    if (listening === false) throw new PortError(await whyNot(host, port), host, port);
    this.#listening = listening;
    return us_socket_local_port(listening);
  }

  async close(): Promise<void> {
    if (this.#listening !== undefined) us_listen_socket_close(this.#listening);
    this.#listening = undefined;
    this.#app.close();
    await new Promise((resolve) => setImmediate(resolve));
  }

  #upgrade(res: HttpResponse, req: UwsRequest, context: Parameters<HttpResponse['upgrade']>[4]) {
    const request = requestOf(req, true);
    const refusal = this.#options.refuseUpgrade(request);
    if (refusal !== undefined) {
      writeReply(res, refusal, false, true);
      return;
    }
    res.upgrade<PeerData>(
      { peer: undefined, query: request.query },
      req.getHeader('sec-websocket-key'),
      req.getHeader('sec-websocket-protocol'),
      '', // no extensions: compression is off
      context,
    );
  }

  #answer(res: HttpResponse, req: UwsRequest, exchange: Exchange): void {
    const address = Buffer.from(res.getRemoteAddressAsText()).toString();
    const request = { ...requestOf(req, false), address };
    const limit = this.#options.bodyLimit?.(request) ?? 0;
    if (limit === 0) {
      // A body that nobody reads must not hold the connection.
      const close = request.method !== 'GET' && request.method !== 'HEAD';
      this.#reply(res, request, exchange, close);
      return;
    }
    readBody(res, limit, (body, bodyState) => {
      if (exchange.aborted) return;
      const whole = { ...request, body, bodyState };
      this.#try(res, exchange, () => this.#reply(res, whole, exchange, bodyState !== 'whole'));
    });
  }

  #reply(res: HttpResponse, request: HttpRequest, exchange: Exchange, close: boolean): void {
    const write = (reply: HttpReply): void => {
      if (!exchange.aborted) writeReply(res, reply, request.method === 'HEAD', close);
    };
    const reply = this.#options.respond(request);
    if (!(reply instanceof Promise)) {
      write(reply);
      return;
    }
    reply.then(
      (late) => this.#try(res, exchange, () => write(late)),
      (error: unknown) => {
        this.#try(res, exchange, () => {
          throw error;
        });
      },
    );
  }

  /** Runs a request handler with the flag that says whether the client has gone. */
  #guard(res: HttpResponse, run: (exchange: Exchange) => void): void {
    const exchange = { aborted: false };
    res.onAborted(() => {
      exchange.aborted = true;
    });
    this.#try(res, exchange, () => run(exchange));
  }

  /** An error becomes a 500 unless the client has gone. */
  #try(res: HttpResponse, exchange: Exchange, run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#options.onError(error);
      if (exchange.aborted) return;
      this.#attempt(() => writeReply(res, textReply(500, 'error'), false, true));
    }
  }

  #withPeer(socket: WebSocket<PeerData>, run: (peer: UwsPeer) => void): void {
    const { peer } = socket.getUserData();
    if (peer === undefined || !peer.open) return;
    try {
      run(peer);
    } catch (error) {
      this.#options.onError(error);
      peer.close(1011, 'error');
    }
  }

  #attempt(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#options.onError(error);
    }
  }
}

const NO_BODY = Buffer.alloc(0);

/** Gathers a body of at most `limit` bytes; `done` is called once, whatever the client does. */
function readBody(
  res: HttpResponse,
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
    done(state === 'whole' ? Buffer.concat(chunks) : NO_BODY, state);
  };
  const timer = setTimeout(() => finish('too-slow'), HTTP_TIMEOUT_S * 1_000);
  timer.unref();
  res.onData((chunk, isLast) => {
    if (over) return;
    bytes += chunk.byteLength;
    if (bytes > limit) {
      finish('too-large');
      return;
    }
    chunks.push(Buffer.from(Buffer.from(chunk))); // copied: the memory is the callback's
    if (isLast) finish('whole');
  });
}

/** Copies what routes need: the native request lives only during the callback. */
function requestOf(req: UwsRequest, isUpgrade: boolean): HttpRequest {
  return {
    method: req.getMethod().toUpperCase(),
    path: req.getUrl(),
    host: req.getHeader('host'),
    origin: req.getHeader('origin'),
    ifNoneMatch: req.getHeader('if-none-match'),
    query: req.getQuery() ?? '',
    authorization: req.getHeader('authorization'),
    idempotencyKey: req.getHeader('idempotency-key'),
    contentType: req.getHeader('content-type'),
    isUpgrade,
    body: NO_BODY,
    bodyState: 'whole',
  };
}

/**
 * Writes the whole answer at once; `close` ends the connection with it. An answer without a body
 * ends without a length, which is written as a header: with a length the native code would wait for
 * that many bytes and hold the connection.
 */
function writeReply(res: HttpResponse, reply: HttpReply, isHead: boolean, close: boolean): void {
  res.cork(() => {
    res.writeStatus(`${reply.status} ${STATUS_TEXTS[reply.status] ?? 'Status'}`);
    for (const [name, value] of Object.entries(reply.headers)) res.writeHeader(name, value);
    if (isHead) res.writeHeader('Content-Length', String(reply.body.length));
    if (isHead || reply.status === 304) res.endWithoutBody();
    else res.end(reply.body, close);
  });
}

/** The native code only says no; Node's own server says why. */
function whyNot(host: string, port: number): Promise<string> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown'));
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve('EADDRINUSE')));
  });
}
