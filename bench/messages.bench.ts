// One frame written and read again: every field of an Order (136 bytes) through our flyweight and
// through the stock FlatBuffers Builder and reader (target: at least 10 times). One thread, one
// core; memory stays in the first-level cache, so these are costs of code, not of memory.
//
//   values -> begin + setters -> frame -> wrap + getters -> checksum
import * as zlib from 'node:zlib';
import { Builder, ByteBuffer } from 'flatbuffers';
import { crc32 } from '../engine/messages/crc32.ts';
import { FrameMemory } from '../engine/messages/frames.ts';
import { Order } from '../engine/messages/generated/order.ts';
import {
  pankou_Head as StockHead,
  pankou_Order as StockOrder,
  pankou_OrderBody as StockOrderBody,
  pankou_OrderId as StockOrderId,
} from '../engine/messages/generated/stock.ts';
import { verifyFrame } from '../engine/messages/generated/verify.ts';
import type { BenchResult, BenchSuite } from './harness.ts';
import { timeBatches } from './harness.ts';

const DAY = 20_260_109;
const memory = new FrameMemory(new SharedArrayBuffer(4096));
const flyweight = new Order();

function writeByFlyweight(i: number, at: number): void {
  const o = flyweight.begin(memory, at);
  o.sequence = i;
  o.source = 3;
  o.flags = 1;
  o.eventNs = i + 0.5;
  o.recvNs = i + 1.5;
  o.coidA = i;
  o.coidB = DAY;
  o.coidC = i + 1;
  o.coidD = i ^ DAY;
  o.account = 1;
  o.strategy = 2;
  o.instrument = i & 1023;
  o.intentNo = i;
  o.action = 1;
  o.side = 2;
  o.kind = 1;
  o.timeInForce = 1;
  o.priceE4 = 100_000 + i;
  o.qty = 100;
  o.lastE4 = 100_100;
  o.valueE4 = 100_000;
  o.exposureQty = i * 100;
  o.intentAtNs = i + 2.5;
  o.omsAtNs = i + 3.5;
}

function readByFlyweight(at: number): number {
  const o = flyweight.wrap(memory, at);
  const head = o.sequence + o.source + o.flags + o.eventNs + o.recvNs;
  const id = o.coidA + o.coidB + o.coidC + o.coidD;
  const who = o.account + o.strategy + o.instrument + o.intentNo;
  const what = o.action + o.side + o.kind + o.timeInForce + o.priceE4 + o.qty;
  return head + id + who + what + o.lastE4 + o.valueE4 + o.exposureQty + o.intentAtNs + o.omsAtNs;
}

const builder = new Builder(1024);
const stock = {
  order: new StockOrder(),
  body: new StockOrderBody(),
  head: new StockHead(),
  id: new StockOrderId(),
};

function writeByStock(i: number): Uint8Array {
  builder.clear();
  StockOrder.startOrder(builder);
  const body = StockOrderBody.createOrderBody(
    builder,
    ...([i, 3, 1, i + 0.5, i + 1.5, i, DAY, i + 1, i ^ DAY] as const),
    ...([1, 2, i & 1023, i, 1, 2, 1, 1, 100_000 + i, 100, 100_100, 100_000, 0, 0] as const),
    ...([i, i + 1, i + 2, i + 3] as const),
    ...([i * 100, i + 2.5, i + 3.5] as const),
  );
  StockOrder.addBody(builder, body);
  builder.finish(StockOrder.endOrder(builder));
  return builder.asUint8Array();
}

function readByStock(bytes: Uint8Array): number {
  const o = StockOrder.getRootAsOrder(new ByteBuffer(bytes), stock.order).body(stock.body)!;
  const h = o.head(stock.head)!;
  const c = o.coid(stock.id)!;
  const head = h.sequence() + h.source() + h.flags() + h.eventNs() + h.recvNs();
  const id = c.a() + c.b() + c.c() + c.d();
  const who = o.account() + o.strategy() + o.instrument() + o.intentNo();
  const what = o.action() + o.side() + o.kind() + o.timeInForce() + o.priceE4() + o.qty();
  const rest = o.lastE4() + o.valueE4() + o.exposureQty() + o.intentAtNs() + o.omsAtNs();
  return head + id + who + what + rest;
}

function repeat(operations: number, one: (i: number) => number): () => number {
  return () => {
    let sum = 0;
    for (let i = 0; i < operations; i++) sum = (sum + one(i)) | 0;
    return sum;
  };
}

async function benchFrames(quick: boolean): Promise<BenchResult[]> {
  const operations = quick ? 500 : 5000;
  const ours = repeat(operations, (i) => {
    const at = (i & 15) << 8;
    writeByFlyweight(i, at);
    return readByFlyweight(at);
  });
  const theirs = repeat(operations, (i) => readByStock(writeByStock(i)));
  return timeBatches(
    [
      { name: 'Order write+read, stock FlatBuffers', run: theirs },
      { name: 'Order write+read, flyweight', run: ours },
    ],
    { quick, operations, baseline: 'Order write+read, stock FlatBuffers' },
  );
}

async function benchReading(quick: boolean): Promise<BenchResult[]> {
  const operations = quick ? 500 : 5000;
  writeByFlyweight(7, 0);
  const buffer = memory.u8.slice(8, Order.BYTES);
  return timeBatches(
    [
      { name: 'Order read, stock FlatBuffers', run: repeat(operations, () => readByStock(buffer)) },
      { name: 'Order read, flyweight', run: repeat(operations, () => readByFlyweight(0)) },
    ],
    { quick, operations, baseline: 'Order read, stock FlatBuffers' },
  );
}

async function benchChecks(quick: boolean): Promise<BenchResult[]> {
  const operations = quick ? 500 : 5000;
  const record = new Uint8Array(new SharedArrayBuffer(256)).map((_, i) => i * 7);
  const slicing = (bytes: number) => (i: number) => {
    record[5] = i;
    return crc32(record, 0, bytes);
  };
  const native = (bytes: number) => (i: number) => {
    record[5] = i;
    return zlib.crc32(record.subarray(0, bytes));
  };
  const results: BenchResult[] = [];
  for (const bytes of [64, 256]) {
    const names = {
      ours: `CRC-32 of ${bytes} bytes, ours`,
      zlib: `CRC-32 of ${bytes} bytes, zlib`,
    };
    const tasks = [
      { name: names.zlib, run: repeat(operations, native(bytes)) },
      { name: names.ours, run: repeat(operations, slicing(bytes)) },
    ];
    results.push(...(await timeBatches(tasks, { quick, operations, baseline: names.zlib })));
  }
  writeByFlyweight(7, 0);
  const verify = repeat(operations, () => verifyFrame(memory, 0, Order.BYTES) + 1);
  const verified = [{ name: 'Order verified', run: verify }];
  results.push(...(await timeBatches(verified, { quick, operations })));
  return results;
}

export const suite: BenchSuite = {
  name: 'messages',
  async run({ quick }) {
    const frames = await benchFrames(quick);
    return [...frames, ...(await benchReading(quick)), ...(await benchChecks(quick))];
  },
};
