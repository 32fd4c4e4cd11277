// Behaviour of engine/config.ts: what a good file becomes, and that every kind of bad file is
// refused with a message that names the place, what was found and what was expected.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_FEES } from '../../../engine/backtest/defaults.ts';
import type { Config } from '../../../engine/config.ts';
import { ConfigError, loadConfig, overrideConfig } from '../../../engine/config.ts';
import { scaleExactly } from '../../../engine/config-numbers.ts';
import { LINK_DEFAULTS } from '../../../engine/core/link-options.ts';
import { defaultLimits } from '../../../engine/risk-limits.ts';

let dir = '';
let count = 0;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'pankou-config-'));
  mkdirSync(join(dir, 'strategies'));
  writeFileSync(join(dir, 'strategies', 'a.ts'), '');
  mkdirSync(join(dir, 'data'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

type Json = { [key: string]: unknown };

/** The smallest good file, with changes laid over its top level. */
function base(changes: Json = {}): Json {
  return {
    name: 'paper',
    market: { source: 'synthetic', instruments: [{ symbol: '600001.SH', preClose: 12.5 }] },
    accounts: [{ id: 'demo', cash: 1_000_000 }],
    strategies: [
      { name: 'a', file: 'strategies/a.ts', account: 'demo', instruments: ['600001.SH'] },
    ],
    ...changes,
  };
}

function loadText(text: string | Uint8Array): Config {
  const file = join(dir, `c${count++}.json`);
  writeFileSync(file, text);
  return loadConfig(file);
}

function load(changes: Json = {}): Config {
  return loadText(JSON.stringify(base(changes), null, 1));
}

/** The message of the refusal. */
function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message;
  }
  throw new Error('the configuration was accepted');
}

const refused = (changes: Json) => refusal(() => load(changes));

function account(changes: Json): Json {
  return { accounts: [{ id: 'demo', cash: 1, ...changes }] };
}

function strategy(changes: Json): Json {
  const [first] = base()['strategies'] as Json[];
  return { strategies: [{ ...first, ...changes }] };
}

describe('a good file', () => {
  test('gets defaults for everything it does not say', () => {
    const config = load();
    expect(config.day).toBe(20260105);
    expect(config.pace).toBe('realtime');
    expect(config.limits).toEqual(defaultLimits());
    expect(config.accounts[0].fees).toEqual(DEFAULT_FEES);
    expect(config.api).toMatchObject({ enabled: true, host: '127.0.0.1', server: 'uws' });
    expect(config.journal).toMatchObject({ flush: 'group', segmentMiB: 64 });
    expect(config.recording).toBe(true);
    expect(config.warnings).toEqual([]);
  });

  test('has its yuan and rates turned into integers exactly', () => {
    const config = load({
      ...account({
        cash: 123_456.789,
        positions: { '600001.XSHG': { qty: 300, cost: 12.3456 } },
        fees: { commissionRate: 0.000_085, commissionMin: 0.1 },
      }),
      limits: { account: { maxOrderAmount: 0.3, maxPriceDeviation: 0.0155 } },
    });
    expect(config.accounts[0].cashE4).toBe(1_234_567_890);
    expect(config.accounts[0].positions).toEqual([
      { symbol: '600001.SH', qty: 300, costE4: 123_456 },
    ]);
    expect(config.accounts[0].fees).toMatchObject({
      commissionRateE7: 850,
      commissionMinE4: 1_000,
    });
    expect(config.limits.account).toMatchObject({
      maxOrderAmount: 3_000,
      maxPriceDeviation: 0.0155,
    });
    expect(config.market.instruments[0].preCloseE4).toBe(125_000);
  });

  test('has paths counted from its own folder', () => {
    const config = load({ journal: { dir: '../elsewhere' } });
    expect(config.strategies[0].file).toBe(join(dir, 'strategies', 'a.ts'));
    expect(config.journal.dir).toBe(join(dir, '..', 'elsewhere'));
    expect(load().journal.dir).toBe(join(dir, 'runs', 'paper'));
  });

  test('may name the instruments of recorded data by their symbols alone', () => {
    const market = {
      source: 'files',
      path: 'data',
      instruments: ['600001.sh', { symbol: 'SZ000001' }],
    };
    const config = load({ market });
    expect(config.day).toBe(0);
    expect(config.market).toEqual({
      source: 'files',
      path: join(dir, 'data'),
      skipBadRows: false,
      instruments: [
        { symbol: '600001.SH', name: '', preCloseE4: 0, facts: {} },
        { symbol: '000001.SZ', name: '', preCloseE4: 0, facts: {} },
      ],
    });
  });

  test('may say what the exchange says of an instrument', () => {
    const told = { state: 'risk-warning', tick: 0.01, buyMin: 100, upperLimit: 0, lowerLimit: 0 };
    const one = { symbol: '600001.SH', preClose: 10, ...told };
    const config = load({ market: { source: 'files', path: 'data', instruments: [one] } });
    expect(config.market.instruments[0].facts).toEqual({
      ...{ preCloseE4: 100_000, state: 'risk-warning', tickE4: 100, buyMin: 100 },
      ...{ upperLimitE4: 0, lowerLimitE4: 0 },
    });
  });

  test('takes the overlays it names, else the rules.json beside it', () => {
    const overlay = (source: string) =>
      JSON.stringify({
        calendar: [{ from: 20270104, to: 20270104, trading: [20270104], source, confidence: 'B' }],
      });
    expect(load().rules).toEqual([]);
    writeFileSync(join(dir, 'rules.json'), overlay('beside'));
    writeFileSync(join(dir, 'own.json'), overlay('named'));
    expect(load().rules).toEqual([join(dir, 'rules.json')]);
    expect(load({ rules: ['own.json'] }).rules).toEqual([join(dir, 'own.json')]);
    rmSync(join(dir, 'rules.json'));
  });

  test('is frozen to its leaves', () => {
    const config = load(account({ positions: { '600001.SH': { qty: 100 } } }));
    const open: string[] = [];
    walk(config, 'config', open);
    expect(open).toEqual([]);
  });

  test('warns of odd lots and open hosts', () => {
    const config = load({
      ...account({ positions: { '600001.SH': { qty: 150 } } }),
      api: { host: '0.0.0.0' },
    });
    expect(config.warnings).toHaveLength(2);
    expect(config.warnings[0]).toContain('the odd 50 can only be sold in one order');
    expect(config.warnings[1]).toContain('0.0.0.0');
  });

  test('may begin with a byte order mark', () => {
    expect(loadText(`\uFEFF${JSON.stringify(base())}`).name).toBe('paper');
  });
});

