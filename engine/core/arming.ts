// Whether an account behind a real broker may send an order in the stage it is in: disarmed, shadow
// (everything but the sending), pilot (caps on amounts, a list of stocks), full. One per gateway
// link; accounts of simulated brokers have none. Invariants: no order passes disarmed or shadow;
// what the pilot sends is counted in every stage; cancels are nobody's business here.
import { ARM_DISARMED, ARM_FULL, ARM_PILOT, ARM_SHADOW } from '../messages/codes.ts';
import { FLOAT_ZERO } from './float-zero.ts';
import {
  REJECT_DISARMED,
  REJECT_NONE,
  REJECT_PILOT_AMOUNT,
  REJECT_PILOT_LIST,
  REJECT_SHADOW,
} from './reject-code.ts';

/** An account's arming as it starts: plain data. */
export interface ArmingSetup {
  /** ARM_* at the start. */
  readonly stage: number;
  /** Caps of the pilot, 1/10,000 yuan. */
  readonly orderAmountE4: number;
  readonly dayAmountE4: number;
  /** Instrument indices the pilot may trade. */
  readonly instruments: readonly number[];
}

export class ArmingGate {
  stage: number;
  /** Amount of all orders handed to the link today, 1/10,000 yuan. */
  sentE4 = FLOAT_ZERO;
  readonly orderAmountE4: number;
  readonly dayAmountE4: number;
  /** 1 = the pilot may trade it, by instrument index. */
  readonly #listed: Uint8Array;

  constructor(setup: ArmingSetup, instrumentCount: number) {
    this.stage = setup.stage;
    this.orderAmountE4 = setup.orderAmountE4;
    this.dayAmountE4 = setup.dayAmountE4;
    this.#listed = new Uint8Array(instrumentCount);
    for (let n = 0; n < setup.instruments.length; n++) this.#listed[setup.instruments[n]] = 1;
  }

  /** REJECT_NONE, or why an order of `qty` shares valued at `valueE4` each may not be sent. */
  refusal(instrument: number, qty: number, valueE4: number): number {
    switch (this.stage) {
      case ARM_FULL:
        return REJECT_NONE;
      case ARM_PILOT:
        return this.#pilotRefusal(instrument, qty * valueE4);
      case ARM_SHADOW:
        return REJECT_SHADOW;
      default:
        return REJECT_DISARMED;
    }
  }

  /** Whether orders may not even be kept for later. */
  get isDisarmed(): boolean {
    return this.stage === ARM_DISARMED;
  }

  #pilotRefusal(instrument: number, amountE4: number): number {
    if (this.#listed[instrument] !== 1) return REJECT_PILOT_LIST;
    // Not above: an amount of NaN must not pass.
    if (!(amountE4 > 0 && amountE4 <= this.orderAmountE4)) return REJECT_PILOT_AMOUNT;
    return this.sentE4 + amountE4 <= this.dayAmountE4 ? REJECT_NONE : REJECT_PILOT_AMOUNT;
  }
}

/** Whether a number names a stage. */
export function isStage(stage: number): boolean {
  return stage >= ARM_DISARMED && stage <= ARM_FULL;
}

/** Whether a refusal says something about the order rather than about the account's stage. */
export function countsAsRefusal(code: number): boolean {
  return code !== REJECT_SHADOW && code !== REJECT_DISARMED;
}
