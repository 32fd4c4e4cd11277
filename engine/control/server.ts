// The one interface behind which the HTTP and WebSocket server stands, so that uWebSockets.js and
// ws can replace each other. Implemented by uws-server.ts and ws-server.ts, used by api.ts; one
// contract suite runs over both. Always: every answer passes `respond`; only an answer that needs
// the engine's word is a promise; no response or socket is touched after it has closed.

/** Largest WebSocket message from a client; a longer one closes the connection. */
export const MAX_MESSAGE_BYTES = 16_384;
/** Unsent bytes of one WebSocket at which the server gives it up, whatever the hub says. */
export const MAX_UNSENT_BYTES = 32 << 20;
/** Seconds an HTTP connection may take for a request, or idle. */
export const HTTP_TIMEOUT_S = 10;
/** Seconds without a sign of life (pong) after which a WebSocket is closed. */
export const SOCKET_TIMEOUT_S = 60;
export const WEBSOCKET_PATH = '/ws';

/** What routes may know of a request; header names are lower case. */
export interface HttpRequest {
  /** `GET`, in capitals. */
  readonly method: string;
  /** As it came, without the query; nothing is decoded. */
  readonly path: string;
  /** '' when absent. */
  readonly host: string;
  /** '' when absent. */
  readonly origin: string;
  /** '' when absent. */
  readonly ifNoneMatch: string;
  /** Behind the `?`, as it came; '' when absent. */
  readonly query: string;
  readonly authorization: string;
  readonly idempotencyKey: string;
  readonly contentType: string;
  /** Of the other end; absent where it is not known. */
  readonly address?: string;
  readonly isUpgrade: boolean;
  /** Empty where nobody asked for one (see ServerOptions.bodyLimit), or when it did not come. */
  readonly body: Uint8Array;
  /** Whether the body came whole, was longer than the limit, or came too slowly. */
  readonly bodyState: 'whole' | 'too-large' | 'too-slow';
}

export interface HttpReply {
  readonly status: number;
  readonly headers: { readonly [name: string]: string };
  readonly body: Uint8Array;
}

/** One WebSocket. Every method may be called at any time; after the close they do nothing. */
export interface SocketPeer {
  /** Sends UTF-8 text. */
  send(text: Uint8Array): void;
  /** Bytes that the client has not taken yet. */
  unsentBytes(): number;
  /** Says goodbye and closes; a client that does not answer is cut off. */
  close(code: number, reason: string): void;
  /** Cuts the connection. */
  terminate(): void;
}

/** Takes what happens on WebSockets; called synchronously, its errors end that socket only. */
export interface SocketHandler {
  /** `query` is what stood behind the `?` of the upgrade. */
  onOpen(peer: SocketPeer, query: string): void;
  /** `text` is undefined for a binary message. */
  onMessage(peer: SocketPeer, text: string | undefined): void;
  /** A ping or pong of the client: costs a little, so it counts. */
  onPing(peer: SocketPeer): void;
  onClose(peer: SocketPeer): void;
}

export interface ServerOptions {
  /** Answers a request; an error becomes a plain 500. */
  readonly respond: (request: HttpRequest) => HttpReply | Promise<HttpReply>;
  /** Most bytes of body that the route takes; 0 = it takes none, and none is read. */
  readonly bodyLimit?: (request: HttpRequest) => number;
  /** Answers an upgrade to WEBSOCKET_PATH with a refusal, or undefined to let it in. */
  readonly refuseUpgrade: (request: HttpRequest) => HttpReply | undefined;
  readonly sockets: SocketHandler;
  /** Errors that a handler threw. */
  readonly onError: (error: unknown) => void;
}

export interface HttpServer {
  /** Name of the implementation. */
  readonly name: 'uws' | 'ws';
  /** Listens on host:port (0 = any free port); the port. Rejects with a PortError. */
  listen(host: string, port: number): Promise<number>;
  /** Gives the port back and cuts all connections. */
  close(): Promise<void>;
}

/** Why a port could not be had; `code` as Node names it (EADDRINUSE, EACCES, EADDRNOTAVAIL). */
export class PortError extends Error {
  readonly code: string;

  constructor(code: string, host: string, port: number) {
    super(portText(code, host, port));
    this.name = 'PortError';
    this.code = code;
  }
}

function portText(code: string, host: string, port: number): string {
  const where = `${host}:${port}`;
  if (code === 'EADDRINUSE') {
    const hint = 'Choose another port with --port N (0 = any free one).';
    return `${where} is in use by another program. ${hint}`;
  }
  if (code === 'EACCES') {
    return `${where} may not be opened by this user. Choose a port above 1023 with --port N.`;
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return `${host} is no address of this machine. Set api.host to one of its own, e.g. 127.0.0.1.`;
  }
  return `${where} could not be opened (${code}). Choose another with --port N or api.host.`;
}

/** Reason phrases of the statuses in use. */
export const STATUS_TEXTS: { readonly [status: number]: string } = {
  200: 'OK',
  304: 'Not Modified',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  409: 'Conflict',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  426: 'Upgrade Required',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};