describe('overrides of the command line', () => {
  test('win over the file and leave the rest and the original as they were', () => {
    const config = load();
    const changed = overrideConfig(config, { pace: 'lockstep', port: 0, api: false, seed: 7, dir });
    expect(changed).toMatchObject({ pace: 'lockstep', speed: 1, market: { seed: 7 } });
    expect(changed.api).toMatchObject({ enabled: false, port: 0, host: '127.0.0.1' });
    expect(changed.journal.dir).toBe(dir);
    expect(config.pace).toBe('realtime');
    expect(Object.isFrozen(changed.api)).toBe(true);
  });

  test('refuse a seed where files are played', () => {
    const config = load({ market: { source: 'files', path: 'data', instruments: ['600001.SH'] } });
    expect(() => overrideConfig(config, { seed: 1 })).toThrow('--seed needs a synthetic market');
  });
});

describe('a file that cannot be read', () => {
  test('is named with what to do when it does not exist', () => {
    const message = refusal(() => loadConfig(join(dir, 'none.json')));
    expect(message).toContain(join(dir, 'none.json'));
    expect(message).toContain('does not exist');
    expect(message).toContain('pankou init');
  });

  test('is refused when it is a folder, empty, or not UTF-8', () => {
    expect(refusal(() => loadConfig(dir))).toContain('is a folder');
    expect(refusal(() => loadText(' \n'))).toContain('is empty');
    expect(refusal(() => loadText(new Uint8Array([0x7b, 0xff, 0xfe])))).toContain('not UTF-8');
  });
});

