// Whether a bar's label is its start or its end, held against what the labels themselves say: in a
// day of the exchange 11:30 and 15:00 can only be ends, 13:00 only a start. Called by the bar
// reader for every minute bar. Always: a file whose labels contradict its layout is refused whole,
// also with --skip-bad-rows: one minute of look-ahead makes every result worthless.
import { MarketDataError } from './errors.ts';
import type { BarLayout } from './layout.ts';
import { AFTERNOON_NS, CLOSE_NS, LUNCH_NS, MORNING_NS, timeNs } from './sessions.ts';

export type Label = 'start' | 'end';

const OTHER = { start: 'end', end: 'start' } as const;
const NAMES = new Map([
  [MORNING_NS, '09:30'],
  [LUNCH_NS, '11:30'],
  [AFTERNOON_NS, '13:00'],
  [CLOSE_NS, '15:00'],
]);

/** What one label proves; null = nothing. */
function proofOf(labelNs: number): Label | null {
  if (labelNs === LUNCH_NS || labelNs === CLOSE_NS) return 'end';
  return labelNs === AFTERNOON_NS ? 'start' : null;
}

/** The meaning of a file's labels. */
export class BarLabels {
  readonly #file: string;
  readonly #layout: BarLayout;
  readonly #given: Label | null;
  /** What labels mean in this file. */
  readonly label: Label;

  /** Throws MarketDataError when the layout does not tell and nobody said it. */
  constructor(file: string, layout: BarLayout, given: Label | null) {
    this.#file = file;
    this.#layout = layout;
    this.#given = given;
    if (layout.label === 'ask' && given === null) {
      throw new MarketDataError(
        `${file}: the header (${layout.id}) does not tell whether a bar's time is its start or ` +
          'its end; say --labels start or --labels end (daily bars: end)',
      );
    }
    this.label = given ?? (layout.label === 'start' ? 'start' : 'end');
  }

  /** Checks one label of a minute bar; throws MarketDataError when it cannot be. */
  check(labelNs: number, line: number): void {
    const proof = proofOf(labelNs);
    if (proof !== null && proof !== this.label) this.#contradicted(labelNs, line);
    if (this.label === 'end') {
      const isAuction = labelNs === MORNING_NS && this.#layout.auction !== 'first';
      if (labelNs <= MORNING_NS && !isAuction && labelNs > timeNs(9, 0)) {
        this.#contradicted(labelNs, line);
      }
    }
  }

  #contradicted(labelNs: number, line: number): never {
    const { id } = this.#layout;
    const text = NAMES.get(labelNs) ?? 'before 09:30';
    const who = this.#given === null ? `layout ${id} says` : 'you said';
    const other = OTHER[this.label];
    const found =
      this.label === 'end' && labelNs <= MORNING_NS
        ? `a bar labelled ${text} cannot end there (the auction is in the first bar)`
        : `a bar labelled ${text} is labelled by its ${other}`;
    throw new MarketDataError(
      `${this.#file}:${line}: contradicting labels: ${found}, but ${who} labels are the ` +
        `${this.label} of a bar; if all are the ${other}, import with --labels ${other}`,
    );
  }
}
