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
import { STATUS_COUNT, STATUS_NAMES } from '../../../engine/core/order-status.ts';

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
pending          | sent    live    refused part    filled  !       !       !       unknown
submitted        | .       live    refused part    filled  leaving gone    .       unknown
accepted         | .       .       refused part    filled  leaving gone    .       unknown
partly-filled    | .       .       !       part    filled  leaving gone    .       unknown
filled           | .       .       !       !       !       !       .       .       .
cancel-pending   | .       .       refused leaving filled  .       gone    live    unknown
cancelled        | .       .       .       mixed   filled  !       .       .       .
partly-cancelled | .       .       !       mixed   filled  !       .       .       .
rejected         | .       .       .       mixed   filled  !       .       .       .
unknown          | .       live    refused part    filled  leaving gone    .       .
held             | sent    live    refused part    filled  !       gone    !       .
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
});
