// The second person of a simulated run: limits that park and split orders, drawn from the seed,
// and somebody who confirms or refuses what waits, late, twice, or an order that never waited.
// Called by the world. Invariant: its draws are its own, so runs without it are as they were.
import { STATUS_HELD } from '../core/order-status.ts';
import { LIMIT_PARK_AMOUNT, LIMIT_SPLIT_AMOUNT } from '../core/risk/limit-table.ts';
import { ENTRY_LIMIT, fillRules, type RuleEntry } from '../core/risk/rule-entry.ts';
import { accountRow, RuleSet } from '../core/risk/rule-set.ts';
import type { EngineSetup } from '../host/setup.ts';
import { CONFIRM_NO, CONFIRM_YES } from '../messages/codes.ts';
import { RiskConfirm } from '../messages/generated/control.ts';
import type { AccountAudit } from './account-audit.ts';
import type { JournalEye } from './journal-eye.ts';
import type { Life } from './life.ts';
import type { Random } from './random.ts';

const KEY_BASE = 1_048_576;
const SECOND_NS = 1e9;
/** Each round of refusals may let one more order come. */
const ROUNDS_MAX = 40;
/** Amounts above which orders wait, and are split: some of the scripts' orders, not all. */
const AMOUNTS_E4 = [20_000_000, 60_000_000, 200_000_000];

/** The same setup with limits that park, split, or do both. */
export function withLargeLimits(setup: EngineSetup, random: Random): EngineSetup {
  const limits: [slot: number, value: number][] = [];
  if (random.chance(0.7)) limits.push([LIMIT_PARK_AMOUNT, random.pick(AMOUNTS_E4)]);
  if (random.chance(0.5)) limits.push([LIMIT_SPLIT_AMOUNT, random.pick(AMOUNTS_E4)]);
  const more = setup.accounts.flatMap((_, a) =>
    limits.map(([slot, value]): RuleEntry => [ENTRY_LIMIT, accountRow(a), slot, value]),
  );
  const entries = [...setup.risk.entries, ...more];
  const sizes = {
    accounts: setup.accounts.length,
    strategies: setup.strategies.length,
    instruments: setup.instruments.length,
  };
  return { ...setup, risk: { hash: fillRules(new RuleSet(sizes), entries), entries } };
}

export class SecondPerson {
  readonly #eyes: readonly JournalEye[];
  readonly #random: Random;

  constructor(eyes: readonly JournalEye[], random: Random) {
    this.#eyes = eyes;
    this.#random = random;
  }

  /** At every step: now and then a word about an order that waits, or that does not. */
  act(life: Life, nowNs: number): void {
    const random = this.#random;
    const account = random.below(this.#eyes.length);
    const eye = this.#eyes[account]!;
    if (eye.awaiting.size === 0 || !random.chance(0.05)) return;
    const others = random.chance(0.1) ? [...eye.requests.keys()] : [];
    const key = random.pick(others.length > 0 ? others : [...eye.awaiting]);
    const decision = random.chance(0.7) ? CONFIRM_YES : CONFIRM_NO;
    for (let n = random.chance(0.2) ? 2 : 1; n > 0; n--) say(life, account, key, decision, nowNs);
  }

  /**
   * He refuses all that waits, until nothing is held any more: what was confirmed goes out at the
   * pace of the market's clock. `goOn` lets so many ns pass and all come to rest; the time then.
   * A journal that has failed keeps what it holds.
   */
  clear(life: Life, audits: readonly AccountAudit[], goOn: (ns: number) => number): void {
    for (const [a, audit] of audits.entries()) audit.keepsHeld = life.writers[a]!.failure !== 0;
    const isHeld = ({ account: { orders } }: Life['states'][number], a: number): boolean =>
      !audits[a]!.keepsHeld && orders.status.subarray(0, orders.count).includes(STATUS_HELD);
    let nowNs = 0;
    for (let round = 0; round < ROUNDS_MAX && life.states.some(isHeld); round++) {
      for (const [account, eye] of this.#eyes.entries()) {
        for (const key of eye.awaiting) say(life, account, key, CONFIRM_NO, nowNs);
      }
      nowNs = goOn(SECOND_NS);
    }
  }
}

function say(life: Life, account: number, key: number, decision: number, nowNs: number): void {
  const out = life.controls.get(`oms:${account}`)!;
  const at = out.claim(RiskConfirm.BYTES);
  if (at < 0) return;
  const confirm = new RiskConfirm().begin(out.memory, at);
  confirm.eventNs = nowNs;
  confirm.coidA = Math.floor(key / KEY_BASE) | 0;
  confirm.coidC = key % KEY_BASE;
  confirm.account = account;
  confirm.decision = decision;
  confirm.person = 1;
  out.commit();
  out.publish();
}
