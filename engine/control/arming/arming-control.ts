// Arming as every door uses it: shows the conditions, carries out a step up or down, disarms.
// Called by the calls `arming`, `arm` and `disarm` of the trading interface. Always: a step down
// goes to the core at once and asks for nothing; pilot and full need the stage below, every
// condition, the typed account number and the trading password; "done" is said when the gateway
// says so.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { ArmedAccount } from '../../config-arming.ts';
import { REJECT_NONE, rejectText } from '../../core/reject-code.ts';
import { ARM_NAMES, STAGE_SUPERVISOR } from '../../messages/codes.ts';
import { FrameMemory } from '../../messages/frames.ts';
import { Arming } from '../../messages/generated/broker.ts';
import { engineDown, type Outcome, refuse } from '../outcome.ts';
import type { Replica } from '../replica.ts';
import type { StageName } from '../stage-board.ts';
import type { ArmBody, ArmingRow } from '../trade-schemas.ts';
import { conditionsOf } from './conditions.ts';
import { type NtpState, ntpState } from './ntp.ts';
import type { PasswordVerdict } from './people-store.ts';

const ANSWER_MS = 3_000;
const NTP_EVERY_MS = 60_000;

type StageData = { readonly account: string; readonly stage: StageName };

/** Alert channels, and those of which a test arrived today. */
export interface ChannelNames {
  readonly all: readonly string[];
  readonly tested: readonly string[];
}

export interface ArmingOptions {
  readonly replica: Replica;
  readonly sendCommand: (memory: FrameMemory, at: number) => boolean;
  readonly accounts: readonly ArmedAccount[];
  readonly people: {
    readonly hasPassword: boolean;
    checkPassword(password: string): Promise<PasswordVerdict>;
  };
  readonly channels: () => ChannelNames;
  /** Milliseconds; 3,000. */
  readonly answerMs?: number;
  readonly ntp?: () => Promise<NtpState>;
}

interface Waiting {
  readonly account: string;
  readonly stage: StageName;
  readonly done: (outcome: Outcome<StageData>) => void;
}

export class ArmingControl {
  readonly #options: ArmingOptions;
  readonly #memory = new FrameMemory(new ArrayBuffer(Arming.BYTES));
  readonly #arming = new Arming();
  readonly #waiting = new Set<Waiting>();
  #ntp: NtpState = 'unknown';
  #ntpAtMs = Number.NEGATIVE_INFINITY;
  #sequence = 0;

