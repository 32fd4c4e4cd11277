// Both servers with handlers that misbehave: they throw, or touch a socket that is gone. The
// process must live, and only the request or socket concerned may suffer.
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { HttpServer, ServerOptions, SocketPeer } from '../../engine/control/server.ts';
import { textReply } from '../../engine/control/static-files.ts';
import { UwsServer } from '../../engine/control/uws-server.ts';
import { WsServer } from '../../engine/control/ws-server.ts';
import { request, upgradeStatus } from '../support/raw-http.ts';
import { waitFor } from '../support/wait-for.ts';

function makeServer(name: string, options: ServerOptions): HttpServer {
  return name === 'uws' ? new UwsServer(options) : new WsServer(options);
}

describe.each(['uws', 'ws'])('server %s', (name) => {
  test('answers 500 to a route that throws, and says nothing of the reason', async () => {
    const errors: unknown[] = [];
    const fail = () => {
      throw new Error('the secret reason');
    };
    const server = makeServer(name, {
      respond: (asked) => (asked.path === '/bad' ? fail() : textReply(200, 'fine')),
      refuseUpgrade: fail,
      sockets: { onOpen() {}, onMessage() {}, onPing() {}, onClose() {} },
      onError: (error) => errors.push(error),
    });
    const port = await server.listen('127.0.0.1', 0);
    const answer = await request(port, '/bad');
    expect(answer.status).toBe(500);
    expect(answer.text).not.toContain('secret reason');
    expect(await upgradeStatus(port, {})).toBe(500);
    expect((await request(port, '/good')).body).toBe('fine\n');
    expect(errors).toHaveLength(2);
    await server.close();
  });

  test('closes the one socket whose handler throws', async () => {
    const errors: unknown[] = [];
    const server = makeServer(name, {
      respond: () => textReply(200, 'fine'),
      refuseUpgrade: () => undefined,
      sockets: {
        onOpen() {},
        onMessage(peer, text) {
          if (text === 'bad') throw new Error('handler');
          peer.send(Buffer.from('heard'));
        },
        onPing() {},
        onClose() {
          throw new Error('close handler');
        },
      },
      onError: (error) => errors.push(error),
    });
    const port = await server.listen('127.0.0.1', 0);
    const [bad, good] = [1, 2].map(() => new WebSocket(`ws://127.0.0.1:${port}/ws`));
    const heard: string[] = [];
    let closed = false;
    bad.on('close', () => {
      closed = true;
    });
    good.on('message', (data) => heard.push(data.toString()));
    bad.on('open', () => bad.send('bad'));
    await waitFor('close', () => closed && good.readyState === WebSocket.OPEN);
    good.send('hello');
    await waitFor('an answer', () => heard.length === 1);
    expect(heard).toEqual(['heard']);
    expect(errors).toHaveLength(2);
    good.terminate();
    await server.close();
  });

  test('lets a handler touch a socket that is gone', async () => {
    const peers: SocketPeer[] = [];
    const errors: unknown[] = [];
    let closes = 0;
    const touch = (peer: SocketPeer) => {
      peer.send(Buffer.from('too late'));
      expect(peer.unsentBytes()).toBeGreaterThanOrEqual(0);
      peer.close(1000, 'again');
      peer.terminate();
    };
    const server = makeServer(name, {
      respond: () => textReply(200, 'fine'),
      refuseUpgrade: () => undefined,
      sockets: {
        onOpen: (peer) => peers.push(peer),
        onMessage: (peer) => {
          peer.close(1000, 'done');
          touch(peer);
        },
        onPing() {},
        onClose: (peer) => {
          closes++;
          touch(peer);
        },
      },
      onError: (error) => errors.push(error),
    });
    const port = await server.listen('127.0.0.1', 0);
    const talker = new WebSocket(`ws://127.0.0.1:${port}/ws`);
    talker.on('open', () => talker.send('x'));
    const silent = new WebSocket(`ws://127.0.0.1:${port}/ws`);
    silent.on('open', () => silent.terminate());
    await waitFor('two closes', () => closes === 2);
    for (const peer of peers) touch(peer);
    expect(errors).toEqual([]);
    expect((await request(port, '/')).status).toBe(200);
    await server.close();
  });
});
