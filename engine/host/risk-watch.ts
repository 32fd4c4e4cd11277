// What risk tells people, as lines and as a state: who is stopped, which market is paused, which
// meter is near its limit. Fed by the event pump on the core's main thread, read by the engine's
// health. Invariant: it decides nothing; what it says ends when risk says so.
import {
  REJECT_NONE,
  REJECT_REJECTS_IN_ROW,
  REJECT_REPETITIONS,
  rejectText,
} from '../core/reject-code.ts';
import {
  MARKET_SUFFIXES,
  NOTICE_NEAR_LIMIT,
  NOTICE_STATEMENT,
  NOTICE_STOPPED,
  SCOPE_ACCOUNT,
} from '../messages/codes.ts';
import type { MarketPause, RiskResume } from '../messages/generated/control.ts';
import type { RiskNotice } from '../messages/generated/event.ts';
import type { EngineSetup } from './setup.ts';

export class RiskWatch {
  readonly #setup: EngineSetup;
  readonly #log: (text: string) => void;
  /** Text of each stop, by whose it is. */
  readonly #stops = new Map<string, string>();
  readonly #paused = new Set<number>();

  /** `log` gets a line for each thing people should know at once. */
  constructor(setup: EngineSetup, log: (text: string) => void) {
    this.#setup = setup;
    this.#log = log;
  }

  /** Sentences about what holds now, for a banner. */
  texts(): string[] {
    const paused = [...this.#paused].sort().map((market) => `${marketName(market)} is paused`);
    return [...this.#stops.values(), ...paused];
  }

  onNotice({ kind, code, account, strategy, value, limit }: RiskNotice): void {
    const { zh, en } = rejectText(code);
    const whose = this.#nameOf(account, strategy);
    if (kind === NOTICE_STATEMENT) {
      const differs = `${whose}: statement differs: ${code} ${zh} (${en})`;
      if (code === REJECT_NONE) this.#stops.delete(`statement ${whose}`);
      else this.#stops.set(`statement ${whose}`, differs);
      this.#log(code === REJECT_NONE ? `${whose}: statement agrees again` : differs);
    } else if (kind === NOTICE_NEAR_LIMIT) {
      this.#log(`${whose}: ${value} of ${limit}: near the limit of ${code} ${zh} (${en})`);
    } else if (kind === NOTICE_STOPPED) {
      const text = `${whose} is stopped: ${code} ${zh} (${en})`;
      this.#stops.set(whose, text);
      const isLatch = code === REJECT_REPETITIONS || code === REJECT_REJECTS_IN_ROW;
      this.#log(isLatch ? `${text}; pankou risk resume lets it go on` : text);
    }
  }

  onResume({ scope, account, strategy }: RiskResume): void {
    const whose = this.#nameOf(account, scope === SCOPE_ACCOUNT ? -1 : strategy);
    this.#stops.delete(whose);
    this.#log(`${whose} may go on`);
  }

  onPause({ market, on }: MarketPause): void {
    if (on === 0 && market === 0) this.#paused.clear();
    else if (on === 0) this.#paused.delete(market);
    else this.#paused.add(market);
    this.#log(`${marketName(market)} ${on === 0 ? 'is no longer paused' : 'is paused'}`);
  }

  #nameOf(account: number, strategy: number): string {
    const { accounts, strategies } = this.#setup;
    if (strategy < 0) return `account ${accounts[account]?.id ?? account}`;
    return `strategy ${strategies[strategy]?.name ?? 'desk'}`;
  }
}

function marketName(market: number): string {
  return market === 0 ? 'every market' : `market ${MARKET_SUFFIXES[market] ?? market}`;
}
