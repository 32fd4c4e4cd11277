// One suite for both servers of the api process: routes, refusals, commands, garbage, slow and many
// clients, over real sockets.
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatOrderId } from '../../engine/core/order-id.ts';
import { STATUS_FILLED } from '../../engine/core/order-status.ts';
import { FrameMemory } from '../../engine/messages/frames.ts';
import { CancelCommand, Kill } from '../../engine/messages/generated/control.ts';
import { TYPE_CANCEL_COMMAND, TYPE_KILL } from '../../engine/messages/generated/types.ts';
import { PAGE_HTML, type Setup, startApi, TOKEN } from '../support/api-setup.ts';
import {
  accountFrame,
  engineFrame,
  orderFrame,
  orderWords,
  tickFrame,
} from '../support/control-frames.ts';
import { Page, rawRequest, request, upgradeStatus } from '../support/raw-http.ts';
import { waitFor } from '../support/wait-for.ts';

const HEALTH = '/api/v1/health';

function memoryOf(bytes: Buffer): FrameMemory {
  const memory = new FrameMemory(new ArrayBuffer(bytes.length));
  memory.u8.set(bytes);
  return memory;
}

async function alive(setup: Setup): Promise<void> {
  const answer = await request(setup.port, HEALTH);
  expect(answer.status).toBe(200);
}

