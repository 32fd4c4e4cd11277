// The market and broker of the fill scenario: the event source, with every order filled whole.
// Loaded by the assembly through its path.
import type { GatewaySession, SessionPorts } from '../../../engine/host/gateway-session.ts';
import type { EngineSetup } from '../../../engine/host/setup.ts';
import { EventSource } from '../event-source/session.ts';

export async function createSession(
  setup: EngineSetup,
  ports: SessionPorts,
): Promise<GatewaySession> {
  return new EventSource(ports, true, setup.day);
}
