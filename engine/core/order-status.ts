// The statuses of an order and their names: what strategies, pages and journals see. The table of
// how one leads to another is engine/core/order.ts. Numbers are stored in journals: only add.

/** Made by the OMS, reserved, on its way to risk. */
export const STATUS_PENDING = 1;
/** Written to the journal and handed to the link; the broker has not spoken. */
export const STATUS_SUBMITTED = 2;
/** The broker has it. */
export const STATUS_ACCEPTED = 3;
export const STATUS_PARTLY_FILLED = 4;
export const STATUS_FILLED = 5;
/** Live, and a cancel is on its way. */
export const STATUS_CANCEL_PENDING = 6;
/** Cancelled with nothing filled. */
export const STATUS_CANCELLED = 7;
/** Cancelled after some fills. */
export const STATUS_PARTLY_CANCELLED = 8;
export const STATUS_REJECTED = 9;
/** Nobody can say; keeps its reservation until proof. */
export const STATUS_UNKNOWN = 10;

/** Kept by the OMS, reserved and written, until its session opens. */
export const STATUS_HELD = 11;

export const STATUS_COUNT = 12;
/** Names by status number, for the edges. */
export const STATUS_NAMES: readonly string[] = [
  'none',
  'pending',
  'submitted',
  'accepted',
  'partly-filled',
  'filled',
  'cancel-pending',
  'cancelled',
  'partly-cancelled',
  'rejected',
  'unknown',
  'held',
];
