// The runs interface over both servers: the same token, host and origin rules as for orders, only
// paths inside the configured folders, recorded pages in a sandbox, by an address nobody can guess.
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { executeBacktest } from '../../engine/backtest/command.ts';
import { keepRun } from '../../engine/backtest/records/keep-run.ts';
import { Api } from '../../engine/control/api.ts';
import { makePages, SECRET, TOKEN } from '../support/api-setup.ts';
import { runOptions, tempDir, writeDay, writeStrategy } from '../support/run-options.ts';

const dir = tempDir();
const runsDir = join(dir, 'runs');
const strategies = join(dir, 'strategies');
const outside = writeStrategy(dir, 'export default {}', 'outside.ts');
const ids: string[] = [];

beforeAll(async () => {
  mkdirSync(strategies);
  const file = writeStrategy(strategies);
  symlinkSync(outside, join(strategies, 'link.ts'));
  const data = await writeDay(dir);
  for (const fast of [3, 5]) {
    const options = runOptions(file, data, { runsDir, params: { fast } });
    const kept = await keepRun(options, await executeBacktest(options, { detail: true }));
    ids.push(kept.id!);
  }
  writeFileSync(join(runsDir, ids[0]!, 'report.html'), '<p>page</p>');
}, 60_000);

describe.each(['uws', 'ws'] as const)('runs over %s', (server) => {
  let api: Api;
  let base = '';

  beforeAll(async () => {
    api = new Api(
      {
        ...{ host: '127.0.0.1', port: 0, server, allowedHosts: [], token: TOKEN },
        ...{ address: '', secret: SECRET, pagesDir: makePages() },
        runs: { strategies: [strategies], data: [join(dir, 'data')], runsDir },
      },
      () => {},
    );
    base = `http://127.0.0.1:${await api.start()}`;
  });
  afterAll(() => api.close('test over'));

  const ask = async (path: string, init: RequestInit & { body?: string } = {}) => {
    const headers = { Authorization: `Bearer ${TOKEN}`, ...(init.headers as object) };
    const reply = await fetch(`${base}/api/v1/runs/${path}`, { ...init, headers });
    return { status: reply.status, body: (await reply.json()) as Answer };
  };
  const post = (path: string, body: object) =>
    ask(path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'Content-Type': 'application/json' },
    });

  test('lists, shows and compares runs', async () => {
    const list = await ask('list');
    expect(list.body.data.rows.map(({ id }) => id)).toEqual([...ids].reverse());
    const { data } = (await ask(`run?run=${ids[0]}`)).body;
    expect(data.row.params).toMatchObject({ fast: 3 });
    expect(data.curve.length).toBeGreaterThan(100);
    expect(data.figures['performance.totalReturn']).toBeTypeOf('number');
    expect(data.changed).toEqual([]);
    expect(data.code[0]!.text).toContain('export default');
    const both = (await ask(`compare?runs=${ids.join(',')}`)).body.data;
    expect(both.inputs).toContainEqual({ what: 'params.fast', values: ['3', '5'] });
    expect(both.curves).toHaveLength(2);
    expect(both.contradiction).toBe(false);
  });

  test('answers nobody without the token, from another host or another page', async () => {
    for (const path of ['list', `run?run=${ids[0]}`, 'sources', 'jobs']) {
      expect((await fetch(`${base}/api/v1/runs/${path}`)).status).toBe(401);
      const stranger = { headers: { Origin: 'http://evil.example' } };
      const reply = await fetch(`${base}/api/v1/runs/${path}`, {
        headers: { ...stranger.headers, Authorization: `Bearer ${TOKEN}` },
      });
      expect(reply.status).toBe(403);
    }
  });

  test('runs nothing from outside the folders, also not through a link', async () => {
    const wish = { data: 'synthetic:1', instruments: ['600001.SH'] };
    for (const strategy of [outside, join(strategies, 'link.ts'), '/etc/passwd', 'no.ts']) {
      const { status, body } = await post('start', { ...wish, strategy });
      expect([status, body.error.field]).toEqual([400, 'strategy']);
    }
    const { body } = await post('start', { ...wish, strategy: outside, data: '/etc' });
    expect(body.ok).toBe(false);
    expect((await ask('jobs')).body.data.rows).toEqual([]);
    expect((await ask(`strategy?path=${outside}`)).body.error.field).toBe('path');
  });

  test('names the wrong field of a request', async () => {
    const wish = {
      strategy: join(strategies, 'cross.ts'),
      data: 'synthetic:1',
      instruments: ['x'],
    };
    const { status, body } = await post('start', wish);
    expect([status, body.error.field]).toEqual([400, 'instruments.0']);
    expect((await ask('run?run=last')).body.error.field).toBe('run');
    expect((await ask('run?run=20990101-000000-000000')).status).toBe(404);
    expect((await ask('start')).status).toBe(405);
    expect((await ask('nothing')).status).toBe(404);
  });

  test('serves a recorded page in a sandbox, by an address that names it alone', async () => {
    const { reportUrl } = (await ask(`run?run=${ids[0]}`)).body.data;
    const reply = await fetch(base + reportUrl);
    expect(await reply.text()).toBe('<p>page</p>');
    const policy = reply.headers.get('content-security-policy')!;
    expect(policy).toContain('sandbox allow-scripts');
    expect(policy).not.toContain('allow-same-origin');
    expect(policy).toContain("default-src 'none'");
    const other = reportUrl.replace(ids[0]!, ids[1]!);
    expect((await fetch(base + other)).status).toBe(404);
    expect((await fetch(`${base}/reports/${ids[0]}/${'a'.repeat(43)}.html`)).status).toBe(404);
    expect((await ask(`run?run=${ids[1]}`)).body.data.reportUrl).toBeNull();
  });

  test('opens the runs page first where no engine trades, and says so', async () => {
    const first = await fetch(`${base}/`, { redirect: 'manual' });
    expect([first.status, first.headers.get('location')]).toEqual([302, '/runs.html']);
    const health = (await (await fetch(`${base}/api/v1/health`)).json()) as { engine: string };
    expect(health.engine).toBe('none');
  });
});

interface Answer {
  readonly ok: boolean;
  readonly data: {
    readonly rows: readonly { readonly id: string }[];
    readonly row: { readonly params: object };
    readonly curve: readonly unknown[];
    readonly curves: readonly unknown[];
    readonly figures: Readonly<Record<string, unknown>>;
    readonly changed: readonly string[];
    readonly code: readonly { readonly text: string }[];
    readonly inputs: readonly unknown[];
    readonly contradiction: boolean;
    readonly reportUrl: string;
  };
  readonly error: { readonly field: string };
}