describe('broken JSON', () => {
  test.each([
    [
      '{\n  "name": "a",\n  "day": 2026x\n}',
      'line 3, column 14',
      "expected ',' or '}'",
      '"day": 2026x',
    ],
    ['{\n "a": 1,\n}', 'line 3, column 1', 'a comma before it is one too many', '}'],
    ['{ "a": [1, 2 }', 'line 1, column 14', "expected ',' or ']'", '[1, 2 }'],
    ["{ 'a': 1 }", 'line 1, column 3', 'key in double quotes', "'a'"],
    ['{ "a": C:\\x }', 'line 1, column 8', 'expected a value', 'C:\\x'],
    ['{ "a": "C:\\x" }', 'line 1, column 11', 'Windows paths', 'C:\\x'],
    ['{\n // note\n}', 'line 2, column 2', 'JSON has no comments', '// note'],
    ['{ "a": 1', 'line 1, column 9', "expected ',' or '}'", '"a": 1'],
    ['{} {}', 'line 1, column 4', 'end of the file', '{} {}'],
  ])('%j is placed by line, column and text', (text, place, expected, shown) => {
    const message = refusal(() => loadText(text));
    expect(message).toContain('is not valid JSON');
    expect(message).toContain(place);
    expect(message).toContain(expected);
    const [, line, caret] = message.split('\n');
    expect(line).toContain(shown);
    expect(caret.trim()).toBe('^');
  });

  test('puts the caret under the offending character, after tabs and in long lines too', () => {
    const text = `{\t"a": "${'x'.repeat(200)}", oops }`;
    const [, line, caret] = refusal(() => loadText(text)).split('\n');
    expect(line.slice(caret.indexOf('^'))).toMatch(/^oops/);
  });

  test('refuses nesting that no configuration needs', () => {
    expect(refusal(() => loadText('['.repeat(100_000)))).toContain('nested deeper than 64');
  });

  test('refuses a key given twice instead of taking the last', () => {
    const text = JSON.stringify(base()).replace('"cash":1000000', '"cash":1,"cash":2');
    expect(refusal(() => loadText(text))).toContain('accounts[0].cash: given twice');
  });
});

describe('a file of the wrong shape', () => {
  test('is told everything at once: line, path, value, expected, in the order of the file', () => {
    const text = [
      '{ "name": "a b",',
      '  "market": {"source": "synthetic", "instruments": [{ "symbol": "600001.SH", "vol": 1 }] },',
      '  "accounts": [ { "id": "demo", "cash": "much" } ],',
      '  "api": { "port": 99999, "server": "nginx" },',
      '  "strategies": {} }',
    ].join('\n');
    const lines = refusal(() => loadText(text))
      .split('\n')
      .slice(1);
    expect(lines).toHaveLength(6);
    expect(lines[0]).toMatch(/line 1: name: found "a b"; expected 1 to 40 letters/);
    expect(lines[1]).toMatch(/line 2: market\.instruments\[0\]\.vol: unknown key/);
    expect(lines[2]).toMatch(/line 3: accounts\[0\]\.cash: found "much"; expected yuan/);
    expect(lines[3]).toMatch(/line 4: api\.port: found 99999; expected a whole number/);
    expect(lines[4]).toMatch(/line 4: api\.server: found "nginx"; expected one of 'uws', 'ws'/);
    expect(lines[5]).toMatch(/line 5: strategies: found \{\}; expected a list of at most/);
  });

  test.each([
    [
      { limits: { account: { maxOrderAmont: 1 } } },
      "limits.account.maxOrderAmont: unknown key; did you mean 'maxOrderAmount'?",
    ],
    [{ pase: 'lockstep' }, "pase: unknown key; did you mean 'pace'?"],
    [{ api: { Port: 1 } }, "api.Port: unknown key; did you mean 'port'?"],
    [{ threads: { engin: 0, strategy: 1 } }, "threads.engin: unknown key; did you mean 'engine'?"],
  ])('%j names the nearest known key', (changes, expected) => {
    expect(refused(changes as Json)).toContain(expected);
  });

  test.each([
    [{ name: undefined }, 'name: missing; expected 1 to 40 letters'],
    [{ mode: 'live' }, 'mode: found "live"; expected one of \'paper\''],
    [{ day: 20260231 }, 'day: found 20260231; expected a date such as 20260105'],
    [{ speed: 0 }, 'speed: found 0; expected a number from 0.01 to 1000'],
    [{ threads: 'many' }, "threads: found \"many\"; expected 'auto', 'single' or"],
    [{ threads: { engine: 1, strategy: 1 } }, 'expected two different cores'],
    [{ market: { source: 'tape' } }, "expected one of 'synthetic', 'files'"],
    [{ market: 5 }, 'market: found 5; expected an object'],
    [account({ cash: 0.000_01 }), 'at most 4 decimals'],
    [account({ cash: -1 }), 'accounts[0].cash: found -1; expected yuan from 0'],
    [account({ fees: { stampDutyRate: 5 } }), 'expected a fraction from 0 to 0.01'],
    [account({ positions: { '600001.SH': { qty: 1.5 } } }), 'expected a whole number from 1'],
    [account({ positions: { '600001.SH': 100 } }), 'found 100; expected an object with qty'],
    [strategy({ params: { a: null } }), 'expected a number, true, false or text'],
    [strategy({ file: 'a.py' }), 'expected a .ts, .mts, .js or .mjs file'],
  ])('%j says what was found and expected', (changes, expected) => {
    expect(refused(changes as Json)).toContain(expected);
  });
});

