// Loads wasm/build/kernels.wasm for the calling thread and wraps its exports as the ports of
// engine/core/book.ts and exchange-kernel.ts. Called once per thread by the host (and by tests
// and benches), which injects the facades into actors. Always: the instance and its memory are
// private to the thread and laid out before loadKernels returns; memory never grows after, so the
// views below stay valid; a facade call allocates nothing and never throws.

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { BookKernel, IndicatorKernel } from '../core/book.ts';
import { BookCode } from '../core/book.ts';
import type { ExchangeKernel, ValidationKernel } from '../core/exchange-kernel.ts';
import { WasmExchange, WasmValidation } from './exchange-kernel.ts';
import { instanceOf } from './wasm-modules.ts';

export interface KernelOptions {
  /** Instrument indexes 0..maxInstruments - 1; at most 65,536. */
  readonly maxInstruments: number;
  /** Order slots, shared out as quotas by openInstrument; at most 33,554,432. */
  readonly maxOrders: number;
  /** Ticks of all price windows together; at most 67,108,864. */
  readonly maxLevels: number;
  /** Another module file; for tests. */
  readonly wasmPath?: string;
}

export interface Kernels {
  readonly book: BookKernel;
  readonly validate: ValidationKernel;
  readonly exchange: ExchangeKernel;
  readonly indicators: IndicatorKernel;
  /** Bytes of module memory, constant from here on. */
  readonly memoryBytes: number;
  /** Forgets books, rules and indicators: as new, for another run. */
  renew(): void;
}

/** The part of the WebAssembly API used here: the Node types do not declare it. */
interface WasmMemory {
  readonly buffer: ArrayBuffer;
}
declare const WebAssembly: {
  readonly Memory: new (limits: { initial: number }) => WasmMemory;
};

type Fn = (...args: number[]) => number;
/** The module's functions by name. */
type KernelExports = { readonly [name: string]: Fn };

const DEFAULT_PATH = fileURLToPath(new URL('../../wasm/build/kernels.wasm', import.meta.url));

// Capacities and record sizes of the module: wasm/assembly/codes.ts and layout.ts; a test compares.
const COMMAND_CAPACITY = 16_384;
const COMMAND_INTS = 8;
const DEPTH_CAPACITY = 4_096;
const QUEUE_CAPACITY = 4_096;
/** int32 words of a depth row: price, orders, quantity (float64); a Level struct has the same. */
const DEPTH_INTS = 4;
const INDICATOR_BATCH_CAPACITY = 16_384;
const TRADE_INTS = 5;

/** Throws an Error that names what is wrong and what to do; afterwards nothing throws. */
export function loadKernels(options: KernelOptions): Kernels {
  const path = options.wasmPath ?? DEFAULT_PATH;
  if (!existsSync(path)) {
    throw new Error(`kernels: ${path} is missing; run npm run build:wasm`);
  }
  const { memory, exports } = instantiate(path);
  const code = call(exports, 'init')(options.maxInstruments, options.maxOrders, options.maxLevels);
  if (code !== BookCode.OK) throw new Error(refusal(code, options));
  const exportOf = (name: string) => call(exports, name);
  return {
    book: new WasmBook(memory, exports),
    validate: new WasmValidation(memory.buffer, exportOf),
    exchange: new WasmExchange(exportOf),
    indicators: new WasmIndicators(memory, exports),
    memoryBytes: memory.buffer.byteLength,
    renew: () => void exportOf('renew')(),
  };
}

function instantiate(path: string): { memory: WasmMemory; exports: KernelExports } {
  let found: { readonly [name: string]: unknown };
  try {
    found = instanceOf(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`kernels: ${path} cannot be loaded (${reason}); run npm run build:wasm`);
  }
  const memory = found['memory'];
  if (!(memory instanceof WebAssembly.Memory)) {
    throw new Error(`kernels: ${path} exports no memory; run npm run build:wasm`);
  }
  return { memory, exports: found as KernelExports };
}

