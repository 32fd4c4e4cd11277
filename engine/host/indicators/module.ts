// Loads wasm/build/indicators.wasm and opens indicators in its memory: the batch form over
// columns, the streaming form row by row. Called by the strategy host's side (feed.ts), by
// `pankou indicator`, tests and benches. Always: memory is sized when loaded and never grows, so
// views stay valid; what is wrong with names or parameters is said when an indicator is opened,
// and nothing throws later; batch and streaming run the same code and answer the same bit for
// bit.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  CONVENTIONS,
  type Convention,
  INDICATORS,
  type IndicatorInput,
  type IndicatorName,
  type IndicatorSpec,
} from '../../core/indicator-specs.ts';
import { instanceOf } from '../wasm-modules.ts';
import type { Step } from './program.ts';
import { checkParams, writeProgram } from './recipes.ts';

type Run = (program: number, rows: number) => number;

const DEFAULT_PATH = fileURLToPath(new URL('../../../wasm/build/indicators.wasm', import.meta.url));
const MEGABYTE = 1_048_576;
/** Column of an input. */
const SLOTS: Readonly<Record<IndicatorInput, number>> = {
  ...{ open: 0, high: 1, low: 2, close: 3, volume: 4, real: 3, real2: 4 },
};

// Record of a step and head of a program: wasm/assembly/indicators/layout.ts; the sizes are
// compared.
const STEP_BYTES = 144;
const HEAD_BYTES = 80;
const STATE_FROM = 72;
const LAST_FROM = 40;

export interface IndicatorOptions {
  readonly convention?: Convention;
  readonly params?: { readonly [name: string]: number | undefined };
}

export interface ModuleOptions {
  /** Memory for programs and windows; 1..2047, 64 unless given. Only what is used costs. */
  readonly megabytes?: number;
  /** Another module file; for tests. */
  readonly wasmPath?: string;
}

/** One thread's indicators. */
export class IndicatorModule {
  /** Rows of one call of the kernel. */
  readonly chunk: number;
  readonly #run: Run;
  readonly #buffer: ArrayBuffer;
  readonly #floats: Float64Array;
  readonly #columns: number;
  readonly #arena: number;
  readonly #arenaEnd: number;
  #free: number;

  constructor(options: ModuleOptions = {}) {
    const megabytes = options.megabytes ?? 64;
    if (!Number.isInteger(megabytes) || megabytes < 1 || megabytes > 2047) {
      throw new Error(`indicators: megabytes=${megabytes}, expected a whole number 1..2047`);
    }
    const exports = instantiate(options.wasmPath ?? DEFAULT_PATH);
    const call = (name: string, ...args: number[]): number => {
      const fn = exports[name];
      if (typeof fn === 'function') return fn(...args);
      throw new Error(`indicators.wasm has no export ${name}; run npm run build:wasm`);
    };
    if (call('stepBytes') !== STEP_BYTES || call('headBytes') !== HEAD_BYTES) {
      throw new Error('indicators.wasm is of other sources; run npm run build:wasm');
    }
    if (call('init', megabytes * MEGABYTE) !== 0) {
      throw new Error(`indicators: the system refused ${megabytes} MiB; ask for fewer megabytes`);
    }
    this.chunk = call('chunkSize');
    this.#run = exports['run'] as Run;
    this.#buffer = (exports['memory'] as { readonly buffer: ArrayBuffer }).buffer;
    this.#floats = new Float64Array(this.#buffer);
    this.#columns = call('columnArea') / 8;
    this.#arena = call('arena') >>> 0;
    this.#free = this.#arena;
    this.#arenaEnd = this.#free + megabytes * MEGABYTE;
  }

