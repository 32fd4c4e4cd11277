// Every size and maximum of the engine, derived in the open. Imported by all folders; imports
// nothing. The last block checks how the numbers depend on each other, at import.
import { assert } from './assert.ts';

/** Orders one account may make in a day: 20,000 is where high-frequency rules begin; 3x room. */
export const ORDERS_MAX = 65_536;
/** Instruments one process follows in this version. */
export const INSTRUMENTS_MAX = 6_000;
/** Strategies of one engine. */
export const STRATEGIES_MAX = 64;
/** Accounts of one engine. */
export const ACCOUNTS_MAX = 16;
/** Timers one strategy may have pending. */
export const TIMERS_MAX = 256;
/** Frames an agent takes from one port in one duty cycle. */
export const POLL_LIMIT = 64;
/** Bytes of a ring of market events: 10,000 ticks of 424 bytes. */
export const MARKET_RING_BYTES = 4_194_304;
/** Bytes of a ring of intents, orders, requests or reports: about 7,000 frames. */
export const ORDER_RING_BYTES = 1_048_576;
/** Bytes of a control ring. */
export const CONTROL_RING_BYTES = 65_536;
/** Bytes of the ring of one account's desk: some 400 orders of people and programs at once. */
export const DESK_RING_BYTES = 65_536;
/** Bytes of one actor's event broadcast. */
export const EVENT_RING_BYTES = 2_097_152;
/** Bytes of one actor's recording ring: four seconds of 10,000 events of 100 bytes each. */
export const RECORD_RING_BYTES = 4_194_304;
/** Working orders of our own that the simulated exchange holds at once. */
export const WORKING_ORDERS_MAX = 8_192;
/** Book orders of all instruments of a module in this version. */
export const BOOK_ORDERS_MAX = 1_000_000;
/** Ticks of a book window without known limits: 10 % of 2,000 yuan each way and more. */
export const BOOK_TICKS_MAX = 65_536;

assert(POLL_LIMIT * 424 * 4 < MARKET_RING_BYTES, 'a duty cycle must fit its ring four times');
assert(WORKING_ORDERS_MAX <= ORDERS_MAX, 'working orders are orders');