describe('a file whose parts do not fit', () => {
  const market = (...instruments: Json[]) => ({ market: { source: 'synthetic', instruments } });

  test.each([
    [
      strategy({ account: 'demmo' }),
      "strategies[0].account: unknown account 'demmo'; did you mean 'demo'?",
    ],
    [
      strategy({ instruments: ['600002.SH'] }),
      'unknown instrument 600002.SH, not under market.instruments',
    ],
    [
      strategy({ instruments: ['600001.SH', '600001.sse'] }),
      'instruments[1]: 600001.SH is in the list twice',
    ],
    [strategy({ file: 'strategies/none.ts' }), 'expected an existing file'],
    [
      account({ positions: { '600003.SH': { qty: 1 } } }),
      "positions['600003.SH']: unknown instrument",
    ],
    [account({ positions: { abc: { qty: 1 } } }), "'abc' is not a symbol"],
    [
      account({ positions: { '600001.SH': { qty: 1 }, '600001.SSE': { qty: 1 } } }),
      'held twice under two spellings',
    ],
    [
      market({ symbol: '600001.SH' }, { symbol: '600001.SS' }),
      '[1].symbol: 600001.SH is in the list twice',
    ],
    [
      market({ symbol: '600001.SH', preClose: 12.345 }),
      'found 12.345; expected whole ticks of 0.01 yuan',
    ],
    [market({ symbol: '777777.SH' }), 'no code range of SSE holds it'],
    [market({ symbol: '600001.SH', preClose: 0.5 }), 'at least 20 ticks between'],
    [market({ symbol: '000300.SH' }), 'is an index and cannot be traded'],
    [{ market: { source: 'files', path: 'nope', instruments: ['600001.SH'] } }, 'market.path'],
  ])('%j is refused by name', (changes, expected) => {
    expect(refused(changes as Json)).toContain(expected);
  });

  test('takes accounts that no strategy trades for, and none at all', () => {
    const accounts = [
      { id: 'demo', cash: 1 },
      { id: 'desk-only', cash: 2 },
    ];
    expect(load({ accounts }).accounts.map(({ id }) => id)).toEqual(['demo', 'desk-only']);
    expect(load({ accounts, strategies: [] }).strategies).toEqual([]);
  });

  test('refuses an overlay of the rule book that is not there or not right, with its line', () => {
    expect(refused({ rules: ['none.json'] })).toContain('none.json');
    writeFileSync(join(dir, 'bad.json'), '{\n "rows": [\n  { "id": "x" }\n ]\n}\n');
    expect(refused({ rules: ['bad.json'] })).toMatch(/rules: refused.*\n.*bad\.json:3/);
  });

  test('refuses names given twice', () => {
    const [first] = base()['strategies'] as Json[];
    const accounts = [
      { id: 'demo', cash: 1 },
      { id: 'demo', cash: 2 },
    ];
    const message = refused({ accounts, strategies: [first, first] });
    expect(message).toContain("accounts[1].id: 'demo' is given twice");
    expect(message).toContain("strategies[1].name: 'a' is given twice");
  });
});

describe('scaling', () => {
  test('is exact where floating point multiplication is not', () => {
    expect(scaleExactly(1.005, 3)).toBe(1_005);
    expect(scaleExactly(0.1 + 0.2, 4)).toBe(-1);
    expect(scaleExactly(4.35, 2)).toBe(435);
    expect(scaleExactly(1e21, 4)).toBe(-1);
  });
});

/** Collects the places of objects that can still be changed. */
function walk(value: unknown, at: string, open: string[]): void {
  if (typeof value !== 'object' || value === null) return;
  if (!Object.isFrozen(value)) open.push(at);
  for (const [key, inner] of Object.entries(value)) walk(inner, `${at}.${key}`, open);
}

