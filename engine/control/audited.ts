// Runs a call of the trading interface with its lines in the audit log. Called by the HTTP routes
// and the WebSocket commands. Always: what raises risk is written down before it is done, and not
// done when it cannot be; what lowers risk is done first; no password or token is ever written.
import type { AuditStep } from '../journal/audit-log.ts';
import type { Outcome } from './outcome.ts';
import { refuse } from './outcome.ts';
import type { Call, CallContext } from './trading-calls.ts';

type Answer = Outcome<unknown> | Promise<Outcome<unknown>>;

/** Fields of an input that are secrets. */
const SECRETS = new Set(['password', 'token', 'number']);

/** Runs `call`; `from` says where it came from. */
export function runAudited(
  context: CallContext,
  call: Call,
  input: Record<string, unknown>,
  key: string,
  from: string,
): Answer {
  const { audit } = context;
  if (call.audit === 'none' || audit === undefined) {
    return call.run(context, input as never, key);
  }
  const step = { who: String(input['by'] ?? 'token'), from, what: call.name, about: shown(input) };
  if (call.audit === 'first' && !write(context, { ...step, result: 'asked' })) {
    return refuse('audit-failed', 'the audit log cannot be written: nothing was done');
  }
  const answer = call.run(context, input as never, key);
  if (!(answer instanceof Promise)) return told(context, step, answer);
  return answer.then((outcome) => told(context, step, outcome));
}

function told(
  context: CallContext,
  step: Omit<AuditStep, 'result'>,
  outcome: Outcome<unknown>,
): Outcome<unknown> {
  const result = outcome.ok ? 'done' : `${outcome.error.code}: ${outcome.error.message}`;
  write(context, { ...step, result });
  return outcome;
}

function write({ audit, onAuditFailed }: CallContext, step: AuditStep): boolean {
  try {
    audit?.append(step);
    return true;
  } catch (error) {
    onAuditFailed?.(error instanceof Error ? error.message : String(error));
    return false;
  }
}

function shown(input: Record<string, unknown>): Record<string, string | number | boolean> {
  const entries = Object.entries(input).filter(([name]) => name !== 'by' && !SECRETS.has(name));
  return Object.fromEntries(
    entries.map(([name, value]) => [
      name,
      typeof value === 'number' || typeof value === 'boolean' ? value : String(value),
    ]),
  );
}
