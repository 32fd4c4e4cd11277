// Live quotes of a bridge beside a broker's client, as engine/host/quote-market.ts asks for them.
// Loaded by the engine through its path. Always: what the client says is handed on as it is; the
// engine judges it.
import type { MarketSource } from '../../../engine/core/market-source.ts';
import { MarketClock, WALL_CLOCK } from '../../../engine/host/market-clock.ts';
import type { QuoteAddress, QuoteAnswer } from '../../../engine/host/quote-market.ts';
import type { EngineSetup } from '../../../engine/host/setup.ts';
import { SpscRing } from '../../../engine/ring/spsc-ring.ts';
import { readSecret, targetOf } from '../address.ts';
import { QuoteConnection } from './quote-connection.ts';
import type { Detail, Welcome } from './quote-messages.ts';
import { QuoteSource } from './quote-source.ts';
import { WORDS } from './quote-worker-start.ts';

/** Some 10,000 quotes. */
const RING_BYTES = 4 * 1_048_576;

/** One connection: who is there, its day and clock, what it says of the instruments. */
export function askQuotes(
  { address, secretFile }: QuoteAddress,
  symbols: readonly string[],
  limitMs: number,
): Promise<QuoteAnswer> {
  targetOf(address);
  const secret = readSecret(secretFile);
  return new Promise((resolve, reject) => {
    let welcome: Welcome | null = null;
    let askedMs = 0;
    const asked: { rows: readonly Detail[] | null } = { rows: null };
    const timer = setTimeout(() => connection.end('no details'), limitMs);
    const connection = new QuoteConnection(
      { address, secret, symbols, day: 0, watch: false },
      {
        onWelcome: (found) => {
          welcome = found;
          askedMs = Date.now();
        },
        onDetails: (rows) => {
          asked.rows = rows;
          connection.end('asked');
        },
        ...{ onQuote: () => {}, onClock: () => {}, onNotice: () => {}, onPiece: () => {} },
        onEnd: (why) => {
          clearTimeout(timer);
          const isWhole = welcome !== null && asked.rows !== null;
          const text = isWhole ? otherDay(welcome!, askedMs) : why;
          if (text !== '') reject(new Error(`quotes ${address}: ${text}`));
          else resolve(answerOf(welcome!, askedMs, asked.rows!));
        },
      },
    );
  });
}

function answerOf(welcome: Welcome, hostMs: number, rows: readonly Detail[]): QuoteAnswer {
  const { day, clockMs, speed, rehearsal, about } = welcome;
  const clock = rehearsal ? { hostMs, marketMs: clockMs, speed } : WALL_CLOCK;
  const offsetMs = rehearsal ? 0 : clockMs - hostMs;
  return { day, clock, isRehearsal: rehearsal, offsetMs, about, details: rows };
}

/** Why a bridge of now is of another day; '' = it is of ours, or plays one. */
function otherDay({ day, rehearsal }: Welcome, hostMs: number): string {
  const ours = new MarketClock(WALL_CLOCK, () => hostMs).day();
  if (rehearsal || day === ours) return '';
  return `it is of another day (its day is ${day}, here in China ${ours}): set the clocks`;
}

/** Starts the link's thread. Throws when address or secret are not usable. */
export async function openQuotes(setup: EngineSetup): Promise<MarketSource> {
  const { source, instruments, day, skipUntilNs } = setup;
  if (source.kind !== 'bridge') throw new Error(`market ${source.kind} comes from no bridge`);
  const { address, secretFile, clock, isRehearsal, untilNs, store } = source;
  targetOf(address);
  return QuoteSource.start({
    ...{ address, secret: readSecret(secretFile), day, clock, isRehearsal, instruments },
    ...{ fromNs: skipUntilNs, untilNs, store },
    ring: new SharedArrayBuffer(SpscRing.bytesFor(RING_BYTES)),
    ringBytes: RING_BYTES,
    words: new Int32Array(new SharedArrayBuffer(4 * WORDS)),
  });
}
