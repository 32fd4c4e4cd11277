// What a session cannot run with: it says so in one clear message, ends with the right code and
// leaves nothing half-made; and a client that sends garbage is no trouble to a session that trades.
// What the command line itself refuses is in cli.test.ts.
import {
  closeSync,
  cpSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { runCli } from '../support/run-cli.ts';
import {
  endAllEngines,
  fillsOn,
  itemsOf,
  NO_PROC,
  startEngine,
  type TestStrategy,
  tempFolder,
  verify,
  writeConfig,
} from '../support/run-engine.ts';
import { waitFor } from '../support/wait-for.ts';

const STEADY: TestStrategy = { file: 'steady' };
let taken: Server | undefined;

afterEach(async () => {
  taken?.close();
  taken = undefined;
  await endAllEngines();
});

/** Runs `pankou run`, which must be refused: its message, and nothing left behind. */
async function refused(dir: string, config: string, code: number, ...args: string[]) {
  const result = await runCli(['run', config, ...args]);
  expect(result.code, result.stdout + result.stderr).toBe(code);
  expect(result.stderr).not.toMatch(/\n\s+at .*node:internal/);
  expect(existsSync(join(dir, 'run', 'journal-0'))).toBe(false);
  return result.stderr;
}

/** A strategy file of this text, outside the clone. */
function written(dir: string, name: string, text: string): TestStrategy {
  const file = join(dir, name);
  writeFileSync(file, text);
  return { file, name: 'written' };
}

describe('a configuration that', () => {
  test('gives a strategy an instrument that is not in the market', async () => {
    const dir = tempFolder();
    const config = writeConfig(dir, [{ ...STEADY, instruments: ['600519.SH'] }]);
    const text = await refused(dir, config, 1);
    expect(text).toContain('600519.SH');
    expect(text).toMatch(/strategies\[0\]\.instruments/);
    expect(text).toContain('market.instruments');
  });

  test('names an instrument of no known board', async () => {
    const dir = tempFolder();
    const market = { source: 'synthetic', instruments: [{ symbol: '777777.SH' }] };
    const text = await refused(dir, writeConfig(dir, [STEADY], { market }), 1);
    expect(text).toContain('777777');
    expect(text).toMatch(/market\.instruments\[0\]/);
  });

  test.each([
    ['everyMS', 1, /unknown parameter everyMS; did you mean everyMs\?/],
    ['everyMs', -5, /parameter everyMs = -5: expected at least 0/],
    ['everyMs', 'often', /parameter everyMs = often: is string, expected number/],
  ])('sets the parameter %s to %j', async (name, value, message) => {
    const dir = tempFolder();
    const config = writeConfig(dir, [{ ...STEADY, params: { [name]: value } }]);
    expect(await refused(dir, config, 1)).toMatch(message);
  });

  test.each([
    ['twenty seconds', 2],
    ['-5s', 2],
    ['0s', 2],
    ['5', 2],
  ])('is run --for %j', async (duration, code) => {
    const dir = tempFolder();
    const text = await refused(dir, writeConfig(dir, [STEADY]), code, `--for=${duration}`);
    expect(text).toMatch(/--for/);
    expect(text).toMatch(/20s/);
  });
});

describe('a strategy file that', () => {
  test.each([
    ['has a syntax error', 'export default { params: {}, onTick( { } };', /SyntaxError|Unexpected/],
    [
      'uses TypeScript that cannot be erased',
      'enum A { b }\nexport default { params: {} };',
      /enum/,
    ],
    ['exports nothing', 'export const x = 1;', /no default export; expected export default/],
    ['has an unknown hook', 'export default { params: {}, onTik() {} };', /did you mean onTick/],
    ['imports what is not there', "import './none.ts'; export default {};", /none\.ts/],
  ])('%s', async (_what, text, message) => {
    const dir = tempFolder();
    const config = writeConfig(dir, [written(dir, 'mine.ts', text)]);
    const said = await refused(dir, config, 1);
    expect(said).toContain('mine.ts');
    expect(said).toMatch(message);
  });

  test('is not there', async () => {
    const dir = tempFolder();
    const config = writeConfig(dir, [{ file: join(dir, 'gone.ts'), name: 'gone' }]);
    expect(await refused(dir, config, 1)).toMatch(/gone\.ts.*expected an existing file/);
  });
});

describe('data with a broken row', () => {
  /** A synthetic day as files, with one price spoilt; the config over it. */
  async function spoilt(dir: string, skipBadRows: boolean) {
    const { writeSyntheticDay } = await import('../../engine/backtest/synthetic/write-day.ts');
    const data = join(dir, 'data');
    await writeSyntheticDay(data, {
      seed: 3,
      day: 20260105,
      instruments: [
        { symbol: '600001.SH', preCloseE4: 100_000, volatility: 0.02, eventsPerSecond: 0.2 },
      ],
    });
    const file = join(data, 'orders.csv');
    const lines = readFileSync(file, 'utf8').split('\n');
    const column = lines[0]!.split(',').indexOf('price');
    const cells = lines[1_000]!.split(',');
    cells[column] = 'ten';
    lines[1_000] = cells.join(',');
    writeFileSync(file, lines.join('\n'));
    const market = { source: 'files', path: 'data', instruments: ['600001.SH'], skipBadRows };
    return writeConfig(dir, [STEADY], { market, pace: 'lockstep', api: { enabled: false } });
  }

  test('is named by file, line, column and value before any order', async () => {
    const dir = tempFolder();
    const text = await refused(dir, await spoilt(dir, false), 1);
    expect(text).toMatch(/orders\.csv/);
    expect(text).toMatch(/line 1001|:1001/);
    expect(text).toContain('price');
    expect(text).toContain('ten');
    expect(text).toContain('expected');
  });

  test('is skipped and counted with skipBadRows', async () => {
    const dir = tempFolder();
    const run = startEngine([await spoilt(dir, true)]);
    expect(await run.exit, run.text).toBe(0);
    expect(run.err).toContain('1 broken rows skipped');
    expect((await verify(join(dir, 'run'))).code).toBe(0);
  });
});

describe('a place that', () => {
  test('listens already: the message names it and --port, and nothing starts', async () => {
    const dir = tempFolder();
    taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken!.once('listening', resolve));
    const { port } = taken.address() as { port: number };
    const text = await refused(dir, writeConfig(dir, [STEADY]), 1, '--port', String(port));
    expect(text).toContain(`127.0.0.1:${port} is in use`);
    expect(text).toContain('--port');
  });

  test('cannot be a run folder is named', async () => {
    const dir = tempFolder();
    writeFileSync(join(dir, 'file'), '');
    const runDir = join(dir, 'file', 'run');
    const text = await refused(dir, writeConfig(dir, [STEADY]), 1, '--dir', runDir);
    expect(text).toContain(runDir);
    expect(text.trim().split('\n').length).toBeLessThanOrEqual(2);
  });

  test.skipIf(NO_PROC !== '')('an engine runs in refuses a second one, with its pid', async () => {
    const dir = tempFolder();
    const config = writeConfig(dir, [STEADY]);
    const first = startEngine([config]);
    const page = await first.page();
    await waitFor('a fill', () => fillsOn(page).size > 0);
    const second = await runCli(['run', config]);
    expect(second.code).toBe(1);
    expect(second.stderr).toContain(String(await first.pidOf('core')));
    expect(second.stderr).toContain(join(dir, 'run'));
    first.interrupt();
    expect(await first.exit, first.text).toBe(0);
    expect((await verify(join(dir, 'run'))).code).toBe(0);
  });
});

