// The exchange layer against its twin: random rules, phases, orders of every kind and cancels, call
// by call. Run by vitest. Holds: trades, outcomes, books, phases, halts, prices of the day and held
// orders are the same; no share is lost; the book is never crossed in continuous trading.

import { expect, test } from 'vitest';
import { loadKernels } from '../../engine/host/kernels.ts';
import { DAY_SIZES, runDay, type Seen } from './exchange-day.ts';

const kernels = loadKernels(DAY_SIZES);

test('the kernel does what the twin does on random days', () => {
  const seen: Seen = new Map();
  for (let seed = 1; seed <= 60; seed++) runDay(seed, 300, kernels, seen);
  const refusals = [201, 202, 203, 204, 205, 206, 209, 211, 212, 213, 214, 215, 401, 405, 103];
  for (const code of refusals) {
    expect(seen.get(`order ${-code}`) ?? 0, `refusals with ${code}`).toBeGreaterThan(0);
  }
  for (const name of ['order 1', 'halt 1', 'halt 2', 'withdraw -401', 'withdraw -402']) {
    expect(seen.get(name) ?? 0, name).toBeGreaterThan(0);
  }
  for (const phase of [1, 2, 3, 4, 5, 6, 7, 8, 9]) {
    expect(seen.get(`enter ${phase} 0`) ?? 0, `phase ${phase}`).toBeGreaterThan(0);
  }
  for (const phase of [3, 4, 6, 7]) {
    expect(seen.get(`enter ${phase} 1`) ?? 0, `auction into ${phase}`).toBeGreaterThan(0);
  }
});

test('a holding cage keeps, releases and cancels orders as the twin does', () => {
  const seen: Seen = new Map();
  for (let seed = 1_001; seed <= 1_030; seed++) runDay(seed, 300, kernels, seen, true);
  for (const name of ['held', 'withdraw held', 'order 1', 'halt 1']) {
    expect(seen.get(name) ?? 0, name).toBeGreaterThan(0);
  }
});
