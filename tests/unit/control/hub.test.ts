// The hub's rules about clients, without sockets: who gets what, who is paused, who is closed.
// Time is the number of batches.
import { describe, expect, test } from 'vitest';
import { Commands } from '../../../engine/control/commands.ts';
import { Hub } from '../../../engine/control/hub.ts';
import { OrderBudget } from '../../../engine/control/order-budget.ts';
import type { ServerMessage } from '../../../engine/control/protocol.ts';
import { Replica } from '../../../engine/control/replica.ts';
import type { SocketPeer } from '../../../engine/control/server.ts';
import { Trading } from '../../../engine/control/trading.ts';
import type { FrameMemory } from '../../../engine/messages/frames.ts';
import { frameType } from '../../../engine/messages/frames.ts';
import { TYPE_KILL } from '../../../engine/messages/generated/types.ts';
import { makeMeta, orderFrame } from '../../support/control-frames.ts';

const TOKEN = 'a'.repeat(32);
/** Room for some twenty batches of one order. */
const HISTORY = 8_192;

class FakePeer implements SocketPeer {
  readonly got: ServerMessage[] = [];
  unsent = 0;
  ended = '';

  send(text: Uint8Array): void {
    this.got.push(JSON.parse(Buffer.from(text).toString('utf8')));
  }

  unsentBytes(): number {
    return this.unsent;
  }

  close(code: number): void {
    this.ended = `closed ${code}`;
  }

  terminate(): void {
    this.ended = 'cut';
  }

  types(): string {
    return this.got.map((message) => message.t).join(' ');
  }
}

class Desk {
  readonly replica = new Replica();
  readonly commands: number[] = [];
  readonly hub: Hub;
  coreIsUp = true;

  constructor() {
    const { replica } = this;
    const trading = new Trading({
      replica,
      sendCommand: (memory: FrameMemory, at: number) => {
        if (this.coreIsUp) this.commands.push(frameType(memory, at));
        return this.coreIsUp;
      },
    });
    const commands = new Commands(TOKEN, { replica, trading, budget: new OrderBudget() });
    this.hub = new Hub({ replica, commands, log: () => {}, historyBytes: HISTORY });
    this.replica.applyMeta(makeMeta());
    this.replica.applyReady();
    this.hub.tick();
  }

  open(query = ''): FakePeer {
    const peer = new FakePeer();
    this.hub.onOpen(peer, query);
    return peer;
  }

  order(no: number): void {
    const frame = orderFrame(no);
    this.replica.applyFrame(frameType(frame, 0), frame, 0);
  }
}

