// The rules of a day as a kernel of a backtest of many days is told them: of an instrument when it
// is first asked about, since most of thousands meet no order in a day. Made by the assembly and
// the simulated exchange over kernels that are kept (tellRules() in assembly.ts tells all others).
// Always: before a call about an instrument reaches the kernel, it has its rules of the day; rules
// that it could refuse are told at once, so a day that cannot be judged does not begin.
import {
  CageMode,
  type KernelRules,
  Protection,
  type RecordList,
  type ValidationKernel,
} from '../core/exchange-kernel.ts';
import { MARKET_BSE } from '../messages/codes.ts';
import type { EngineSetup } from './setup.ts';

const kept = new WeakMap<ValidationKernel, DayRules>();

/** `inner` with the rules of the day; throws when it refuses those of an instrument. */
export function dayRules(inner: ValidationKernel, setup: EngineSetup): ValidationKernel {
  const rules = kept.get(inner) ?? new DayRules(inner);
  kept.set(inner, rules);
  rules.beginDay(setup);
  return rules;
}

let looked: RecordList = [];
let doubtful: number[] = [];

/** Places of the records that a kernel may refuse; every kernel of a day asks for the same. */
function doubtfulIn(kernelRules: RecordList): readonly number[] {
  if (kernelRules === looked) return doubtful;
  const before = looked;
  looked = kernelRules;
  // Prices of the day alone make no record doubtful that was none.
  if (kernelRules.isRepriced?.(before) === true) return doubtful;
  const known = new Set(doubtful);
  doubtful = [];
  for (let i = 0; i < kernelRules.length; i++) {
    const rules = kernelRules.at(i)!;
    if (rules === before.at(i) ? known.has(i) : mayBeRefused(rules)) doubtful.push(i);
  }
  return doubtful;
}

class DayRules implements ValidationKernel {
  readonly checkCapacity: number;
  readonly #inner: ValidationKernel;
  #setup: Pick<EngineSetup, 'instruments' | 'kernelRules'> = { instruments: [], kernelRules: [] };
  /** Day (counted) whose rules the kernel has, by instrument. */
  #told = new Int32Array(0);
  #day = 0;

  constructor(inner: ValidationKernel) {
    this.#inner = inner;
    this.checkCapacity = inner.checkCapacity;
  }

  beginDay(setup: EngineSetup): void {
    const { kernelRules } = setup;
    this.#setup = setup;
    this.#day++;
    if (this.#told.length !== kernelRules.length) this.#told = new Int32Array(kernelRules.length);
    for (const i of doubtfulIn(kernelRules)) this.#tell(i);
  }

  setRules(instr: number, rules: KernelRules): number {
    if (this.#told[instr] !== undefined) this.#told[instr] = this.#day;
    return this.#inner.setRules(instr, rules);
  }

  setLimits(instr: number, upperE4: number, lowerE4: number): number {
    this.#tell(instr);
    return this.#inner.setLimits(instr, upperE4, lowerE4);
  }

  setQuote(instr: number, phase: number, bidE4: number, askE4: number, lastE4: number): number {
    this.#tell(instr);
    return this.#inner.setQuote(instr, phase, bidE4, askE4, lastE4);
  }

  setClose(instr: number, closeE4: number): number {
    this.#tell(instr);
    return this.#inner.setClose(instr, closeE4);
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
    this.#tell(instr);
    return this.#inner.validateOrder(instr, side, kind, priceE4, qty, sellable, bought);
  }

  /** Checks lie where rules are written: all rules come before the first of them. */
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
    for (let i = 0; i < this.#told.length; i++) this.#tell(i);
    this.#inner.writeCheck(index, instr, side, kind, priceE4, qty, sellable, bought);
  }

  validateBatch(from: number, count: number): number {
    return this.#inner.validateBatch(from, count);
  }

  checkResult(index: number): number {
    return this.#inner.checkResult(index);
  }

  /**
   * The rules of an instrument, once a day. An index has none and takes no order; of an instrument
   * nobody knows the kernel says so.
   */
  #tell(i: number): void {
    if (this.#told[i] === undefined || this.#told[i] === this.#day) return;
    this.#told[i] = this.#day;
    const { instruments, kernelRules } = this.#setup;
    const { kind, symbol } = instruments[i]!;
    if (kind === 'index') return;
    const code = this.#inner.setRules(i, kernelRules.at(i)!);
    if (code < 0) throw new Error(`${symbol}: the kernel refuses its rules of the day (${code})`);
  }
}

/**
 * Whether a kernel might refuse a record: what lotsHold(), pricesHold() and mechanismsHold() of
 * wasm/assembly/rules.ts ask, drawn no wider than they. The kernel itself has the last word.
 */
export function mayBeRefused(rules: KernelRules): boolean {
  const lots =
    rules.tickE4 > 0 &&
    rules.buyMin > 0 &&
    rules.buyStep > 0 &&
    rules.sellMin > 0 &&
    rules.sellStep > 0 &&
    rules.maxQty >= rules.buyMin &&
    rules.maxMarketQty >= 0 &&
    rules.maxMarketQty <= rules.maxQty &&
    rules.maxAfterHoursQty >= 0 &&
    rules.buyCap >= 0;
  return !(lots && arePrices(rules) && areMechanisms(rules));
}

function arePrices(rules: KernelRules): boolean {
  return (
    isPair(rules.lowerE4, rules.upperE4) &&
    rules.preCloseE4 >= 0 &&
    isPair(rules.openingLowPermille, rules.openingHighPermille) &&
    isPair(rules.closingLowPermille, rules.closingHighPermille) &&
    isPair(rules.resumptionLowPermille, rules.resumptionHighPermille) &&
    rules.cageUpPercent >= 0 &&
    rules.cageUpPercent <= 100 &&
    rules.cageDownPercent >= 0 &&
    rules.cageDownPercent <= 100 &&
    rules.cageTicks >= 0 &&
    rules.cageTicks <= 1_000 &&
    rules.cageMode >= CageMode.NONE &&
    rules.cageMode <= CageMode.HOLD
  );
}

function areMechanisms(rules: KernelRules): boolean {
  const { haltPermille1, haltPermille2 } = rules;
  return (
    rules.heldBook === -1 &&
    rules.venue >= 0 &&
    rules.venue <= MARKET_BSE &&
    rules.protection >= Protection.IGNORED &&
    rules.protection <= Protection.REQUIRED &&
    haltPermille1 >= 0 &&
    (haltPermille2 === 0 || (haltPermille1 > 0 && haltPermille2 > haltPermille1))
  );
}

/** Bounds of which either may be absent (0). */
function isPair(low: number, high: number): boolean {
  return low >= 0 && high >= 0 && (high === 0 || low <= high);
}