describe.each(['uws', 'ws'] as const)('server %s', (server) => {
  let setup: Setup;
  let port = 0;

  beforeAll(async () => {
    setup = await startApi(server);
    port = setup.port;
    setup.core.socket.send(engineFrame(), 0);
    setup.core.socket.send(orderFrame(1), 0);
    await waitFor('running', () => setup.api.replica.engine().state === 'running');
  });
  afterAll(() => setup.close());

  test('is the implementation that was asked for', () => {
    expect(setup.log.filter((line) => line.startsWith('warn'))).toEqual([]);
  });

  test('serves page, assets and health with the security headers on every answer', async () => {
    const page = await request(port, '/');
    expect([page.status, page.body]).toEqual([200, PAGE_HTML]);
    const asset = await request(port, '/assets/a.js?v=1');
    expect(asset.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(asset.headers.get('cache-control')).toContain('immutable');
    const health = await request(port, HEALTH);
    expect(JSON.parse(health.body)).toEqual({ ok: true, engine: 'running' });
    const missing = await request(port, '/nothing');
    const refused = await request(port, '/', { method: 'POST', body: 'x' });
    const stranger = await request(port, '/', { headers: { Host: 'evil.example' } });
    for (const answer of [page, asset, health, missing, refused, stranger]) {
      const policy = answer.headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'self'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain("script-src 'unsafe-inline'");
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
      expect(answer.headers.get('cross-origin-opener-policy')).toBe('same-origin');
      expect(answer.headers.has('access-control-allow-origin')).toBe(false);
    }
  });

  test('answers 304 to the ETag it gave, and HEAD without a body', async () => {
    const first = await request(port, '/');
    const etag = first.headers.get('etag') ?? '';
    const again = await request(port, '/', { headers: { 'If-None-Match': etag } });
    expect([again.status, again.body]).toEqual([304, '']);
    const head = await request(port, '/', { method: 'HEAD' });
    expect([head.status, head.body]).toEqual([200, '']);
    expect(head.headers.get('content-length')).toBe(String(PAGE_HTML.length));
  });

  test('answers one after the other on one connection, those without a body too', async () => {
    const etag = (await request(port, '/')).headers.get('etag') ?? '';
    const head = `Host: 127.0.0.1:${port}\r\n`;
    const text = await new Promise<string>((resolve) => {
      let got = '';
      const asked = [
        `HEAD / HTTP/1.1\r\n${head}\r\n`,
        `GET / HTTP/1.1\r\n${head}If-None-Match: ${etag}\r\n\r\n`,
        `HEAD /nothing HTTP/1.1\r\n${head}\r\n`,
        `GET ${HEALTH} HTTP/1.1\r\n${head}Connection: close\r\n\r\n`,
      ];
      const socket = connect(port, '127.0.0.1', () => socket.write(asked.shift() ?? ''));
      socket.on('data', (chunk) => {
        got += chunk;
        const next = asked.shift();
        if (next !== undefined) socket.write(next);
      });
      socket.on('close', () => resolve(got));
    });
    const statuses = [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map((match) => match[1]);
    expect(statuses).toEqual(['200', '304', '404', '200']);
    expect(text.endsWith('{"ok":true,"engine":"running"}')).toBe(true);
  });

  test('answers 404 to what it does not have and never leaves its folder', async () => {
    const paths = ['/x', '/assets/', '/assets', '/assets/secret.pem', '/.env', '/.git/config'];
    const tricks = [
      '/..%2f..%2fetc/passwd',
      '/%2e%2e/%2e%2e/etc/passwd',
      '/../../etc/passwd',
      '//etc/passwd',
      '/assets/..%5c..%5ca',
      '/index.html%00.js',
      '/assets/a.js/',
    ];
    for (const path of [...paths, ...tricks]) {
      expect((await request(port, path)).status, path).toBe(404);
    }
    const absolute = await request(port, 'http://evil.example/etc/passwd');
    expect(absolute.status).toBeGreaterThanOrEqual(400);
  });

  test('answers 405 to all methods but GET and HEAD, 426 to a plain GET of /ws', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE']) {
      const answer = await request(port, '/', { method });
      expect(answer.status, method).toBe(405);
      expect(answer.headers.get('allow')).toBe('GET, HEAD');
      expect((await request(port, HEALTH, { method })).status, method).toBe(405);
    }
    const overridden = { 'X-HTTP-Method-Override': 'POST' };
    expect((await request(port, HEALTH, { headers: overridden })).status).toBe(200);
    expect((await request(port, '/ws')).status).toBe(426);
  });

  test('refuses foreign host names and origins on every route, before the upgrade', async () => {
    const good = `http://127.0.0.1:${port}`;
    for (const host of [
      'evil.example',
      `evil.example:${port}`,
      '127.0.0.1:1',
      '127.0.0.1',
      `localhost.evil.example:${port}`,
      `LOCALHOST.:${port}`,
    ]) {
      expect((await request(port, '/', { headers: { Host: host } })).status, host).toBe(403);
      expect((await request(port, HEALTH, { headers: { Host: host } })).status, host).toBe(403);
      expect(await upgradeStatus(port, { Host: host, Origin: good }), host).toBe(403);
    }
    for (const origin of [
      'http://evil.example',
      'null',
      'file://',
      `http://127.0.0.1:${port + 1}`,
      `http://evil@127.0.0.1:${port}`,
      `http://localhost:${port}`,
      `${good}/`,
      `${good}.evil.example`,
      'chrome-extension://abc',
    ]) {
      expect(await upgradeStatus(port, { Origin: origin }), origin).toBe(403);
      expect((await request(port, '/', { headers: { Origin: origin } })).status, origin).toBe(403);
    }
    expect(await upgradeStatus(port, {})).toBe(403);
    expect(await upgradeStatus(port, { Origin: good })).toBe(101);
    const local = `localhost:${port}`;
    expect(await upgradeStatus(port, { Host: local, Origin: `http://${local}` })).toBe(101);
    expect((await request(port, '/', { headers: { Host: `[::1]:${port}` } })).status).toBe(200);
    expect(await upgradeStatus(port, { Origin: good }, '/other')).not.toBe(101);
  });

  test('does not take a token in the URL', async () => {
    expect(await upgradeStatus(port, { Origin: 'http://evil.example' }, `/ws?token=${TOKEN}`)).toBe(
      403,
    );
    expect(setup.log.join()).not.toContain(TOKEN);
  });

  test('greets a page, then streams what happens with unbroken sequence numbers', async () => {
    const page = await new Page(port).ready();
    expect(page.messages.slice(0, 2).map((message) => message.t)).toEqual(['hello', 'snapshot']);
    expect(page.last('hello')).toMatchObject({ protocol: 1, engineId: 'engine-1', day: 20260105 });
    expect(page.last('snapshot').orders[0].coid).toBe(formatOrderId(1, 20260105, 1));
    for (let no = 10; no < 30; no++) {
      setup.core.socket.send(orderFrame(no), 0);
      if (no % 5 === 0) await new Promise((resolve) => setTimeout(resolve, 15));
    }
    const items = () =>
      page.messages.flatMap((message) => (message.t === 'events' ? message.items : []));
    await waitFor('20 orders', () => items().filter((item) => item.k === 'order').length === 20);
    let seq = page.last('snapshot').seq;
    for (const message of page.messages) {
      if (message.t === 'events') expect(message.seq).toBe(++seq);
    }
    page.close();
  });

  test('takes commands with the token and hands exactly those to the core', async () => {
    const page = await new Page(port).ready();
    const coid = formatOrderId(orderWords(1).coidA, 20260105, 1);
    setup.core.commands.length = 0;
    expect(await page.ask({ op: 'ping' })).toMatchObject({ ok: true });
    expect(await page.ask({ op: 'kill', token: TOKEN })).toMatchObject({ ok: true });
    expect(await page.ask({ op: 'cancel', coid, token: TOKEN })).toMatchObject({ ok: true });
    expect(await page.ask({ op: 'cancel-all', token: TOKEN })).toMatchObject({ ok: true });
    await waitFor('three commands', () => setup.core.commands.length === 3);
    const [kill, cancel, all] = setup.core.commands;
    expect([kill.type, cancel.type, all.type]).toEqual([
      TYPE_KILL,
      TYPE_CANCEL_COMMAND,
      TYPE_CANCEL_COMMAND,
    ]);
    expect(new Kill().wrap(memoryOf(kill.bytes), 0)).toMatchObject({ scope: 1, on: 1 });
    const one = new CancelCommand().wrap(memoryOf(cancel.bytes), 0);
    expect(one).toMatchObject({ scope: 4, ...orderWords(1) });
    expect(new CancelCommand().wrap(memoryOf(all.bytes), 0)).toMatchObject({ scope: 1, coidC: 0 });
    page.close();
  });

  test('refuses a wrong or missing token, an unknown order, a finished order', async () => {
    setup.core.socket.send(orderFrame(2, { status: STATUS_FILLED }), 0);
    await waitFor(
      'order 2',
      () => setup.api.replica.orderState(formatOrderId(1, 20260105, 2)) === 'finished',
    );
    const page = await new Page(port).ready();
    setup.core.commands.length = 0;
    const wrong = TOKEN.slice(0, -1) + (TOKEN.endsWith('A') ? 'B' : 'A');
    const code = async (operation: object) => {
      const reply = await page.ask(operation);
      return reply.ok ? 'ok' : reply.code;
    };
    expect(await code({ op: 'kill', token: wrong })).toBe('unauthorised');
    expect(await code({ op: 'kill', token: '' })).toBe('unauthorised');
    expect(await code({ op: 'kill' })).toBe('unauthorised');
    expect(await code({ op: 'cancel', coid: formatOrderId(1, 20260105, 999), token: TOKEN })).toBe(
      'unknown-order',
    );
    expect(await code({ op: 'cancel', coid: formatOrderId(1, 20260105, 2), token: TOKEN })).toBe(
      'order-finished',
    );
    expect(await code({ op: 'cancel', coid: 'x', token: TOKEN })).toBe('bad-request');
    expect(setup.core.commands).toEqual([]);
    page.close();
  });

  test('answers garbage with bad-request and closes after ten of it', async () => {
    const deep = `${'['.repeat(8_000)}${']'.repeat(8_000)}`;
    const garbage: (string | Buffer)[] = [
      'not json',
      '',
      'null',
      '[]',
      '"kill"',
      deep,
      `{"id":1,"op":"kill","token":${deep.slice(4_000, -4_000)}}`,
      '{"id":1,"op":"nope"}',
      '{"__proto__":{"op":"kill"},"id":1}',
      Buffer.from([0, 159, 146, 150]),
    ];
    expect(garbage).toHaveLength(10);
    const page = await new Page(port).ready();
    for (const bytes of garbage) page.socket.send(bytes);
    await waitFor('close', () => page.closed);
    const replies = page.messages.filter((message) => message.t === 'reply');
    expect(replies).toHaveLength(10);
    for (const reply of replies) expect(reply).toMatchObject({ ok: false, code: 'bad-request' });
    expect(page.last('bye').reason).toContain('bad messages');
    await alive(setup);
  });

  test('answers every malformed field with bad-request', async () => {
    const values = [
      '0',
      '-1',
      '1e308',
      '1.5',
      '9007199254740993',
      '"1e3"',
      '[]',
      '{}',
      'null',
      'true',
      '{"a":1}',
    ];
    const texts = values.flatMap((value) => [
      ...(value === '0' ? [] : [`{"id":${value},"op":"ping"}`]),
      `{"id":1,"op":${value}}`,
      `{"id":1,"op":"kill","token":${value === '"1e3"' ? '1' : value}}`,
      `{"id":1,"op":"cancel-all","token":"t","scope":${value}}`,
    ]);
    for (let from = 0; from < texts.length; from += 9) {
      const page = await new Page(port).ready();
      const some = texts.slice(from, from + 9);
      for (const text of some) page.socket.send(text);
      await waitFor('replies', () => page.count('reply') === some.length);
      const codes = page.messages.flatMap((m) => (m.t === 'reply' && !m.ok ? [m.code] : []));
      expect(codes, some.join('\n')).toEqual(some.map(() => 'bad-request'));
      page.close();
    }
  });

  test('closes at a message too long or endless, at bad UTF-8; takes no unmasked one', async () => {
    const big = await new Page(port).ready();
    big.socket.send('x'.repeat(16_385));
    await waitFor('close', () => big.closed);
    const fits = await new Page(port).ready();
    fits.socket.send(`{"id":1,"op":"ping"${' '.repeat(16_300)}}`);
    await waitFor('reply', () => fits.count('reply') === 1);
    fits.close();
    const pieces = await new Page(port).ready();
    for (let i = 0; i < 10; i++) pieces.socket.send('x'.repeat(2_000), { fin: false });
    await waitFor('close', () => pieces.closed);
    const utf8 = await new Page(port).ready();
    utf8.socket.send(Buffer.from([0xc3, 0x28]), { binary: false });
    await waitFor('close', () => utf8.closed);
    setup.core.commands.length = 0;
    const unmasked = await new Page(port).ready();
    unmasked.socket.send(JSON.stringify({ id: 1, op: 'kill', token: TOKEN }), { mask: false });
    await new Page(port).ready().then((page) => page.close());
    expect(setup.core.commands).toEqual([]);
    unmasked.close();
    await alive(setup);
  });

  test('gives up a client that floods pings', async () => {
    const page = await new Page(port).ready();
    for (let i = 0; i < 2_000; i++) page.socket.ping();
    await waitFor('close', () => page.closed);
    await alive(setup);
  });

  test('lives through a client that aborts at every byte of request and upgrade', async () => {
    const get = `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`;
    const upgrade = [
      'GET /ws HTTP/1.1',
      `Host: 127.0.0.1:${port}`,
      `Origin: http://127.0.0.1:${port}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    ].join('\r\n');
    for (const text of [get, upgrade]) {
      for (let cut = 0; cut <= text.length; cut += 3) {
        await new Promise<void>((resolve) => {
          const socket = connect(port, '127.0.0.1', () => {
            socket.write(text.slice(0, cut), () => socket.resetAndDestroy());
          });
          socket.on('error', () => {});
          socket.on('close', () => resolve());
        });
      }
    }
    await waitFor('no client is left', () => setup.api.hub.clientCount === 0);
    await alive(setup);
  });

  test('answers malformed and smuggled requests with an error or a closed connection', async () => {
    const host = `Host: 127.0.0.1:${port}\r\n`;
    const second = `GET ${HEALTH} HTTP/1.1\r\n${host}\r\n`;
    const both = 'Content-Length: 4\r\nTransfer-Encoding: chunked';
    const corpus: (string | Buffer)[] = [
      `GET / HTTP/1.1\r\n\r\n`,
      `GET / HTTP/9.9\r\n${host}\r\n`,
      `GARBAGE\r\n\r\n`,
      Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00]),
      `GET /\0 HTTP/1.1\r\n${host}\r\n`,
      `GET / HTTP/1.1\r\n${host}Bad Header : x\r\n\r\n`,
      `GET / HTTP/1.1\r\n${host}${'X: y\r\n'.repeat(10_000)}\r\n`,
      `GET / HTTP/1.1\r\n${host}X: ${'y'.repeat(100_000)}\r\n\r\n`,
      `POST / HTTP/1.1\r\n${host}${both}\r\n\r\n0\r\n\r\n${second}`,
      `POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n`,
      `POST / HTTP/1.1\r\n${host}Content-Length: -1\r\n\r\n`,
    ];
    for (const bytes of corpus) {
      const answer = await rawRequest(port, bytes);
      const name = String(bytes).slice(0, 60);
      expect(answer.status === 0 || answer.status >= 400, `${name} -> ${answer.status}`).toBe(true);
      expect(answer.text, name).not.toContain('"ok":true');
    }
    await alive(setup);
  });

  test('does not wait for a body that nobody asked for', async () => {
    const head = `POST / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Length: 100000000\r\n\r\n`;
    const answer = await rawRequest(port, head + 'x'.repeat(1_000));
    expect(answer.status).toBe(405);
    await alive(setup);
  });
});

describe.each(['uws', 'ws'] as const)('server %s under load', (server) => {
  test('a page that does not read is paused, delays nobody, starts anew by snapshot', async () => {
    const setup = await startApi(server, {}, { slowBytes: 20_000 });
    setup.core.socket.send(accountFrame(), 0);
    const [slow, quick] = [await new Page(setup.port).ready(), await new Page(setup.port).ready()];
    const before = slow.count('snapshot');
    slow.socket.pause();
    let no = 0;
    const seen = new Set<string>();
    // Enough to fill the kernel's buffers: each order is some 300 bytes of JSON.
    while (setup.api.hub.stats.paused === 0 && no < 200_000) {
      for (let i = 0; i < 500; i++)
        setup.core.socket.send(orderFrame(++no, { status: STATUS_FILLED }), 0);
      setup.core.socket.send(tickFrame(100_000 + no), 0);
      await new Promise((resolve) => setTimeout(resolve, 12));
      for (const message of quick.messages.splice(0)) {
        if (message.t !== 'events') continue;
        for (const item of message.items) if (item.k === 'order') seen.add(item.coid);
      }
    }
    expect(setup.api.hub.stats.paused).toBe(1);
    slow.socket.resume();
    await waitFor('a fresh snapshot', () => slow.count('snapshot') > before);
    setup.core.socket.send(orderFrame(++no), 0);
    const newest = formatOrderId(orderWords(no).coidA, 20260105, no);
    const hasNewest = (page: Page) =>
      page.messages.some(
        (m) => m.t === 'events' && m.items.some((i) => i.k === 'order' && i.coid === newest),
      ) || page.last('snapshot').orders.some((order) => order.coid === newest);
    await waitFor('the slow page follows again', () => hasNewest(slow));
    await waitFor('the quick page has it too', () =>
      quick.messages.some(
        (m) => m.t === 'events' && m.items.some((i) => i.k === 'order' && i.coid === newest),
      ),
    );
    expect(quick.count('snapshot')).toBe(0);
    expect(seen.size).toBeGreaterThan(0);
    slow.close();
    quick.close();
    await setup.close();
  }, 30_000);

  test('lets in as many pages as configured and refuses the next before its upgrade', async () => {
    const setup = await startApi(server, {}, { maxClients: 8 });
    const pages = Array.from({ length: 8 }, () => new Page(setup.port));
    await Promise.all(pages.map((page) => page.ready()));
    const origin = { Origin: `http://127.0.0.1:${setup.port}` };
    expect(await upgradeStatus(setup.port, origin)).toBe(503);
    pages[0].close();
    await waitFor('room', () => setup.api.hub.hasRoom);
    expect(await upgradeStatus(setup.port, origin)).toBe(101);
    for (const page of pages) page.close();
    await setup.close();
  });

  test('allows configured host names, and no others', async () => {
    const setup = await startApi(server, { allowedHosts: ['desk.example', 'risk.example:8443'] });
    const status = async (host: string) =>
      (await request(setup.port, HEALTH, { headers: { Host: host } })).status;
    expect(await status('desk.example')).toBe(200);
    expect(await status(`desk.example:${setup.port}`)).toBe(200);
    expect(await status('RISK.example:8443')).toBe(200);
    expect(await status('risk.example')).toBe(403);
    expect(await status('desk.example:1')).toBe(403);
    expect(await status('xdesk.example')).toBe(403);
    await setup.close();
  });

  test('says goodbye when it stops and frees its port', async () => {
    const setup = await startApi(server);
    const page = await new Page(setup.port).ready();
    await setup.close();
    await waitFor('close', () => page.closed);
    expect(page.last('bye').reason).toBe('test over');
    expect((await rawRequest(setup.port, 'GET / HTTP/1.1\r\n\r\n')).status).toBe(0);
  });
});

describe.each([
  ['uws', 'uws'],
  ['uws', 'ws'],
  ['ws', 'uws'],
  ['ws', 'ws'],
] as const)('a %s server that has a port', (has, wants) => {
  test(`never shares it with a ${wants} server, which says so`, async () => {
    const first = await startApi(has);
    const { port } = first;
    await first.close();
    // Asked for by number: with port 0 the native server opens it differently.
    const owner = await startApi(has, { port });
    await expect(startApi(wants, { port })).rejects.toMatchObject({
      code: 'EADDRINUSE',
      message: expect.stringContaining(`127.0.0.1:${port} is in use`),
    });
    await alive(owner);
    await owner.close();
  });
});
