// The api process as it really runs: forked, killed, orphaned, in front of a core that comes and
// goes, on a port that is taken.
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import type { ApiConfig } from '../../engine/control/api.ts';
import { FakeCore, makePages, SECRET, TOKEN } from '../support/api-setup.ts';
import { engineFrame, makeMeta, orderFrame, tickFrame } from '../support/control-frames.ts';
import { Page, request } from '../support/raw-http.ts';
import { waitFor } from '../support/wait-for.ts';

const ENTRY = fileURLToPath(new URL('../../engine/control/main.ts', import.meta.url));
const PARENT = fileURLToPath(new URL('../support/api-parent.ts', import.meta.url));

type Answer = { listening: true; port: number } | { failed: true; code: string; message: string };

const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function makeConfig(address: string, changes: Partial<ApiConfig> = {}): ApiConfig {
  const pagesDir = makePages();
  cleanups.push(() => rmSync(pagesDir, { recursive: true, force: true }));
  return {
    host: '127.0.0.1',
    port: 0,
    server: 'uws',
    allowedHosts: [],
    token: TOKEN,
    address,
    secret: SECRET,
    pagesDir,
    ...changes,
  };
}

interface Forked {
  readonly child: ChildProcess;
  readonly answer: Answer;
  readonly errors: () => string;
}

async function forkApi(config: unknown): Promise<Forked> {
  const child = fork(ENTRY, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], execArgv: [] });
  let text = '';
  child.stderr?.on('data', (chunk) => {
    text += chunk;
  });
  cleanups.push(() => child.kill('SIGKILL'));
  child.send(config as object);
  const [answer] = (await once(child, 'message')) as [Answer];
  return { child, answer, errors: () => text };
}

async function startCore(address?: string, engineId = 'engine-1'): Promise<FakeCore> {
  const core = new FakeCore(address, makeMeta({ engineId }));
  await core.socket.listen();
  cleanups.push(() => core.socket.close());
  return core;
}

function portOf(answer: Answer): number {
  if ('failed' in answer) throw new Error(answer.message);
  return answer.port;
}

async function engineOf(port: number): Promise<string> {
  const answer = await request(port, '/api/v1/health');
  return answer.status === 200 ? JSON.parse(answer.body).engine : `status ${answer.status}`;
}

