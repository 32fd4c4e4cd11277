// The `pankou` command in processes of its own: help, exit codes, messages, doctor, init. Always:
// what it makes lies in a temporary folder; the clone is only read.
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadConfig } from '../../engine/config.ts';
import { ROOT, runCli } from '../support/run-cli.ts';

let dir = '';
beforeAll(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), 'pankou-cli-')));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('pankou', () => {
  test('prints help with its commands and exit codes and returns 0', async () => {
    const { code, stdout, stderr } = await runCli(['--help']);
    expect(code).toBe(0);
    expect(stderr).toBe('');
    for (const word of ['run', 'backtest', 'journal', 'replay', 'init', 'doctor', 'bundle']) {
      expect(stdout).toMatch(new RegExp(`^  ${word}\\b`, 'm'));
    }
    expect(stdout).toContain('Exit codes:');
  });

  test.each([
    [[], 'Usage: pankou'],
    [['rum'], 'Did you mean run?'],
    [['run', '--prot', '1'], 'Did you mean --port?'],
    [['run', 'a.json', 'b.json'], 'too many arguments'],
    [['replay'], "missing required argument 'DIR'"],
    [['backtest', 's.ts'], "required option '--data <PATH>' not specified"],
    [['doctor', '--jason'], 'Did you mean --json?'],
  ])('%j is wrong use: a message and 2', async (args, message) => {
    const { code, stdout, stderr } = await runCli(args);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(message);
  });

  test('says one clear message without a stack when something fails, and returns 1', async () => {
    const { code, stderr } = await runCli(['run', join(dir, 'none.json')]);
    expect(code).toBe(1);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toContain(`${join(dir, 'none.json')} does not exist`);
  });

  test('shows the stack with PANKOU_DEBUG=1', async () => {
    const env = { ...process.env, PANKOU_DEBUG: '1' };
    const { code, stderr } = await runCli(['run', join(dir, 'none.json')], { env });
    expect(code).toBe(1);
    expect(stderr).toMatch(/\n\s+at /);
  });

  test('tells every problem of a configuration and starts nothing', async () => {
    const file = join(dir, 'bad.json');
    writeFileSync(file, '{ "name": "x",\n "pase": "lockstep",\n "speed": -1 }');
    const { code, stderr } = await runCli(['run', file, '--dir', join(dir, 'run')]);
    expect(code).toBe(1);
    expect(stderr).toContain("line 2: pase: unknown key; did you mean 'pace'?");
    expect(stderr).toContain('line 3: speed: found -1');
    expect(stderr).toContain('market: missing');
    expect(readdirSync(dir)).not.toContain('run');
  });

  test('asks for a configuration where the folder has none', async () => {
    const { code, stderr } = await runCli(['run'], { cwd: dir });
    expect(code).toBe(1);
    expect(stderr).toContain('no pankou.json in');
  });
});

describe('pankou doctor', () => {
  test('looks at everything and fails only when something has to be repaired', async () => {
    const { code, stdout } = await runCli(['doctor', '--json'], { cwd: dir });
    const report = JSON.parse(stdout) as {
      ok: boolean;
      findings: { name: string; status: string; found: string; advice: string }[];
    };
    const names = report.findings.map(({ name }) => name);
    const all = ['node', 'uWebSockets.js', 'koffi', 'kernels', 'pages', 'cores', 'isolation'];
    const more = ['pinning', 'priority', 'clock', 'timer', 'noise', 'memory', 'wall clock'];
    expect(names).toEqual(
      expect.arrayContaining([...all, ...more, 'disk space', 'disk flush', 'port']),
    );
    const failed = report.findings.some(({ status }) => status === 'fail');
    expect(code).toBe(failed ? 1 : 0);
    expect(report.ok).toBe(!failed);
    for (const { status, advice } of report.findings) expect(advice !== '').toBe(status !== 'ok');
    expect(readdirSync(dir).filter((name) => name.includes('doctor'))).toEqual([]);
  });

  test('reports a broken configuration as a failure, without colours in a pipe', async () => {
    const file = join(dir, 'broken.json');
    writeFileSync(file, '{ "name": }');
    const env = { ...process.env };
    delete env['NO_COLOR'];
    const { code, stdout } = await runCli(['doctor', file], { env });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^fail {2}configuration .*line 1, column 11/m);
    expect(stdout).not.toContain('\u001b[');
  });
});

