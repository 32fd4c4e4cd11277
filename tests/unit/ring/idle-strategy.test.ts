// Idle strategies by what they do, not by how long it takes: yields and parks are counted by a
// whole fake yielder and a real doorbell.
import { expect, test } from 'vitest';
import {
  BackoffIdleStrategy,
  NapYielder,
  ParkIdleStrategy,
  SpinIdleStrategy,
  YieldIdleStrategy,
} from '../../../engine/actors/idle-strategy.ts';
import { Doorbell } from '../../../engine/ring/doorbell.ts';

class CountingYielder {
  yields = 0;
  yieldThread(): void {
    this.yields++;
  }
}

function makeBell(idle = true) {
  const bell = new Doorbell(new SharedArrayBuffer(Doorbell.BYTES), 0);
  return { bell, inputs: { isIdle: () => idle } };
}

test('spin and nap return', () => {
  new SpinIdleStrategy().idle(0);
  new NapYielder().yieldThread();
});

test('yield spins first, then yields every idle cycle, and work starts it over', () => {
  const yielder = new CountingYielder();
  const strategy = new YieldIdleStrategy(yielder, 3);
  for (let i = 0; i < 5; i++) strategy.idle(0);
  expect(yielder.yields).toBe(2);
  strategy.idle(7);
  for (let i = 0; i < 3; i++) strategy.idle(0);
  expect(yielder.yields).toBe(2);
  strategy.idle(0);
  expect(yielder.yields).toBe(3);
});

test('back off spins, yields, parks, and work starts it over', () => {
  const yielder = new CountingYielder();
  const { bell, inputs } = makeBell();
  const limits = { spins: 2, yields: 3, sleepMinMs: 0.001, sleepMaxMs: 0.01 };
  const strategy = new BackoffIdleStrategy(yielder, limits, bell, inputs);
  for (let i = 0; i < 9; i++) strategy.idle(0);
  expect([yielder.yields, bell.parks]).toEqual([3, 4]);
  strategy.idle(1);
  for (let i = 0; i < 5; i++) strategy.idle(0);
  expect([yielder.yields, bell.parks]).toEqual([6, 4]);
});

test('back off without a doorbell sleeps by itself', () => {
  const limits = { spins: 0, yields: 0, sleepMinMs: 0.001, sleepMaxMs: 0.001 };
  new BackoffIdleStrategy(new CountingYielder(), limits).idle(0);
});

test('back off refuses limits that make no sense', () => {
  const limits = { spins: 0, yields: 0, sleepMinMs: 2, sleepMaxMs: 1 };
  const make = () => new BackoffIdleStrategy(new CountingYielder(), limits);
  expect(make).toThrow('sleepMaxMs=1, expected at least sleepMinMs=2');
  const { bell } = makeBell();
  const ok = { ...limits, sleepMinMs: 1 };
  expect(() => new BackoffIdleStrategy(new CountingYielder(), ok, bell)).toThrow('both or neither');
});

test('park sleeps only when nothing was done and nothing is there', () => {
  const idle = makeBell(true);
  const strategy = new ParkIdleStrategy(idle.bell, idle.inputs, 0.01);
  strategy.idle(1);
  expect(idle.bell.parks).toBe(0);
  strategy.idle(0);
  expect(idle.bell.parks).toBe(1);
  const busy = makeBell(false);
  new ParkIdleStrategy(busy.bell, busy.inputs, 60_000).idle(0);
  expect(busy.bell.parks).toBe(0);
});
