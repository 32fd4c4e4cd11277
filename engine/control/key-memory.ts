// Remembers what a key was answered, so that a repeated request does nothing a second time. Used by
// the calls that carry a key and have no place in the journal to keep it. Always: the same key with
// the same content gets the first answer, other content is refused; bounded, oldest forgotten.
import { createHash } from 'node:crypto';
import { type Outcome, refuse } from './outcome.ts';

const KEPT = 1_000;

export class KeyMemory {
  readonly #answers = new Map<string, { content: string; answer: Promise<Outcome<unknown>> }>();

  /** `content` may hold secrets: only its hash is kept. */
  once<Data>(
    key: string,
    content: unknown,
    run: () => Promise<Outcome<Data>>,
  ): Promise<Outcome<Data>> {
    const hash = createHash('sha256').update(JSON.stringify(content)).digest('hex');
    const before = this.#answers.get(key);
    if (before !== undefined) {
      if (before.content === hash) return before.answer as Promise<Outcome<Data>>;
      const message = 'the key was used for something else; nothing was done';
      return Promise.resolve(refuse('key-reused', message, { field: 'Idempotency-Key' }));
    }
    const answer = run();
    this.#answers.set(key, { content: hash, answer });
    if (this.#answers.size > KEPT) {
      for (const oldest of this.#answers.keys()) {
        this.#answers.delete(oldest);
        break;
      }
    }
    return answer;
  }
}
