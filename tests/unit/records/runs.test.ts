// Records of runs: what decides a run is in its hash and nothing else is, equal runs are told,
// contradictions are errors, and the store shows what the disk holds. Run by vitest.
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { executeBacktest } from '../../../engine/backtest/command.ts';
import type { BacktestOptions } from '../../../engine/backtest/options.ts';
import { readCode } from '../../../engine/backtest/records/code-hash.ts';
import { compareRuns } from '../../../engine/backtest/records/compare-runs.ts';
import { keepRun } from '../../../engine/backtest/records/keep-run.ts';
import { RunStore } from '../../../engine/backtest/records/run-store.ts';
import { defaultRunsDir } from '../../../engine/backtest/records/runs-dir.ts';
import { runOptions, tempDir, writeDay, writeStrategy } from '../../support/run-options.ts';

let dir = '';
let data = '';
beforeAll(async () => {
  dir = tempDir();
  data = await writeDay(dir, 0.1);
});

async function keep(options: BacktestOptions) {
  return keepRun(options, await executeBacktest(options, { detail: true }));
}

async function withStore<T>(path: string, action: (store: RunStore) => T): Promise<T> {
  const store = new RunStore(path, false);
  try {
    return action(store);
  } finally {
    await store.close();
  }
}

describe('the code of a strategy', () => {
  test('is its file, what it imports by path, packages, and builtins by name', () => {
    const root = tempDir();
    writeFileSync(join(root, 'table.json'), '[1]');
    writeFileSync(join(root, 'signal.ts'), "import table from './table.json';\n");
    const text =
      "import { readFileSync } from 'node:fs';\nimport type { X } from './signal.ts';\n" +
      "import { yuan } from 'pankou';\n// import './gone.ts'\nconst m = await import(name);\n";
    const code = readCode(writeStrategy(root, text, 's.ts'));
    expect(code.files.map(({ name }) => name)).toEqual(['s.ts', 'signal.ts', 'table.json']);
    expect(code).toMatchObject({ builtins: ['node:fs'], packages: ['pankou'] });
    expect(code.unknown).toEqual(['s.ts: imports a module whose name it computes (name)']);
    writeFileSync(join(root, 'table.json'), '[2]');
    expect(readCode(join(root, 's.ts')).sha256).not.toBe(code.sha256);
  });

  test('has one hash wherever the folder lies', () => {
    const [a, b] = [tempDir(), tempDir()].map((root) => readCode(writeStrategy(root)));
    expect(a!.sha256).toBe(b!.sha256);
  });
});

