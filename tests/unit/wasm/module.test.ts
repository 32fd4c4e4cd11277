// The kernels module itself: what it exports, its size, that nothing 64-bit crosses its border,
// that its numbers are those of the port, and what loading says when something is wrong.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { BookCode, BookOp, BookSide, OrderKind } from '../../../engine/core/book.ts';
import { CageMode, Protection, plainRules } from '../../../engine/core/exchange-kernel.ts';
import * as reject from '../../../engine/core/reject-code.ts';
import { loadKernels } from '../../../engine/host/kernels.ts';
import * as engineCodes from '../../../engine/messages/codes.ts';
import * as codes from '../../../wasm/assembly/codes.ts';

const WASM = new URL('../../../wasm/build/kernels.wasm', import.meta.url);
const WAT = new URL('../../../wasm/build/kernels.wat', import.meta.url);
const SMALL = { maxInstruments: 2, maxOrders: 100, maxLevels: 100 };

const RULES = {
  ...{ tickE4: 100, buyMin: 100, buyStep: 100, sellMin: 100, sellStep: 100 },
  ...{ maxQty: 1_000_000, maxMarketQty: 0, upperE4: 95_000, lowerE4: 90_000 },
};

const EXPORTS =
  'add auctionPrice bestAsk bestBid callPrice cancel checksum closePrice commandArea depth ' +
  'depthArea emaBatch emaNext emaOpen emptyAll enterPhase haltLevel heldQty indicatorReset ' +
  'init inputArea lastPrice levelQty memory openInstrument openOverflow openPrice order ' +
  'orderCount orderQty phaseOf queue queueAhead queueArea reduce renew resetAll ' +
  'resetInstrument runBatch setClock setClose setLimits setQuote setRules smaBatch smaNext ' +
  'smaOpen statusArea submit tradeArea uncross validateBatch validateOrder vwapBatch vwapNext ' +
  'vwapOpen withdraw';

