// The closed weekdays of 2024 to 2026, the same for SSE, SZSE and BSE. Read by built-in.ts. Always:
// every Saturday and Sunday is closed as well, make-up working days 调休 included, and there are no
// half days; 2027 was not announced when this was written (2026-11-21).
import type { CalendarSpan } from './calendar.ts';

const HOLIDAYS = 'exchange notices on holidays; SSE notice of 2025-12-22 for 2026';

function year(of: number, closed: string): CalendarSpan {
  const days = closed.split(' ').map((text) => of * 10_000 + Number(text));
  const span = { from: of * 10_000 + 101, to: of * 10_000 + 1231 };
  return { ...span, closed: days, source: HOLIDAYS, confidence: 'B' };
}

export const BUILT_IN_SPANS: readonly CalendarSpan[] = [
  year(
    2024,
    '0101 0209 0212 0213 0214 0215 0216 0404 0405 0501 0502 0503 0610 0916 0917 ' +
      '1001 1002 1003 1004 1007',
  ),
  year(
    2025,
    '0101 0128 0129 0130 0131 0203 0204 0404 0501 0502 0505 0602 1001 1002 1003 1006 1007 1008',
  ),
  year(
    2026,
    '0101 0102 0216 0217 0218 0219 0220 0223 0406 0501 0504 0505 0619 0925 ' +
      '1001 1002 1005 1006 1007',
  ),
  {
    from: 20270101,
    to: 20270101,
    closed: [20270101],
    source: 'New Year, a statutory holiday; nothing else of 2027 is known',
    confidence: 'B',
  },
];
