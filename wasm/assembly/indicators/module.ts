// The exports of indicators.wasm, and nothing else. engine/host/indicators/module.ts loads it,
// calls init() once, writes programs into the arena and calls run(). Only i32 crosses the border;
// values lie in memory. Always: no export traps for a program the host wrote.

import { CHUNK, column, firstByte, HEAD_BYTES, STEP_BYTES } from "./layout";

export { init } from "./layout";
export { run } from "./run";

// Addresses (valid after init(), unsigned) and sizes that the host compares with its own.

export function columnArea(): usize { return column(0); }
export function arena(): usize { return firstByte(); }
export function chunkSize(): i32 { return CHUNK; }
export function stepBytes(): i32 { return STEP_BYTES; }
export function headBytes(): i32 { return HEAD_BYTES; }
