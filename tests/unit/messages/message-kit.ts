// Every hot message with its flyweight, its stock FlatBuffers classes and its scalars, found by
// name in the generated files, so that a new message is tested without a new test.
import { Builder, ByteBuffer } from 'flatbuffers';
import { BODY_OFFSET, FRAME_HEADER_BYTES, FrameMemory } from '../../../engine/messages/frames.ts';
import * as broker from '../../../engine/messages/generated/broker.ts';
import * as control from '../../../engine/messages/generated/control.ts';
import * as event from '../../../engine/messages/generated/event.ts';
import * as market from '../../../engine/messages/generated/market.ts';
import * as order from '../../../engine/messages/generated/order.ts';
import * as stock from '../../../engine/messages/generated/stock.ts';
import { TYPE_NAMES } from '../../../engine/messages/generated/types.ts';
import { FIELDS } from '../../../engine/messages/generated/verify.ts';

type Methods = Record<string, (...args: unknown[]) => unknown>;

interface Flyweight {
  begin(memory: FrameMemory, at: number): Flyweight;
  wrap(memory: FrameMemory, at: number): Flyweight;
}

/** One number inside a message; `index` is the level of a repeated field, -1 of a plain one. */
export interface Scalar {
  readonly name: string;
  readonly index: number;
  readonly kind: 'int16' | 'int32' | 'float64';
  /** Bytes from the start of the frame. */
  readonly offset: number;
}

export interface HotMessage {
  readonly type: number;
  readonly name: string;
  readonly bytes: number;
  readonly flyweight: Flyweight;
  /** In order of their offsets, which is the order of the stock create function's arguments. */
  readonly scalars: readonly Scalar[];
}

const classes = Object.values({
  ...broker,
  ...control,
  ...event,
  ...market,
  ...order,
}) as unknown as {
  TYPE: number;
  BYTES: number;
  new (): Flyweight;
}[];

/** All hot messages. */
export const MESSAGES: readonly HotMessage[] = [...TYPE_NAMES].map(([type, name]) => {
  const found = classes.filter((c) => c.TYPE === type);
  if (found.length !== 1) throw new Error(`${name}: ${found.length} flyweights, expected 1`);
  const scalars = FIELDS.get(type)!.flatMap((f) =>
    Array.from({ length: f.count }, (_, i) => ({
      name: f.name,
      index: f.count === 1 ? -1 : i,
      kind: f.kind,
      offset: f.offset + i * f.stride,
    })),
  );
  scalars.sort((a, b) => a.offset - b.offset);
  return { type, name, bytes: found[0].BYTES, flyweight: new found[0](), scalars };
});

/** A frame memory of `bytes`, zeroed. */
export function memoryOf(bytes: number): FrameMemory {
  return new FrameMemory(new ArrayBuffer(bytes));
}

/** Writes `values` (one per scalar) at `at` through the flyweight's own setters. */
export function writeByFlyweight(
  message: HotMessage,
  memory: FrameMemory,
  at: number,
  values: readonly number[],
): void {
  const target = message.flyweight.begin(memory, at) as unknown as Record<string, unknown>;
  message.scalars.forEach((s, i) => {
    if (s.index < 0) target[s.name] = values[i];
    else (target as Methods)[`set${s.name[0].toUpperCase()}${s.name.slice(1)}`](s.index, values[i]);
  });
}

/** Reads every scalar through the flyweight's getters. */
export function readByFlyweight(message: HotMessage, memory: FrameMemory, at: number): number[] {
  const source = message.flyweight.wrap(memory, at) as unknown as Record<string, unknown>;
  return message.scalars.map((s) =>
    s.index < 0 ? (source[s.name] as number) : ((source as Methods)[s.name](s.index) as number),
  );
}

/** Reads every scalar of the FlatBuffers buffer in a frame through the stock classes. */
export function readByStock(message: HotMessage, memory: FrameMemory, at: number): number[] {
  const buffer = memory.u8.subarray(at + FRAME_HEADER_BYTES, at + message.bytes);
  const table = stockClass(`pankou_${message.name}`);
  const root = table[`getRootAs${message.name}`](new ByteBuffer(buffer)) as Methods;
  const body = root['body']() as Methods;
  return message.scalars.map((s) => stockScalar(body, s));
}

/** Finished bytes of a stock Builder: the FlatBuffers buffer alone, without our frame header. */
export function buildByStock(message: HotMessage, values: readonly number[]): Uint8Array {
  const builder = new Builder(1024);
  const body = stockClass(`pankou_${message.name}Body`);
  const table = stockClass(`pankou_${message.name}`);
  table[`start${message.name}`](builder);
  table['addBody'](builder, body[`create${message.name}Body`](builder, ...values));
  builder.finish(table[`end${message.name}`](builder) as number);
  return builder.asUint8Array();
}

/** Random values that every scalar of the message can hold, from a stream of 32-bit integers. */
export function valuesFor(message: HotMessage, next: () => number): number[] {
  return message.scalars.map((s) => {
    const raw = next() | 0;
    if (s.kind === 'int16') return raw >> 16;
    if (s.kind === 'int32') return raw;
    return raw % 3 === 0 ? raw : raw * 2 ** ((next() % 600) | 0) + 0.5;
  });
}

/** Bytes of the struct of a message. */
export function bodyBytes(message: HotMessage): number {
  return message.bytes - BODY_OFFSET;
}

function stockClass(name: string): Methods {
  const found = (stock as unknown as Record<string, Methods>)[name];
  if (found === undefined) throw new Error(`no stock class ${name}`);
  return found;
}

/** By path: body.name(), body.head().name(), body.coid().a() for coidA, body.bid3().qty(). */
function stockScalar(body: Methods, scalar: Scalar): number {
  const { name, index } = scalar;
  if (typeof body[name] === 'function' && index < 0) return body[name]() as number;
  const head = body['head']() as Methods;
  if (typeof head[name] === 'function') return head[name]() as number;
  for (let cut = 1; cut < name.length; cut++) {
    const outer = name.slice(0, cut) + (index < 0 ? '' : String(index + 1));
    const inner = name[cut].toLowerCase() + name.slice(cut + 1);
    if (typeof body[outer] !== 'function') continue;
    const struct = body[outer]() as Methods;
    if (typeof struct[inner] === 'function') return struct[inner]() as number;
  }
  throw new Error(`stock body has no ${name}`);
}