describe('a journal that', () => {
  let first = '';
  let end = 0;

  /** One session that ended in order; each test gets a copy of its folder. */
  beforeAll(async () => {
    first = mkdtempSync(join(tmpdir(), 'pankou-e2e-'));
    const run = startEngine([writeConfig(first, [STEADY]), '--no-api', '--for', '1500ms']);
    expect(await run.exit, run.text).toBe(0);
    const bytes = readFileSync(join(first, 'run', 'journal-0', 'journal-000001.pkj'));
    let last = bytes.length;
    while (bytes[last - 1] === 0) last--;
    end = Math.ceil(last / 256) * 256;
  });
  afterAll(() => rmSync(first, { recursive: true, force: true }));

  function session(): { dir: string; config: string; segment: string } {
    const dir = tempFolder();
    cpSync(join(first, 'run'), join(dir, 'run'), { recursive: true });
    const segment = join(dir, 'run', 'journal-0', 'journal-000001.pkj');
    return { dir, config: writeConfig(dir, [STEADY]), segment };
  }

  test('ends in a torn record is cut there, and told', async () => {
    const { dir, config, segment } = session();
    const size = statSync(segment).size;
    truncateSync(segment, end - 100);
    truncateSync(segment, size);
    const run = startEngine([config, '--no-api', '--for', '1s']);
    expect(await run.exit, run.text).toBe(0);
    expect(run.err).toMatch(/journal-000001\.pkj: torn tail cut at byte \d+/);
    expect(run.err).toMatch(/recovered \d+ orders/);
    expect((await verify(join(dir, 'run'))).code).toBe(0);
  });

  test('has a flipped bit in its middle is refused with the place, and left as it is', async () => {
    const { config, segment } = session();
    const before = readFileSync(segment);
    const at = Math.floor(end / 512) * 256 + 64;
    const file = openSync(segment, 'r+');
    writeSync(file, Buffer.from([before[at]! ^ 4]), 0, 1, at);
    closeSync(file);
    const spoilt = readFileSync(segment);
    const { code, stderr } = await runCli(['run', config, '--no-api', '--for', '1s']);
    expect(code).toBe(1);
    expect(stderr).toContain('journal-000001.pkj');
    expect(stderr).toMatch(new RegExp(`byte ${Math.floor(at / 256) * 256}|record ${at >> 8}`));
    expect(readFileSync(segment).equals(spoilt)).toBe(true);
  });

  test('is of a later day is refused', async () => {
    const { dir } = session();
    const config = writeConfig(dir, [STEADY], { day: 20251231 });
    const { code, stderr } = await runCli(['run', config, '--no-api', '--for', '1s']);
    expect(code).toBe(1);
    expect(stderr).toContain('journals of day 20260105, this run is day 20251231');
    expect(stderr).toContain('time does not go back');
  });
});

