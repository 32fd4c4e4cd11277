// The contract of a live market: quotes that a bridge beside a broker's client sends. The engine
// sees it here only; gateways/bridge/quotes/market.ts implements it and is loaded by its path, so
// the engine imports no gateway. Called by the maker of setups (what is known of the instruments
// today) and by the opener of market sources (the quotes themselves).
import type { MarketSource } from '../core/market-source.ts';
import type { ClockSetting } from './market-clock.ts';
import type { EngineSetup } from './setup.ts';

/** Where quotes come from. */
export interface QuoteAddress {
  readonly address: string;
  /** Absolute. */
  readonly secretFile: string;
}

/** What the broker's client says of one instrument today; prices 0 = it does not say. */
export interface QuoteDetail {
  readonly symbol: string;
  /** `missing`: the client does not know the code. */
  readonly state: 'ok' | 'missing';
  readonly name: string;
  readonly preCloseE4: number;
  readonly upperLimitE4: number;
  readonly lowerLimitE4: number;
  /** Least price step. */
  readonly tickE4: number;
  /** Day of the newest quote the client has, 20260105; 0 = none. */
  readonly quoteDay: number;
  /** Previous close as that quote has it: the proof that the details are of the same day. */
  readonly quotePreCloseE4: number;
}

/** What a quote bridge said when it was asked. */
export interface QuoteAnswer {
  /** Trading day of the market's clock. */
  readonly day: number;
  readonly clock: ClockSetting;
  /** The bridge plays a day that is not now. */
  readonly isRehearsal: boolean;
  /** Its clock less ours, ms. */
  readonly offsetMs: number;
  /** What it is, for people. */
  readonly about: string;
  /** By symbol, in the order asked. */
  readonly details: readonly QuoteDetail[];
}

/** What gateways/bridge/quotes/market.ts exports. */
export interface QuoteMarketModule {
  /** One connection: proves the secret, asks, ends. Throws with a text for people. */
  askQuotes(at: QuoteAddress, symbols: readonly string[], limitMs: number): Promise<QuoteAnswer>;
  /** Opens the quotes of a setup whose source is a bridge; close() ends the link. */
  openQuotes(setup: EngineSetup): Promise<MarketSource>;
}

/** The module, from its place beside the engine. */
export async function quoteMarket(): Promise<QuoteMarketModule> {
  const path = new URL('../../gateways/bridge/quotes/market.ts', import.meta.url).href;
  return (await import(path)) as QuoteMarketModule;
}
