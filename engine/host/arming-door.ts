// The core's door for changes of an account's stage: Arming frames of the local socket. Called by
// the core's main thread; the gateway link of the account puts the stage in force and says so.
// Always: a lower stage is passed on at once, whatever else is wrong; a higher one only with the
// kill switch off, the link ready and the stage on disk; a refusal is shown with its code.
import type { ArmingSetup } from '../core/arming.ts';
import { isStage } from '../core/arming.ts';
import {
  REJECT_ACCOUNT_STOPPED,
  REJECT_BUSY,
  REJECT_JOURNAL,
  REJECT_KILLED,
  REJECT_LINK_DOWN,
  REJECT_NONE,
  REJECT_PILOT_LIST,
  rejectText,
} from '../core/reject-code.ts';
import {
  ARM_DISARMED,
  ARM_NAMES,
  ARM_PILOT,
  ARM_SHADOW,
  LINK_READY,
  STAGE_SUPERVISOR,
} from '../messages/codes.ts';
import { FrameMemory } from '../messages/frames.ts';
import { Arming } from '../messages/generated/broker.ts';
import { writeStages } from './arming-file.ts';

export interface ArmingDoorOptions {
  readonly runDir: string;
  readonly day: number;
  /** By account index; those without `arming` have no stage. */
  readonly accounts: readonly { readonly id: string; readonly arming?: ArmingSetup }[];
  /** Hands a frame to the gateway link of an account; false = its ring is full. */
  readonly tell: (account: number, memory: FrameMemory, at: number) => boolean;
  /** Shows a frame to everybody who watches. */
  readonly show: (memory: FrameMemory, at: number) => void;
  readonly isKilled: (account: number) => boolean;
  /** LINK_* of an account, 0 before it has said anything. */
  readonly linkOf: (account: number) => number;
  readonly log: (level: 'info' | 'warn' | 'error', text: string) => void;
}

export class ArmingDoor {
  readonly #options: ArmingDoorOptions;
  /** ARM_* by account index, as asked for last and passed on. */
  readonly #stages = new Map<number, number>();
  readonly #in = new Arming();
  readonly #out = new Arming();
  readonly #memory = new FrameMemory(new ArrayBuffer(Arming.BYTES));

  constructor(options: ArmingDoorOptions) {
    this.#options = options;
    for (const [a, { arming }] of options.accounts.entries()) {
      if (arming !== undefined) this.#stages.set(a, arming.stage);
    }
  }

  /** The stages as they are, for everybody who watches. */
  showAll(): void {
    for (const [account, stage] of this.#stages) this.#show(account, stage, REJECT_NONE);
  }

  /** Sentences for a banner: accounts whose orders do not go out. */
  texts(): string[] {
    return [...this.#stages].flatMap(([account, stage]) =>
      stage > ARM_SHADOW ? [] : [`account ${this.#idOf(account)} is ${ARM_NAMES[stage]}`],
    );
  }

  /** A frame of the local socket; stage and account are all that counts of it. */
  take(memory: FrameMemory, at: number): void {
    const { account, stage } = this.#in.wrap(memory, at);
    const before = this.#stages.get(account);
    if (before === undefined || !isStage(stage)) {
      this.#options.log('warn', `arming of account ${account} to stage ${stage}: it has no stages`);
      return;
    }
    const code = stage > before ? this.#raise(account, stage, before) : this.#lower(account, stage);
    if (code !== REJECT_NONE) {
      this.#show(account, before, code);
      const why = rejectText(code).en;
      const text = `account ${this.#idOf(account)} stays ${ARM_NAMES[before]}: ${why}`;
      this.#options.log('warn', text);
      return;
    }
    this.#options.log('warn', `account ${this.#idOf(account)} is now ${ARM_NAMES[stage]}`);
  }

  #raise(account: number, stage: number, before: number): number {
    const code = this.#refusalOf(account, stage);
    if (code !== REJECT_NONE) return code;
    if (!this.#keep(account, stage)) return REJECT_JOURNAL;
    if (this.#tell(account, stage)) return REJECT_NONE;
    this.#keep(account, before);
    return REJECT_BUSY;
  }

  /** First the gateway, then the disk: a full disk keeps no account armed in this life. */
  #lower(account: number, stage: number): number {
    const isTold = this.#tell(account, stage);
    if (!this.#keep(account, stage)) {
      const whose = `account ${this.#idOf(account)}`;
      this.#options.log('error', `${whose}: its stage could not be written to arming.json`);
    }
    return isTold ? REJECT_NONE : REJECT_BUSY;
  }

  #refusalOf(account: number, stage: number): number {
    const { accounts, isKilled, linkOf } = this.#options;
    if (isKilled(account)) return REJECT_KILLED;
    if (stage === ARM_SHADOW) return REJECT_NONE;
    const link = linkOf(account);
    if (link !== LINK_READY) return link > LINK_READY ? REJECT_ACCOUNT_STOPPED : REJECT_LINK_DOWN;
    const hasPilot = (accounts[account]?.arming?.instruments.length ?? 0) > 0;
    return stage === ARM_PILOT && !hasPilot ? REJECT_PILOT_LIST : REJECT_NONE;
  }

  /** Writes all stages down; false = the disk refused. */
  #keep(account: number, stage: number): boolean {
    const before = this.#stages.get(account) ?? ARM_DISARMED;
    this.#stages.set(account, stage);
    const { runDir, day } = this.#options;
    const named = [...this.#stages].map(([a, one]) => [this.#idOf(a), one] as const);
    try {
      writeStages(runDir, day, new Map(named));
      return true;
    } catch {
      if (stage > before) this.#stages.set(account, before);
      return false;
    }
  }

  #tell(account: number, stage: number): boolean {
    this.#fill(account, stage, REJECT_NONE);
    return this.#options.tell(account, this.#memory, 0);
  }

  #show(account: number, stage: number, code: number): void {
    this.#fill(account, stage, code);
    this.#options.show(this.#memory, 0);
  }

  #fill(account: number, stage: number, code: number): void {
    const arming = this.#out.begin(this.#memory, 0);
    Object.assign(arming, { account, stage, code, source: STAGE_SUPERVISOR });
  }

  #idOf(account: number): string {
    return this.#options.accounts[account]?.id ?? String(account);
  }
}
