// The session of the simulated exchange: builds its market source and its book from the setup and
// stands behind the gateway links. Loaded by the engine's assembly through its path.

import { openSource } from '../../engine/backtest/source.ts';
import { openExchangeBooks, tellRules } from '../../engine/host/assembly.ts';
import type { GatewaySession, SessionPorts } from '../../engine/host/gateway-session.ts';
import type { EngineSetup } from '../../engine/host/setup.ts';
import { WORKING_ORDERS_MAX } from '../../engine/limits.ts';
import type { ExchangeWorld, OwnSide } from './exchange-world.ts';
import { SimExchange } from './sim-exchange.ts';
import { TouchWorld } from './touch-world.ts';

/** Orders and fills of one process life; numbers of the next life start above. */
const NUMBERS_PER_EPOCH = 1_000_000_000;

/** Reads or generates the market, then stands ready; throws MarketDataError, CsvRowError. */
export async function createSession(
  setup: EngineSetup,
  ports: SessionPorts,
): Promise<GatewaySession> {
  const source = await openSource(setup, ports.onProgress);
  const epoch = Math.max(...setup.epochs);
  const { books, validate } = openExchangeBooks(setup);
  tellRules(validate, setup);
  const options = {
    accounts: setup.accounts,
    instruments: setup.instruments,
    numberBase: epoch * NUMBERS_PER_EPOCH,
    isLaterLife: epoch > 1,
    day: setup.day,
    capacity: WORKING_ORDERS_MAX,
    skipUntilNs: setup.skipUntilNs,
  };
  const count = setup.instruments.length;
  const makeWorld = (own: OwnSide): ExchangeWorld => new TouchWorld(books, count, source, own);
  return new SimExchange(options, { ...ports, makeWorld, validate });
}
