// The rows an indicator was fed, kept in a run of several days so that it can be re-based on an
// ex-date: the prices before it are multiplied and the indicator is fed anew. Called by
// IndicatorFeed. Invariant: after a re-base the indicator is what it would be had it been fed the
// prices adjusted as of that day; volumes stay as they were traded.
import { type IndicatorBinding, SERIES_VOLUME } from '../core/indicator-port.ts';

const ROWS_FIRST = 256;

export class IndicatorHistory {
  readonly #binding: IndicatorBinding;
  /** A column for each input. */
  readonly #columns: Float64Array[];
  #rows = 0;

  constructor(binding: IndicatorBinding) {
    this.#binding = binding;
    this.#columns = binding.series.map(() => new Float64Array(ROWS_FIRST));
  }

  /** Keeps the row that lies in the inputs. */
  keep(): void {
    const row = this.#rows++;
    const { inputs } = this.#binding.slot;
    for (let k = 0; k < this.#columns.length; k++) {
      if (row >= this.#columns[k]!.length) this.#columns[k] = doubled(this.#columns[k]!);
      this.#columns[k]![row] = inputs[k]![0]!;
    }
  }

  /** Multiplies the prices so far by `factor` and feeds the indicator again. O(rows). */
  rebase(factor: number): void {
    const { slot, series } = this.#binding;
    for (let k = 0; k < series.length; k++) {
      if (series[k] === SERIES_VOLUME) continue;
      const column = this.#columns[k]!;
      for (let row = 0; row < this.#rows; row++) column[row]! *= factor;
    }
    slot.reset();
    for (let row = 0; row < this.#rows; row++) {
      for (let k = 0; k < series.length; k++) slot.inputs[k]![0] = this.#columns[k]![row]!;
      slot.step();
    }
  }
}

function doubled(column: Float64Array): Float64Array {
  const larger = new Float64Array(column.length * 2); // hot-ok: a run of several days grows
  larger.set(column);
  return larger;
}
