// Intents that the OMS takes in lockstep: none is handed over while a quote waits, so an order is
// judged by the market as its strategy saw it. An event that is told of thousands of instruments (a
// phase of the market) fills several duty cycles; by the clock orders wait for none of that. Made
// by the assembly. Invariant: nothing is kept back for good: the OMS takes quotes in every cycle.
import type { FrameInput } from '../actors/port.ts';
import type { FrameHandler } from '../ring/frame-handler.ts';

export class BehindQuotes implements FrameInput {
  readonly #intents: FrameInput;
  readonly #quotes: FrameInput;

  constructor(intents: FrameInput, quotes: FrameInput) {
    this.#intents = intents;
    this.#quotes = quotes;
  }

  poll(handler: FrameHandler, limit: number): number {
    return this.#quotes.isEmpty() ? this.#intents.poll(handler, limit) : 0;
  }

  isEmpty(): boolean {
    return this.#intents.isEmpty();
  }
}
