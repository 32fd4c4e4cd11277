// tools/end-with-parent.ts in a process of its own: what happens when whoever handed over is gone.
// The parent here is the test, which closes the channel as a killed process would.
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const MODULE = new URL('../../tools/end-with-parent.ts', import.meta.url).href;
let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'pankou-parent-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Runs `body` after endWithParent(), closes the channel when it says 'ready'; its exit code. */
function exitAfterDisconnect(name: string, body: string): Promise<number | null> {
  const file = join(dir, `${name}.mjs`);
  const start = `import { endWithParent } from '${MODULE}';\nendWithParent();\n`;
  writeFileSync(file, `${start}${body}\n`);
  const child = fork(file);
  child.once('message', () => child.disconnect());
  return new Promise((resolve) => child.once('exit', resolve));
}

test('an engine with a SIGTERM handler ends by it, in order', async () => {
  const body = `
    const timer = setInterval(() => {}, 1000);
    process.on('SIGTERM', () => { clearInterval(timer); process.exitCode = 42; });
    process.send('ready');`;
  expect(await exitAfterDisconnect('handler', body)).toBe(42);
});

test('a command without a handler ends at once', async () => {
  const body = `setInterval(() => {}, 1000); process.send('ready');`;
  expect(await exitAfterDisconnect('plain', body)).toBe(143);
});

test('the channel keeps no finished command alive', async () => {
  const file = join(dir, 'finished.mjs');
  writeFileSync(file, `import { endWithParent } from '${MODULE}';\nendWithParent();\n`);
  const child = fork(file);
  expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(0);
});
