// tools/pankou.mjs on a Node that cannot run the engine: hands arguments, signals and exit codes to
// the pinned one, and says what to do when that is missing. The clone here is a whole fake: the
// real pankou.mjs beside a cli.ts that reports what reaches it; the old Node is this one, told its
// age.
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT, runCli } from '../support/run-cli.ts';

const CLI = `
const [order, value] = process.argv.slice(2);
if (order === 'exit') process.exitCode = Number(value);
else if (order === 'arguments') console.log(JSON.stringify(process.argv.slice(2)));
else {
  const timer = setInterval(() => {}, 1000);
  const end = (why: string) => { console.log(why); clearInterval(timer); process.exitCode = 7; };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => end(signal));
  process.once('disconnect', () => end('parent gone'));
  process.channel?.unref();
  console.log('ready ' + process.pid);
}
export {};
`;
const OLD_NODE =
  'data:text/javascript,Object.defineProperty(process,"versions",' +
  '{value:{...process.versions,node:"20.1.0"}})';

let clone = '';
beforeAll(() => {
  clone = mkdtempSync(join(tmpdir(), 'pankou-hand-over-'));
  mkdirSync(join(clone, 'tools'));
  mkdirSync(join(clone, 'node_modules', 'node', 'bin'), { recursive: true });
  copyFileSync(join(ROOT, 'tools', 'pankou.mjs'), join(clone, 'tools', 'pankou.mjs'));
  writeFileSync(join(clone, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(clone, 'tools', 'cli.ts'), CLI);
  symlinkSync(process.execPath, join(clone, 'node_modules', 'node', 'bin', 'node'));
});
afterAll(() => rmSync(clone, { recursive: true, force: true }));

const line = (): [string, ...string[]] => [
  ...([process.execPath, '--import', OLD_NODE] as const),
  join(clone, 'tools', 'pankou.mjs'),
];

/** Starts the fake engine and resolves when it is ready, with its pid and its further output. */
async function start(): Promise<{ outer: ChildProcess; inner: number; output: () => string }> {
  const [file, ...args] = line();
  const outer = spawn(file, [...args, 'wait'], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  outer.stdout.setEncoding('utf8');
  const inner = await new Promise<number>((resolve) => {
    outer.stdout.on('data', (part: string) => {
      text += part;
      const match = /ready (\d+)\n/.exec(text);
      if (match !== null) resolve(Number(match[1]));
    });
  });
  return { outer, inner, output: () => text };
}

describe.skipIf(process.platform === 'win32')('an older Node', () => {
  test('hands arguments over as they are, without a shell', async () => {
    const args = ['arguments', 'a b', '$HOME', '*', '"q"', ''];
    const { stdout } = await runCli(args, { program: line() });
    expect(JSON.parse(stdout)).toEqual(args);
  });

  test('ends with the exit code of the engine', async () => {
    for (const code of [0, 1, 2]) {
      expect((await runCli(['exit', String(code)], { program: line() })).code).toBe(code);
    }
  });

  test.each(['SIGTERM', 'SIGINT'] as const)(
    'passes %s on and waits for the end',
    async (signal) => {
      const { outer, inner, output } = await start();
      expect(inner).not.toBe(outer.pid);
      const ended = new Promise<number | null>((resolve) => outer.once('close', resolve));
      outer.kill(signal);
      expect(await ended).toBe(7);
      expect(output()).toContain(signal);
    },
  );

  test('lets the engine end in order when it is itself killed', async () => {
    const { outer, output } = await start();
    // The pipe closes when the last process that holds it, the engine, has ended.
    const closed = new Promise((resolve) => outer.stdout?.once('close', resolve));
    outer.kill('SIGKILL');
    await closed;
    expect(output()).toContain('parent gone');
  });

  test('says what to do when the pinned Node is missing', async () => {
    const bare = join(clone, 'bare');
    mkdirSync(join(bare, 'tools'), { recursive: true });
    copyFileSync(join(clone, 'tools', 'pankou.mjs'), join(bare, 'tools', 'pankou.mjs'));
    const [file, ...args] = line().slice(0, -1) as [string, ...string[]];
    const program = [file, ...args, join(bare, 'tools', 'pankou.mjs')] as const;
    const { code, stderr } = await runCli(['--help'], { program });
    expect(code).toBe(1);
    expect(stderr).toContain('Node 20.1.0 cannot run the engine');
    expect(stderr).toContain("Run 'npm ci'");
  });
});

test('the pinned Node itself runs the engine in one process', async () => {
  const [file, , , script] = line();
  const { stdout } = await runCli(['arguments', 'x'], { program: [file, script] });
  expect(JSON.parse(stdout)).toEqual(['arguments', 'x']);
});
