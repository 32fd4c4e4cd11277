// Instances of WebAssembly files, each file compiled once in a thread: a run of many days, or a
// sweep, instantiates them often. Called by kernels.ts and indicators/module.ts. Always: a file
// that was built again is compiled again.
import { readFileSync, statSync } from 'node:fs';

/** The part of the WebAssembly API used here: the Node types do not declare it. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: object,
  ) => { readonly exports: { readonly [name: string]: unknown } };
};

/** Compiled modules by path and time of the file. */
const compiled = new Map<string, object>();

/** Exports of a new instance of a file; throws what reading and compiling throw. */
export function instanceOf(path: string): { readonly [name: string]: unknown } {
  const key = `${path} ${statSync(path).mtimeMs}`;
  const module = compiled.get(key) ?? new WebAssembly.Module(readFileSync(path));
  compiled.set(key, module);
  return new WebAssembly.Instance(module, {}).exports;
}
