// The core's door for what people say about single orders: a confirmation must bring the proof of
// the confirmation token where the configuration names one. Called by the core's main thread for
// RiskConfirm and OrderSettle frames of the local socket. Always: what is not let through is
// answered; the proof goes no further than this.
import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { REJECT_NO_PROOF } from '../core/reject-code.ts';
import { ACTION_CONFIRM, STAGE_SUPERVISOR } from '../messages/codes.ts';
import { copyFrame, FrameMemory } from '../messages/frames.ts';
import { OrderSettle, RiskConfirm } from '../messages/generated/control.ts';
import { Reject } from '../messages/generated/order.ts';

/** Characters a confirmation token has at least: 128 bits in base64. */
export const CONFIRM_TOKEN_MIN = 22;
const PROOF_BYTES = 16;

export interface PeopleDoorOptions {
  /** SHA-256 of the confirmation token, hexadecimal; '' = none is asked for. */
  readonly confirmHash: string;
  /** Hands a frame to the OMS of an account. */
  readonly tell: (account: number, memory: FrameMemory, at: number) => void;
  /** Shows a refusal to everybody who watches. */
  readonly show: (memory: FrameMemory, at: number) => void;
}

export class PeopleDoor {
  readonly #options: PeopleDoorOptions;
  readonly #copy = new FrameMemory(new ArrayBuffer(256));
  readonly #refusal = new FrameMemory(new ArrayBuffer(Reject.BYTES));
  readonly #confirm = new RiskConfirm();
  readonly #settle = new OrderSettle();
  readonly #reject = new Reject();

  constructor(options: PeopleDoorOptions) {
    this.#options = options;
  }

  confirm(memory: FrameMemory, at: number): void {
    copyFrame(memory, at, this.#copy, 0);
    const confirm = this.#confirm.wrap(this.#copy, 0);
    const proof = Buffer.alloc(PROOF_BYTES);
    const { proofA, proofB, proofC, proofD } = confirm;
    for (const [n, word] of [proofA, proofB, proofC, proofD].entries()) {
      proof.writeInt32BE(word, n * 4);
    }
    Object.assign(confirm, { proofA: 0, proofB: 0, proofC: 0, proofD: 0 });
    const { confirmHash, tell } = this.#options;
    const wanted = Buffer.from(confirmHash.slice(0, PROOF_BYTES * 2), 'hex');
    if (confirmHash !== '' && !timingSafeEqual(proof, wanted)) {
      this.#refuse(confirm);
      return;
    }
    confirm.source = STAGE_SUPERVISOR;
    tell(confirm.account, this.#copy, 0);
  }

  settle(memory: FrameMemory, at: number): void {
    copyFrame(memory, at, this.#copy, 0);
    const settle = this.#settle.wrap(this.#copy, 0);
    settle.source = STAGE_SUPERVISOR;
    this.#options.tell(settle.account, this.#copy, 0);
  }

  #refuse(confirm: RiskConfirm): void {
    const reject = this.#reject.begin(this.#refusal, 0);
    reject.coidA = confirm.coidA;
    reject.coidB = confirm.coidB;
    reject.coidC = confirm.coidC;
    reject.coidD = confirm.coidD;
    reject.account = confirm.account;
    reject.stage = STAGE_SUPERVISOR;
    reject.code = REJECT_NO_PROOF;
    reject.action = ACTION_CONFIRM;
    this.#options.show(this.#refusal, 0);
  }
}

/** The token in a file, or why it is none. */
export function readConfirmToken(path: string): { token: string } | { why: string } {
  let token: string;
  try {
    token = readFileSync(path, 'utf8').trim();
  } catch (error) {
    return { why: error instanceof Error ? error.message : String(error) };
  }
  const isText = new RegExp(`^[\\x21-\\x7e]{${CONFIRM_TOKEN_MIN},256}$`).test(token);
  if (isText) return { token };
  return { why: `expected one line of ${CONFIRM_TOKEN_MIN} to 256 printable ASCII characters` };
}

/** SHA-256 of the token in the file that the configuration names; '' = it names none. */
export function confirmHashOf(path: string): string {
  if (path === '') return '';
  const found = readConfirmToken(path);
  if ('why' in found) throw new Error(`confirmTokenFile ${path}: ${found.why}`);
  return createHash('sha256').update(found.token, 'utf8').digest('hex');
}
