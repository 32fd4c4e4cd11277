// Tables that read like the domain: one step a line, `order A buy 100 @ 10.00 -> A accepted`.
// Used by tests that play a scenario. Always: a line that is not understood fails with its number.

export interface Step {
  readonly line: number;
  readonly text: string;
  readonly words: readonly string[];
  /** What stands behind `->`, split at commas; empty when nothing is expected. */
  readonly expected: readonly string[];
}

/** The steps of a table; empty lines and `#` comments are passed over. */
export function parseTable(text: string): Step[] {
  return text.split('\n').flatMap((raw, index) => {
    const line = raw.replace(/#.*$/, '').trim();
    if (line === '') return [];
    const [left = '', right = ''] = line.split('->').map((part) => part.trim());
    const expected = right === '' ? [] : right.split(',').map((part) => part.trim());
    return [{ line: index + 1, text: left, words: left.split(/\s+/), expected }];
  });
}

/** Yuan with decimals as priceE4. */
export function priceOf(word: string | undefined, step: Step): number {
  const priceE4 = Math.round(Number(word) * 10_000);
  if (!Number.isFinite(priceE4)) fail(step, `'${word}' is no price`);
  return priceE4;
}

export function wholeOf(word: string | undefined, step: Step): number {
  const value = Number(word);
  if (!Number.isInteger(value)) fail(step, `'${word}' is no whole number`);
  return value;
}

/** Throws naming the step. */
export function fail(step: Step, why: string): never {
  throw new Error(`line ${step.line}, '${step.text}': ${why}`);
}
