// Behaviour of the judgements of `pankou doctor`: what each measurement means, what is advised.
// Always: no measurement is judged by its own time; every outcome is asked for with made-up
// figures.

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { QuoteFacts } from '../../../engine/host/quote-facts.ts';
import { findingsText, ok, warn } from '../../../tools/doctor/check.ts';
import { compareNode } from '../../../tools/doctor/install-checks.ts';
import { memory, threadFindings } from '../../../tools/doctor/machine-checks.ts';
import { diskFindings, portFinding, space } from '../../../tools/doctor/place-checks.ts';
import { findingsOf } from '../../../tools/doctor/quote-checks.ts';
import { ruleFindings, todayInChina } from '../../../tools/doctor/rule-checks.ts';
import type { ThreadProbe } from '../../../tools/doctor/thread-probe.ts';

const FINE: ThreadProbe = {
  core: 1,
  pin: { ok: true },
  allowed: '1',
  raise: { ok: true },
  slack: { ok: true },
  clock: { backwards: 0, resolutionNs: 40 },
  sleepLateUs: 60,
  noise: { gaps: 3, lostShare: 0.0001, longestUs: 40 },
};

/** Status by name of the findings of a probe. */
function statuses(changes: Partial<ThreadProbe>): { [name: string]: string } {
  const findings = threadFindings({ ...FINE, ...changes });
  for (const { status, advice } of findings) expect(advice !== '').toBe(status !== 'ok');
  return Object.fromEntries(findings.map(({ name, status }) => [name, status]));
}

describe('a thread', () => {
  test('that can do everything is fine', () => {
    expect(new Set(Object.values(statuses({})))).toEqual(new Set(['ok']));
  });

  test('that cannot be pinned, or is somewhere else than asked, is worth a warning', () => {
    expect(statuses({ pin: { ok: false, why: 'EINVAL' } })['pinning']).toBe('warn');
    expect(statuses({ allowed: '0-1' })['pinning']).toBe('warn');
    expect(statuses({ allowed: null })['pinning']).toBe('ok');
  });

  test('without the right to a higher priority is worth a warning', () => {
    expect(statuses({ raise: { ok: false, why: 'EACCES' } })['priority']).toBe('warn');
  });

  test('whose clock goes back has failed; a coarse clock, late wakes, noise are warnings', () => {
    expect(statuses({ clock: { backwards: 1, resolutionNs: 40 } })['clock']).toBe('fail');
    expect(statuses({ clock: { backwards: 0, resolutionNs: 15_000 } })['clock']).toBe('warn');
    expect(statuses({ sleepLateUs: 14_000 })['timer']).toBe('warn');
    const noise = { gaps: 500, lostShare: 0.017, longestUs: 900 };
    expect(statuses({ noise })['noise']).toBe('warn');
  });
});

test('an older Node fails, another one is a warning, the pinned one is fine', () => {
  expect(compareNode('20.11.0', '22.23.3').status).toBe('fail');
  expect(compareNode('22.17.1', '22.23.3').status).toBe('fail');
  expect(compareNode('22.18.0', '22.23.3').status).toBe('warn');
  expect(compareNode('24.1.0', '22.23.3').status).toBe('warn');
  expect(compareNode('22.23.3', '22.23.3').status).toBe('ok');
});

test('little memory or disk space warns, very little fails', () => {
  const GIB = 1024 ** 3;
  expect([0.2, 1, 8].map((free) => memory(free * GIB, 16 * GIB).status)).toEqual([
    'fail',
    'warn',
    'ok',
  ]);
  expect([0.1, 2, 50].map((free) => space(free * GIB, 'x').status)).toEqual(['fail', 'warn', 'ok']);
});

test('the disk is tried in the nearest existing parent and left as it was', () => {
  const dir = mkdtempSync(join(tmpdir(), 'pankou-doctor-'));
  try {
    const findings = diskFindings(join(dir, 'not', 'yet'));
    expect(findings.map(({ name }) => name)).toEqual(['disk space', 'disk flush']);
    expect(findings[1].found).toMatch(/p50 \d+\.\d\d ms, p99 \d+\.\d\d ms in /);
    expect(readdirSync(dir)).toEqual([]);
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test('a port in use is named with what to do; a free one is free again afterwards', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const { port } = server.address() as AddressInfo;
  const used = await portFinding('127.0.0.1', port);
  expect(used.status).toBe('warn');
  expect(used.found).toContain(`127.0.0.1:${port}`);
  expect(used.found).toContain('EADDRINUSE');
  expect(used.advice).toContain('--port');
  await new Promise((resolve) => server.close(resolve));
  expect((await portFinding('127.0.0.1', port)).status).toBe('ok');
  expect((await portFinding('127.0.0.1', port)).status).toBe('ok');
});

test('lines carry colours only where asked, advice below, and a count', () => {
  const findings = [ok('a', 'fine'), warn('bcd', 'not so fine', 'do this')];
  const plain = findingsText(findings, false).split('\n');
  expect(plain[0]).toBe('ok    a    fine');
  expect(plain[1]).toBe('warn  bcd  not so fine');
  expect(plain[2].trim()).toBe('-> do this');
  expect(plain[3]).toBe('1 ok, 1 to consider, 0 to repair');
  expect(findingsText(findings, true)).toContain('\u001b[33mwarn');
});

test('a quote bridge is told by whom and what could be traded; each doubt has its line', () => {
  const answer = { about: 'QMT', day: 20260105, isRehearsal: false } as QuoteFacts['answer'];
  const facts = (warnings: readonly string[]): QuoteFacts =>
    ({ answer, barred: [1], instruments: [{}, {}], warnings }) as unknown as QuoteFacts;
  const found = findingsOf(facts(['600001.SH is not traded today: stale', 'clock is off']));
  expect(found.map(({ status }) => status)).toEqual(['ok', 'warn', 'warn']);
  expect(found[0]!.found).toBe('QMT answers for 20260105: 1 of 2 instruments could be traded');
  expect(found[1]!.advice).toContain('let the client load the day');
  const many = findingsOf(facts(Array.from({ length: 30 }, (_, n) => `doubt ${n}`)));
  expect(many).toHaveLength(22);
  expect(many.at(-1)!.found).toBe('10 more like these');
});

describe('the calendar', () => {
  test('is worth a warning from 30 days before its end', () => {
    const status = (day: number) => ruleFindings([], day).map((finding) => finding.status);
    expect(status(20261130)).toEqual(['ok']);
    expect(status(20261201)).toEqual(['warn']);
    expect(ruleFindings([], 20270104)[0]).toMatchObject({
      found: expect.stringContaining('last known trading day: 2026-12-31'),
      advice: expect.stringContaining('pankou rules import FILE'),
    });
  });

  test('is asked for the day in China', () => {
    expect(todayInChina(new Date('2026-11-30T15:59:59Z'))).toBe(20261130);
    expect(todayInChina(new Date('2026-11-30T16:00:00Z'))).toBe(20261201);
  });

  test('with an overlay that is broken fails, with file and line', () => {
    const dir = mkdtempSync(join(tmpdir(), 'pankou-doctor-rules-'));
    const file = join(dir, 'own.json');
    writeFileSync(file, '{\n  "calendar": [{ "from": "2027-01-01" }]\n}\n');
    const [finding] = ruleFindings([file], 20261121);
    expect(finding).toMatchObject({ name: 'rules', status: 'fail' });
    expect(finding!.advice).toContain('own.json:2');
    rmSync(dir, { recursive: true });
  });
});
