// `pankou check`: ten planted cheats are refused or reported, each for its own reason, and honest
// strategies, the examples among them, give no alarm. Run by vitest.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { checkStrategy } from '../../../engine/backtest/check/check.ts';
import { poisonedTape } from '../../../engine/backtest/check/poison.ts';
import { loadMarketData } from '../../../engine/backtest/data/load.ts';
import type { BacktestOptions } from '../../../engine/backtest/options.ts';
import { TapeCursor } from '../../../engine/backtest/tape.ts';
import { EXAMPLES } from '../../support/make-setup.ts';
import {
  CROSS,
  runOptions,
  SYMBOL,
  tempDir,
  writeDay,
  writeStrategy,
} from '../../support/run-options.ts';

const ENGINE = join(import.meta.dirname, '../../../engine');
let dir = '';
let data = '';
beforeAll(async () => {
  dir = tempDir();
  data = await writeDay(dir, 0.1);
});

async function check(strategy: string, changes: Partial<BacktestOptions> = {}) {
  const run = runOptions(strategy, data, changes);
  const report = await checkStrategy({ run, cuts: 2, seed: 1 });
  const cheats = report.findings.filter(({ level }) => level === 'cheat');
  return { ...report, cheats: cheats.map(({ test: kind, en }) => `${kind}: ${en}`).join('\n') };
}

/** A strategy that buys at each bar, more when `peek` says so. */
function cheat(head: string, peek: string): string {
  return writeStrategy(
    tempDir(),
    `${head}\nexport default { params: {}, onInit: (ctx) => void ctx.bars(0, 600),
      onBar: (ctx, bar) => void ctx.buy(0, bar.closeE4, ${peek} ? 500 : 100) };`,
  );
}

