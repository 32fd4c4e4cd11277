// Two tables of one instrument, day and kind made one: two files of a day, or more days of a
// series. Called by the import when a target exists. Always: rows rise by the kind's key; a key
// that both have with different values is told, never decided silently.
import { columnsOf, keyOf, PLACE_COLUMNS, type Table } from './columns.ts';

/** A row of `b` whose key `a` has with other values; columns by name. */
export interface Clash {
  readonly rowA: number;
  readonly rowB: number;
  readonly key: number;
  readonly column: string;
  readonly valueA: number;
  readonly valueB: number;
}

export interface Merged {
  readonly table: Table;
  readonly clashes: readonly Clash[];
}

/**
 * Rows of both by key; where both have a key, the row of `b` wins. `shift` is added to the source
 * numbers of `b`. Pictures may share a time: they are kept, unless all of them is the same.
 */
export function mergeTables(a: Table, b: Table, shift: number): Merged {
  const { kind } = a;
  const names = columnsOf(kind);
  const key = names.indexOf(keyOf(kind));
  const keysA = a.columns[key];
  const keysB = b.columns[key];
  const picks: number[] = [];
  const clashes: Clash[] = [];
  let i = 0;
  let j = 0;
  while (i < a.rows || j < b.rows) {
    const takeA = j >= b.rows || (i < a.rows && keysA[i] < keysB[j]);
    const takeB = !takeA && (i >= a.rows || keysB[j] < keysA[i]);
    if (takeA) picks.push(i++);
    else if (takeB) picks.push(~j++);
    else {
      const column = differing(a, b, i, j);
      if (kind === 'snapshots' && column >= 0) picks.push(i++);
      else {
        if (column >= 0) {
          const name = names[column];
          const values = { valueA: a.columns[column][i], valueB: b.columns[column][j] };
          clashes.push({ rowA: i, rowB: j, key: keysA[i], column: name, ...values });
        }
        picks.push(column >= 0 ? ~j : i);
        i++;
        j++;
      }
    }
  }
  const source = names.indexOf('source');
  const columns = names.map((_, c) => {
    const offset = c === source ? shift : 0;
    return Float64Array.from(picks, (pick) =>
      pick >= 0 ? a.columns[c][pick] : b.columns[c][~pick] + offset,
    );
  });
  return { table: { kind, rows: picks.length, columns }, clashes };
}

/** First own column in which two rows differ; -1 = none. */
function differing(a: Table, b: Table, rowA: number, rowB: number): number {
  for (let c = PLACE_COLUMNS.length; c < a.columns.length; c++) {
    if (a.columns[c][rowA] !== b.columns[c][rowB]) return c;
  }
  return -1;
}
