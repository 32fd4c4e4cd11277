// A strategy file that lies anywhere: it imports `pankou` without a package beside it, and what is
// wrong with it is told without the engine's own frames. Run by vitest.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadFault, ownFrames } from '../../../engine/host/strategy-imports.ts';
import { runCli } from '../../support/run-cli.ts';

const dir = mkdtempSync(join(tmpdir(), 'pankou-anywhere-'));

function fileOf(name: string, ...lines: string[]): string {
  const path = join(dir, name);
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

const MARKET = ['--data', 'synthetic:1', '--instruments', '600000.SH', '--no-record'];

test('a file far from the engine imports pankou, and its error names its own line', async () => {
  const file = fileOf(
    'far.ts',
    "import { defineStrategy } from 'pankou';",
    "import { g } from 'pankou/ptrade';",
    'export default defineStrategy({',
    '  params: {},',
    '  onInit: () => ({ list: undefined as unknown as number[], g }),',
    '  onTick: (ctx) => ctx.state.list.push(1),',
    '});',
  );
  const out = join(dir, 'out');
  const { stdout, stderr } = await runCli(['backtest', file, ...MARKET, '--out', out]);
  const all = stdout + stderr;
  expect(all).toContain(`${file}:6:35`);
  expect(all).not.toMatch(/pankou-guard|strategy-host\.ts|node:internal/);
});

test('a stack keeps the frames of the strategy; one without any stays as it is', () => {
  const own = 'Error: x\n    at f (file:///x/me/a.ts:1:2)';
  expect(ownFrames(`${own}\n    at g (file:///p/engine/actors/host.ts:3:4)`)).toBe(
    'Error: x\n    at f (/x/me/a.ts:1:2)',
  );
  const engine = 'Error: x\n    at g (file:///p/engine/actors/host.ts:3:4)';
  expect(ownFrames(engine)).toBe(engine);
});

test('syntax that cannot be stripped is told with what to write instead', () => {
  const code = 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX';
  const error = Object.assign(new SyntaxError('enum is not supported'), { code });
  expect(loadFault(error)).toMatch(/enum is not supported[\s\S]*no enum, namespace or parameter/);
  expect(loadFault('text')).toBe('text');
});
