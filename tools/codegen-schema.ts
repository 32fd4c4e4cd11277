// Reads a binary FlatBuffers schema (`flatc -b --schema`) into plain objects for the generator.
// The field ids are those of FlatBuffers' own reflection.fbs. Called by tools/codegen.ts only.
import { ByteBuffer } from 'flatbuffers';

export interface SchemaField {
  readonly name: string;
  /** 'int16' | 'int32' | 'float64' | 'string' | 'struct' */
  readonly type: 'int16' | 'int32' | 'float64' | 'string' | 'struct';
  /** Name of the struct when `type` is 'struct' or the table field is a struct. */
  readonly struct: string;
  readonly offset: number;
  readonly doc: readonly string[];
}

export interface SchemaObject {
  readonly name: string;
  readonly isStruct: boolean;
  readonly bytes: number;
  readonly fields: readonly SchemaField[];
  readonly doc: readonly string[];
  /** Schema file without folder and ending: 'market'. */
  readonly group: string;
}

export interface HotMessage {
  readonly name: string;
  readonly type: number;
  readonly group: string;
  readonly body: SchemaObject;
}

export interface Schema {
  readonly objects: ReadonlyMap<string, SchemaObject>;
  readonly hot: readonly HotMessage[];
  readonly cold: readonly SchemaObject[];
}

const TYPES = new Map<number, SchemaField['type']>([
  [5, 'int16'],
  [7, 'int32'],
  [12, 'float64'],
  [13, 'string'],
  [15, 'struct'],
]);

/** Parses the bytes of a .bfbs file; throws on a type that hot messages must not use. */
export function readSchema(bytes: Uint8Array): Schema {
  const bb = new ByteBuffer(bytes);
  const root = bb.readInt32(0);
  const raw = vector(bb, root, 4).map((at) => readObject(bb, at));
  const names = raw.map((object) => object.name);
  const objects = new Map<string, SchemaObject>();
  for (const object of raw) {
    const fields = object.fields.map((f) => ({ ...f, struct: names[Number(f.struct)] ?? '' }));
    objects.set(object.name, { ...object, fields });
  }
  const hot: HotMessage[] = [];
  const cold: SchemaObject[] = [];
  for (const object of objects.values()) {
    if (object.isStruct) continue;
    const body = objects.get(`${object.name}Body`);
    if (body === undefined) {
      cold.push(object);
      continue;
    }
    const found = object.doc.map((line) => /^\s*type (\d+)/.exec(line)).find((m) => m !== null);
    if (!found) throw new Error(`table ${object.name}: no "/// type N" above it`);
    hot.push({ name: object.name, type: Number(found[1]), group: object.group, body });
  }
  hot.sort((a, b) => a.type - b.type);
  return { objects, hot, cold };
}

function readObject(bb: ByteBuffer, at: number): SchemaObject {
  const fields = vector(bb, at, 6).map((f) => readField(bb, f));
  fields.sort((a, b) => a.offset - b.offset);
  return {
    name: string(bb, at, 4).replace('pankou.', ''),
    fields,
    isStruct: scalar(bb, at, 8, (p) => bb.readInt8(p)) === 1,
    bytes: scalar(bb, at, 12, (p) => bb.readInt32(p)),
    doc: strings(bb, at, 16),
    group: string(bb, at, 18).replace(/^.*\/|\.fbs$/g, ''),
  };
}

function readField(bb: ByteBuffer, at: number): SchemaField {
  const name = string(bb, at, 4);
  const typeTable = at + bb.__offset(at, 6);
  const typeAt = typeTable + bb.readInt32(typeTable);
  const base = scalar(bb, typeAt, 4, (p) => bb.readInt8(p));
  const type = TYPES.get(base);
  if (type === undefined) throw new Error(`field ${name}: base type ${base} is not allowed`);
  const index = scalar(bb, typeAt, 8, (p) => bb.readInt32(p), -1);
  const offset = scalar(bb, at, 10, (p) => bb.readUint16(p));
  return { name, type, struct: String(index), offset, doc: strings(bb, at, 24) };
}

function scalar(
  bb: ByteBuffer,
  at: number,
  field: number,
  read: (position: number) => number,
  otherwise = 0,
): number {
  const offset = bb.__offset(at, field);
  return offset === 0 ? otherwise : read(at + offset);
}

function string(bb: ByteBuffer, at: number, field: number): string {
  const offset = bb.__offset(at, field);
  return offset === 0 ? '' : String(bb.__string(at + offset));
}

function strings(bb: ByteBuffer, at: number, field: number): string[] {
  const offset = bb.__offset(at, field);
  if (offset === 0) return [];
  const start = bb.__vector(at + offset);
  const count = bb.__vector_len(at + offset);
  return Array.from({ length: count }, (_, i) => String(bb.__string(start + 4 * i)).trim());
}

function vector(bb: ByteBuffer, at: number, field: number): number[] {
  const offset = bb.__offset(at, field);
  if (offset === 0) return [];
  const start = bb.__vector(at + offset);
  const count = bb.__vector_len(at + offset);
  return Array.from({ length: count }, (_, i) => bb.__indirect(start + 4 * i));
}
