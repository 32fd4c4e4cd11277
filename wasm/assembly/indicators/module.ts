// The exports of indicators.wasm, and nothing else. engine/host/indicators/module.ts loads it, calls
// init() once, writes programs into the arena and calls run(). Only i32 crosses the border; values
// lie in memory. Always: no export traps for a program the host wrote.

export { arena, chunkSize, columnArea, headBytes, init, stepBytes } from "./layout";
export { run } from "./run";
