// The topology: one writer and one reader a ring, user code on threads of its own, no overlaps.
// Run by vitest. Always: expectations come from the rules, never from the code under test.
import { describe, expect, test } from 'vitest';
import { killWordOf, mapMemory, RingOpener } from '../../../engine/host/memory-map.ts';
import { End } from '../../../engine/messages/generated/control.ts';
import { Intent } from '../../../engine/messages/generated/order.ts';
import {
  checkTopology,
  HOST,
  makeTopology,
  type Placement,
  type Topology,
} from '../../../engine/topology.ts';

const PLACEMENTS: readonly Placement[] = [
  { kind: 'single' },
  { kind: 'parked' },
  { kind: 'pinned', engineCore: 0, strategyCore: 1 },
];

function topology(placement: Placement, strategyAccounts = [0, 1, 1], recording = true): Topology {
  const accountCount = 2;
  return makeTopology({ accountCount, strategyAccounts, recording, placement, ringScale: 16 });
}

for (const placement of PLACEMENTS) {
  describe(`the topology of threads '${placement.kind}'`, () => {
    const made = topology(placement);

    test('gives every strategy a way in and out, through the OMS of its own account', () => {
      for (const [s, account] of [0, 1, 1].entries()) {
        const ends = made.rings.filter((ring) => ring.name.endsWith(`:${s}`));
        const find = (name: string) => ends.find((ring) => ring.name === `${name}:${s}`);
        expect(find('ticks')).toMatchObject({ from: 'feed', to: `strategy:${s}` });
        expect(find('intents')).toMatchObject({ from: `strategy:${s}`, to: `oms:${account}` });
        expect(find('updates')).toMatchObject({ from: `oms:${account}`, to: `strategy:${s}` });
      }
    });

    test('leads every order past risk and the gateway before it can reach the exchange', () => {
      const into = (to: string) =>
        made.rings.filter((ring) => ring.to === to && ring.from !== HOST);
      const exchange = into('exchange').map((ring) => ring.from);
      expect(exchange.sort()).toEqual(['gateway:0', 'gateway:1']);
      for (const a of [0, 1]) {
        const gateway = into(`gateway:${a}`).map((ring) => ring.from);
        expect(gateway.sort()).toEqual(['exchange', 'risk']);
      }
      expect(into('risk').map((ring) => ring.from)).toEqual(['oms:0', 'oms:1', 'feed']);
    });

    test('steps actors in the order of the flow', () => {
      const kinds = made.actors.map((actor) => actor.kind);
      const order = ['exchange', 'feed', 'strategy', 'oms', 'risk', 'gateway'];
      expect(kinds).toEqual([...kinds].sort((a, b) => order.indexOf(a) - order.indexOf(b)));
    });

    test('keeps user code off the threads of engine actors, where there is more than one', () => {
      for (const actor of made.actors) {
        const thread = made.threads[actor.thread]!;
        if (made.threads.length > 1) expect(thread.user).toBe(actor.kind === 'strategy');
      }
    });

    test('lays rings, bells, counters and kill words out without overlap', () => {
      const map = mapMemory(made, false);
      const rings = new RingOpener(made, map);
      const spsc = made.rings.filter((ring) => ring.kind === 'spsc');
      for (const [n, ring] of spsc.entries()) {
        const writer = rings.spsc(ring.name);
        const at = writer.tryClaim(Intent.BYTES);
        new Intent().begin(writer.memory, at).intentNo = n + 1;
        writer.commit();
        writer.publish();
      }
      for (const a of [0, 1]) killWordOf(map, a)[0] = 90 + a;
      for (const [n, ring] of spsc.entries()) {
        const seen: number[] = [];
        const onFrame = (_type: number, memory: never, at: number): void => {
          seen.push(new Intent().wrap(memory, at).intentNo);
        };
        rings.spsc(ring.name).poll({ onFrame } as never, 9);
        expect(seen, ring.name).toEqual([n + 1]);
      }
      expect([killWordOf(map, 0)[0], killWordOf(map, 1)[0]]).toEqual([90, 91]);
      expect(new Set(Object.values(map.rings)).size).toBe(made.rings.length);
    });
  });
}

describe('a topology', () => {
  test('records every actor but the exchange, and only when asked', () => {
    const of = (recording: boolean) =>
      topology({ kind: 'parked' }, [0, 1], recording).rings.flatMap((ring) =>
        ring.name.startsWith('record:') ? [ring.from] : [],
      );
    const made = topology({ kind: 'parked' }, [0, 1]);
    expect(of(true)).toEqual(made.actors.map((a) => a.name).filter((name) => name !== 'exchange'));
    expect(of(false)).toEqual([]);
  });

  test('whose actors share a name, talk to themselves or to nobody is refused', () => {
    const made = topology({ kind: 'parked' });
    const ring = made.rings[0]!;
    const broken: [Partial<Topology>, RegExp][] = [
      [{ actors: [...made.actors, made.actors[0]!] }, /actor names/],
      [{ rings: [...made.rings, ring] }, /ring names/],
      [{ rings: [{ ...ring, to: 'nobody' }] }, /no actor nobody/],
      [{ rings: [{ ...ring, to: ring.from }] }, /talks to itself/],
      [{ threads: made.threads.map((thread) => ({ ...thread, user: true })) }, /on exchange/],
      [{ threads: made.threads.slice(0, 1) }, /no thread/],
    ];
    for (const [change, message] of broken) {
      expect(() => checkTopology({ ...made, ...change })).toThrow(message);
    }
  });

  test('with small rings still takes the longest frame of every kind', () => {
    for (const ringScale of [1, 64, 100_000]) {
      const made = makeTopology({
        ...{ accountCount: 1, strategyAccounts: [0], recording: false },
        ...{ placement: { kind: 'single' }, ringScale },
      });
      const bytes = made.rings.map((ring) => ring.bytes);
      expect(bytes.every((n) => n >= 8 * 424 && Number.isInteger(Math.log2(n)))).toBe(true);
    }
  });
});

test('an end fits every ring', () => {
  expect(End.BYTES).toBeLessThan(424);
});
