// Checks of the JSON messages that the core sends over the link. Called by engine-link.ts only.
// Always: a message is taken whole or not at all; texts are bounded, so a runaway strategy name or
// log line cannot fill a page's memory.
import { z } from 'zod';
import type { LinkArming, LinkHealth, LinkLog, LinkMeta } from '../messages/link-types.ts';

const index = z.int().min(0).max(1_000_000);
const name = z.string().max(200);

/** Cut, not refused: a long reason is still a reason. */
function text(limit: number) {
  return z.string().transform((value) => value.slice(0, limit));
}

const size = z.int().min(0).max(2_147_483_647).optional();

const instruments = z.array(
  z.object({
    index,
    symbol: name,
    name: name.optional(),
    decimals: z.int().min(0).max(4),
    tickE4: size,
    buyMin: size,
    buyStep: size,
    sellMin: size,
    sellStep: size,
    maxQty: size,
  }),
);

const meta = z.object({
  version: name,
  schemaHash: name,
  engineId: name,
  mode: name,
  pace: z.enum(['realtime', 'lockstep']),
  speed: z.number().positive(),
  day: z.int().min(19_000_101).max(99_991_231),
  accounts: z.array(z.object({ index, id: name })).max(256),
  strategies: z.array(z.object({ index, name, file: z.string().max(1_000) })).max(1_000),
  instruments,
}) satisfies z.ZodType<LinkMeta>;

const limit = z.number().nullable();
const arming = z.object({
  live: z.boolean(),
  unpriced: z.array(name).max(100),
  today: z.object({ day: z.int(), known: z.boolean(), trading: z.boolean() }),
  accounts: z
    .array(z.object({ id: name, killed: z.boolean(), perSecond: limit, perDay: limit }))
    .max(256),
}) satisfies z.ZodType<LinkArming>;

const health = z.object({
  actors: z
    .array(
      z.object({
        name,
        thread: name,
        heartbeatAgeMs: z.number(),
        state: z.enum(['running', 'stopped', 'dead']),
      }),
    )
    .max(1_000),
  strategies: z
    .array(
      z.object({
        name,
        state: z.enum(['running', 'stopped', 'failed']),
        reason: text(1_000).optional(),
      }),
    )
    .max(1_000)
    .optional(),
  eventsPerSecond: z.number().min(0).optional(),
  dropped: z.number().min(0).optional(),
  virtualNs: z.number().optional(),
  arming: arming.optional(),
  message: text(1_000).optional(),
}) satisfies z.ZodType<LinkHealth>;

const log = z.object({
  level: z.enum(['debug', 'info', 'warn', 'error']),
  source: name,
  text: text(4_000),
  ns: z.number(),
}) satisfies z.ZodType<LinkLog>;

/** Every JSON message of the core. */
export const CoreMessage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('meta'), value: meta }),
  z.object({ kind: z.literal('instruments'), value: instruments }),
  z.object({ kind: z.literal('ready'), value: z.object({}) }),
  z.object({ kind: z.literal('health'), value: health }),
  z.object({ kind: z.literal('log'), value: log }),
]);
export type CoreMessage = z.infer<typeof CoreMessage>;
