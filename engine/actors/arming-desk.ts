// The stage of one account at its gateway link: takes changes from people, tells the bridge (behind
// every fence, before any request) and the pages. Part of the gateway link; an account of a
// simulated broker has none. Invariant: what the bridge does not know yet is owed, and nothing new
// is taken for the link while it is.
import { type ArmingGate, isStage } from '../core/arming.ts';
import { FLOAT_ZERO } from '../core/float-zero.ts';
import { ARM_PILOT } from '../messages/codes.ts';
import { FrameMemory } from '../messages/frames.ts';
import { Arming } from '../messages/generated/broker.ts';
import type { EventSink, OutPort } from './port.ts';

export interface ArmingPorts {
  readonly link: OutPort;
  readonly events: EventSink;
}

export class ArmingDesk {
  /** The bridge behind this fence has not been told the stage. */
  owed = false;
  readonly gate: ArmingGate;
  readonly #account: number;
  readonly #ports: ArmingPorts;
  readonly #out = new Arming();
  readonly #in = new Arming();
  readonly #shown = new FrameMemory(new ArrayBuffer(Arming.BYTES));
  #isFenced = false;

  constructor(account: number, gate: ArmingGate, ports: ArmingPorts) {
    this.#account = account;
    this.gate = gate;
    this.#ports = ports;
  }

  /** A person changes the stage: in force from the next order on. */
  onCommand(memory: FrameMemory, at: number): void {
    const { stage } = this.#in.wrap(memory, at);
    if (!isStage(stage)) return;
    this.gate.stage = stage;
    this.owed = this.#isFenced;
    this.#fill(this.#out.begin(this.#shown, 0));
    this.#ports.events.offer(this.#shown, 0);
  }

  /** The bridge takes our epoch: it knows no stage yet. */
  onFenced(): void {
    this.#isFenced = true;
    this.owed = true;
  }

  /** Tells the bridge if it is owed and the ring has room; whether nothing is owed any more. */
  settle(): boolean {
    if (!this.owed) return true;
    const { link } = this.#ports;
    if (link.room() < Arming.BYTES * 2) return false;
    const at = link.claim(Arming.BYTES);
    if (at < 0) return false;
    this.#fill(this.#out.begin(link.memory, at));
    link.commit();
    link.publish();
    this.owed = false;
    return true;
  }

  #fill(arming: Arming): void {
    const { stage, orderAmountE4, dayAmountE4 } = this.gate;
    arming.account = this.#account;
    arming.stage = stage;
    arming.orderAmountE4 = stage === ARM_PILOT ? orderAmountE4 : FLOAT_ZERO;
    arming.dayAmountE4 = stage === ARM_PILOT ? dayAmountE4 : FLOAT_ZERO;
  }
}
