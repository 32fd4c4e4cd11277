// Quotes of the Python bridges: what becomes of the client's dicts (prices with binary noise, lots,
// other days, halts), and both bridges against their stand-ins of the client, over the real
// protocol to the engine's own connection.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PHASE_HALTED } from '../../../engine/messages/codes.ts';
import { FrameMemory } from '../../../engine/messages/frames.ts';
import { SnapshotTick } from '../../../engine/messages/generated/market.ts';
import { VERIFY_OK, verifyFrame } from '../../../engine/messages/generated/verify.ts';
import { askQuotes } from '../../../gateways/bridge/quotes/market.ts';
import { QuoteConnection } from '../../../gateways/bridge/quotes/quote-connection.ts';
import type { Detail } from '../../../gateways/bridge/quotes/quote-messages.ts';
import { CounterProcess } from '../../support/qmt/counter/counter-process.ts';
import { HAS_PYTHON, NO_PYTHON, PYTHON_ENV, pythonJson } from '../../support/qmt/python.ts';
import { ROOT } from '../../support/run-cli.ts';
import { waitFor } from '../../support/wait-for.ts';

const CHECK = 'tests/support/qmt/quotes_check.py';
const DAY = 20260105;
/** Midnight of that day in China. */
const MIDNIGHT_MS = Date.UTC(2026, 0, 5) - 8 * 3_600_000;
const NINE_THIRTY_MS = MIDNIGHT_MS + 9.5 * 3_600_000;

type Json = Readonly<Record<string, unknown>>;

const TICK = {
  ...{ time: NINE_THIRTY_MS + 3_000, lastPrice: 12.510000000000002, lastClose: 12.5 },
  ...{ open: 12.5, high: 12.519999999999998, low: 12.49, amount: 1_251_000.5 },
  ...{ volume: 1_000, pvolume: 100_050, stockStatus: 13, transactionNum: 42 },
  ...{ bidPrice: [12.5, 12.49, 0, 0, 0], bidVol: [3, 10, 0, 0, 0] },
  ...{ askPrice: [12.51, 12.520000000000001], askVol: [7, 1] },
};

/** Frames of ticks, by one Python for all; null = none came of it. */
function framesOf(...ticks: readonly Json[]): (SnapshotTick | null)[] {
  const cases = ticks.map(({ tickE4 = 100, ...tick }) => ({
    ask: 'frame',
    tick,
    tickE4,
    day: DAY,
  }));
  return (pythonJson(CHECK, cases) as (string | null)[]).map((hex) => {
    if (hex === null) return null;
    const bytes = Buffer.from(hex, 'hex');
    const memory = new FrameMemory(new ArrayBuffer(bytes.length));
    memory.u8.set(bytes);
    expect(verifyFrame(memory, 0, bytes.length)).toBe(VERIFY_OK);
    return new SnapshotTick().wrap(memory, 0);
  });
}