describe.skipIf(NO_PROC !== '')('a client that', () => {
  test('sends garbage is answered or dropped; the session trades on', async () => {
    const dir = tempFolder();
    const run = startEngine([writeConfig(dir, [STEADY])]);
    const { port } = await run.address();
    const page = await run.page();
    const api = await run.pidOf('api');
    const bad = new WebSocket(`ws://127.0.0.1:${port}/ws`, { origin: `http://127.0.0.1:${port}` });
    bad.on('error', () => {});
    const closed = new Promise((resolve) => bad.once('close', resolve));
    await new Promise((resolve) => bad.once('open', resolve));
    const garbage = ['{', 'null', '[]', '{"id":1}', '{"id":1,"op":"kill"}', '\u0000', '"x"'];
    for (const text of garbage) bad.send(text);
    bad.send(Buffer.alloc(1_000, 0xff));
    bad.send('x'.repeat(5_000_000));
    await closed;
    const fills = fillsOn(page).size;
    await waitFor('more fills', () => fillsOn(page).size >= fills + 2 || run.ended);
    expect(fillsOn(page).size, run.text).toBeGreaterThanOrEqual(fills + 2);
    expect(await run.pidOf('api')).toBe(api);
    const engine = itemsOf(page, 'engine').at(-1) ?? page.last('snapshot').engine;
    expect(engine.killed).toBe(false);
    run.interrupt();
    expect(await run.exit, run.text).toBe(0);
  });
});
