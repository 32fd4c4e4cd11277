// What a strategy's host owes the OMS and people: that the strategy failed or stopped, and that its
// input came to its end. Used by the strategy host. Always: neither is lost; the OMS hears them as
// soon as the ring of intents has room, failure before end.
import { STAGE_STRATEGY, STRATEGY_FAILED } from '../messages/codes.ts';
import type { FrameMemory } from '../messages/frames.ts';
import { End, StrategyState } from '../messages/generated/control.ts';
import type { EventSink, OutPort } from './port.ts';

export class StrategyWord {
  /** A failure that the OMS has not been told of. */
  owesFailure = false;
  /** END_* that the OMS has not been told; 0 = none. */
  endReason = 0;
  readonly #strategy: number;
  readonly #end = new End();
  readonly #state = new StrategyState();

  constructor(strategy: number) {
    this.#strategy = strategy;
  }

  get isOwed(): boolean {
    return this.owesFailure || this.endReason !== 0;
  }

  /** Tells the OMS what it is owed, as far as there is room. */
  pay(intents: OutPort, nowNs: number): void {
    if (this.owesFailure && intents.room() >= StrategyState.BYTES * 4) {
      const at = intents.claim(StrategyState.BYTES);
      if (at >= 0) {
        this.#write(intents.memory, at, STRATEGY_FAILED, nowNs);
        intents.commit();
        this.owesFailure = false;
      }
    }
    if (this.endReason !== 0 && !this.owesFailure && intents.room() >= End.BYTES * 4) {
      const at = intents.claim(End.BYTES);
      if (at < 0) return;
      this.#end.begin(intents.memory, at).reason = this.endReason;
      this.#end.eventNs = nowNs;
      intents.commit();
      this.endReason = 0;
    }
    intents.publish();
  }

  /** Tells people of a state, STRATEGY_*. */
  show(events: EventSink, state: number, nowNs: number): void {
    const at = events.claim(StrategyState.BYTES);
    if (at < 0) return;
    this.#write(events.memory, at, state, nowNs);
    events.commit();
    events.publish();
  }

  #write(memory: FrameMemory, at: number, state: number, eventNs: number): void {
    const out = this.#state.begin(memory, at);
    out.eventNs = eventNs;
    out.source = STAGE_STRATEGY;
    out.strategy = this.#strategy;
    out.state = state;
  }
}