describe('kernels.wasm', () => {
  test('exports exactly the documented names', () => {
    const wat = readFileSync(WAT, 'utf8');
    const names = [...wat.matchAll(/^ \(export "(\w+)"/gm)].map((match) => match[1]);
    expect(names.sort().join(' ')).toBe(EXPORTS);
  });

  test('imports nothing', () => {
    expect(readFileSync(WAT, 'utf8')).not.toMatch(/^ \(import /m);
  });

  test('lets only i32 and f64 cross its border', () => {
    const wat = readFileSync(WAT, 'utf8');
    const functions = [...wat.matchAll(/^ \(export "\w+" \(func (\S+?)\)\)/gm)].map((m) => m[1]);
    expect(functions.length).toBe(EXPORTS.split(' ').length - 1);
    for (const name of functions) {
      const at = wat.indexOf(`\n (func ${name} `);
      const signature = wat.slice(at + 1, wat.indexOf('\n', at + 1)).slice(name.length);
      expect(`${name} ${signature}`).not.toMatch(/ (i64|f32|v128)\b/);
    }
  });

  test('stays below 25 kB', () => {
    expect(readFileSync(WASM).byteLength).toBeLessThan(25_000);
  });

  test('shares every number with the port', () => {
    const all = codes as unknown as Readonly<Record<string, number>>;
    for (const [name, value] of Object.entries(BookCode))
      expect([name, all[name]]).toEqual([name, value]);
    for (const [name, value] of Object.entries(BookSide)) expect(all[name]).toBe(value);
    for (const [name, value] of Object.entries(OrderKind)) expect(all[`KIND_${name}`]).toBe(value);
    for (const [name, value] of Object.entries(BookOp)) expect(all[`OP_${name}`]).toBe(value);
    const negative = Object.values(all).filter((value) => value < 0);
    expect(negative.length).toBe(Object.values(BookCode).filter((value) => value < 0).length);
  });

  test('shares its phases and modes with the engine', () => {
    const all = codes as unknown as Readonly<Record<string, number>>;
    const phases = Object.entries(all).filter(([name]) => name.startsWith('PHASE_'));
    expect(phases.length).toBe(10);
    const known = engineCodes as unknown as Readonly<Record<string, number>>;
    for (const [name, value] of phases) expect([name, known[name]]).toEqual([name, value]);
    for (const [name, value] of Object.entries(CageMode)) expect(all[`CAGE_${name}`]).toBe(value);
    for (const [name, value] of Object.entries(Protection)) {
      expect(all[`PROTECTION_${name}`]).toBe(value);
    }
    for (const name of ['SSE', 'SZSE', 'BSE']) {
      expect(all[`VENUE_${name}`]).toBe(known[`MARKET_${name}`]);
    }
  });

  test('shares its capacities with the facades', () => {
    const { book, validate, indicators } = loadKernels(SMALL);
    expect(book.depthCapacity).toBe(codes.DEPTH_CAPACITY);
    expect(book.queueCapacity).toBe(codes.QUEUE_CAPACITY);
    expect(book.commandCapacity).toBe(codes.COMMAND_CAPACITY);
    expect(validate.checkCapacity).toBe(codes.COMMAND_CAPACITY);
    expect(indicators.batchCapacity).toBe(codes.INDICATOR_BATCH_CAPACITY);
  });

  test('rejects with the numbers of reject-code.ts', () => {
    const known = reject as unknown as Readonly<Record<string, number>>;
    const own = Object.entries(codes).filter(([name]) => name.startsWith('REJECT_'));
    expect(own.length).toBe(20);
    for (const [name, value] of own) expect([name, known[name]]).toEqual([name, value]);
  });
});

describe('renew', () => {
  test('gives every indicator back, and the next one knows no value of the last', () => {
    const { indicators, renew } = loadKernels(SMALL);
    const fill = (): number => {
      for (let n = 0; ; n++) if (indicators.vwapOpen() < 0) return n;
    };
    const first = indicators.smaOpen(3);
    for (const value of [1, 2, 3]) indicators.smaNext(first, value);
    const most = fill();
    expect(most).toBeGreaterThan(10);
    renew();
    expect(indicators.smaOpen(3)).toBe(first);
    expect(indicators.smaNext(first, 5)).toBeNaN();
    expect(fill()).toBe(most);
  });

  test('forgets the rules of the instruments, and their books', () => {
    const { book, validate, renew } = loadKernels(SMALL);
    const rules = plainRules(RULES);
    expect(validate.setRules(0, rules)).toBe(BookCode.OK);
    expect(book.openInstrument(0, 100, 90_000, 95_000, 10)).toBe(BookCode.OK);
    expect(book.add(0, 7, BookSide.BUY, 91_000, 100)).toBe(BookCode.OK);
    expect(validate.setLimits(0, 95_000, 90_000)).toBe(BookCode.OK);
    renew();
    expect(validate.setLimits(0, 95_000, 90_000)).toBe(BookCode.UNKNOWN_INSTRUMENT);
    expect(book.orderQty(0, 7)).toBe(BookCode.UNKNOWN_INSTRUMENT);
    expect(book.openInstrument(0, 100, 90_000, 95_000, 100)).toBe(BookCode.OK);
    expect(book.bestBid(0)).toBe(0);
  });
});

describe('loadKernels', () => {
  test('names the missing file and the command that makes it', () => {
    const wasmPath = join(tmpdir(), 'no-such-folder', 'kernels.wasm');
    expect(() => loadKernels({ ...SMALL, wasmPath })).toThrow(
      `kernels: ${wasmPath} is missing; run npm run build:wasm`,
    );
  });

  test('names a file that is no module, and one without the exports', () => {
    const folder = mkdtempSync(join(tmpdir(), 'pankou-kernels-'));
    try {
      const wasmPath = join(folder, 'kernels.wasm');
      writeFileSync(wasmPath, 'not a module');
      expect(() => loadKernels({ ...SMALL, wasmPath })).toThrow(/cannot be loaded .*build:wasm/);
      writeFileSync(wasmPath, Buffer.from('0061736d01000000', 'hex'));
      expect(() => loadKernels({ ...SMALL, wasmPath })).toThrow(/exports no memory/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('refuses sizes out of range and names them', () => {
    for (const bad of [0, -1, 0x7fffffff]) {
      expect(() => loadKernels({ ...SMALL, maxInstruments: bad })).toThrow(/sizes out of range/);
      expect(() => loadKernels({ ...SMALL, maxOrders: bad })).toThrow(`maxOrders=${bad}`);
      expect(() => loadKernels({ ...SMALL, maxLevels: bad })).toThrow(`maxLevels=${bad}`);
    }
    const most = { maxInstruments: 65_536, maxOrders: 33_554_432, maxLevels: 67_108_864 };
    expect(() => loadKernels(most)).toThrow(/more than 3.5 GiB/);
  });

  test('two threads of books never share memory', () => {
    const one = loadKernels(SMALL).book;
    const other = loadKernels(SMALL).book;
    one.openInstrument(0, 100, 90_000, 91_000, 10);
    other.openInstrument(0, 100, 90_000, 91_000, 10);
    one.add(0, 1, BookSide.BUY, 90_000, 100);
    expect(one.orderCount(0)).toBe(1);
    expect(other.orderCount(0)).toBe(0);
  });

  test('memory does not grow after loading, whatever fills up', () => {
    const { book, memoryBytes, indicators } = loadKernels(SMALL);
    book.openInstrument(0, 100, 90_000, 91_000, 100);
    for (let id = 0; id < 1_000; id++) book.add(0, id, BookSide.BUY, 90_000, 100);
    expect(book.orderCount(0)).toBe(100);
    expect(indicators.input.buffer.byteLength).toBe(memoryBytes);
  });
});
