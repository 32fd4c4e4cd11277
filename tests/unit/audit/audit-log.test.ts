// The audit log: what a chain of lines proves, who may write at once, what a crash leaves behind.
// Files and processes are real, in a temporary folder.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { describe, expect, onTestFinished, test } from 'vitest';
import { AuditLog, readAudit, verifyAudit } from '../../../engine/journal/audit-log.ts';

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'pankou-audit-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

function filled(count = 5): { dir: string; path: string; lines: string[] } {
  const dir = folder();
  const log = new AuditLog(dir);
  for (let i = 0; i < count; i++) {
    log.append({ who: '李伟', from: 'http', what: 'kill', about: { i }, result: 'done' });
  }
  return { dir, path: log.path, lines: readFileSync(log.path, 'utf8').trimEnd().split('\n') };
}

describe('the audit log', () => {
  test('gives back every step in order, and its chain holds over new processes', () => {
    const { dir } = filled(3);
    new AuditLog(dir).append({ who: 'x', from: 'y', what: 'arm', result: 'asked' });
    expect(readAudit(dir).map(({ n, what }) => [n, what])).toEqual([
      ...[1, 2, 3].map((n) => [n, 'kill']),
      [4, 'arm'],
    ]);
    expect(verifyAudit(dir)).toMatchObject({ records: 4, problems: [] });
    expect(statSync(join(dir, 'audit.log')).mode & 0o077).toBe(0);
  });

  test('a changed byte anywhere is found at its line', () => {
    const { dir, path, lines } = filled();
    for (const [i, line] of lines.entries()) {
      for (let at = 0; at < line.length; at += 7) {
        const code = line.charCodeAt(at);
        const other = line.slice(0, at) + String.fromCharCode(code ^ 1) + line.slice(at + 1);
        writeFileSync(path, `${lines.with(i, other).join('\n')}\n`);
        const { problems } = verifyAudit(dir);
        expect(problems.map((problem) => problem.line)).toContain(i + 1);
      }
    }
  });

  test('a line taken, doubled or moved is found', () => {
    const { dir, path, lines } = filled();
    const broken = [
      lines.toSpliced(2, 1),
      lines.toSpliced(2, 0, lines[2]!),
      lines.with(1, lines[2]!).with(2, lines[1]!),
    ];
    for (const text of broken) {
      writeFileSync(path, `${text.join('\n')}\n`);
      expect(verifyAudit(dir).problems.length).toBeGreaterThan(0);
    }
  });

  test('lines cut off at the end are missed, and so is the file that would show it', () => {
    const { dir, path, lines } = filled();
    writeFileSync(path, `${lines.slice(0, 3).join('\n')}\n`);
    expect(verifyAudit(dir).problems).toEqual([{ line: 3, why: 'the last 2 records are missing' }]);
    rmSync(join(dir, 'audit.head'));
    expect(verifyAudit(dir).problems[0]!.why).toContain('missing');
  });

  test('a torn last line stays, is named by the next record, and is no fault then', () => {
    const { dir, path } = filled(2);
    appendFileSync(path, '{"n":3,"at":"20');
    expect(verifyAudit(dir).problems).toHaveLength(1);
    new AuditLog(dir).append({ who: 'a', from: 'b', what: 'c', result: 'done' });
    expect(verifyAudit(dir)).toMatchObject({ records: 4, problems: [] });
    const text = readFileSync(path, 'utf8').replace('{"n":3,"at":"20', '{"n":3,"at":"21');
    writeFileSync(path, text);
    expect(verifyAudit(dir).problems).toHaveLength(1);
  });

  test('line breaks and long texts of a client stay inside their record', () => {
    const dir = folder();
    const about = { reason: 'a\r\nb\u0000\u001b[31m', long: 'x'.repeat(5_000) };
    new AuditLog(dir).append({ who: 'a\nb', from: 'c', what: 'd', about, result: 'done' });
    expect(readFileSync(join(dir, 'audit.log'), 'utf8').split('\n')).toHaveLength(2);
    expect(String(readAudit(dir)[0]!.about!['long']).length).toBeLessThan(500);
    expect(verifyAudit(dir).problems).toEqual([]);
  });

  test('the lock of a dead process is taken over, one of a living process is waited for', () => {
    const { dir } = filled(1);
    const lock = join(dir, 'audit.lock');
    writeFileSync(lock, '999999999');
    new AuditLog(dir).append({ who: 'a', from: 'b', what: 'c', result: 'done' });
    writeFileSync(lock, String(process.pid));
    const append = () => new AuditLog(dir).append({ who: 'a', from: 'b', what: 'c', result: '' });
    expect(append).toThrow('another process holds it');
    const old = new Date(Date.now() - 60_000);
    utimesSync(lock, old, old);
    append();
    expect(verifyAudit(dir).records).toBe(3);
  });

  test('processes that write at once keep one chain', async () => {
    const dir = folder();
    const module = new URL('../../../engine/journal/audit-log.ts', import.meta.url).href;
    const code = `const { AuditLog } = await import('${module}');
      const log = new AuditLog(process.argv[1]);
      for (let i = 0; i < 25; i++) log.append({ who: 'p', from: 'q', what: 'w', result: 'done' });`;
    const children = [1, 2].map(() =>
      spawn(process.execPath, ['--input-type=module', '-e', code, dir], { stdio: 'inherit' }),
    );
    await Promise.all(children.map((child) => once(child, 'exit')));
    expect(verifyAudit(dir)).toMatchObject({ records: 50, problems: [] });
  });
});
