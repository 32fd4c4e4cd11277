// Behaviour of the command line without running an engine: help is complete, options arrive in the
// configuration and the backtest's options, wrong use is told from failure.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { CommanderError } from 'commander';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_FEES } from '../../../engine/backtest/defaults.ts';
import type { BacktestOptions } from '../../../engine/backtest/options.ts';
import { defaultLimits } from '../../../engine/risk-limits.ts';
import { prepareBacktest } from '../../../tools/commands/backtest.ts';
import { prepareRun } from '../../../tools/commands/run.ts';
import { createProgram } from '../../../tools/program.ts';

let dir = '';
let config = '';

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'pankou-cli-'));
  config = join(dir, 'c.json');
  writeFileSync(join(dir, 'a.ts'), '');
  const file = {
    name: 'paper',
    market: { source: 'synthetic', instruments: [{ symbol: '600001.SH' }] },
    accounts: [{ id: 'demo', cash: 1 }],
    strategies: [{ name: 'a', file: 'a.ts', account: 'demo', instruments: ['600001.SH'] }],
  };
  writeFileSync(config, JSON.stringify(file));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

async function find(name: string): Promise<Command> {
  const program = await createProgram();
  const command = program.commands.find((candidate) => candidate.name() === name);
  if (command === undefined) throw new Error(`no command ${name}`);
  return command;
}

/** Runs the parser of one command with its action replaced; returns the arguments and options. */
async function parse(name: string, args: string[]): Promise<{ args: string[]; flags: object }> {
  const command = await find(name);
  command.configureOutput({ writeErr: () => {} });
  command.action(() => {});
  await command.parseAsync(args, { from: 'user' });
  return { args: command.args, flags: command.opts() };
}

async function run(...args: string[]) {
  const parsed = await parse('run', args);
  return prepareRun(parsed.args[0], parsed.flags as Parameters<typeof prepareRun>[1]);
}

async function backtest(...args: string[]): Promise<BacktestOptions> {
  const parsed = await parse('backtest', args);
  const flags = parsed.flags as Parameters<typeof prepareBacktest>[1];
  return prepareBacktest(parsed.args[0], flags, (message) => {
    throw new Error(message);
  });
}

describe('help', () => {
  test('describes every command, argument and option, and its exit codes', async () => {
    const program = await createProgram();
    const names = program.commands.map((command) => command.name());
    const all = [
      'run',
      'backtest',
      'data',
      'replay',
      'journal',
      'init',
      'doctor',
      'bundle',
      'rules',
      'risk',
      'verify',
      'match',
      'reconcile',
      ...['status', 'orders', 'positions', 'cancel', 'cancel-all', 'flatten', 'kill', 'explain'],
      'order',
      ...['alert', 'arm', 'audit', 'disarm', 'latency', 'serve', 'strategy'],
      ...['bridge', 'sim', 'indicator', 'leave-one-out', 'fees', 'runs', 'sweep', 'check'],
    ];
    expect(names.sort()).toEqual(all.sort());
    const leaves = program.commands.flatMap((c) => (c.commands.length > 0 ? c.commands : [c]));
    for (const command of leaves) {
      expect(command.description(), command.name()).not.toBe('');
      for (const option of command.options) expect(option.description, option.flags).not.toBe('');
      for (const argument of command.registeredArguments) {
        expect(argument.description, `${command.name()} ${argument.name()}`).not.toBe('');
      }
    }
  });
});

describe('run', () => {
  test('takes the configuration as it is when no option is given', async () => {
    const { config: read, options } = await run(config);
    expect(read).toMatchObject({ pace: 'realtime', speed: 1, threads: 'auto' });
    expect(read.api).toMatchObject({ enabled: true, port: 8_720 });
    expect(options).toEqual({ forMs: null, days: 1, summaryFile: null });
  });

  test('puts every option where it belongs', async () => {
    const { config: read, options } = await run(
      ...[config, '--for', '20s', '--summary', 'out.json', '--speed', '4', '--pace', 'lockstep'],
      ...['--port', '0', '--no-api', '--dir', dir, '--threads', '0,1', '--seed', '9'],
    );
    expect(read).toMatchObject({ pace: 'lockstep', speed: 4, market: { seed: 9 } });
    expect(read.threads).toEqual({ engine: 0, strategy: 1 });
    expect(read.api).toMatchObject({ enabled: false, port: 0 });
    expect(read.journal.dir).toBe(dir);
    expect(options).toEqual({ forMs: 20_000, days: 1, summaryFile: resolve('out.json') });
  });

  test('refuses an impossible value before anything is read', async () => {
    for (const args of [
      ['--pace', 'fast'],
      ['--port', '70000'],
      ['--for', 'long'],
    ]) {
      await expect(parse('run', ['none.json', ...args])).rejects.toThrow(CommanderError);
    }
  });
});

