// Live quotes as a market source: the real thread of the link against a quote server, a flood that
// nobody takes for a while, a disk that takes nothing, a broker's session that trades beside it.
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { finishQuotes } from '../../../engine/backtest/store/finish-quotes.ts';
import { NOT_YET, SOURCE_END } from '../../../engine/core/market-source.ts';
import type { BridgeSource, EngineSetup } from '../../../engine/host/setup.ts';
import { LINK_DOWN, LINK_READY } from '../../../engine/messages/codes.ts';
import { FrameMemory, frameType } from '../../../engine/messages/frames.ts';
import { QuoteLink, SnapshotTick } from '../../../engine/messages/generated/market.ts';
import { openQuotes } from '../../../gateways/bridge/quotes/market.ts';
import { createSession } from '../../../gateways/bridge/session.ts';
import { Pipe } from '../../support/actor-harness.ts';
import { makeSetup } from '../../support/make-setup.ts';
import { QuoteServer, type TestQuote } from '../../support/qmt/quote-server.ts';
import { waitFor } from '../../support/wait-for.ts';
import { at, DAY, quoteOf, S, SYMBOLS, twoShares } from './desk-kit.ts';

const SECRET = 'a-secret-of-these-tests';

/** A server with quotes, and the setup of a session over it. */
async function serve(quotes: readonly TestQuote[], changes: Partial<BridgeSource> = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'pankou-source-'));
  const address = join(dir, 'q.sock');
  const secretFile = join(dir, 'secret');
  writeFileSync(secretFile, SECRET, { mode: 0o600 });
  const details = SYMBOLS.map((symbol) => ({ symbol, preCloseE4: 125_000 }));
  const server = new QuoteServer({
    ...{ address, secret: SECRET, day: DAY, details, quotes, startNs: at(10, 0), speed: 20 },
  });
  await server.listen();
  onTestFinished(async () => {
    await server.close();
    rmSync(dir, { recursive: true, force: true });
  });
  const source: BridgeSource = {
    ...{ kind: 'bridge', address, secretFile, isRehearsal: true, untilNs: at(15, 10) },
    clock: { hostMs: 0, marketMs: 0, speed: 20 },
    store: join(dir, 'store'),
    ...changes,
  };
  const setup: EngineSetup = { ...makeSetup(), day: DAY, instruments: twoShares(), source };
  return { server, setup, dir, source };
}

/** All that a source has now, after the condition holds. */
function taker(source: Awaited<ReturnType<typeof openQuotes>>) {
  const scratch = new FrameMemory(new ArrayBuffer(512));
  const volumes: number[] = [];
  const times: number[] = [];
  const links: { state: number; recording: number }[] = [];
  const take = (): void => {
    for (let ns = source.nextNs(); ns !== NOT_YET && ns !== SOURCE_END; ns = source.nextNs()) {
      expect(source.next(scratch, 0)).toBeGreaterThan(0);
      times.push(ns);
      if (frameType(scratch, 0) === SnapshotTick.TYPE) {
        volumes.push(new SnapshotTick().wrap(scratch, 0).volume);
      } else if (frameType(scratch, 0) === QuoteLink.TYPE) {
        const { state, recording } = new QuoteLink().wrap(scratch, 0);
        links.push({ state, recording });
      }
    }
  };
  return { take, volumes, times, links };
}

// A machine that lets the link's thread stand for two seconds has it cut, as it should: once more.
const AGAIN = { retry: 2 };

test('a flood that nobody takes stops the socket; no quote is lost', AGAIN, async () => {
  const count = 20_000;
  const flood = Array.from({ length: count }, (_, n) =>
    quoteOf(at(10, 0) + n * 1_000, { volume: 1_000 + n * 100 }),
  );
  const { setup, source } = await serve(flood);
  const market = await openQuotes(setup);
  onTestFinished(() => market.close?.());
  const { take, volumes, times } = taker(market);
  const log = join(source.store, 'live', `${DAY}-1.pkfl`);
  const logged = (): number => statSync(log, { throwIfNoEntry: false })?.size ?? 0;
  // Four mebibytes: the ring is full, and more has come.
  await waitFor('the ring to be full', () => logged() > 4_200_000, 30_000);
  await waitFor(
    'all of it',
    () => {
      take();
      return volumes.length >= count;
    },
    30_000,
  );
  expect(volumes).toEqual(flood.map(({ volume }) => volume));
  expect(times).toEqual([...times].sort((a, b) => a - b));
  market.close?.();
  expect(finishQuotes(source.store)).toMatchObject({ rows: count, problems: [] });
});

test('a store that cannot be written is told in the link state; quotes go on', async () => {
  const quotes = [quoteOf(at(10, 0, 1)), quoteOf(at(10, 0, 4), { volume: 1_100 })];
  const { setup, server } = await serve(quotes, { store: join(import.meta.filename, 'no-folder') });
  const market = await openQuotes(setup);
  onTestFinished(() => market.close?.());
  const { take, volumes, links } = taker(market);
  const has = (n: number): boolean => {
    take();
    return volumes.length >= n;
  };
  await waitFor('both', () => has(2));
  expect(links.at(-1)).toEqual({ state: LINK_READY, recording: 0 });
  server.drop();
  await waitFor('the loss', () => has(2) && links.some(({ state }) => state === LINK_DOWN));
});

test('a session that trades with a broker takes the same quotes; its links hear time', async () => {
  const quotes = [0, 3, 6, 9].map((s) => quoteOf(at(10, 0, s), { volume: 1_000 + s * 100 }));
  const { setup, dir, source } = await serve(quotes);
  const bridge = { address: join(dir, 'none.sock'), secretFile: source.secretFile };
  const [requests, reports, market, control] = [0, 1, 2, 3].map(() => new Pipe());
  const session = await createSession(
    { ...setup, bridge, speed: 20 },
    {
      ...{ requests: [requests!.ring], reports: [reports!.out()], control: control!.ring },
      ...{ market: market!.out(), onProgress: null },
      pacer: { mayRelease: (ns) => ns < NOT_YET },
    },
  );
  onTestFinished(() => session.onClose());
  const seen: string[] = [];
  const clocks: number[] = [];
  await waitFor('every quote, and time beyond the last one', () => {
    session.doWork();
    seen.push(...market!.take().map(({ type }) => type));
    clocks.push(...reports!.take().map(({ eventNs }) => eventNs!));
    return (clocks.at(-1) ?? 0) > at(10, 0, 9) + 2 * S;
  });
  expect(seen.filter((type) => type === 'SnapshotTick')).toHaveLength(quotes.length);
  expect(seen.slice(0, 4)).toEqual(['Phase', 'Phase', 'Phase', 'Phase']);
  expect(clocks).toEqual([...clocks].sort((a, b) => a - b));
});
