// Which event of the order table a report of the gateway or the broker is. Called by the OMS and by
// recovery, so both read a report alike.
// Always: a kind that nobody knows is no event, never a guess.
import {
  REPORT_ACCEPTED,
  REPORT_CANCEL_REJECTED,
  REPORT_CANCELLED,
  REPORT_REJECTED,
  REPORT_UNKNOWN,
  REPORT_WRITTEN,
} from '../messages/codes.ts';
import {
  EVENT_ACCEPTED,
  EVENT_CANCEL_REJECTED,
  EVENT_CANCELLED,
  EVENT_LOST,
  EVENT_REJECTED,
  EVENT_WRITTEN,
} from './order.ts';

/** EVENT_* of a REPORT_* kind; -1 = no report has this kind. */
export function eventOfReport(kind: number): number {
  switch (kind) {
    case REPORT_WRITTEN:
      return EVENT_WRITTEN;
    case REPORT_ACCEPTED:
      return EVENT_ACCEPTED;
    case REPORT_REJECTED:
      return EVENT_REJECTED;
    case REPORT_CANCELLED:
      return EVENT_CANCELLED;
    case REPORT_CANCEL_REJECTED:
      return EVENT_CANCEL_REJECTED;
    case REPORT_UNKNOWN:
      return EVENT_LOST;
    default:
      return -1;
  }
}