describe('Hub', () => {
  test('greets with the next batch; a quiet engine costs no messages', () => {
    const desk = new Desk();
    const peer = desk.open();
    expect(peer.types()).toBe('');
    for (let i = 0; i < 5; i++) desk.hub.tick();
    expect(peer.types()).toBe('hello snapshot');
  });

  test('what a newcomer has in its snapshot does not come again as an event', () => {
    const desk = new Desk();
    const old = desk.open();
    desk.hub.tick();
    desk.order(1);
    const fresh = desk.open();
    desk.hub.tick();
    expect(old.types()).toBe('hello snapshot events');
    expect(fresh.types()).toBe('hello snapshot');
    desk.order(2);
    desk.hub.tick();
    const seqs = (peer: FakePeer) => peer.got.flatMap((m) => ('seq' in m ? [m.seq] : []));
    expect(seqs(fresh)).toEqual([seqs(old)[1], seqs(old)[1] + 1]);
  });

  test('pauses a client above the limit and starts it anew when it has drained', () => {
    const desk = new Desk();
    const peer = desk.open();
    desk.hub.tick();
    peer.unsent = 2 << 20;
    for (let no = 1; no <= 3; no++) {
      desk.order(no);
      desk.hub.tick();
    }
    expect(peer.types()).toBe('hello snapshot');
    peer.unsent = 0;
    desk.hub.tick();
    expect(peer.types()).toBe('hello snapshot hello snapshot');
    desk.order(4);
    desk.hub.tick();
    expect(peer.got.at(-1)).toMatchObject({ t: 'events', items: [{ k: 'order' }] });
  });

  test('cuts a client that does not read for a minute', () => {
    const desk = new Desk();
    const peer = desk.open();
    desk.hub.tick();
    peer.unsent = 2 << 20;
    for (let i = 0; i < 602; i++) desk.hub.tick();
    expect(peer.ended).toBe('cut');
    expect(desk.hub.clientCount).toBe(0);
  });

  test('sends everyone a snapshot when the core has come back', () => {
    const desk = new Desk();
    const peer = desk.open();
    desk.hub.tick();
    desk.replica.applyMeta(makeMeta({ engineId: 'engine-2' }));
    desk.order(1);
    desk.hub.tick();
    expect(peer.types()).toBe('hello snapshot');
    desk.replica.applyReady();
    desk.hub.tick();
    expect(peer.types()).toBe('hello snapshot hello snapshot');
    expect(peer.got[2]).toMatchObject({ engineId: 'engine-2' });
    expect(peer.got[3]).toMatchObject({ orders: [{}] });
  });

  test('slows a client that talks too much, but hears its kill', () => {
    const desk = new Desk();
    const peer = desk.open();
    for (let i = 0; i < 205; i++) desk.hub.onMessage(peer, '{"id":1,"op":"ping"}');
    const refused = peer.got.filter((m) => m.t === 'reply' && !m.ok);
    expect(refused).toHaveLength(5);
    expect(refused[0]).toMatchObject({ code: 'too-fast' });
    desk.hub.onMessage(peer, `{"id":2,"op":"kill","token":"${TOKEN}"}`);
    expect(desk.commands).toEqual([TYPE_KILL]);
    for (let i = 0; i < 10; i++) desk.hub.tick();
    desk.hub.onMessage(peer, '{"id":4,"op":"ping"}');
    expect(peer.got.at(-1)).toMatchObject({ id: 4, ok: true });
  });

  test('closes a client that guesses tokens', () => {
    const desk = new Desk();
    const peer = desk.open();
    for (let i = 0; i < 10; i++) desk.hub.onMessage(peer, '{"id":1,"op":"kill","token":"x"}');
    expect(peer.ended).toBe('closed 1008');
    desk.hub.onMessage(peer, `{"id":1,"op":"kill","token":"${TOKEN}"}`);
    expect(desk.commands).toEqual([]);
  });

  test('says so when the core is not there', () => {
    const desk = new Desk();
    desk.coreIsUp = false;
    const peer = desk.open();
    desk.hub.onMessage(peer, `{"id":7,"op":"cancel-all","token":"${TOKEN}"}`);
    expect(peer.got).toEqual([expect.objectContaining({ id: 7, ok: false, code: 'engine-down' })]);
  });

  describe('a client that comes back and says where it was', () => {
    const seqsOf = (peer: FakePeer) => peer.got.flatMap((m) => (m.t === 'events' ? [m.seq] : []));

    test('gets exactly what it missed and no snapshot', () => {
      const desk = new Desk();
      const old = desk.open();
      for (let no = 1; no <= 3; no++) {
        desk.hub.tick();
        desk.order(no);
      }
      desk.hub.tick();
      const seen = seqsOf(old)[0]!;
      const back = desk.open(`resume=${desk.hub.stream}:${seen}`);
      desk.order(4);
      desk.hub.tick();
      expect(back.types()).toBe('hello events events events');
      expect(seqsOf(back)).toEqual([seen + 1, seen + 2, seen + 3]);
      desk.order(5);
      desk.hub.tick();
      expect(seqsOf(back).at(-1)).toBe(seen + 4);
    });

    test('that missed nothing gets the greeting and what comes next', () => {
      const desk = new Desk();
      const old = desk.open();
      desk.hub.tick();
      desk.order(1);
      desk.hub.tick();
      const back = desk.open(`resume=${desk.hub.stream}:${seqsOf(old).at(-1)}`);
      desk.hub.tick();
      expect(back.types()).toBe('hello');
    });

    test.each([
      ['another stream', () => 'resume=somebody:1'],
      ['a number to come', (stream: string) => `resume=${stream}:99`],
      ['no number', (stream: string) => `resume=${stream}:-1`],
      ['garbage', () => 'resume=%%%'],
    ])('that says %s is told to start anew', (_name, query) => {
      const desk = new Desk();
      const peer = desk.open(query(desk.hub.stream));
      desk.hub.tick();
      expect(peer.types()).toBe('resync hello snapshot');
    });

    test('after too much was missed starts anew', () => {
      const desk = new Desk();
      for (let no = 1; no <= 60; no++) {
        desk.order(no);
        desk.hub.tick();
      }
      const back = desk.open(`resume=${desk.hub.stream}:1`);
      desk.hub.tick();
      expect(back.types()).toBe('resync hello snapshot');
    });

    test('after the engine has come back starts anew', () => {
      const desk = new Desk();
      const old = desk.open();
      desk.hub.tick();
      desk.order(1);
      desk.hub.tick();
      desk.replica.applyMeta(makeMeta({ engineId: 'engine-2' }));
      desk.replica.applyReady();
      const back = desk.open(`resume=${desk.hub.stream}:${seqsOf(old).at(-1)}`);
      desk.hub.tick();
      expect(back.types()).toBe('resync hello snapshot');
    });
  });

  test('refuses the client above the limit', () => {
    const desk = new Desk();
    const peers = Array.from({ length: 65 }, () => desk.open());
    expect(peers[63].ended).toBe('');
    expect(peers[64].ended).toBe('closed 1013');
    expect(desk.hub.hasRoom).toBe(false);
  });

  test('wants a token of at least 128 bits', () => {
    const replica = new Replica();
    const trading = new Trading({ replica, sendCommand: () => true });
    const context = { replica, trading, budget: new OrderBudget() };
    expect(() => new Commands('short', context)).toThrow('at least 22');
  });
});