/** A port that nobody has now; asked for by number, as people do. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const free = new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => resolve(true));
  });
  const result = await free;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return result;
}

describe('api process', () => {
  test('shows the core going and coming back, and serves pages all the while', async () => {
    const first = await startCore();
    first.socket.send(engineFrame(), 0);
    first.socket.send(orderFrame(1), 0);
    const { answer, errors } = await forkApi(makeConfig(first.address));
    const port = portOf(answer);
    await waitFor('running', async () => (await engineOf(port)) === 'running');
    const page = await new Page(port).ready();
    cleanups.push(() => page.close());

    await first.socket.close();
    await waitFor('down', async () => (await engineOf(port)) === 'down');
    expect((await request(port, '/')).status).toBe(200);
    const states = () =>
      page.messages
        .flatMap((m) => (m.t === 'events' ? m.items : []))
        .filter((i) => i.k === 'engine');
    await waitFor('the page knows', () => states().some((item) => item.state === 'down'));
    expect(await page.ask({ op: 'kill', token: TOKEN })).toMatchObject({ code: 'engine-down' });

    const snapshots = page.count('snapshot');
    const second = await startCore(first.address, 'engine-2');
    second.socket.send(engineFrame(), 0);
    second.socket.send(orderFrame(2), 0);
    await waitFor('a fresh snapshot', () => page.count('snapshot') > snapshots);
    await waitFor('the new engine', () => page.last('hello').engineId === 'engine-2');
    expect(page.closed).toBe(false);
    expect(await page.ask({ op: 'kill', token: TOKEN })).toMatchObject({ ok: true });
    await waitFor('the kill', () => second.commands.length === 1);
    expect(errors()).not.toContain(TOKEN);
    expect(errors()).not.toContain(SECRET);
  }, 30_000);

  test('killed: the core goes on, and the next api process gets the whole state', async () => {
    const core = await startCore();
    const one = await forkApi(makeConfig(core.address));
    await waitFor('connected', () => core.socket.connected);
    core.socket.send(orderFrame(1), 0);
    one.child.kill('SIGKILL');
    await once(one.child, 'exit');
    await waitFor('disconnected', () => !core.socket.connected);
    for (let no = 2; no <= 100; no++) core.socket.send(orderFrame(no), 0);
    core.socket.send(tickFrame(100_000), 0);
    const two = await forkApi(makeConfig(core.address));
    await waitFor('connected', () => core.socket.connected);
    const page = new Page(portOf(two.answer));
    cleanups.push(() => page.close());
    await waitFor('all orders', () => {
      return page.count('snapshot') > 0 && page.last('snapshot').orders.length === 100;
    });
    expect(page.last('snapshot').books[0].lastE4).toBe(100_000);
  }, 30_000);

  test.skipIf(process.platform === 'win32').each(['uws', 'ws'] as const)(
    'with its parent killed by kill -9, it ends and frees its port (%s)',
    async (server) => {
      const core = await startCore();
      const port = await freePort();
      const config = JSON.stringify(makeConfig(core.address, { server, port }));
      const parent = spawn(process.execPath, [PARENT, config], {
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      cleanups.push(() => parent.kill('SIGKILL'));
      const [line] = (await once(parent.stdout, 'data')) as [Buffer];
      const { pid, answer } = JSON.parse(line.toString()) as { pid: number; answer: Answer };
      expect(portOf(answer)).toBe(port);
      expect(await isFree(port)).toBe(false);
      const page = await new Page(port).ready();
      parent.kill('SIGKILL');
      await waitFor('the port', () => isFree(port));
      await waitFor('the page to see it', () => page.closed);
      await waitFor('its end', () => {
        try {
          process.kill(pid, 0);
          return false;
        } catch {
          return true;
        }
      });
    },
    30_000,
  );

  test('with its port in use it says which, what to do, and ends', async () => {
    const core = await startCore();
    const port = await freePort();
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
    cleanups.push(() => other.close());
    const { answer, child } = await forkApi(makeConfig(core.address, { port }));
    expect(answer).toMatchObject({ failed: true, code: 'EADDRINUSE' });
    const message = 'failed' in answer ? answer.message : '';
    expect(message).toContain(`127.0.0.1:${port}`);
    expect(message).toContain('--port');
    await waitFor('its end', () => child.exitCode === 1);
  });

  test('says what is wrong with its configuration or its address', async () => {
    const config = makeConfig('/nowhere.sock');
    const bad = await forkApi({ ...config, port: 70_000, extra: 1 });
    const message = 'failed' in bad.answer ? bad.answer.message : '';
    expect(bad.answer).toMatchObject({ failed: true, code: 'CONFIG' });
    expect(message).toContain('port');
    expect(message).toContain('extra');
    const far = await forkApi({ ...config, host: '192.0.2.1' });
    expect(far.answer).toMatchObject({ failed: true, code: 'EADDRNOTAVAIL' });
  });

  test('started by hand it says who starts it, and ends with exit code 2', async () => {
    const child = spawn(process.execPath, [ENTRY], { stdio: ['ignore', 'ignore', 'pipe'] });
    const chunks: Buffer[] = [];
    child.stderr.on('data', (chunk) => chunks.push(chunk));
    const [code] = await once(child, 'close');
    expect(code).toBe(2);
    expect(Buffer.concat(chunks).toString()).toContain('pankou run');
  });

  test('without built pages it says how to build them', async () => {
    const core = await startCore();
    const { answer } = await forkApi(makeConfig(core.address, { pagesDir: '/nowhere' }));
    const page = await request(portOf(answer), '/');
    expect(page.status).toBe(503);
    expect(page.body).toContain('npm run build:pages');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
  });
});