describe('a planted cheat is found:', () => {
  test.each([
    [
      'the close of the forming bar, read from a file',
      "import { readFileSync } from 'node:fs';",
      "readFileSync('bars.csv')",
      /code: imports node:fs/,
    ],
    [
      'a full-sample scaler through process',
      '',
      "process.getBuiltinModule('fs')",
      /code: cross\.ts line 3 goes around the strategy interface/,
    ],
    ['a quote from the network', '', "fetch('http://quotes')", /reaches the network/],
    ['the machine clock', '', 'Date.now() % 2', /reads the machine's clock/],
    ['chance', '', 'Math.random() > 0.5', /uses chance/],
  ] as const)('%s', async (_, head, peek, found) => {
    const report = await check(cheat(head, peek));
    expect(report.cheats).toMatch(found);
    expect(report).toMatchObject({ verdict: 'cheat', stateHash: '' });
  });

  test("tomorrow's limit flag, in a data file beside the strategy", async () => {
    const file = cheat("import flags from './flags.json' with { type: 'json' };", 'flags[ctx.day]');
    writeFileSync(join(file, '../flags.json'), '{"20260105": true}');
    expect((await check(file)).cheats).toMatch(/imports the data file flags\.json/);
  });

  test('the tape itself, through the engine, also where nobody reads the code', async () => {
    const shelf = `import { shelvedTapes } from '${ENGINE}/backtest/day-shelf.ts';
      import { TapeCursor } from '${ENGINE}/backtest/tape.ts';
      function rises(ns) {
        let [first, last] = [0, 0];
        for (const c = new TapeCursor(shelvedTapes()[0].tape); !c.done; c.advance()) {
          if (c.type !== 102 || c.eventNs <= ns || c.eventNs > ns + 600e9) continue;
          last = c.memory.i32[(c.at + 76) >> 2];
          first ||= last;
        }
        return last > first;
      }`;
    const file = cheat(shelf, 'rises(ctx.nowNs)');
    expect((await check(file)).cheats).toMatch(/^code: \S+ is the engine's own code/);
    // Told only by what it does: the file is imported under a computed name.
    const hidden = shelf
      .replace(
        /import \{ shelvedTapes \} from ('.*?');/,
        'const { shelvedTapes } = await import([$1][0]);',
      )
      .replace(
        /import \{ TapeCursor \} from ('.*?');/,
        'const { TapeCursor } = await import([$1][0]);',
      );
    const report = await check(cheat(hidden, 'rises(ctx.nowNs)'));
    expect(report.cheats).toMatch(/^future: with noise behind .* an earlier decision changed/);
    expect(report.findings.some(({ en }) => en.includes('cannot be followed'))).toBe(true);
  }, 30_000);

  test('what a module remembers of the run before', async () => {
    const file = cheat('const seen = new Set();', 'seen.size === seen.add(bar.startNs).size');
    expect((await check(file)).cheats).toMatch(/repeat: run again, the result differs/);
  });

  test('a list of survivors, days known afterwards, a table of signals: a warning', async () => {
    const codes = ['600000.SH', '600004.SH', '600006.SH', '000001.SZ', '000002.SZ'];
    const numbers = Array.from({ length: 320 }, (_, i) => i / 7).join(', ');
    const head = `const own = ${JSON.stringify(codes)};
      const days = ['2026-01-05', '2026-02-06', '2026-03-09']; const table = [${numbers}];`;
    const report = await check(cheat(head, 'own.length + days.length + table.length > 0'));
    const words = report.findings.map(({ en }) => en).join('\n');
    expect(words).toMatch(/names 5 securities[\s\S]*names 3 days/);
    expect(words).toMatch(/holds 3\d\d numbers/);
  });

  /** A morning of JQData minute bars, labelled from `first` minutes after 9:30 on. */
  function writeBars(first: number, factor: number): BacktestOptions['data'] {
    const path = join(tempDir(), 'bars.csv');
    const lines = ['time,code,open,close,high,low,volume,money'];
    for (let i = 0; i < 120; i++) {
      const minute = 570 + first + i;
      const clock = [Math.floor(minute / 60), minute % 60].map((n) => String(n).padStart(2, '0'));
      const p = ((10 + (i % 7) / 100) * factor).toFixed(4);
      const money = (Number(p) * 1000).toFixed(2);
      lines.push(`2026-01-05 ${clock.join(':')}:00,600001.XSHG,${p},${p},${p},${p},1000,${money}`);
    }
    writeFileSync(path, `${lines.join('\n')}\n`);
    return { kind: 'files', path };
  }

  test('prices with a restated factor of adjustment', async () => {
    const report = await check(writeStrategy(dir), { data: writeBars(1, 0.93571) });
    expect(report.cheats).toMatch(/data: 600001\.SH: \d+ % of its prices are off the tick/);
    const honest = await check(writeStrategy(dir), { data: writeBars(1, 1) });
    expect(honest.cheats).toBe('');
  });

  test('bars with the wrong label: where it says end, 9:30 can only be a start', async () => {
    const report = await check(writeStrategy(dir), { data: writeBars(0, 1) });
    expect(report.cheats).toMatch(/run: refused: .*bars\.csv.*(label|09:30)/);
  });
});

describe('no false alarm:', () => {
  const HONEST: readonly (readonly [string, string])[] = [
    ['a cross of two averages', CROSS],
    [
      'a buyer at set times',
      `export default { params: {}, onInit: (ctx) => {
        for (const m of [600, 660, 800]) ctx.timerAt(m * 60e9); },
      onTimer: (ctx) => void ctx.buy(0, ctx.lastE4(0), 100) };`,
    ],
    [
      'a seller of its base shares',
      `export default { params: {}, onInit: (ctx) => void ctx.bars(0, 900),
      onBar: (ctx, bar) => void ctx.sell(0, bar.closeE4, 100) };`,
    ],
    ['one that never trades', 'export default { params: {} };'],
  ];
  test.each(HONEST)(
    '%s',
    async (_, text) => {
      const report = await check(writeStrategy(tempDir(), text));
      expect(report.cheats).toBe('');
    },
    30_000,
  );

  test.each(['ma-cross', 'passive-quoter'])(
    'examples/strategies/%s.ts',
    async (name) => {
      const report = await check(join(EXAMPLES, `${name}.ts`));
      expect(report.cheats).toBe('');
      expect(report.findings.filter(({ test: kind }) => kind === 'code')).toEqual([]);
      expect(report.decisions).toBeGreaterThan(5);
      expect(report.cuts.length).toBe(2);
    },
    30_000,
  );
});

test('a poisoned tape is the recorded one up to the moment and another one behind it', async () => {
  const { tape } = await loadMarketData({ path: data, instruments: [SYMBOL], skipBadRows: false });
  const cutNs = (tape.firstNs + tape.lastNs) / 2;
  const [up, down] = (['up', 'down'] as const).map((way) =>
    poisonedTape(tape, cutNs, [100], 1, way),
  );
  const bytes = (of: typeof tape, until: number): string[] => {
    const found: string[] = [];
    for (const c = new TapeCursor(of); !c.done && c.eventNs <= until; c.advance()) {
      found.push(c.memory.u8.subarray(c.at, c.at + c.memory.i32[c.at >> 2]!).join());
    }
    return found;
  };
  expect(bytes(up!, cutNs)).toEqual(bytes(tape, cutNs));
  expect(bytes(up!, cutNs).length).toBeGreaterThan(100);
  expect(up!.hash()).not.toBe(tape.hash());
  expect(up!.hash()).not.toBe(down!.hash());
});
