// A hot frame as bytes out of values by the Python names of its columns. Used by tests of the
// Python bridges. Always: what is not named is 0, prefix and length are those of the type.
import {
  FrameMemory,
  PREFIX_ROOT,
  PREFIX_TABLE,
  PREFIX_VTABLE,
  prefixSizes,
} from '../../../engine/messages/frames.ts';
import { frameBytes } from '../../../engine/messages/generated/verify.ts';
import { columnsOf } from '../../../tools/codegen-python.ts';

/** The whole frame of a type. */
export function frameOf(type: number, values: Readonly<Record<string, number>>): Buffer {
  const bytes = frameBytes(type);
  const memory = new FrameMemory(new ArrayBuffer(bytes));
  memory.i32.set([bytes, type, PREFIX_ROOT, PREFIX_VTABLE, prefixSizes(bytes - 24), PREFIX_TABLE]);
  for (const { name, kind, offset } of columnsOf(type)) {
    const value = values[name] ?? 0;
    if (kind === 'float64') memory.f64[offset >> 3] = value;
    else if (kind === 'int32') memory.i32[offset >> 2] = value;
    else memory.i16[offset >> 1] = value;
  }
  return Buffer.from(memory.u8);
}