/** A named export; a module built from other sources is refused here and not at the first order. */
function call(exports: KernelExports, name: string): Fn {
  const fn = exports[name];
  if (typeof fn !== 'function') {
    throw new Error(`kernels: kernels.wasm has no export ${name}; run npm run build:wasm`);
  }
  return fn;
}

/** Byte address of a shared area, unsigned. */
function area(exports: KernelExports, name: string): number {
  return call(exports, name)() >>> 0;
}

function refusal(code: number, o: KernelOptions): string {
  const pools = `maxOrders=${o.maxOrders} maxLevels=${o.maxLevels}`;
  const sizes = `maxInstruments=${o.maxInstruments} ${pools}`;
  if (code === BookCode.BAD_SIZE) {
    return (
      `kernels: sizes out of range: ${sizes}; expected whole numbers, ` +
      'maxInstruments 1..65536, maxOrders 1..33554432, maxLevels 1..67108864'
    );
  }
  if (code === BookCode.NO_MEMORY) {
    return (
      `kernels: ${sizes} need more than 3.5 GiB, or the system refused the memory; ` +
      'lower the sizes or spread the instruments over several modules'
    );
  }
  return `kernels: init refused with code ${code}: ${sizes}`;
}

/** A field of a packed command; what does not fit becomes 255, which no op, side or kind is. */
function byte(value: number): number {
  return value >>> 0 > 255 ? 255 : value;
}

class WasmBook implements BookKernel {
  readonly depthCapacity = DEPTH_CAPACITY;
  readonly queueCapacity = QUEUE_CAPACITY;
  readonly commandCapacity = COMMAND_CAPACITY;
  readonly #ints: Int32Array;
  readonly #floats: Float64Array;
  // Indexes of the areas: int32 elements, and float64 elements where it says so.
  readonly #status: number;
  readonly #statusFloats: number;
  readonly #trades: number;
  readonly #bids: number;
  readonly #asks: number;
  readonly #bidFloats: number;
  readonly #askFloats: number;
  readonly #queueRows: number;
  readonly #commands: number;
  readonly #fns: { readonly [name in BookFunction]: Fn };

  constructor(memory: WasmMemory, exports: KernelExports) {
    this.#ints = new Int32Array(memory.buffer);
    this.#floats = new Float64Array(memory.buffer);
    this.#status = area(exports, 'statusArea') / 4;
    this.#statusFloats = area(exports, 'statusArea') / 8;
    this.#trades = area(exports, 'tradeArea') / 4;
    this.#bids = area(exports, 'depthArea') / 4;
    this.#asks = this.#bids + DEPTH_CAPACITY * 4;
    this.#bidFloats = area(exports, 'depthArea') / 8;
    this.#askFloats = this.#bidFloats + DEPTH_CAPACITY * 2;
    this.#queueRows = area(exports, 'queueArea') / 4;
    this.#commands = area(exports, 'commandArea') / 4;
    for (const name of BOOK_FUNCTIONS) call(exports, name);
    this.#fns = exports as { readonly [name in BookFunction]: Fn };
  }

  openInstrument(instr: number, tickE4: number, loE4: number, hiE4: number, quota: number): number {
    return this.#fns.openInstrument(instr, tickE4, loE4, hiE4, quota);
  }

  openOverflow(instr: number, levels: number): number {
    return this.#fns.openOverflow(instr, levels);
  }

  resetInstrument(instr: number): number {
    return this.#fns.resetInstrument(instr);
  }

  emptyAll(): number {
    return this.#fns.emptyAll();
  }

  resetAll(): number {
    return this.#fns.resetAll();
  }

  add(instr: number, id: number, side: number, priceE4: number, qty: number): number {
    return this.#fns.add(instr, id, side, priceE4, qty);
  }

  submit(
    instr: number,
    id: number,
    side: number,
    kind: number,
    priceE4: number,
    qty: number,
  ): number {
    return this.#fns.submit(instr, id, side, kind, priceE4, qty);
  }

