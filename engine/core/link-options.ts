// How patient one account's link is, as data. Made by the configuration, read by the gateway link.
// All times are engine time, ns.
export interface LinkOptions {
  /** A request without any answer for this long: its fate is unknown. */
  readonly answerNs: number;
  /** Nothing heard for this long while orders are open: the link counts as silent. */
  readonly silentNs: number;
  /** A query without its end for this long has failed. */
  readonly queryNs: number;
  /** Least time between two rounds of queries (R5: the second at least 1 s after the first). */
  readonly gapNs: number;
  /** Orders and trades are asked for this often while orders are open. */
  readonly lightNs: number;
  /** Positions and cash as well this often, and at each of `fullAtNs`. */
  readonly fullNs: number;
  readonly fullAtNs: readonly number[];
}

const SECOND_NS = 1_000_000_000;
const MINUTE_NS = 60 * SECOND_NS;

export const LINK_DEFAULTS: LinkOptions = {
  answerNs: 5 * SECOND_NS,
  silentNs: 15 * SECOND_NS,
  queryNs: 10 * SECOND_NS,
  gapNs: SECOND_NS,
  lightNs: 5 * SECOND_NS,
  fullNs: MINUTE_NS,
  // Behind the morning's and the day's last trade (rules sheet 5.1): 11:35 and 15:05.
  fullAtNs: [695 * MINUTE_NS, 905 * MINUTE_NS],
};
