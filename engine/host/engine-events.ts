// The engine's own state for people: an EngineState frame and a health message twice a second.
// Called by the core process. Invariant: it reads counters and what actors showed, and decides
// nothing.
import {
  ENGINE_KILLED,
  ENGINE_RUNNING,
  ENGINE_STOPPED,
  LINK_DOWN,
  LINK_NAMES,
  LINK_READY,
  LINK_SILENT,
  LINK_UP,
} from '../messages/codes.ts';
import { FrameMemory } from '../messages/frames.ts';
import { EngineState } from '../messages/generated/event.ts';
import type { LinkHealth } from '../messages/link-types.ts';
import type { EventPump } from './event-pump.ts';
import type { EventSocket } from './event-socket.ts';
import { breachText } from './open-risk.ts';
import type { EngineSetup } from './setup.ts';
import type { Supervisor } from './supervisor.ts';

/** A difference of two machines' clocks that people must know. */
const CLOCK_OFFSET_MAX_MS = 2_000;
const QUOTE_STATES: ReadonlyMap<number, string> = new Map([
  [LINK_DOWN, 'the link to the bridge is down'],
  [LINK_UP, 'none has come yet'],
  [LINK_SILENT, 'none comes although the market trades'],
]);

/** What is said of arming: sentences for the banner, facts for the api process. */
export interface ArmingWords {
  texts(): readonly string[];
  health(): Pick<LinkHealth, 'arming'>;
}

const NO_ARMING: ArmingWords = { texts: () => [], health: () => ({}) };

export class EngineEvents {
  readonly #setup: EngineSetup;
  readonly #supervisor: Supervisor;
  readonly #pump: EventPump;
  readonly #socket: EventSocket | null;
  readonly #arming: ArmingWords;
  readonly #memory = new FrameMemory(new ArrayBuffer(256));
  readonly #state = new EngineState();
  #lastEvents = 0;
  #lastMs = performance.now();

  constructor(
    setup: EngineSetup,
    supervisor: Supervisor,
    pump: EventPump,
    socket: EventSocket | null,
    arming: ArmingWords = NO_ARMING,
  ) {
    this.#arming = arming;
    this.#setup = setup;
    this.#supervisor = supervisor;
    this.#pump = pump;
    this.#socket = socket;
  }

  /** State and health as they are now. */
  report(): void {
    if (this.#socket === null) return;
    const events = this.#supervisor.marketEvents;
    const nowMs = performance.now();
    const seconds = Math.max(0.001, (nowMs - this.#lastMs) / 1000);
    const eventsPerSecond = Math.max(0, (events - this.#lastEvents) / seconds);
    this.#lastEvents = events;
    this.#lastMs = nowMs;
    this.#sendState(this.#supervisor.killed ? ENGINE_KILLED : ENGINE_RUNNING, events);
    this.#socket.sendJson('health', {
      actors: this.#supervisor.health(),
      strategies: this.#setup.strategies.map(({ name }, i) => {
        const reason = this.#failureOf(i, name);
        if (reason !== null) return { name, state: 'failed' as const, reason };
        if (!this.#supervisor.killedStrategies.has(i)) return { name, state: 'running' as const };
        return { name, state: 'stopped' as const, reason: 'kill switch' };
      }),
      eventsPerSecond,
      dropped: this.#pump.lost,
      virtualNs: this.#pump.nowNs,
      ...this.#arming.health(),
      ...this.#message(),
    });
  }

  /** The last word before the socket closes. */
  end(): void {
    if (this.#socket !== null) this.#sendState(ENGINE_STOPPED, this.#supervisor.marketEvents);
  }

  /** What people must know of links, kill switches and stops of risk; empty = nothing. */
  #message(): { message?: string } {
    const texts: string[] = [];
    for (const [account, state] of this.#pump.links) {
      if (state === LINK_READY) continue;
      const id = this.#setup.accounts[account]?.id ?? `${account}`;
      texts.push(`account ${id}: link to the broker is ${LINK_NAMES[state]}, no new orders`);
    }
    texts.push(...this.#quoteTexts());
    const { killed, killedAccounts } = this.#supervisor;
    for (const account of killed ? [] : killedAccounts) {
      texts.push(`account ${this.#setup.accounts[account]!.id}: kill switch is on`);
    }
    if (!killed) texts.push(...this.#arming.texts());
    texts.push(...this.#pump.risk.texts());
    return texts.length === 0 ? {} : { message: texts.join('; ') };
  }

  /** What is wrong with live quotes. */
  #quoteTexts(): string[] {
    const { quotes } = this.#pump;
    if (quotes === null) return [];
    const { state, clockOffsetMs, isRecording } = quotes;
    const texts: string[] = [];
    if (state !== LINK_READY) {
      const what = QUOTE_STATES.get(state) ?? LINK_NAMES[state];
      texts.push(`quotes: ${what}; books are stale`);
    }
    if (Math.abs(clockOffsetMs) > CLOCK_OFFSET_MAX_MS) {
      const by = (clockOffsetMs / 1_000).toFixed(1);
      texts.push(`quotes: the bridge's clock is off by ${by} s`);
    }
    if (!isRecording) texts.push('quotes: NOT BEING RECORDED');
    return texts;
  }

  /** Why a strategy does not run any more; null = it does. */
  #failureOf(strategy: number, name: string): string | null {
    const { barred = [] } = this.#setup.strategies[strategy]!;
    if (barred.length > 0) return `not started: ${breachText(barred)}`;
    const dead = this.#supervisor.strategyFailures.get(strategy);
    if (dead !== undefined) return dead;
    if (!this.#pump.failed.has(strategy)) return null;
    return (this.#supervisor.lastLines.get(name) ?? 'it threw an error').split('\n')[0]!;
  }

  #sendState(state: number, events: number): void {
    const frame = this.#state.begin(this.#memory, 0);
    frame.eventNs = this.#pump.nowNs;
    frame.state = state;
    frame.phase = this.#pump.phase;
    frame.killed = this.#supervisor.killed ? 1 : 0;
    frame.day = this.#setup.day;
    frame.events = events;
    frame.dropped = this.#pump.lost;
    this.#socket?.send(this.#memory, 0);
  }
}
