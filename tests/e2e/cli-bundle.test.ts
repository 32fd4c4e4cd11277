// The real offline archive: made, unpacked elsewhere and started with an empty environment, so that
// nothing but what it carries can serve. Needs the built kernels and pages.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT, runCli } from '../support/run-cli.ts';

const BUILT = [
  'wasm/build/kernels.wasm',
  'wasm/build/indicators.wasm',
  'dashboards/dist/index.html',
];
const missing = BUILT.filter((path) => !existsSync(join(ROOT, path)));
if (missing.length > 0) console.warn(`bundle test skipped: ${missing.join(', ')}: npm run build`);

describe.skipIf(missing.length > 0 || process.platform === 'win32')('a bundle', () => {
  let dir = '';
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'pankou-bundle-'));
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  test('unpacked anywhere runs by itself, without PATH or anything else of the host', async () => {
    const made = await runCli(['bundle', '--out', join(dir, 'b.tar.gz')]);
    expect(made.stderr).toBe('');
    expect(made.code).toBe(0);
    execFileSync('tar', ['-xzf', 'b.tar.gz'], { cwd: dir });
    const [name] = readdirSync(dir).filter((entry) => entry.startsWith('pankou-'));
    const program = [join(dir, name, 'pankou.sh')] as const;
    const env = { PATH: '' };

    const help = await runCli(['--help'], { program, env, cwd: tmpdir() });
    expect(help.code).toBe(0);
    expect(help.stdout).toContain('Usage: pankou');

    const link = join(dir, 'link-to-it');
    symlinkSync(join(name, 'pankou.sh'), link);
    const linked = await runCli(['--version'], { program: [link], cwd: dir });
    expect(linked.stdout).toMatch(/^\d+\.\d+\.\d+/);

    const doctor = await runCli(['doctor', '--json'], { program, env, cwd: dir });
    const { findings } = JSON.parse(doctor.stdout) as {
      findings: { name: string; status: string; found: string }[];
    };
    const of = (check: string) => findings.find((finding) => finding.name === check);
    for (const check of ['node', 'folder', 'uWebSockets.js', 'koffi', 'kernels', 'pages']) {
      expect(of(check), check).toMatchObject({ status: 'ok' });
    }
    expect(of('folder')?.found).toContain(name);
  }, 300_000);
});
