// What the core tells an api process of itself before anything else: names, versions, instruments.
// Called by the core process, and by the bench that puts an api process beside an engine.
import type { Instrument } from '../core/instrument.ts';
import { SCHEMA_HASH } from '../messages/generated/types.ts';
import type { LinkMeta } from '../messages/link-types.ts';
import type { EngineSetup } from './setup.ts';

/** `engineId` is of this run, `mode` that of its configuration. */
export function linkMeta(setup: EngineSetup, engineId: string, mode: LinkMeta['mode']): LinkMeta {
  return {
    version: setup.engineVersion,
    schemaHash: SCHEMA_HASH,
    engineId,
    mode,
    pace: setup.pace,
    speed: setup.speed,
    day: setup.day,
    accounts: setup.accounts.map(({ id, arming }, index) => {
      const behind = arming === undefined ? 'simulated' : 'real';
      return { index, id, broker: setup.gateway === 'bridge' ? behind : 'exchange' };
    }),
    strategies: setup.strategies.map(({ name, file }, index) => ({ index, name, file })),
    instruments: setup.instruments.map(linkInstrument),
  };
}

/** Names, and what an order must keep to. */
function linkInstrument(instrument: Instrument): LinkMeta['instruments'][number] {
  const { index, symbol, name, tickE4, buyMin, buyStep, sellMin, sellStep, maxQty } = instrument;
  return {
    index,
    symbol,
    ...(name === undefined ? {} : { name }),
    decimals: tickE4 % 100 === 0 ? 2 : 3,
    ...{ tickE4, buyMin, buyStep, sellMin, sellStep, maxQty },
  };
}
