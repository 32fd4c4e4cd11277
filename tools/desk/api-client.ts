// Asks the HTTP interface of a running engine, for commands that need its api process (arming,
// alerts). Called by tools/commands. Always: an engine without one is a clear error; a refusal is a
// value; the token comes from the engine's own file.
import type { Outcome } from '../../engine/control/outcome.ts';
import type { FoundEngine } from '../../engine/host/engine-address.ts';

/** Longer than the engine waits for its gateway, and than a password takes to check. */
const ANSWER_MS = 20_000;

export async function askApi<Data>(
  engine: FoundEngine,
  method: 'GET' | 'POST',
  path: string,
  body?: object,
  key?: string,
): Promise<Outcome<Data>> {
  if (engine.url === null) {
    throw new Error(`"${engine.name}" runs without its api process (--no-api): start it with one`);
  }
  const response = await fetch(new URL(path, engine.url), {
    method,
    headers: {
      Authorization: `Bearer ${engine.token}`,
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...(key === undefined ? {} : { 'Idempotency-Key': key }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(ANSWER_MS),
  }).catch((error: Error) => {
    throw new Error(`the api process at ${engine.url} does not answer: ${error.message}`);
  });
  return (await response.json()) as Outcome<Data>;
}
