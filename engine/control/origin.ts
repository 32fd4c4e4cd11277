// Decides whom a request was meant for and which page sent it: the answer to DNS rebinding, forged
// cross-site requests and cross-site WebSockets. Called by api.ts before anything else. Always: no
// route, page or upgrade is reached through a host name that is not on the list.

/** Names that mean this machine; the port must be ours. */
const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];

export class HostList {
  /** `name:port` in lower case; a default port is also there without its number. */
  readonly #hosts = new Set<string>();

  /**
   * `host` is what the server is bound to, `configured` what the configuration allows besides:
   * `name` (with our port, or without one, as a proxy sends it) or `name:port`.
   */
  constructor(host: string, port: number, configured: readonly string[]) {
    for (const name of LOOPBACK) this.#add(name, port);
    if (!isWildcard(host)) this.#add(host.includes(':') ? `[${host}]` : host, port);
    for (const entry of configured) {
      if (/:\d+$/.test(entry)) this.#hosts.add(entry.toLowerCase());
      else {
        this.#add(entry, port);
        this.#hosts.add(entry.toLowerCase());
      }
    }
  }

  /** Whether the Host header names this server. */
  allowsHost(host: string): boolean {
    return this.#hosts.has(host.toLowerCase());
  }

  /**
   * Whether the Origin header names a page of this server, as the Host header of the request does.
   */
  allowsOrigin(origin: string, host: string): boolean {
    const match = /^https?:\/\/([^/?#@\\]+)$/.exec(origin.toLowerCase());
    return match !== null && match[1] === host.toLowerCase() && this.allowsHost(match[1]);
  }

  #add(name: string, port: number): void {
    this.#hosts.add(`${name.toLowerCase()}:${port}`);
    if (port === 80) this.#hosts.add(name.toLowerCase());
  }
}

function isWildcard(host: string): boolean {
  return host === '' || host === '0.0.0.0' || host === '::';
}
