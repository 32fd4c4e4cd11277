// Who may speak on a bridge link: both ends prove the shared secret without sending it, and agree
// on protocol, schema, day and accounts before the first frame. Called by both ends. Pure.
// Invariant: nobody's frame is read before his proof; a difference is refused in words.

//   engine   hello     protocol, schema, role, nonce
//   bridge   challenge its nonce, its proof over both nonces
//   engine   login     its proof, then what it is: engine id, day, accounts
//   engine   symbols   the instruments by index, in pieces (before login)
//   bridge   welcome   heartbeat; or refused: why
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { SCHEMA_HASH } from '../../engine/messages/generated/types.ts';

export const PROTOCOL = 1;
/** Capability: it takes Arming frames and enforces the stage of an account itself. */
export const CAPABILITY_ARMING = 'arming';
/** Instruments named in one message. */
export const SYMBOLS_PER_MESSAGE = 1_000;
const FACTS_MAX = 400;
/** Time for the whole handshake. */
export const HANDSHAKE_MS = 5_000;

const short = z.string().max(200);
const nonce = z.string().regex(/^[0-9a-f]{32}$/);
const proof = z.string().regex(/^[0-9a-f]{64}$/);

export const helloSchema = z.object({
  kind: z.literal('hello'),
  protocol: z.number().int(),
  schema: short,
  role: z.enum(['engine', 'control', 'quotes']),
  nonce,
});
export const challengeSchema = z.object({ kind: z.literal('challenge'), nonce, proof });
export const symbolsSchema = z.object({
  kind: z.literal('symbols'),
  symbols: z.array(z.string().max(12)).max(SYMBOLS_PER_MESSAGE),
});
export const loginSchema = z.object({
  kind: z.literal('login'),
  proof,
  engineId: z.number().int(),
  day: z.number().int(),
  accounts: z.array(short).max(256),
  /** Accounts that take no order before an Arming frame, and the stocks of their pilots. */
  arming: z
    .array(z.object({ account: short, symbols: z.array(z.string().max(12)).max(1_000) }))
    .max(256)
    .optional(),
});
export const welcomeSchema = z.object({
  kind: z.literal('welcome'),
  heartbeatMs: z.number(),
  /** What this bridge can do beyond the first version; unknown words are passed over. */
  capabilities: z.array(short).max(64).optional(),
  /** Its clock, ms since 1970. */
  nowMs: z.number().optional(),
  /** What it is, for people: way, versions, accounts, what it cannot do. */
  bridge: z.record(short, z.unknown()).optional(),
});
export type Welcome = z.output<typeof welcomeSchema>;
export const refusedSchema = z.object({ kind: z.literal('refused'), text: z.string().max(1_000) });
/** A person, or the supervisor, on the control link. */
export const killSchema = z.object({
  kind: z.literal('kill'),
  account: short.describe("'*' = all"),
  on: z.boolean(),
});

/** What the bridge has seen of the broker's client, on the control link. */
export const factsSchema = z.object({ kind: z.literal('facts') });

export type Hello = z.output<typeof helloSchema>;
export type Login = z.output<typeof loginSchema>;

/** What a bridge said of itself in one line, '' = nothing; shortened, for people only. */
export function factsText({ bridge = {} }: Welcome): string {
  const words = Object.entries(bridge).map(([name, value]) => {
    return `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`;
  });
  return words.join(', ').slice(0, FACTS_MAX);
}

export function newNonce(): string {
  return randomBytes(16).toString('hex');
}

export function makeHello(role: Hello['role'], nonceText: string): Hello {
  return { kind: 'hello', protocol: PROTOCOL, schema: SCHEMA_HASH, role, nonce: nonceText };
}

/** Why a hello cannot be served, or '' when it can. */
export function refusalOf(hello: Hello): string {
  if (hello.protocol !== PROTOCOL) {
    return `bridge speaks protocol ${PROTOCOL}, the other side ${hello.protocol}: same version`;
  }
  if (hello.schema !== SCHEMA_HASH) {
    const have = `bridge has message schema ${SCHEMA_HASH}, the other side ${hello.schema}`;
    return `${have}: run engine and bridge from the same version of pankou`;
  }
  return '';
}

/** Proof of the secret by one end (`by`), bound to both nonces and to the end that gives it. */
export function proofOf(secret: string, by: string, own: string, other: string): string {
  return createHmac('sha256', secret).update(`${PROTOCOL}|${by}|${own}|${other}`).digest('hex');
}

/**
 * Own proof for a bridge's challenge, by a client of this role; null = the other end does not know
 * the secret, and is no bridge of ours.
 */
export function answerTo(
  { nonce, proof }: { readonly nonce: string; readonly proof: string },
  secret: string,
  role: Hello['role'],
  own: string,
): string | null {
  if (!isProof(proof, proofOf(secret, 'bridge', nonce, own))) return null;
  return proofOf(secret, role, own, nonce);
}

export function isProof(given: string, expected: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(expected);
  return a.length === b.length && timingSafeEqual(a, b);
}
