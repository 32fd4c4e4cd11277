// The status by event table of an order, cell by cell, and the properties every row must keep.
// Run by vitest. Always: expectations come from the rules, never from the code under test.
import { describe, expect, test } from 'vitest';
import {
  EVENT_ACCEPTED,
  EVENT_CANCEL_REJECTED,
  EVENT_CANCEL_SENT,
  EVENT_CANCELLED,
  EVENT_COUNT,
  EVENT_LAST_FILL,
  EVENT_LOST,
  EVENT_PARTIAL_FILL,
  EVENT_REJECTED,
  EVENT_WRITTEN,
  INVALID,
  isFinal,
  isOpen,
  STAY,
  transition,
} from '../../../engine/core/order.ts';
import {
  STATUS_CANCELLED,
  STATUS_COUNT,
  STATUS_NAMES,
  STATUS_PARTLY_CANCELLED,
  STATUS_SUBMITTED,
  STATUS_UNKNOWN,
} from '../../../engine/core/order-status.ts';

const EVENTS: { readonly [name: string]: number } = {
  written: EVENT_WRITTEN,
  accepted: EVENT_ACCEPTED,
  rejected: EVENT_REJECTED,
  partial: EVENT_PARTIAL_FILL,
  last: EVENT_LAST_FILL,
  'cancel-sent': EVENT_CANCEL_SENT,
  cancelled: EVENT_CANCELLED,
  'cancel-refused': EVENT_CANCEL_REJECTED,
  lost: EVENT_LOST,
};

/** Written by hand from the meaning of each status, not from the code: `.` stay, `!` no. */
const CELLS = `
none             | !       !       !       !       !       !       !       !       !
pending          | sent    live    refused part    filled  !       gone    .       unknown
submitted        | .       live    refused part    filled  leaving gone    .       unknown
accepted         | .       .       refused part    filled  leaving gone    .       unknown
partly-filled    | .       .       !       part    filled  leaving gone    .       unknown
filled           | .       .       !       !       !       !       .       .       .
cancel-pending   | .       .       refused leaving filled  .       gone    live    unknown
cancelled        | .       .       .       mixed   filled  !       .       .       .
partly-cancelled | .       .       !       mixed   filled  !       .       .       .
rejected         | .       .       .       mixed   filled  !       .       .       .
unknown          | .       live    refused part    filled  .       gone    .       .
held             | sent    live    refused part    filled  !       gone    .       .
`;

const rows = CELLS.trim()
  .split('\n')
  .map((line) => {
    const [status = '', cells = ''] = line.split('|').map((part) => part.trim());
    return { status, cells: cells.split(/\s+/) };
  });

/** Short names of the cells, for a table that fits its lines. */
const SHORT: { readonly [status: string]: string } = {
  submitted: 'sent',
  accepted: 'live',
  rejected: 'refused',
  'partly-filled': 'part',
  'cancel-pending': 'leaving',
  cancelled: 'gone',
  'partly-cancelled': 'mixed',
};

function nameOf(next: number): string {
  if (next === INVALID) return '!';
  if (next === STAY) return '.';
  const name = STATUS_NAMES[next]!;
  return SHORT[name] ?? name;
}

describe('the table of an order', () => {
  test('has a row for every status and a cell for every event', () => {
    expect(rows.map((row) => row.status)).toEqual(STATUS_NAMES);
    expect(rows).toHaveLength(STATUS_COUNT);
    expect(Object.keys(EVENTS)).toHaveLength(EVENT_COUNT);
  });

  for (const [status, row] of rows.entries()) {
    test(`says what each event does to an order that is ${row.status}`, () => {
      const found = Object.values(EVENTS).map((event) => nameOf(transition(status, event)));
      expect(found).toEqual(row.cells);
    });
  }

  test('answers INVALID for an event that is none, whatever the status', () => {
    for (let status = 0; status < STATUS_COUNT; status++) {
      for (const event of [-1, -9, EVENT_COUNT, EVENT_COUNT + 5]) {
        expect(transition(status, event)).toBe(INVALID);
      }
    }
  });

  test('lets nothing but a late fill lead out of a final status', () => {
    for (let status = 0; status < STATUS_COUNT; status++) {
      if (!isFinal(status)) continue;
      for (const [name, event] of Object.entries(EVENTS)) {
        const next = transition(status, event);
        if (name !== 'partial' && name !== 'last') expect(next, name).toBeLessThanOrEqual(STAY);
        else if (next > 0) expect(isFinal(next), name).toBe(true);
      }
    }
  });

  test('calls every status but none either open or final', () => {
    for (let status = 1; status < STATUS_COUNT; status++) {
      expect(isOpen(status), STATUS_NAMES[status]).toBe(!isFinal(status));
    }
    expect(isOpen(0) || isFinal(0)).toBe(false);
  });

  test('keeps its promises over every sequence of seven events (4,782,969 of each start)', () => {
    const events = EVENT_COUNT;
    const last = events ** 7;
    let reopened = 0;
    let guessed = 0;
    for (let n = 0; n < last; n++) {
      let current = STATUS_SUBMITTED;
      for (let rest = n, depth = 0; depth < 7; depth++, rest = Math.floor(rest / events)) {
        const event = rest % events;
        const next = transition(current, event);
        if (next <= STAY) continue;
        if (isFinal(current) && !isFinal(next)) reopened++;
        // Only a word about the order itself leads out of UNKNOWN.
        const silent = event === EVENT_CANCEL_SENT || event === EVENT_CANCEL_REJECTED;
        if (current === STATUS_UNKNOWN && (silent || event === EVENT_WRITTEN)) guessed++;
        current = next;
      }
    }
    expect([reopened, guessed]).toEqual([0, 0]);
  });

  test('reaches one end for doubled, late and swapped words of the same life', () => {
    const lives: number[][] = [
      [EVENT_ACCEPTED, EVENT_PARTIAL_FILL, EVENT_CANCELLED],
      [EVENT_ACCEPTED, EVENT_PARTIAL_FILL, EVENT_LAST_FILL],
      [EVENT_LOST, EVENT_ACCEPTED, EVENT_CANCELLED],
      [EVENT_CANCEL_SENT, EVENT_CANCELLED, EVENT_ACCEPTED],
    ];
    for (const life of lives) {
      const ends = new Set(permutations(life).map((order) => endOf(order)));
      expect([...ends], life.join()).toHaveLength(1);
    }
  });
});

/** Status after events, with what the account makes of fills (cancelled and filled = mixed). */
function endOf(events: readonly number[]): string {
  let current = STATUS_SUBMITTED;
  let fills = 0;
  let isLast = false;
  for (const event of events) {
    // What is left decides whether a fill is the last one, not its name.
    const isFill = event === EVENT_PARTIAL_FILL || event === EVENT_LAST_FILL;
    if (isFill) {
      fills++;
      isLast = events.includes(EVENT_LAST_FILL) && fills === 2;
    }
    const real = isFill ? (isLast ? EVENT_LAST_FILL : EVENT_PARTIAL_FILL) : event;
    const next = transition(current, real);
    if (next > STAY) current = next;
  }
  const isCancelled = current === STATUS_CANCELLED || current === STATUS_PARTLY_CANCELLED;
  return isCancelled ? `cancelled ${fills}` : STATUS_NAMES[current]!;
}

function permutations(list: readonly number[]): number[][] {
  if (list.length < 2) return [[...list]];
  return list.flatMap((one, i) =>
    permutations([...list.slice(0, i), ...list.slice(i + 1)]).map((rest) => [one, ...rest]),
  );
}
