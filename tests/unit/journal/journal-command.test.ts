// `pankou journal verify|dump` as a person types it: what is printed, and the exit codes.
// The command is registered on a program of its own.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { openJournal } from '../../../engine/journal/open.ts';
import { segmentName } from '../../../engine/journal/segment.ts';
import { registerJournal } from '../../../tools/commands/journal.ts';
import { fillFrame, killFrame, requestFrame, smallJournal, tempFolder } from './journal-kit.ts';

let dir: string;

/** Runs `pankou journal ...`; what it printed and its exit code. */
async function run(...args: string[]): Promise<{ out: string; err: string; code: unknown }> {
  let out = '';
  let err = '';
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text);
    return true;
  });
  const stderr = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    err += String(text);
    return true;
  });
  const before = process.exitCode;
  const program = new Command('pankou').exitOverride();
  registerJournal(program);
  try {
    process.exitCode = undefined;
    await program.parseAsync(['node', 'pankou', 'journal', ...args]);
    return { out, err, code: process.exitCode };
  } finally {
    process.exitCode = before;
    stdout.mockRestore();
    stderr.mockRestore();
  }
}

beforeEach(async () => {
  dir = tempFolder();
  const { writer, close } = await openJournal(dir, smallJournal());
  for (let no = 1; no <= 40; no++) writer.append(requestFrame(no), 0, 34_200e9 + no, no);
  writer.append(fillFrame(3), 0, 34_201e9, 99);
  writer.append(killFrame(1), 0, 34_202e9, 99);
  await close();
});

describe('journal verify', () => {
  test('says what a whole journal holds and ends with 0', async () => {
    const { out, code } = await run('verify', dir);
    expect(code).toBe(0);
    expect(out).toContain('EPOCH 1, REQUEST 40, FILL 1, KILL 1');
    expect(out).toMatch(/chain +ok/);
    const report = JSON.parse((await run('verify', dir, '--json')).out);
    expect(report).toMatchObject({ chainOk: true, total: 43, epochs: [1], days: [20260109] });
    expect(report.last).toEqual({ day: 20260109, atNs: 34_202e9 });
  });

  test('names the damage and ends with 1', async () => {
    const path = join(dir, segmentName(1));
    const bytes = readFileSync(path);
    bytes[5 * 256 + 8] ^= 2;
    writeFileSync(path, bytes);
    const { out, code } = await run('verify', dir);
    expect(code).toBe(1);
    expect(out).toMatch(/DAMAGED[\s\S]*record 5 byte 1288 field seq/);
    const report = JSON.parse((await run('verify', dir, '--json')).out);
    expect(report).toMatchObject({
      chainOk: false,
      total: 4,
      problem: { record: 5, field: 'seq' },
    });
    expect((await run('dump', dir)).code).toBe(1);
  });

  test('ends with 2 where there is no journal', async () => {
    const { err, code } = await run('verify', join(dir, 'nowhere'));
    expect([code, err]).toEqual([2, expect.stringContaining('does not exist')]);
    expect((await run('verify', join(dir, segmentName(1)))).code).toBe(2);
    expect((await run('verify', tempFolder())).code).toBe(2);
  });
});

describe('journal dump', () => {
  test('prints codes by name, prices in yuan and the order id as 16 characters', async () => {
    const { out, code } = await run('dump', dir, '--from', '4', '--to', '4', '--type', 'request');
    expect(code).toBe(0);
    expect(out.trim().split('\n').length).toBe(1);
    expect(out).toContain('#4 epoch 1 20260109 09:30:00.000000003 REQUEST coid=1');
    expect(out).toContain('action=1(place) side=1(buy)');
    expect(out).toContain('priceE4=123403(12.3403)');
  });

  test('shows the records of one order only', async () => {
    const first = await run('dump', dir, '--from', '4', '--to', '4', '--type', 'REQUEST', '--json');
    const { coid } = JSON.parse(first.out) as { coid: string };
    expect(coid).toHaveLength(16);
    const lines = (await run('dump', dir, '--json', '--order', coid)).out.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).seq)).toEqual([4]);
  });

  test('stops printing at the limit', async () => {
    expect((await run('dump', dir, '--limit', '5')).out.trim().split('\n').length).toBe(5);
  });

  test('an unknown type, a malformed order id and a limit of letters are wrong use', async () => {
    const { err, code } = await run('dump', dir, '--type', 'FIL');
    expect([code, err]).toEqual([2, expect.stringContaining('expected one of SEGMENT')]);
    expect((await run('dump', dir, '--order', 'abc')).code).toBe(2);
    await expect(run('dump', dir, '--limit', 'x')).rejects.toMatchObject({
      code: 'commander.invalidArgument',
    });
  });
});

describe('journal verify --salvage', () => {
  const copy = () => join(tempFolder(), 'saved');

  test('saves what is proven and what is sound behind it, and says what is lost', async () => {
    const path = join(dir, segmentName(1));
    const bytes = readFileSync(path);
    bytes.fill(0xee, 10 * 256 + 30, 12 * 256 + 40); // records 10 to 12 of the file: 10 to 12 by seq
    writeFileSync(path, bytes);
    const out = copy();
    const said = await run('verify', dir, '--salvage', out);
    expect(said.code).toBe(1);
    expect(said.out).toContain('proven    9 records before it');
    expect(said.out).toMatch(
      /gap +journal-000001.pkj bytes 2560 to 3328: records 10 to 12 are lost/,
    );
    expect(said.out).toContain('behind    31 sound records');
    expect(said.out).toContain('never trade on it');
    expect(readFileSync(path)).toEqual(bytes);
    expect((await run('verify', out)).out).toMatch(/chain +ok/);
    const lines = readFileSync(join(out, 'behind.jsonl'), 'utf8').trim().split('\n');
    const behind = lines.map((line) => JSON.parse(line));
    expect(behind.map(({ seq }) => seq)).toEqual(Array.from({ length: 31 }, (_, i) => 13 + i));
    expect(behind.at(-1)).toMatchObject({ type: 'KILL', on: 1, epoch: 1 });
    expect(behind[0]).toMatchObject({ type: 'REQUEST', qty: 1_200, coid: expect.any(String) });
  });

  test('writes nothing for a whole journal, into the journal, or over anything', async () => {
    const out = copy();
    expect(await run('verify', dir, '--salvage', out)).toMatchObject({ code: 0 });
    expect((await run('verify', out)).code).toBe(2);
    const inside = await run('verify', dir, '--salvage', join(dir, 'saved'));
    expect([inside.code, inside.err]).toEqual([2, expect.stringContaining('elsewhere')]);
    const over = await run('verify', dir, '--salvage', tempFolder());
    expect([over.code, over.err]).toEqual([2, expect.stringContaining('exists')]);
  });
});
