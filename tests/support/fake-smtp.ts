// A whole mail server in memory for tests of alerts: speaks SMTP as far as a client without TLS
// needs, keeps every mail it took, and refuses as it is told. Used by tests/unit/alerts.
import { createServer, type Server, type Socket } from 'node:net';

export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  /** Headers and body as they came. */
  readonly data: string;
}

export class FakeSmtp {
  readonly mails: Mail[] = [];
  /** Answer to DATA's end; 250 takes the mail. */
  answer = '250 taken';
  port = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor() {
    this.#server = createServer((socket) => this.#serve(socket));
  }

  async open(port = 0): Promise<void> {
    await new Promise<void>((done) => this.#server.listen(port, '127.0.0.1', done));
    this.port = (this.#server.address() as { port: number }).port;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((done) => this.#server.close(done));
  }

  /** Text of a mail's subject and body, decoded. */
  static textOf({ data }: Mail): string {
    const [head = '', ...rest] = data.split('\r\n\r\n');
    const body = rest.join('\r\n\r\n');
    const isBase64 = /^content-transfer-encoding: base64/im.test(head);
    const text = isBase64 ? Buffer.from(body, 'base64').toString('utf8') : unquoted(body);
    const subject = /^subject: ((?:.|\r\n[ \t])*)/im.exec(head)?.[1] ?? '';
    return `${words(subject)}\n${text}`;
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => {});
    let buffer = '';
    let from = '';
    let to: string[] = [];
    let isData = false;
    socket.write('220 fake\r\n');
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      buffer += chunk;
      for (;;) {
        const end = buffer.indexOf(isData ? '\r\n.\r\n' : '\r\n');
        if (end < 0) return;
        const text = buffer.slice(0, end);
        buffer = buffer.slice(end + (isData ? 5 : 2));
        if (isData) {
          isData = false;
          if (this.answer.startsWith('250')) this.mails.push({ from, to, data: text });
          socket.write(`${this.answer}\r\n`);
          continue;
        }
        const verb = text.slice(0, 4).toUpperCase();
        if (verb === 'EHLO') socket.write('250-fake\r\n250 8BITMIME\r\n');
        else if (verb === 'MAIL') {
          from = /<(.*?)>/.exec(text)?.[1] ?? '';
          to = [];
          socket.write('250 ok\r\n');
        } else if (verb === 'RCPT') {
          to.push(/<(.*?)>/.exec(text)?.[1] ?? '');
          socket.write('250 ok\r\n');
        } else if (verb === 'DATA') {
          isData = true;
          socket.write('354 go on\r\n');
        } else if (verb === 'QUIT') socket.end('221 bye\r\n');
        else socket.write('502 not here\r\n');
      }
    });
  }
}

function unquoted(text: string): string {
  const bytes = text
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** Encoded words of a header. */
function words(text: string): string {
  return text
    .replace(/\r\n[ \t]/g, '')
    .replace(/=\?UTF-8\?([BQ])\?(.*?)\?=\s*/gi, (_, kind, body) =>
      String(kind).toUpperCase() === 'B'
        ? Buffer.from(String(body), 'base64').toString('utf8')
        : unquoted(String(body).replaceAll('_', ' ')),
    );
}
