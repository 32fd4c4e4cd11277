// Rings of one simulated process: the engine's own ring code over a plain buffer, with small random
// capacities, and a watch on those whose frames are effects (towards the link and the OMS). Called
// by life.ts. Invariant: a watched publish is seen before any reader can take the frames.
import { must } from '../assert.ts';
import { type MemoryMap, RingOpener } from '../host/memory-map.ts';
import type { FrameMemory } from '../messages/frames.ts';
import { SpscRing } from '../ring/spsc-ring.ts';
import type { RingSpec, Topology } from '../topology.ts';
import type { CrashPoint } from './crash-signal.ts';
import type { Random } from './random.ts';

/** Hears of every frame that an engine actor puts on a watched ring. */
export interface RingWatch {
  /** A frame is written; nobody can read it yet. */
  committed(ring: string, memory: FrameMemory, at: number): void;
  /** What was committed becomes readable. */
  published(ring: string): void;
}

/** What one life's rings tell the auditor, until that life is no longer the one audited. */
export class LifeWatch implements RingWatch {
  #watch: RingWatch | null;

  constructor(watch: RingWatch) {
    this.#watch = watch;
  }

  end(): void {
    this.#watch = null;
  }

  committed(ring: string, memory: FrameMemory, at: number): void {
    this.#watch?.committed(ring, memory, at);
  }

  published(ring: string): void {
    this.#watch?.published(ring);
  }
}

/** Rings whose publish is an effect a crash can fall on. */
const EFFECTS = /^(link|reports|requests|orders):/;
/** Rings the auditor listens to. */
const WATCHED = /^(link|reports):/;

export class TapRing extends SpscRing {
  readonly #name: string;
  readonly #watch: RingWatch | null;
  readonly #crash: CrashPoint;
  #at = 0;
  #committed = 0;

  constructor(
    name: string,
    map: MemoryMap,
    bytes: number,
    watch: RingWatch | null,
    crash: CrashPoint,
  ) {
    super(map.buffer, must(map.rings[name], `ring ${name}`), bytes);
    this.#name = name;
    this.#watch = watch;
    this.#crash = crash;
  }

  override tryClaim(bytes: number): number {
    this.#at = super.tryClaim(bytes);
    return this.#at;
  }

  override commit(): void {
    super.commit();
    this.#committed++;
    this.#watch?.committed(this.#name, this.memory, this.#at);
  }

  override publish(): void {
    if (this.#committed === 0) return;
    this.#crash.effect(`before-publish ${this.#name}`);
    this.#committed = 0;
    this.#watch?.published(this.#name);
    super.publish();
    this.#crash.effect(`after-publish ${this.#name}`);
  }
}

/** Opens tapped rings for actors. */
export class SimRings extends RingOpener {
  readonly #map: MemoryMap;
  readonly #specs: ReadonlyMap<string, RingSpec>;
  readonly #watch: RingWatch;
  readonly #crash: CrashPoint;

  constructor(topology: Topology, map: MemoryMap, watch: RingWatch, crash: CrashPoint) {
    super(topology, map);
    this.#map = map;
    this.#specs = new Map(topology.rings.map((ring) => [ring.name, ring]));
    this.#watch = watch;
    this.#crash = crash;
  }

  override spsc(name: string): SpscRing {
    const { bytes } = must(this.#specs.get(name), `ring ${name}`);
    if (!EFFECTS.test(name)) {
      return new SpscRing(this.#map.buffer, must(this.#map.rings[name], `ring ${name}`), bytes);
    }
    const watch = WATCHED.test(name) ? this.#watch : null;
    return new TapRing(name, this.#map, bytes, watch, this.#crash);
  }
}

/** The topology with rings of random small sizes and without the lossy ones people watch. */
export function smallRings(topology: Topology, random: Random, smallest: boolean): Topology {
  const rings = topology.rings
    .filter((ring) => ring.kind === 'spsc')
    .map((ring) => ({ ...ring, bytes: 4_096 << (smallest ? random.below(2) : random.below(5)) }));
  return { ...topology, rings };
}
