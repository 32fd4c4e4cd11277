// The switches that a person has in hand: kill of firm, account or strategy, pause of a market, and
// letting what risk stopped go on. Called by trading.ts for every door. Always: a name is checked
// before anything is sent; "ok" means that the core has the command, or for a kill the bridge; no
// kill is cleared from here.
import {
  DESK_STRATEGY,
  MARKET_SUFFIXES,
  SCOPE_ACCOUNT,
  SCOPE_FIRM,
  SCOPE_STRATEGY,
  STAGE_SUPERVISOR,
} from '../messages/codes.ts';
import { FrameMemory } from '../messages/frames.ts';
import { Kill, MarketPause, RiskResume } from '../messages/generated/control.ts';
import type { BridgeKill } from './bridge-kill.ts';
import { engineDown, type Outcome, refuse } from './outcome.ts';
import type { Replica } from './replica.ts';
import type { KillBody, KillData, RiskResumeBody } from './trade-schemas.ts';

/** Where a bridge holds a kill flag of its own, and the core is not there. */
const BRIDGE_ALONE: Outcome<KillData> = { ok: true, data: { core: false, bridge: true } };

/** Every market. */
const ALL = 0;
/** Nobody in particular. */
const NOBODY = -1;

interface Target {
  readonly scope: number;
  readonly account: number;
  readonly strategy: number;
}

export class RiskSwitches {
  readonly #replica: Replica;
  readonly #send: (memory: FrameMemory, at: number) => boolean;
  readonly #memory = new FrameMemory(new ArrayBuffer(256));
  readonly #kill = new Kill();
  readonly #pause = new MarketPause();
  readonly #resume = new RiskResume();
  /** The account's bridge, past the core; null = there is none. */
  bridge: BridgeKill | null = null;
  #sequence = 0;

  constructor(replica: Replica, send: (memory: FrameMemory, at: number) => boolean) {
    this.#replica = replica;
    this.#send = send;
  }

  /**
   * Kill switch: no new orders, everything cancelled. It is not cleared from here. Of firm and
   * accounts the bridge hears too, and alone where the core does not answer.
   */
  kill(body: KillBody): Outcome<KillData> {
    const target = this.#targetOf(body);
    if (!target.ok) {
      const isDown = target.error.code === 'engine-down' && body.scope !== 'strategy';
      return isDown && this.#tellBridge(body) ? BRIDGE_ALONE : target;
    }
    const { scope, account, strategy } = target.data;
    const named = ['', 'firm', 'account', 'strategy'][scope];
    if (body.scope !== undefined && body.scope !== named) {
      const message = `scope is ${body.scope}, but what is named is the ${named}`;
      return refuse('bad-request', message, { field: 'scope' });
    }
    if (strategy >= DESK_STRATEGY) return unknownStrategy();
    const kill = this.#kill.begin(this.#memory, 0);
    const on = 1;
    Object.assign(kill, { ...this.#head(), scope, account, strategy, on });
    const isBridgeTold = scope !== SCOPE_STRATEGY && this.#tellBridge(body);
    const sent = this.#sent();
    if (!sent.ok) return isBridgeTold ? BRIDGE_ALONE : sent;
    return { ok: true, data: this.bridge === null ? {} : { core: true, bridge: isBridgeTold } };
  }

  /** Whether the bridge hears at once; if not it hears as soon as its link is back. */
  #tellBridge({ account = '*', strategy }: KillBody): boolean {
    if (this.bridge === null || strategy !== undefined) return false;
    return this.bridge.set(account, true);
  }

  /** Risk lets no order of the market (all: undefined) through until it is resumed. */
  pause(market: string | undefined): Outcome<object> {
    return this.#setPause(market, 1);
  }

  /** Lets a stopped account or strategy go on, or ends the pause of a market (of all: no name). */
  resume(body: RiskResumeBody): Outcome<object> {
    const { market, account: byAccount, strategy: byStrategy } = body;
    if (byAccount === undefined && byStrategy === undefined) return this.#setPause(market, 0);
    if (market !== undefined) {
      const message = 'name a market, an account or a strategy, one of them';
      return refuse('bad-request', message, { field: 'market' });
    }
    const target = this.#targetOf(body);
    if (!target.ok) return target;
    Object.assign(this.#resume.begin(this.#memory, 0), { ...this.#head(), ...target.data });
    return this.#sent();
  }

  #setPause(name: string | undefined, on: number): Outcome<object> {
    const market = name === undefined ? ALL : MARKET_SUFFIXES.indexOf(name);
    const account = NOBODY;
    Object.assign(this.#pause.begin(this.#memory, 0), { ...this.#head(), market, on, account });
    return this.#sent();
  }

  #head(): { sequence: number; source: number } {
    this.#sequence = (this.#sequence + 1) | 0;
    return { sequence: this.#sequence, source: STAGE_SUPERVISOR };
  }

  #sent(): Outcome<object> {
    return this.#send(this.#memory, 0) ? { ok: true, data: {} } : engineDown();
  }

  /** Whom the names mean; none: the firm. */
  #targetOf(names: {
    account?: string | undefined;
    strategy?: string | undefined;
  }): Outcome<Target> {
    const { account, strategy } = names;
    if (account !== undefined && strategy !== undefined) {
      const message = 'name an account or a strategy, not both';
      return refuse('bad-request', message, { field: 'strategy' });
    }
    const nobody = { account: NOBODY, strategy: NOBODY };
    if (account === undefined && strategy === undefined) {
      return { ok: true, data: { scope: SCOPE_FIRM, ...nobody } };
    }
    // Before the core has told what it trades, nothing can be said about a name.
    if (!this.#replica.settled || this.#replica.accountIds().length === 0) return engineDown();
    if (account !== undefined) {
      const found = this.#replica.accountIds().find(({ id }) => id === account);
      if (found === undefined) {
        return refuse('unknown-account', 'no such account', { field: 'account' });
      }
      return { ok: true, data: { ...nobody, scope: SCOPE_ACCOUNT, account: found.index } };
    }
    const found = this.#replica.strategyIds().find(({ name }) => name === strategy);
    const index = found?.index ?? (strategy === 'desk' ? DESK_STRATEGY : NOBODY);
    if (index === NOBODY) return unknownStrategy();
    return { ok: true, data: { ...nobody, scope: SCOPE_STRATEGY, strategy: index } };
  }
}

function unknownStrategy<Data>(): Outcome<Data> {
  return refuse('unknown-strategy', 'no such strategy', { field: 'strategy' });
}