describe('pankou init', () => {
  test('makes a folder that the engine understands, linked to the clone', async () => {
    const desk = join(dir, 'desk');
    const { code, stdout } = await runCli(['init', desk]);
    expect(code).toBe(0);
    expect(stdout).toContain('npm run backtest');
    expect(realpathSync(join(desk, 'node_modules', 'pankou'))).toBe(realpathSync(ROOT));
    const config = loadConfig(join(desk, 'pankou.json'));
    expect(config.strategies[0].file).toBe(join(desk, 'strategies', 'my-strategy.ts'));
    expect(config.journal.dir).toBe(join(desk, 'runs', 'paper-{start}'));
    expect(readdirSync(join(desk, 'data')).length).toBeGreaterThan(0);
    expect(readFileSync(join(desk, '.gitignore'), 'utf8')).toContain('runs/');
  });

  test("has a strategy that loads through the link, as 'pankou' of its own", async () => {
    const file = join(dir, 'desk', 'strategies', 'my-strategy.ts');
    const script = `const { default: s } = await import(${JSON.stringify(file)});
      console.log(typeof s.onBar, Object.keys(s.params).join());`;
    const program = [process.execPath, '--input-type=module', '-e', script] as const;
    const { stdout } = await runCli([], { program });
    expect(stdout.trim()).toBe('function period,dip,qty');
  });

  test('can be used through node_modules/.bin', async () => {
    const desk = join(dir, 'desk');
    const bin = join(desk, 'node_modules', '.bin', 'pankou');
    const program = process.platform === 'win32' ? ([`${bin}.cmd`] as const) : ([bin] as const);
    const { code, stdout } = await runCli(['--version'], { program, cwd: desk });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+/);
  });

  test('refuses a folder that has something in it, lists it and changes nothing', async () => {
    const full = join(dir, 'full');
    mkdirSync(full);
    writeFileSync(join(full, 'mine.txt'), 'keep');
    const { code, stderr } = await runCli(['init', full]);
    expect(code).toBe(1);
    expect(stderr).toContain('is not empty (mine.txt)');
    expect(readdirSync(full)).toEqual(['mine.txt']);
  });

  test('refuses a folder inside the clone, also behind a link', async () => {
    const link = join(dir, 'link');
    symlinkSync(ROOT, link, 'junction');
    for (const inside of [join(ROOT, 'my-desk'), join(link, 'deep', 'desk')]) {
      const { code, stderr } = await runCli(['init', inside]);
      expect(code).toBe(1);
      expect(stderr).toContain("inside the engine's clone");
    }
    expect(readdirSync(ROOT)).not.toContain('my-desk');
  });

  test('refuses a path that is a file', async () => {
    const file = join(dir, 'file.txt');
    writeFileSync(file, '');
    const { code, stderr } = await runCli(['init', file]);
    expect(code).toBe(1);
    expect(stderr).toContain('is not a folder');
  });

  test('makes lost links again with --relink', async () => {
    const desk = join(dir, 'desk');
    rmSync(join(desk, 'node_modules'), { recursive: true });
    expect((await runCli(['init', '--relink', desk])).code).toBe(0);
    expect(realpathSync(join(desk, 'node_modules', 'pankou'))).toBe(realpathSync(ROOT));
    const { code, stderr } = await runCli(['init', '--relink', dir]);
    expect(code).toBe(1);
    expect(stderr).toContain('has no pankou.json');
  });
});