describe('a recorded run', () => {
  test('is told to equal an earlier one with the same inputs, wherever its files lie', async () => {
    const runsDir = join(tempDir(), 'runs');
    const first = await keep(runOptions(writeStrategy(dir), data, { runsDir }));
    expect(first.lines.join()).toMatch(/^recorded as run \S+$/);
    const elsewhere = writeStrategy(tempDir());
    const options = runOptions(elsewhere, data, { runsDir, outDir: join(tempDir(), 'out') });
    const second = await keep(options);
    expect(second.lines.join()).toMatch(/same inputs as the run .* the same state hash/);
    expect([first.failed, second.failed]).toEqual([false, false]);
    const out = readFileSync(join(options.outDir, 'orders.csv'), 'utf8');
    await withStore(runsDir, (store) => {
      const [b, a] = store.rows();
      expect(b!.inputsHash).toBe(a!.inputsHash);
      expect(readFileSync(join(store.folder(b!.id), 'orders.csv'), 'utf8')).toBe(out);
      expect(out.trim().split('\n').length).toBe(b!.figures.orders + 1);
      expect(b!.figures.orders).toBeGreaterThan(3);
      expect(statSync(join(store.folder(b!.id), 'report.json')).mode & 0o222).toBe(0);
    });
  });

  test('has another hash when a parameter, the cash or the code differs', async () => {
    const runsDir = join(tempDir(), 'runs');
    const file = writeStrategy(tempDir());
    await keep(runOptions(file, data, { runsDir }));
    await keep(runOptions(file, data, { runsDir, params: { fast: 4 } }));
    await keep(runOptions(file, data, { runsDir, cashE4: 5_000_000_000 }));
    writeFileSync(file, `${readFileSync(file, 'utf8')}\n// changed\n`);
    await keep(runOptions(file, data, { runsDir }));
    await withStore(runsDir, (store) => {
      expect(new Set(store.rows().map((row) => row.inputsHash)).size).toBe(4);
      const [code, cash, param, first] = store.rows().map(({ id }) => store.record(id));
      const names = (a: typeof code, b: typeof code): string[] =>
        compareRuns(a!, b!, '', '').inputs.map(({ what }) => what);
      expect(names(first, param)).toEqual(['params.fast']);
      expect(names(first, cash)).toEqual(['options.cashE4']);
      expect(names(first, code)).toEqual(['code cross.ts']);
    });
  });

  test('is kept although --out takes only some of the files; these are whole', async () => {
    const runsDir = join(tempDir(), 'runs');
    const outDir = tempDir();
    mkdirSync(join(outDir, 'fills.csv', 'taken'), { recursive: true });
    const kept = await keep(runOptions(writeStrategy(dir), data, { runsDir, outDir }));
    expect(kept.failed).toBe(true);
    expect(kept.folders).not.toContain(outDir);
    expect(kept.lines[0]).toMatch(/^error: .*; 2 of \d+ files are there, each whole: make room or/);
    expect(readdirSync(outDir).toSorted()).toEqual(['detail.json', 'fills.csv', 'report.json']);
    expect(kept.lines.join()).toContain('recorded as run');
    await withStore(runsDir, (store) => expect(store.rows().length).toBe(1));
  });

  test('that contradicts an earlier run of the same inputs is an error', async () => {
    const runsDir = join(tempDir(), 'runs');
    const chance = `export default { params: {}, onInit: (ctx) => void ctx.bars(0, 60),
      onBar: (ctx, bar) => void ctx.buy(0, bar.closeE4, 100 * (1 + (globalThis.turn ?? 0))) };`;
    const options = runOptions(writeStrategy(tempDir(), chance), data, { runsDir });
    await keep(options);
    (globalThis as { turn?: number }).turn = 1;
    const second = await keep(options);
    expect(second.failed).toBe(true);
    expect(second.lines.join()).toMatch(/had the same inputs as run .* reached another state/);
    await withStore(runsDir, (store) => {
      const [b, a] = store.rows().map(({ id }) => store.record(id));
      const found = compareRuns(a!, b!, 'head\nx\n', 'head\ny\n');
      expect(found).toMatchObject({ contradiction: true, firstFill: { line: 2, a: 'x', b: 'y' } });
    });
  });

  test('not recorded keeps its result, and fails only where a store was named', async () => {
    const file = join(tempDir(), 'a-file');
    writeFileSync(file, '');
    const outDir = join(tempDir(), 'out');
    const options = runOptions(writeStrategy(dir), data, { runsDir: join(file, 'x'), outDir });
    const kept = await keep(options);
    expect(kept).toMatchObject({ failed: false, folders: [outDir] });
    expect(kept.lines.join()).toContain('the run is not recorded');
    expect((await keep({ ...options, mustRecord: true })).failed).toBe(true);
  });
});

describe('the store', () => {
  test('finds runs by parts and from the end, and says when a text means none', async () => {
    const runsDir = join(tempDir(), 'runs');
    await keep(runOptions(writeStrategy(dir), data, { runsDir }));
    await keep(runOptions(writeStrategy(dir), data, { runsDir, params: { fast: 5 } }));
    await withStore(runsDir, (store) => {
      const [newer, older] = store.rows().map(({ id }) => id);
      expect([store.find('last'), store.find('last~1')]).toEqual([newer, older]);
      expect(store.find(older!.slice(-6))).toBe(older);
      expect(() => store.find('2026')).toThrow('means 2 runs');
      expect(() => store.find('zzz')).toThrow('no such run');
      expect(() => store.find('last~2')).toThrow('has 2 runs');
    });
  });

  test('takes up what its index lost, drops what is gone, names a changed file', async () => {
    const runsDir = join(tempDir(), 'runs');
    await keep(runOptions(writeStrategy(dir), data, { runsDir }));
    await keep(runOptions(writeStrategy(dir), data, { runsDir, params: { fast: 6 } }));
    const rows = await withStore(runsDir, (store) => store.rows());
    rmSync(join(runsDir, 'index'), { recursive: true });
    expect(await withStore(runsDir, (store) => store.rows())).toEqual(rows);
    rmSync(join(runsDir, rows[0]!.id), { recursive: true });
    await withStore(runsDir, (store) => {
      expect(store.rows()).toEqual([rows[1]]);
      const record = store.record(rows[1]!.id);
      expect(store.changedFiles(record)).toEqual([]);
      const fills = join(store.folder(record.id), 'fills.csv');
      chmodSync(fills, 0o644);
      writeFileSync(fills, 'nothing');
      expect(store.changedFiles(record)).toEqual(['fills.csv']);
    });
  });

  test('lies where the environment says, or nowhere', () => {
    expect(defaultRunsDir({ PANKOU_RUNS: 'off' })).toBeNull();
    expect(defaultRunsDir({ PANKOU_RUNS: '/x/y' })).toBe('/x/y');
    expect(defaultRunsDir({})).toMatch(/\.pankou[\\/]runs$/);
  });
});
