// Compiles bench/bare-ladder/ladder.ts in memory and opens one book of it. Called by the kernel
// bench. Always: compiled with the options of the kernel itself (asconfig.json, target release), so
// that the two differ in what they do and not in how they were built.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

/** The exports of the ladder; see there. */
export interface BareLadder {
  readonly ints: Int32Array;
  /** int32 indexes of the command and trade areas, four words a record each. */
  readonly commands: number;
  readonly trades: number;
  runBatch(count: number): number;
  submit(id: number, side: number, tick: number, qty: number): number;
  cancel(id: number): void;
}

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  open(ticks: number, ids: number, orders: number): void;
  commandArea(): number;
  tradeArea(): number;
  runBatch(count: number): number;
  submit(id: number, side: number, tick: number, qty: number): number;
  cancel(id: number): void;
}

declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
};

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Bytes of the compiled ladder. Throws an Error with the compiler's words. */
export async function compileBareLadder(): Promise<Uint8Array> {
  const config = JSON.parse(readFileSync(`${ROOT}asconfig.json`, 'utf8'));
  const { optimizeLevel, shrinkLevel, converge, noAssert } = config.targets.release;
  const sets = ['--optimizeLevel', String(optimizeLevel), '--shrinkLevel', String(shrinkLevel)];
  if (converge) sets.push('--converge');
  if (noAssert) sets.push('--noAssert');
  const enable = (config.options.enable as string[]).flatMap((name) => ['--enable', name]);
  const source = ['bench/bare-ladder/ladder.ts', '--baseDir', ROOT, '--outFile', 'ladder.wasm'];
  let binary: Uint8Array | undefined;
  const { error, stderr } = await asc.main(
    [...source, ...sets, ...enable, '--runtime', 'stub', '--initialMemory', '32'],
    {
      writeFile(name, contents) {
        if (name === 'ladder.wasm') binary = contents as Uint8Array;
      },
    },
  );
  if (error || binary === undefined) {
    throw new Error(`bench/bare-ladder/ladder.ts does not compile: ${stderr.toString()}`);
  }
  return binary;
}

/** A book of `ticks` ticks for ids below `ids`, at most `orders` resting at a time. */
export function openBareLadder(
  binary: Uint8Array,
  ticks: number,
  ids: number,
  orders: number,
): BareLadder {
  const instance = new WebAssembly.Instance(new WebAssembly.Module(binary), {});
  const exports = instance.exports as Exports;
  exports.open(ticks, ids, orders);
  const { runBatch, submit, cancel } = exports;
  return {
    ints: new Int32Array(exports.memory.buffer),
    commands: exports.commandArea() >> 2,
    trades: exports.tradeArea() >> 2,
    ...{ runBatch, submit, cancel },
  };
}
