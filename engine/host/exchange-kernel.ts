// Wraps the validation and exchange exports of kernels.wasm as the ports of
// engine/core/exchange-kernel.ts. Made by kernels.ts, once per module. Always: a call allocates
// nothing and never throws; the views hold because memory never grows.
import type { ExchangeKernel, KernelRules, ValidationKernel } from '../core/exchange-kernel.ts';

type Fn = (...args: number[]) => number;
/** A named export; throws for one that is missing. */
export type ExportOf = (name: string) => Fn;

// wasm/assembly/codes.ts and batch.ts; a test compares.
const CHECK_CAPACITY = 16_384;
const COMMAND_INTS = 8;

/** A field of a packed command; what does not fit becomes 255, which no side or kind is. */
function byte(value: number): number {
  return value >>> 0 > 255 ? 255 : value;
}

/**
 * The record in the order of RULE_FIELDS. Written out: a loop over names takes ten times as long,
 * and a run of daily bars writes two records an instrument a day.
 */
export function writeRules(ints: Int32Array, at: number, rules: KernelRules): void {
  ints[at] = rules.venue;
  ints[at + 1] = rules.tickE4;
  ints[at + 2] = rules.buyMin;
  ints[at + 3] = rules.buyStep;
  ints[at + 4] = rules.sellMin;
  ints[at + 5] = rules.sellStep;
  ints[at + 6] = rules.oddWithLots;
  ints[at + 7] = rules.maxQty;
  ints[at + 8] = rules.maxMarketQty;
  ints[at + 9] = rules.maxAfterHoursQty;
  ints[at + 10] = rules.upperE4;
  ints[at + 11] = rules.lowerE4;
  ints[at + 12] = rules.preCloseE4;
  ints[at + 13] = rules.cageMode;
  ints[at + 14] = rules.cageUpPercent;
  ints[at + 15] = rules.cageDownPercent;
  ints[at + 16] = rules.cageTicks;
  ints[at + 17] = rules.openingLowPermille;
  ints[at + 18] = rules.openingHighPermille;
  ints[at + 19] = rules.openingOfLast;
  ints[at + 20] = rules.closingLowPermille;
  ints[at + 21] = rules.closingHighPermille;
  ints[at + 22] = rules.closingOfLast;
  ints[at + 23] = rules.resumptionLowPermille;
  ints[at + 24] = rules.resumptionHighPermille;
  ints[at + 25] = rules.resumptionOfLast;
  ints[at + 26] = rules.marketKinds;
  ints[at + 27] = rules.protection;
  ints[at + 28] = rules.marketNeedsLimit;
  ints[at + 29] = rules.haltPermille1;
  ints[at + 30] = rules.haltPermille2;
  ints[at + 31] = rules.haltOfPreClose;
  ints[at + 32] = rules.haltPerDirection;
  ints[at + 33] = rules.afterHours;
  ints[at + 34] = rules.buyCap;
  ints[at + 35] = rules.suspended;
  ints[at + 36] = rules.heldBook;
}

export class WasmValidation implements ValidationKernel {
  readonly checkCapacity = CHECK_CAPACITY;
  readonly #ints: Int32Array;
  readonly #commands: number;
  readonly #setRules: Fn;
  readonly #setLimits: Fn;
  readonly #setQuote: Fn;
  readonly #setClose: Fn;
  readonly #validateOrder: Fn;
  readonly #validateBatch: Fn;

  constructor(memory: ArrayBuffer, exportOf: ExportOf) {
    this.#ints = new Int32Array(memory);
    this.#commands = (exportOf('commandArea')() >>> 0) / 4;
    this.#setRules = exportOf('setRules');
    this.#setLimits = exportOf('setLimits');
    this.#setQuote = exportOf('setQuote');
    this.#setClose = exportOf('setClose');
    this.#validateOrder = exportOf('validateOrder');
    this.#validateBatch = exportOf('validateBatch');
  }

  setRules(instr: number, rules: KernelRules): number {
    writeRules(this.#ints, this.#commands, rules);
    return this.#setRules(instr);
  }

  setLimits(instr: number, upperE4: number, lowerE4: number): number {
    return this.#setLimits(instr, upperE4, lowerE4);
  }

  setQuote(instr: number, phase: number, bidE4: number, askE4: number, lastE4: number): number {
    return this.#setQuote(instr, phase, bidE4, askE4, lastE4);
  }

  setClose(instr: number, closeE4: number): number {
    return this.#setClose(instr, closeE4);
  }

  validateOrder(
    instr: number,
    side: number,
    kind: number,
    priceE4: number,
    qty: number,
    sellable: number,
    bought: number,
  ): number {
    return this.#validateOrder(instr, side, kind, priceE4, qty, sellable, bought);
  }

  writeCheck(
    index: number,
    instr: number,
    side: number,
    kind: number,
    priceE4: number,
    qty: number,
    sellable: number,
    bought: number,
  ): void {
    const ints = this.#ints;
    const at = this.#commands + index * COMMAND_INTS;
    ints[at] = (byte(side) << 8) | (byte(kind) << 16);
    ints[at + 1] = instr;
    ints[at + 2] = sellable;
    ints[at + 3] = priceE4;
    ints[at + 4] = qty;
    ints[at + 6] = bought;
  }

  validateBatch(from: number, count: number): number {
    return this.#validateBatch(from, count);
  }

  checkResult(index: number): number {
    return this.#ints[this.#commands + index * COMMAND_INTS + 5];
  }
}

export class WasmExchange implements ExchangeKernel {
  readonly #setClock: Fn;
  readonly #enterPhase: Fn;
  readonly #order: Fn;
  readonly #withdraw: Fn;
  readonly #heldQty: Fn;
  readonly #callPrice: Fn;
  readonly #phaseOf: Fn;
  readonly #haltLevel: Fn;
  readonly #openPrice: Fn;
  readonly #lastPrice: Fn;
  readonly #closePrice: Fn;

  constructor(exportOf: ExportOf) {
    this.#setClock = exportOf('setClock');
    this.#enterPhase = exportOf('enterPhase');
    this.#order = exportOf('order');
    this.#withdraw = exportOf('withdraw');
    this.#heldQty = exportOf('heldQty');
    this.#callPrice = exportOf('callPrice');
    this.#phaseOf = exportOf('phaseOf');
    this.#haltLevel = exportOf('haltLevel');
    this.#openPrice = exportOf('openPrice');
    this.#lastPrice = exportOf('lastPrice');
    this.#closePrice = exportOf('closePrice');
  }

  setClock(timeNs: number): void {
    this.#setClock(timeNs);
  }

  enterPhase(instr: number, phase: number): number {
    return this.#enterPhase(instr, phase);
  }

  order(
    instr: number,
    id: number,
    side: number,
    kind: number,
    priceE4: number,
    qty: number,
    sellable: number,
    bought: number,
  ): number {
    return this.#order(instr, id, side, kind, priceE4, qty, sellable, bought);
  }

  withdraw(instr: number, id: number): number {
    return this.#withdraw(instr, id);
  }

  heldQty(instr: number, id: number): number {
    return this.#heldQty(instr, id);
  }

  callPriceE4(instr: number): number {
    return this.#callPrice(instr);
  }

  phase(instr: number): number {
    return this.#phaseOf(instr);
  }

  haltLevel(instr: number): number {
    return this.#haltLevel(instr);
  }

  openE4(instr: number): number {
    return this.#openPrice(instr);
  }

  lastE4(instr: number): number {
    return this.#lastPrice(instr);
  }

  closeE4(instr: number): number {
    return this.#closePrice(instr);
  }
}