describe.skipIf(!HAS_PYTHON)(`what quotes of the client become ${NO_PYTHON}`, () => {
  test('prices lose the noise of binary fractions, volumes are shares, times of the day', () => {
    const tick = framesOf(TICK)[0]!;
    expect(tick.eventNs).toBe((9.5 * 3_600 + 3) * 1e9);
    expect([tick.lastE4, tick.preCloseE4, tick.highE4, tick.lowE4]).toEqual([
      ...[125_100, 125_000, 125_200, 124_900],
    ]);
    expect([tick.volume, tick.amountE4, tick.tradeCount]).toEqual([100_050, 12_510_005_000, 42]);
    expect([tick.bidPriceE4(0), tick.bidQty(0), tick.bidPriceE4(1)]).toEqual([
      ...[125_000, 300, 124_900],
    ]);
    expect([tick.bidPriceE4(2), tick.askPriceE4(1), tick.askQty(1)]).toEqual([0, 125_200, 100]);
  });

  test('a price that is really off the step stays so: the engine refuses it', () => {
    const frames = framesOf(
      { ...TICK, lastPrice: 12.5133 },
      { ...TICK, lastPrice: 1.2345, tickE4: 10 },
      { ...TICK, lastPrice: Number.MAX_VALUE },
    );
    expect(frames.map((frame) => frame!.lastE4)).toEqual([125_133, 12_345, 0]);
  });

  test('without pvolume a lot is a hundred shares; with it, what it says', () => {
    const { pvolume: _, ...lots } = TICK;
    const [share, bond] = framesOf(lots, { ...TICK, volume: 1_000, pvolume: 10_004 });
    expect(share!.volume).toBe(100_000);
    expect([bond!.volume, bond!.bidQty(0)]).toEqual([10_004, 30]);
  });

  test('a tick of another day is none, a halt is one, ten levels are ten', () => {
    const bidPrice = Array.from({ length: 12 }, (_, n) => 12.5 - n / 100);
    const [yesterday, never, deep, ...halted] = framesOf(
      { ...TICK, time: NINE_THIRTY_MS - 86_400_000 },
      { ...TICK, time: 0 },
      { ...TICK, bidPrice, bidVol: bidPrice.map(() => 1) },
      ...[1, 16, 17, 20].map((stockStatus) => ({ ...TICK, stockStatus })),
    );
    expect([yesterday, never]).toEqual([null, null]);
    expect(new Set(halted.map((frame) => frame!.phase))).toEqual(new Set([PHASE_HALTED]));
    expect([deep!.bidPriceE4(9), deep!.bidQty(9)]).toEqual([124_100, 100]);
  });

  test('details: fields of the client, the proof from its newest tick; none is missing', () => {
    const detail = {
      ...{ InstrumentName: '样本', PreClose: 12.5, UpStopPrice: 13.75, DownStopPrice: 11.25 },
      PriceTick: 0.01,
    };
    const rows = pythonJson(CHECK, [
      { ask: 'detail', symbol: '600001.SH', detail, tick: TICK },
      { ask: 'detail', symbol: '600002.SH', detail: null, tick: null },
      { ask: 'detail', symbol: '600003.SH', detail: { ...detail, UpStopPrice: 1e9 }, tick: null },
    ]);
    expect(rows).toEqual([
      {
        ...{ symbol: '600001.SH', state: 'ok', name: '样本', preCloseE4: 125_000, tickE4: 100 },
        ...{ upperLimitE4: 137_500, lowerLimitE4: 112_500 },
        ...{ quoteDay: DAY, quotePreCloseE4: 125_000 },
      },
      { symbol: '600002.SH', state: 'missing' },
      expect.objectContaining({ upperLimitE4: 0, quoteDay: 0 }),
    ]);
  });

  test('trading hours are those of China, weekdays only', () => {
    const at = (h: number, m: number, day = 5) => Date.UTC(2026, 0, day, h - 8, m) / 1_000;
    const seconds = [at(9, 29), at(9, 30), at(12, 0), at(14, 56), at(14, 57), at(10, 0, 4)];
    expect(pythonJson(CHECK, [{ ask: 'trading', seconds }])).toEqual([
      [false, true, false, true, false, false],
    ]);
  });
});

