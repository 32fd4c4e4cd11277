// Stage, link and bridge of each account as the core shows them: part of the replica. Called with
// frames and health messages; read by arming and alerts. Always: what an earlier life of the core
// said is forgotten when another begins; a refused change is told and changes nothing.
import { ARM_NAMES, CAN_ARM, LINK_NAMES } from '../messages/codes.ts';
import type { FrameMemory } from '../messages/frames.ts';
import { Arming, BridgeFacts, LinkState } from '../messages/generated/broker.ts';
import { TYPE_ARMING, TYPE_BRIDGE_FACTS, TYPE_LINK_STATE } from '../messages/generated/types.ts';
import type { LinkArming, LinkMeta } from '../messages/link-types.ts';

export type StageName = 'disarmed' | 'shadow' | 'pilot' | 'full';

export interface AccountStage {
  /** undefined = an account that needs no arming. */
  stage?: StageName;
  /** LINK_NAMES; '' = nothing heard. */
  link: string;
  /** How often the link has been made in this life. */
  sessionNo: number;
  /** The bridge enforces stages itself; undefined = not connected yet. */
  canArm?: boolean;
  /** Its clock less ours, ms; undefined = it does not say. */
  clockOffsetMs?: number;
}

export interface StageListener {
  /** `code` 0: in force; else a change was refused. */
  onStage?(account: string, stage: StageName, code: number): void;
  onLink?(account: string, state: string, before: string): void;
}

export class StageBoard {
  /** What only the core knows of the conditions; undefined = no account needs arming. */
  facts: LinkArming | undefined;
  readonly #accounts = new Map<string, AccountStage>();
  readonly #ids: string[] = [];
  readonly #listeners: StageListener[] = [];
  readonly #arming = new Arming();
  readonly #facts = new BridgeFacts();
  readonly #link = new LinkState();

  listen(listener: StageListener): void {
    this.#listeners.push(listener);
  }

  /** A core connects: its state follows. */
  begin(accounts: LinkMeta['accounts']): void {
    this.#accounts.clear();
    this.#ids.length = 0;
    for (const { index, id } of accounts) this.#ids[index] = id;
    this.facts = undefined;
  }

  of(account: string): AccountStage {
    let found = this.#accounts.get(account);
    if (found === undefined) {
      found = { link: '', sessionNo: 0 };
      this.#accounts.set(account, found);
    }
    return found;
  }

  /** Accounts that have a stage. */
  staged(): string[] {
    return [...this.#accounts].flatMap(([id, { stage }]) => (stage === undefined ? [] : [id]));
  }

  applyFrame(type: number, memory: FrameMemory, at: number): void {
    if (type === TYPE_ARMING) this.#onArming(this.#arming.wrap(memory, at));
    else if (type === TYPE_LINK_STATE) this.#onLink(this.#link.wrap(memory, at));
    else if (type === TYPE_BRIDGE_FACTS) {
      const { account, capabilities, hasClock, clockOffsetMs } = this.#facts.wrap(memory, at);
      const row = this.of(this.#idOf(account));
      row.canArm = (capabilities & CAN_ARM) !== 0;
      if (hasClock !== 0) row.clockOffsetMs = clockOffsetMs;
      else delete row.clockOffsetMs;
    }
  }

  #onArming({ account, stage, code }: Arming): void {
    const id = this.#idOf(account);
    const name = (ARM_NAMES[stage] ?? 'disarmed') as StageName;
    if (code === 0) this.of(id).stage = name;
    for (const listener of this.#listeners) listener.onStage?.(id, name, code);
  }

  #onLink({ account, state, sessionNo }: LinkState): void {
    const id = this.#idOf(account);
    const row = this.of(id);
    const before = row.link;
    row.link = LINK_NAMES[state] ?? `#${state}`;
    row.sessionNo = Math.max(row.sessionNo, sessionNo);
    if (row.link === before) return;
    for (const listener of this.#listeners) listener.onLink?.(id, row.link, before);
  }

  #idOf(account: number): string {
    return this.#ids[account] ?? `#${account}`;
  }
}