  /** Closes every indicator: as new, for another run. Who still holds one reads rubbish. */
  renew(): void {
    new Uint8Array(this.#buffer).fill(0, this.#arena, this.#free);
    this.#free = this.#arena;
  }

  /** Opens an indicator. Throws an Error that says what is wrong and what is expected. */
  open(name: IndicatorName, options: IndicatorOptions = {}): OpenIndicator {
    const convention = options.convention ?? 'talib';
    if (!CONVENTIONS.includes(convention)) {
      const known = CONVENTIONS.join(', ');
      throw new Error(`indicator ${name}: convention '${convention}', expected one of ${known}`);
    }
    const params = checkParams(name, convention, options.params ?? {});
    const { steps, outputs } = writeProgram(name, convention, params);
    const spec: IndicatorSpec = INDICATORS[name];
    const slots = spec.inputs.map((input) => SLOTS[input]);
    const program = this.#write(name, steps, slots, outputs);
    return new OpenIndicator(
      { name, convention, params, inputs: spec.inputs, outputs: spec.outputs },
      { program, steps: steps.length, slots, columns: outputs, module: this },
    );
  }

  /** Bytes still free for programs. */
  get freeBytes(): number {
    return this.#arenaEnd - this.#free;
  }

  run(program: number, rows: number): number {
    return this.#run(program, rows);
  }

  /** A column of the running program, `chunk` values. */
  columnView(column: number): Float64Array {
    const from = (this.#columns + column * this.chunk) * 8;
    return new Float64Array(this.#buffer, from, this.chunk);
  }

  /** Outputs of the last row of a program. */
  lastView(program: number): Float64Array {
    return new Float64Array(this.#buffer, program + LAST_FROM, 5);
  }

  /** Forgets every row. */
  clear(program: number, steps: number): void {
    const bytes = new Uint8Array(this.#buffer);
    for (let k = 0; k < steps; k++) {
      const from = program + HEAD_BYTES + k * STEP_BYTES;
      bytes.fill(0, from + STATE_FROM, from + STEP_BYTES);
    }
    this.lastView(program).fill(Number.NaN);
  }

  #write(
    name: string,
    steps: readonly Step[],
    slots: readonly number[],
    outputs: readonly number[],
  ): number {
    const windows = steps.reduce((sum, step) => sum + step.window, 0);
    const bytes = HEAD_BYTES + steps.length * STEP_BYTES + windows * 8;
    if (bytes > this.freeBytes) {
      const room = `${bytes} bytes needed, ${this.freeBytes} free`;
      throw new Error(`indicator ${name}: no memory left for it (${room}); use shorter windows`);
    }
    const head = this.#free;
    this.#free += bytes;
    const view = new DataView(this.#buffer);
    const address = (column: number): number => (this.#columns + column * this.chunk) * 8;
    const first = head + HEAD_BYTES;
    const words = [first, steps.length, mask(slots), outputs.length, ...outputs.map(address)];
    for (const [k, word] of words.entries()) view.setInt32(head + 4 * k, word, true);
    let window = first + steps.length * STEP_BYTES;
    for (const [k, step] of steps.entries()) {
      writeStep(view, first + k * STEP_BYTES, step, window, address);
      window += step.window * 8;
    }
    this.#floats.fill(Number.NaN, (head + LAST_FROM) / 8, (head + LAST_FROM) / 8 + 5);
    return head;
  }
}

function mask(slots: readonly number[]): number {
  return slots.reduce((bits, slot) => bits | (1 << slot), 0);
}

function writeStep(
  view: DataView,
  at: number,
  step: Step,
  window: number,
  address: (column: number) => number,
): void {
  view.setInt32(at, step.code, true);
  view.setInt32(at + 4, step.n, true);
  for (const [k, column] of step.inputs.entries())
    view.setInt32(at + 8 + 4 * k, address(column), true);
  if (step.second !== undefined) view.setInt32(at + 12, step.second, true);
  for (const [k, column] of step.outputs.entries()) {
    view.setInt32(at + 24 + 4 * k, address(column), true);
  }
  view.setInt32(at + 36, window, true);
  view.setInt32(at + 40, step.m, true);
  view.setInt32(at + 44, step.u, true);
  view.setFloat64(at + 48, step.p, true);
  view.setFloat64(at + 56, step.q, true);
  view.setFloat64(at + 64, step.r, true);
}

function instantiate(path: string): { readonly [name: string]: unknown } {
  if (!existsSync(path)) {
    throw new Error(`indicators: ${path} is missing; run npm run build:wasm`);
  }
  try {
    return instanceOf(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`indicators: ${path} cannot be loaded (${reason}); run npm run build:wasm`);
  }
}

interface Facts {
  readonly name: IndicatorName;
  readonly convention: Convention;
  readonly params: { readonly [name: string]: number };
  readonly inputs: readonly IndicatorInput[];
  readonly outputs: readonly string[];
}

interface Place {
  readonly program: number;
  readonly steps: number;
  readonly slots: readonly number[];
  readonly columns: readonly number[];
  readonly module: IndicatorModule;
}

/** An indicator with its memory. Rows go in either by `batch` or by `next`, in any mixture. */
export class OpenIndicator {
  readonly facts: Facts;
  /** Outputs of the last row; NaN = not yet, or the row missed a number. */
  readonly last: Float64Array;
  readonly #place: Place;
  /** The column of each input; a row that is stepped lies in element 0. */
  readonly inputs: readonly Float64Array[];
  readonly outputs: readonly Float64Array[];

  constructor(facts: Facts, place: Place) {
    this.facts = facts;
    this.#place = place;
    this.last = place.module.lastView(place.program);
    this.inputs = place.slots.map((slot) => place.module.columnView(slot));
    this.outputs = place.columns.map((column) => place.module.columnView(column));
  }

  /**
   * Puts a value of the coming row in place: `input` counts the inputs of the spec. No
   * allocation.
   */
  set(input: number, value: number): void {
    this.inputs[input]![0] = value;
  }

  /** Takes the row that was set; read `last`. No allocation. */
  step(): void {
    this.#place.module.run(this.#place.program, 1);
  }

  /** One row, values in the order of the spec's inputs; the first output. */
  next(...row: readonly number[]): number {
    for (const [k, value] of row.entries()) this.set(k, value);
    this.step();
    return this.last[0]!;
  }

  /**
   * Many rows: one column for each input of the spec, all of one length. Writes each output into
   * `into` (of that length), or into new arrays.
   */
  batch(columns: readonly Float64Array[], into?: readonly Float64Array[]): readonly Float64Array[] {
    const rows = columns[0]?.length ?? 0;
    this.#checkColumns(columns, rows);
    const results = into ?? this.facts.outputs.map(() => new Float64Array(rows));
    const { module, program } = this.#place;
    const size = module.chunk;
    for (let from = 0; from < rows; from += size) {
      const count = Math.min(size, rows - from);
      for (let k = 0; k < columns.length; k++) copyIn(this.inputs[k]!, columns[k]!, from, count);
      module.run(program, count);
      for (let k = 0; k < results.length; k++) copyOut(this.outputs[k]!, results[k]!, from, count);
    }
    return results;
  }

  /** Forgets every row. */
  reset(): void {
    this.#place.module.clear(this.#place.program, this.#place.steps);
  }

  /**
   * Rows 0..rows - 1 that lie in `inputs` already, at most `chunk` of them: no copying, the answers
   * lie in `outputs` until any indicator of the module runs again. Rows that counted, or -1.
   */
  runChunk(rows: number): number {
    return this.#place.module.run(this.#place.program, rows);
  }

  #checkColumns(columns: readonly Float64Array[], rows: number): void {
    const { name, inputs } = this.facts;
    if (columns.length === inputs.length && columns.every((one) => one.length === rows)) return;
    const lengths = columns.map((one) => one.length).join(', ');
    const expected = `expected ${inputs.length} of one length (${inputs.join(', ')})`;
    throw new Error(`indicator ${name}: columns of ${lengths} values, ${expected}`);
  }
}

function copyIn(to: Float64Array, from: Float64Array, at: number, count: number): void {
  to.set(at === 0 && count === from.length ? from : from.subarray(at, at + count));
}

function copyOut(from: Float64Array, to: Float64Array, at: number, count: number): void {
  to.set(count === from.length ? from : from.subarray(0, count), at);
}