describe.skipIf(!HAS_PYTHON)(`quotes over stand-ins of the client ${NO_PYTHON}`, () => {
  const dir = mkdtempSync(join(tmpdir(), 'pankou-quotes-py-'));
  const counter = new CounterProcess(dir);
  const secretFile = join(dir, 'secret');
  const secret = 'a-secret-of-these-tests';
  const symbols = ['600001.SH', '600009.SH'];
  const COUNTER = ['--account', 'demo:1000000', '--instrument', '600001.SH:12.5'];
  const children: ChildProcess[] = [];
  const texts = { xtquant: '', terminal: '' };
  const addressOf = (way: string): string => join(dir, `${way}.sock`);

  /** Starts a bridge by its way; its settings lie in a file. */
  async function start(way: keyof typeof texts, args: readonly string[], own: Json) {
    const config = join(dir, `${way}.json`);
    const listen = addressOf(way);
    const settings = { ...own, listen, secretFile, day: DAY, dir: join(dir, way) };
    writeFileSync(config, JSON.stringify(settings));
    const env = {
      ...PYTHON_ENV,
      PYTHONPATH: join(ROOT, 'tests/support/qmt'),
      PANKOU_BRIDGE_CONFIG: config,
      XTQUANT_STANDIN_COUNTER: `127.0.0.1:${counter.port}`,
    };
    const child = spawn('python3', args, { env });
    children.push(child);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (piece: string) => {
        texts[way] += piece;
      });
    }
    const listens = (): boolean => texts[way].includes('listening on');
    await waitFor(`bridge ${way}`, listens).catch((error: Error) => {
      throw new Error(`${error.message}\n${texts[way]}`);
    });
  }

  beforeAll(async () => {
    writeFileSync(secretFile, secret, { mode: 0o600 });
    await counter.start(COUNTER);
    const programs = join(ROOT, 'gateways/qmt/bridge');
    const emulator = join(ROOT, 'tests/support/qmt/terminal/emulator.py');
    const terminal = [emulator, join(programs, 'pankou_terminal.py'), '--client', counter.userdata];
    await Promise.all([
      start('xtquant', [join(programs, 'pankou_xtquant.py')], {
        ...{ quotesOnly: true, quoteQuietSeconds: 0.4 },
      }),
      start('terminal', [...terminal, '--account', 'demo'], { account: 'demo' }),
    ]);
  }, 40_000);

  afterAll(async () => {
    for (const child of children) child.kill('SIGKILL');
    await counter.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  /** A connection that writes down what it hears. */
  function listen(way: string, other: Partial<{ secret: string }> = {}) {
    const heard: { lastE4: number; volume: number }[] = [];
    const told: string[] = [];
    const rows: Detail[] = [];
    const tick = new SnapshotTick();
    const wish = { address: addressOf(way), secret, symbols, day: DAY, watch: true, ...other };
    const connection = new QuoteConnection(wish, {
      ...{ onWelcome: () => {}, onClock: () => {}, onPiece: () => {} },
      onDetails: (found) => rows.push(...found),
      onQuote: (memory, at) => {
        const { instrument, lastE4, volume } = tick.wrap(memory, at);
        expect(instrument).toBe(0);
        heard.push({ lastE4, volume });
      },
      onNotice: ({ text }) => told.push(text),
      onEnd: (why) => told.push(why),
    });
    return { connection, heard, told, rows };
  }

  /** The crowd trades 300 shares at a price. */
  async function trade(priceE4: number): Promise<void> {
    await counter.market('600001.SH', 2, priceE4, 300, true);
    await counter.market('600001.SH', 1, priceE4, 300);
    await counter.admin({ do: 'push', name: 'ticks' });
  }

  test.each([
    ['xtquant', 'miniQMT (xtdata)', 126_000],
    ['terminal', 'QMT terminal', 126_100],
  ])('%s says what the client knows, and sends each quote', async (way, about, priceE4) => {
    const answer = await askQuotes({ address: addressOf(way), secretFile }, symbols, 10_000);
    expect(answer).toMatchObject({ day: DAY, about });
    expect(answer.details[0]).toMatchObject({
      ...{ symbol: '600001.SH', state: 'ok', preCloseE4: 125_000, tickE4: 100 },
      ...{ upperLimitE4: 137_500, lowerLimitE4: 112_500 },
      ...{ quoteDay: DAY, quotePreCloseE4: 125_000 },
    });
    expect(answer.details[1]).toMatchObject({ symbol: '600009.SH', state: 'missing' });
    const { connection, heard, rows } = listen(way);
    await waitFor('the quote of now', () => heard.length > 0);
    expect(rows.map(({ state }) => state)).toEqual(['ok', 'missing']);
    await trade(priceE4);
    await waitFor('a trade in a quote', () => heard.at(-1)!.lastE4 === priceE4);
    expect(heard.at(-1)!.volume % 100).toBe(0);
    connection.end('');
  });

  test('a client that goes is told, and asked for everything when it is back', async () => {
    const { connection, heard, told } = listen('xtquant');
    await waitFor('the quote of now', () => heard.length > 0);
    await counter.kill();
    await waitFor('the trouble', () => told.some((one) => /xtdata: .*trying again/.test(one)));
    await counter.start(COUNTER);
    await waitFor('its end', () => told.some((one) => one.includes('xtdata works again')));
    await trade(126_200);
    await waitFor('quotes again', () => heard.at(-1)!.lastE4 === 126_200);
    connection.end('');
  });

  test('a wrong secret hears nothing; without an account no order can leave', async () => {
    const { heard, told } = listen('xtquant', { secret: 'not-the-secret-of-these-tests' });
    await waitFor('a refusal', () => told.length > 0);
    expect([told[0], heard.length]).toEqual([expect.stringContaining('wrong secret'), 0]);
    expect(texts.xtquant).toContain('no order can leave');
    expect(texts.xtquant + texts.terminal).not.toContain('Traceback');
  });
});
