// The session of the simulated exchange: stands behind the gateway links with the world that the
// setup asks for. Loaded by the engine's assembly through its path.
import { tellRules } from '../../engine/host/assembly.ts';
import type { GatewaySession, SessionPorts } from '../../engine/host/gateway-session.ts';
import type { EngineSetup } from '../../engine/host/setup.ts';
import { WORKING_ORDERS_MAX } from '../../engine/limits.ts';
import { DelayedSession } from './delayed-session.ts';
import { planWorld } from './plan-world.ts';
import { SimExchange } from './sim-exchange.ts';

/** Orders and fills of one process life; numbers of the next life start above. */
const NUMBERS_PER_EPOCH = 1_000_000_000;

/** Reads or generates the market, then stands ready; throws MarketDataError, CsvRowError. */
export async function createSession(
  setup: EngineSetup,
  ports: SessionPorts,
): Promise<GatewaySession> {
  const epoch = Math.max(...setup.epochs);
  const { tables } = ports;
  const plan = await planWorld(setup, ports);
  const { makeWorld } = plan;
  const validate = tellRules(plan.validate, setup, tables);
  const options = {
    accounts: setup.accounts,
    instruments: setup.instruments,
    numberBase: epoch * NUMBERS_PER_EPOCH,
    isLaterLife: epoch > 1,
    day: setup.day,
    capacity: Math.min(WORKING_ORDERS_MAX, setup.ordersMax ?? WORKING_ORDERS_MAX),
    skipUntilNs: setup.skipUntilNs,
    endsAtRest: setup.wholePhases === true,
    ...(tables === undefined ? {} : { tables }),
  };
  const make = (own: SessionPorts): SimExchange =>
    new SimExchange(options, { ...own, makeWorld, validate });
  return setup.latency === undefined ? make(ports) : new DelayedSession(setup.latency, ports, make);
}