  cancel(instr: number, id: number, qty: number): number {
    return this.#fns.cancel(instr, id, qty);
  }

  reduce(instr: number, id: number, qty: number): number {
    return this.#fns.reduce(instr, id, qty);
  }

  auctionPriceE4(instr: number, refE4: number): number {
    return this.#fns.auctionPrice(instr, refE4);
  }

  get auctionQty(): number {
    return this.#floats[this.#statusFloats + 3];
  }

  get auctionImbalance(): number {
    return this.#floats[this.#statusFloats + 4];
  }

  uncross(instr: number, priceE4: number): number {
    return this.#fns.uncross(instr, priceE4);
  }

  get tradeCount(): number {
    return this.#ints[this.#status];
  }

  tradeBuyId(index: number): number {
    return this.#ints[this.#trades + index * TRADE_INTS];
  }

  tradeSellId(index: number): number {
    return this.#ints[this.#trades + index * TRADE_INTS + 1];
  }

  tradePriceE4(index: number): number {
    return this.#ints[this.#trades + index * TRADE_INTS + 2];
  }

  tradeQty(index: number): number {
    return this.#ints[this.#trades + index * TRADE_INTS + 3];
  }

  tradeAggressor(index: number): number {
    return this.#ints[this.#trades + index * TRADE_INTS + 4];
  }

  get restedQty(): number {
    return this.#ints[this.#status + 1];
  }

  get restedPriceE4(): number {
    return this.#ints[this.#status + 2];
  }

  get killedQty(): number {
    return this.#ints[this.#status + 3];
  }

  bestBid(instr: number): number {
    return this.#fns.bestBid(instr);
  }

  bestAsk(instr: number): number {
    return this.#fns.bestAsk(instr);
  }

  depth(instr: number, levels: number): number {
    return this.#fns.depth(instr, levels);
  }

  get bidLevels(): number {
    return this.#ints[this.#status + 4];
  }

  get askLevels(): number {
    return this.#ints[this.#status + 5];
  }

  bidPriceE4(level: number): number {
    return this.#ints[this.#bids + level * 4];
  }

  bidQty(level: number): number {
    return this.#floats[this.#bidFloats + level * 2 + 1];
  }

  bidOrders(level: number): number {
    return this.#ints[this.#bids + level * 4 + 1];
  }

  askPriceE4(level: number): number {
    return this.#ints[this.#asks + level * 4];
  }

  askQty(level: number): number {
    return this.#floats[this.#askFloats + level * 2 + 1];
  }

