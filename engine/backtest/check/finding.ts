// What a check found, in plain words of both languages. Made by the tests of this folder, printed
// by `pankou check`. Always: `cheat` means that the result cannot be believed, `warning` that a
// person should look, `fine` that a test was made and found nothing.

export type Level = 'cheat' | 'warning' | 'fine' | 'note';

export interface Finding {
  readonly level: Level;
  /** Which test. */
  readonly test: 'code' | 'data' | 'repeat' | 'future' | 'warm-up' | 'latency' | 'cost' | 'run';
  readonly zh: string;
  readonly en: string;
}
