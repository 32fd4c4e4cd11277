// A whole robot server for tests of alerts: WeCom's and DingTalk's webhooks behind one loopback
// port, with DingTalk's signature checked as its documents say. Used by tests/unit/alerts.
import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';

interface Posted {
  readonly path: string;
  readonly body: {
    readonly msgtype?: string;
    readonly markdown?: { readonly content?: string; readonly text?: string; title?: string };
  };
}

export class FakeWebhook {
  readonly posts: Posted[] = [];
  /** Secret of the DingTalk robot. */
  secret = '';
  /** Requests that get no answer at all. */
  isSilent = false;
  /** HTTP status and errcode of the answer. */
  status = 200;
  errcode = 0;
  readonly #server: Server;
  port = 0;

  constructor() {
    this.#server = createServer((request, response) => {
      let text = '';
      request.setEncoding('utf8').on('data', (part: string) => (text += part));
      request.on('end', () => {
        if (this.isSilent) return;
        const url = new URL(request.url ?? '/', 'http://fake');
        const isSigned = url.pathname !== '/robot/send' || this.#isSigned(url);
        const errcode = isSigned ? this.errcode : 310_000;
        if (this.status === 200 && errcode === 0) {
          this.posts.push({ path: url.pathname, body: JSON.parse(text) as Posted['body'] });
        }
        response.statusCode = this.status;
        response.end(JSON.stringify({ errcode, errmsg: errcode === 0 ? 'ok' : 'refused' }));
      });
    });
  }

  async open(): Promise<void> {
    await new Promise<void>((done) => this.#server.listen(0, '127.0.0.1', done));
    this.port = (this.#server.address() as { port: number }).port;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  /** HMAC-SHA-256 of timestamp and secret under the secret, not older than an hour. */
  #isSigned(url: URL): boolean {
    if (this.secret === '') return true;
    const timestamp = url.searchParams.get('timestamp') ?? '';
    const sign = createHmac('sha256', this.secret).update(`${timestamp}\n${this.secret}`);
    const isFresh = Math.abs(Date.now() - Number(timestamp)) < 3_600_000;
    return isFresh && url.searchParams.get('sign') === sign.digest('base64');
  }
}
