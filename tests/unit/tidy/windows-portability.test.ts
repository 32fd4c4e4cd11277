// Trading hosts are often Windows: what exists on Linux only stays behind small interfaces that
// have a Windows counterpart. Only files named here may use it, with what stands in for it there.
// What this cannot show is that the Windows side works; docs and the Windows workflow say so.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are code under test

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listFiles } from '../../../tools/tidy.ts';
import { parseCode } from '../../../tools/tidy-source.ts';
import { linuxOnlyIn } from './portability-scan.ts';

const ROOT = join(import.meta.dirname, '../../..');

/** File and kind of construct -> what happens on Windows instead. */
const ALLOWED: ReadonlyMap<string, string> = new Map([
  [
    'engine/host/affinity-linux.ts special-file',
    'opened on Linux only; affinity-windows.ts is the other side',
  ],
  [
    'tools/doctor/linux-facts.ts special-file',
    'asked on Linux only; elsewhere doctor says unknown',
  ],
  ['tools/pankou.mjs signal', 'SIGBREAK beside it; a closed console raises SIGHUP there as well'],
]);

/** `kind text` of each construct in a text. */
function scan(text: string): string[] {
  const code = parseCode({ path: 'engine/host/a.ts', text });
  return linuxOnlyIn(code).map((found) => `${found.kind}:${found.line}`);
}

describe('engine, tools and gateways', () => {
  const paths = listFiles(ROOT).filter((path) =>
    /^(engine|tools|gateways)\/.*\.m?[tj]s$/.test(path),
  );
  const found = paths.flatMap((path) => {
    const code = parseCode({ path, text: readFileSync(join(ROOT, path), 'utf8') });
    return linuxOnlyIn(code).map((one) => ({ ...one, key: `${path} ${one.kind}`, path }));
  });

  it('are all looked at', () => {
    expect(paths).toContain('engine/ring/spsc-ring.ts');
    expect(paths).toContain('tools/check.ts');
  });

  it('use Linux-only constructs nowhere but in the files named above', () => {
    const stray = found.filter(({ key }) => !ALLOWED.has(key));
    expect(stray.map(({ path, line, kind, text }) => `${path}:${line} ${kind} ${text}`)).toEqual(
      [],
    );
  });

  it('still need every exception that is named above', () => {
    const keys = new Set(found.map(({ key }) => key));
    expect([...ALLOWED.keys()].filter((key) => !keys.has(key))).toEqual([]);
  });
});

describe('the scan', () => {
  it.each([
    ['special-file', "readFileSync('/proc/self/status');"],
    ['special-file', "openSync('/dev/shm/ring', 'r');"],
    ['special-file', 'readFileSync(`/sys/devices/system/cpu/cpu${core}/online`);'],
    ['special-file', "const at = '/tmp';"],
    ['signal', "process.on('SIGHUP', stop);"],
    ['signal', "child.kill('SIGSTOP');"],
    ['glued-path', 'open(`${dir}/journal.pkj`);'],
    ['glued-path', "open(import.meta.dirname + '/a.ts');"],
    ['glued-path', 'open(`${options.journalDir}/${name}`);'],
    ['glued-path', "open(tmpdir() + '/a');"],
    ['shell', "spawn('node', [], { shell: true });"],
    ['shell', "spawnSync('bash', ['-c', 'ls']);"],
  ])('finds a %s in %s', (kind, text) => {
    expect(scan(text)).toEqual([`${kind}:1`]);
  });

  it.each([
    "import { execSync } from 'node:child_process';\nexecSync('ls');",
    "import { exec as run } from 'node:child_process';\nrun('ls');",
    "import cp from 'node:child_process';\ncp.exec('ls');",
    "import * as cp from 'child_process';\ncp.execSync('ls');",
  ])('finds the shell behind %s', (text) => {
    expect(scan(text)).toEqual(['shell:2']);
  });

  it.each([
    '// readFileSync("/proc/self/status")',
    "fail('pinning needs /proc to be mounted');",
    "process.on('SIGINT', stop);",
    "child.kill('SIGKILL');",
    "join(dir, 'journal.pkj');",
    'get(`${origin}/api/v1/health`);',
    "const pattern = /a/; pattern.exec('/x');",
    "execFileSync('flatc', []);",
    "spawn('node', [], { shell: false });",
    "route('/devices');",
  ])('leaves alone: %s', (text) => {
    expect(scan(text)).toEqual([]);
  });
});