describe('backtest', () => {
  const NEEDED = ['--instruments', '600536.SH', '--out', 'out'];

  test('turns the line of the manual into options', async () => {
    const options = await backtest(
      ...['s.ts', '--data', 'day', '--instruments', '600536.SH,000001.SZ', '--out', 'out'],
      ...['--position', '600536.SH=10000', '--position', '000001.XSHE=300', '--cash', '1000000'],
      ...['--param', 'fast=5', '--param', 'on=true', '--preclose', '600536.SH=34.56'],
      ...['--json', '--skip-bad-rows', '--from', '2026-01-05', '--to', '20260630'],
      ...['--freq', '1d', '--benchmark', '000300.XSHG', '--rf', '2%', '--year-days', 'calendar'],
      ...['--tax', 'qfii', '--rights', 'subscribe', '--pay-days', '3'],
    );
    expect(options).toEqual({
      ...{ from: 20260105, to: 20260630, frequency: '1d', benchmark: '000300.SH' },
      metrics: { rf: 0.02, yearDays: 'calendar' },
      actions: { tax: 'qfii', rights: 'subscribe', payDays: 3, rightsDays: 10 },
      world: 'orders',
      callbackMs: 10_000,
      strategyFile: resolve('s.ts'),
      data: { kind: 'files', path: resolve('day') },
      day: 20260105,
      instruments: [
        { symbol: '600536.SH', preCloseE4: 345_600 },
        { symbol: '000001.SZ', preCloseE4: 0 },
      ],
      positions: [
        { symbol: '600536.SH', qty: 10_000 },
        { symbol: '000001.SZ', qty: 300 },
      ],
      cashE4: 10_000_000_000,
      params: { fast: 5, on: true },
      fees: DEFAULT_FEES,
      rules: [],
      limits: defaultLimits(),
      outDir: resolve('out'),
      ...{ runsDir: null, mustRecord: false, files: ['html', 'parquet'] },
      json: true,
      skipBadRows: true,
    });
  });

  test('gives synthetic data the pre-close that a configuration would give', async () => {
    const options = await backtest('s.ts', '--data', 'synthetic:7', ...NEEDED);
    const { config: paper } = await run(config);
    expect(options.data).toEqual({ kind: 'synthetic', seed: 7 });
    expect(options.instruments[0].preCloseE4).toBe(paper.market.instruments[0].preCloseE4);
    expect(options.day).toBe(paper.day);
  });

  test.each([
    [['--position', '600537.SH=100'], '--position 600537.SH is not among --instruments'],
    [['--preclose', '600537.SH=1'], '--preclose 600537.SH is not among --instruments'],
    [['--preclose', '600536.SH=34.567'], 'expected whole ticks of 0.01'],
    [['--data', 'synthetic:x'], 'Expected synthetic:SEED'],
    [['--data', 'synthetic:2147483648'], 'Expected synthetic:SEED'],
    [['--day', '20260230'], 'Expected a day'],
    [['--rf', '50000'], 'Expected a rate such as 0.02 or 2%'],
    [['--freq', '2m'], 'Allowed choices are tick, 1m'],
    [['--fees', 'none.json'], 'none.json does not exist'],
    [['--instruments', '777777.SH'], 'no code range of SSE holds it'],
    [['--instruments', '000300.SH', '--position', '000300.SH=1'], 'an index cannot be held'],
  ])('%j is wrong use', async (args, message) => {
    const line = ['s.ts', '--data', 'day', ...NEEDED, ...args];
    await expect(backtest(...line)).rejects.toThrow(message);
  });

  test('insists on data and instruments', async () => {
    await expect(parse('backtest', ['s.ts', ...NEEDED])).rejects.toThrow('--data');
    await expect(parse('backtest', ['s.ts', '--data', 'x', '--out', 'o'])).rejects.toThrow(
      '--instruments',
    );
  });
});