describe('gateway', () => {
  const bridge = { kind: 'bridge', address: 'tcp:127.0.0.1:7800', secretFile: 'bridge.secret' };

  test('a bridge needs its secret file, and the journal of the run before', () => {
    expect(load().gateway).toEqual({ kind: 'sim' });
    expect(refused({ gateway: bridge })).toContain('gateway.secretFile: found "bridge.secret"');
    writeFileSync(join(dir, 'bridge.secret'), 'not-a-secret-of-anybody');
    const { gateway } = load({ gateway: bridge });
    expect(gateway).toEqual({ ...bridge, secretFile: join(dir, 'bridge.secret') });
    const fresh = refused({ gateway: bridge, journal: { dir: 'runs/a-{start}' } });
    expect(fresh).toContain('journal.dir: found "runs/a-{start}"; a bridge knows the engine by');
  });

  test('the simulated exchange fills as the options of a backtest say', () => {
    const wishes = { kind: 'sim', world: 'touch', queue: 'front', barShare: 0.2 };
    const { gateway } = load({ gateway: { ...wishes, latency: 'feed=300us,order=1.5ms' } });
    const leg = (ns: number) => ({ ns: [ns], counts: [1] });
    const latency = { feed: leg(300_000), order: leg(1_500_000), report: leg(0) };
    expect(gateway).toEqual({ ...wishes, latency });
    expect(refused({ gateway: { kind: 'sim', latency: 'feed=3' } })).toContain('expected a time');
    expect(refused({ gateway: { kind: 'sim', queue: 'best' } })).toContain("'pro-rata'");
  });

  test('a broker does not wait, so lockstep is refused', () => {
    writeFileSync(join(dir, 'bridge.secret'), 'not-a-secret-of-anybody');
    expect(refused({ gateway: bridge, pace: 'lockstep' })).toContain("needs pace 'realtime'");
  });
});

describe('the patience of the links', () => {
  test('is given in seconds, the rest keeps its default', () => {
    const { link } = load({ link: { answerSeconds: 2.5, reconcileSeconds: 3 } });
    expect(link).toEqual({ ...LINK_DEFAULTS, answerNs: 2.5e9, lightNs: 3e9 });
    expect(load().link).toEqual(LINK_DEFAULTS);
  });

  test('is refused with the known keys, the bounds and the choices', () => {
    expect(refused({ link: { answerSecond: 2 } })).toMatch(/answerSecond.*answerSeconds/s);
    expect(refused({ link: { gapSeconds: 0.2 } })).toContain('expected a number from 1 to 60');
    expect(refused({ link: { onDown: 'wait' } })).toMatch(/onDown.*expected one of 'reject', 'h/s);
    const silent = refused({ link: { answerSeconds: 20, silentSeconds: 10 } });
    expect(silent).toContain('found 10; expected at least answerSeconds (20)');
  });
});

describe('live quotes', () => {
  const live = (changes: Json = {}): Json =>
    base({
      market: {
        ...{ source: 'bridge', address: 'tcp:127.0.0.1:7801', secretFile: 'quotes.secret' },
        ...{ instruments: ['600001.SH'], ...changes },
      },
    });

  beforeAll(() => writeFileSync(join(dir, 'quotes.secret'), 'a-secret', { mode: 0o600 }));

  test('are recorded beside the configuration, until ten past three, of today', () => {
    const { market, day, gateway } = loadText(JSON.stringify(live()));
    expect(market).toMatchObject({ record: join(dir, 'runs/quotes'), untilNs: 54_600e9 });
    expect([day, gateway.kind]).toEqual([0, 'sim']);
    expect(loadText(JSON.stringify(live({ until: '11:30' }))).market).toMatchObject({
      untilNs: 41_400e9,
    });
  });

  test('need a secret, a time that is one, and the clock of the wall', () => {
    const refused = (value: Json): string => {
      try {
        loadText(JSON.stringify(value));
      } catch (error) {
        if (error instanceof ConfigError) return error.message;
        throw error;
      }
      return '';
    };
    expect(refused(live({ secretFile: 'none' }))).toMatch(/market\.secretFile: .*expected a file/);
    expect(refused(live({ until: 'late' }))).toMatch(/market\.until: .*such as '15:10'/);
    expect(refused({ ...live(), pace: 'lockstep' })).toMatch(/pace: live quotes come by the clock/);
    expect(refused({ ...live(), speed: 2 })).toMatch(/speed: found 2; live quotes/);
    const config = loadText(JSON.stringify(live()));
    expect(() => overrideConfig(config, { pace: 'lockstep' })).toThrow(/a market does not wait/);
    expect(() => overrideConfig(config, { speed: 3 })).toThrow(/come at their own/);
  });
});