  constructor(options: ArmingOptions) {
    this.#options = options;
    options.replica.stages.listen({
      onStage: (account, stage, code) => this.#onStage(account, stage, code),
    });
    options.replica.listen({ onDown: () => this.#settle(() => true, engineDown()) });
  }

  /** Stage and conditions of every account that needs arming, or of one. */
  async show(account?: string): Promise<Outcome<{ rows: ArmingRow[] }>> {
    const { accounts } = this.#options;
    const meant = account === undefined ? accounts : accounts.filter(({ id }) => id === account);
    if (account !== undefined && meant.length === 0) return noStages();
    await this.#askNtp();
    return { ok: true, data: { rows: meant.map((one) => this.#rowOf(one)) } };
  }

  /** One step. */
  async arm(body: ArmBody): Promise<Outcome<StageData>> {
    const found = this.#accountOf(body.account);
    if (!found.ok) return found;
    const account = found.data;
    const now = this.#options.replica.stages.of(account.id).stage;
    if (now === undefined) return engineDown();
    const from = ARM_NAMES.indexOf(now);
    const to = ARM_NAMES.indexOf(body.stage);
    if (to <= from || body.stage === 'shadow') return this.#send(account.id, body.stage);
    if (to > from + 1) {
      const next = ARM_NAMES[from + 1];
      const message = `the account is ${now}; the next stage is ${next}`;
      return refuse('not-armed', message, { field: 'stage' });
    }
    const proof = await this.#prove(account, body);
    return proof.ok ? this.#send(account.id, body.stage) : proof;
  }

  /** Stops new orders of an account, or of all that have a stage. */
  async disarm(account: string | undefined): Promise<Outcome<{ accounts: string[] }>> {
    const known = this.#options.accounts.map(({ id }) => id);
    const meant = account === undefined ? known : known.filter((id) => id === account);
    if (meant.length === 0) return noStages();
    const outcomes = await Promise.all(meant.map((id) => this.#send(id, 'disarmed')));
    const failed = outcomes.find((outcome) => !outcome.ok);
    if (failed !== undefined) return failed as Outcome<never>;
    return { ok: true, data: { accounts: meant } };
  }

  /** Number, password and conditions, in the order in which they tell a stranger the least. */
  async #prove(account: ArmedAccount, body: ArmBody): Promise<Outcome<StageData>> {
    const { number = '', password = '' } = body;
    const verdict = await this.#options.people.checkPassword(password);
    if (!verdict.ok) {
      if (verdict.why === 'none') {
        return refuse('not-armed', 'no trading password is set: pankou arm --set-password');
      }
      if (verdict.why === 'locked') {
        const message = `too many wrong passwords: wait ${verdict.seconds} s`;
        return refuse('too-fast', message);
      }
      return refuse('unauthorised', 'wrong trading password', { field: 'password' });
    }
    if (!isSame(number, account.number)) {
      return refuse('unauthorised', 'this is not the number of the account', { field: 'number' });
    }
    await this.#askNtp();
    const { conditions, ready } = this.#rowOf(account);
    if (ready) return { ok: true, data: { account: account.id, stage: body.stage } };
    const failed = conditions.filter(({ ok }) => !ok);
    const names = failed.map(({ id }) => id).join(', ');
    const message = `${failed.length} conditions are not met: ${names}`;
    return refuse('not-armed', message, { conditions: failed });
  }

  #rowOf(account: ArmedAccount): ArmingRow {
    const { replica, people, channels } = this.#options;
    const stage = replica.stages.of(account.id);
    const open = replica.trades.openOrders(account.id);
    const { all, tested } = channels();
    const conditions = conditionsOf({
      ...{ account, stage, ntp: this.#ntp, hasPassword: people.hasPassword },
      ...{ day: replica.hello().day, core: replica.stages.facts, channels: all, tested },
      unknown: open.filter(({ status }) => status === 'unknown').map(({ coid }) => coid),
    });
    const ready = conditions.every(({ ok }) => ok);
    return { account: account.id, stage: stage.stage ?? 'disarmed', ready, conditions };
  }

  #accountOf(id: string | undefined): Outcome<ArmedAccount> {
    const { accounts } = this.#options;
    if (accounts.length === 0) return noStages();
    if (id === undefined && accounts.length > 1) {
      const names = accounts.map((one) => one.id).join(', ');
      return refuse('unknown-account', `name one of the accounts ${names}`, { field: 'account' });
    }
    const found = id === undefined ? accounts[0] : accounts.find((one) => one.id === id);
    return found === undefined ? noStages() : { ok: true, data: found };
  }

  /** Hands the stage to the core and waits for the gateway's word. */
  #send(account: string, stage: StageName): Promise<Outcome<StageData>> {
    const { replica, sendCommand, answerMs = ANSWER_MS } = this.#options;
    const index = replica.accountIds().find(({ id }) => id === account)?.index;
    if (index === undefined) return Promise.resolve(engineDown());
    const frame = this.#arming.begin(this.#memory, 0);
    frame.sequence = ++this.#sequence | 0;
    frame.source = STAGE_SUPERVISOR;
    frame.account = index;
    frame.stage = ARM_NAMES.indexOf(stage);
    return new Promise((resolve) => {
      const timer = setTimeout(() => waiting.done(SILENCE), answerMs);
      const waiting: Waiting = {
        ...{ account, stage },
        done: (outcome) => {
          clearTimeout(timer);
          this.#waiting.delete(waiting);
          resolve(outcome);
        },
      };
      this.#waiting.add(waiting);
      if (!sendCommand(this.#memory, 0)) waiting.done(engineDown());
    });
  }

  #onStage(account: string, stage: StageName, code: number): void {
    if (code === REJECT_NONE) {
      const data = { account, stage };
      this.#settle((one) => one.account === account && one.stage === stage, { ok: true, data });
      return;
    }
    const text = rejectText(code);
    const reject = { stage: 'gateway' as const, code, text };
    const refused = refuse<StageData>('refused', text.en, { reject });
    this.#settle((one) => one.account === account, refused);
  }

  #settle(isMeant: (waiting: Waiting) => boolean, outcome: Outcome<StageData>): void {
    for (const waiting of [...this.#waiting]) if (isMeant(waiting)) waiting.done(outcome);
  }

  async #askNtp(): Promise<void> {
    const now = performance.now();
    if (now - this.#ntpAtMs < NTP_EVERY_MS) return;
    this.#ntpAtMs = now;
    this.#ntp = await (this.#options.ntp ?? ntpState)();
  }
}

const SILENCE: Outcome<StageData> = refuse(
  'unknown-outcome',
  'the engine has not said what stage is in force: look at it again (pankou arm --check)',
);

function noStages<Data>(): Outcome<Data> {
  const message = 'no account here needs arming: only those behind a bridge that are not simulated';
  return refuse('unknown-account', message, { field: 'account' });
}

/** Compares without telling by its time where they differ. */
function isSame(given: string, expected: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text.trim()).digest();
  return timingSafeEqual(hash(given), hash(expected));
}