  copyDepth(target: Int32Array, bidWord: number, askWord: number, levels: number): void {
    const ints = this.#ints;
    const bids = Math.min(levels, this.bidLevels) * DEPTH_INTS;
    const asks = Math.min(levels, this.askLevels) * DEPTH_INTS;
    for (let i = 0; i < bids; i++) target[bidWord + i] = ints[this.#bids + i];
    for (let i = 0; i < asks; i++) target[askWord + i] = ints[this.#asks + i];
  }

  askOrders(level: number): number {
    return this.#ints[this.#asks + level * 4 + 1];
  }

  orderQty(instr: number, id: number): number {
    return this.#fns.orderQty(instr, id);
  }

  queueAhead(instr: number, id: number): number {
    return this.#fns.queueAhead(instr, id);
  }

  levelQty(instr: number, side: number, priceE4: number): number {
    return this.#fns.levelQty(instr, side, priceE4);
  }

  queue(instr: number, side: number, priceE4: number, limit: number): number {
    return this.#fns.queue(instr, side, priceE4, limit);
  }

  queueId(index: number): number {
    return this.#ints[this.#queueRows + index * 2];
  }

  queueQty(index: number): number {
    return this.#ints[this.#queueRows + index * 2 + 1];
  }

  orderCount(instr: number): number {
    return this.#fns.orderCount(instr);
  }

  checksum(instr: number): number {
    return this.#fns.checksum(instr);
  }

  writeCommand(
    index: number,
    op: number,
    instr: number,
    id: number,
    side: number,
    kind: number,
    priceE4: number,
    qty: number,
  ): void {
    const ints = this.#ints;
    const at = this.#commands + index * COMMAND_INTS;
    ints[at] = byte(op) | (byte(side) << 8) | (byte(kind) << 16);
    ints[at + 1] = instr;
    ints[at + 2] = id;
    ints[at + 3] = priceE4;
    ints[at + 4] = qty;
  }

  runBatch(from: number, count: number): number {
    return this.#fns.runBatch(from, count);
  }

  commandResult(index: number): number {
    return this.#ints[this.#commands + index * COMMAND_INTS + 5];
  }

  commandRestedQty(index: number): number {
    return this.#ints[this.#commands + index * COMMAND_INTS + 6];
  }

  commandRestedPriceE4(index: number): number {
    return this.#ints[this.#commands + index * COMMAND_INTS + 7];
  }
}

class WasmIndicators implements IndicatorKernel {
  readonly batchCapacity = INDICATOR_BATCH_CAPACITY;
  readonly input: Float64Array;
  readonly inputQty: Float64Array;
  readonly output: Float64Array;
  readonly #fns: { readonly [name in IndicatorFunction]: Fn };

  constructor(memory: WasmMemory, exports: KernelExports) {
    const at = area(exports, 'inputArea');
    const bytes = INDICATOR_BATCH_CAPACITY * 8;
    this.input = new Float64Array(memory.buffer, at, INDICATOR_BATCH_CAPACITY);
    this.inputQty = new Float64Array(memory.buffer, at + bytes, INDICATOR_BATCH_CAPACITY);
    this.output = new Float64Array(memory.buffer, at + 2 * bytes, INDICATOR_BATCH_CAPACITY);
    for (const name of INDICATOR_FUNCTIONS) call(exports, name);
    this.#fns = exports as { readonly [name in IndicatorFunction]: Fn };
  }

  smaOpen(n: number): number {
    return this.#fns.smaOpen(n);
  }

  smaNext(handle: number, value: number): number {
    return this.#fns.smaNext(handle, value);
  }

  smaBatch(handle: number, count: number): number {
    return this.#fns.smaBatch(handle, count);
  }

  emaOpen(n: number): number {
    return this.#fns.emaOpen(n);
  }

  emaNext(handle: number, value: number): number {
    return this.#fns.emaNext(handle, value);
  }

  emaBatch(handle: number, count: number): number {
    return this.#fns.emaBatch(handle, count);
  }

  vwapOpen(): number {
    return this.#fns.vwapOpen();
  }

  vwapNext(handle: number, price: number, qty: number): number {
    return this.#fns.vwapNext(handle, price, qty);
  }

  vwapBatch(handle: number, count: number): number {
    return this.#fns.vwapBatch(handle, count);
  }

  indicatorReset(handle: number): number {
    return this.#fns.indicatorReset(handle);
  }
}

const BOOK_FUNCTIONS = [
  ...([
    'openInstrument',
    'openOverflow',
    'resetInstrument',
    'emptyAll',
    'resetAll',
    'add',
  ] as const),
  ...([
    'submit',
    'cancel',
    'reduce',
    'auctionPrice',
    'uncross',
    'bestBid',
    'bestAsk',
    'depth',
    'orderQty',
  ] as const),
  ...(['queueAhead', 'levelQty', 'queue', 'orderCount', 'checksum', 'runBatch'] as const),
];
type BookFunction = (typeof BOOK_FUNCTIONS)[number];

const INDICATOR_FUNCTIONS = [
  ...(['smaOpen', 'smaNext', 'smaBatch', 'emaOpen', 'emaNext', 'emaBatch'] as const),
  ...(['vwapOpen', 'vwapNext', 'vwapBatch', 'indicatorReset'] as const),
];
type IndicatorFunction = (typeof INDICATOR_FUNCTIONS)[number];
