// Behaviour of tools/option-values.ts: what a person may type, and what is refused. A refusal is
// commander's own error, which ends the command with 2.
import { InvalidArgumentError } from 'commander';
import { describe, expect, test } from 'vitest';
import * as read from '../../../tools/option-values.ts';

describe('values', () => {
  test.each([
    [read.durationMs, '20s', 20_000],
    [read.durationMs, '500ms', 500],
    [read.durationMs, '1.5m', 90_000],
    [read.durationMs, '24h', 86_400_000],
    [read.wholeNumber(0, 65_535), '0', 0],
    [read.decimalNumber(0.01, 1_000), '2.5', 2.5],
    [read.threadsValue, 'single', 'single'],
    [read.threadsValue, '0,3', { engine: 0, strategy: 3 }],
    [read.yuanValue, '1000000', 10_000_000_000],
    [read.yuanValue, '12.3456', 123_456],
    [read.symbolList, '600519.sh,SZ000001', ['600519.SH', '000001.SZ']],
  ])('%o reads %s', (parse, text, value) => {
    expect((parse as (text: string) => unknown)(text)).toEqual(value);
  });

  test.each([
    [read.durationMs, '20'],
    [read.durationMs, '0s'],
    [read.durationMs, '-5s'],
    [read.durationMs, '25h'],
    [read.wholeNumber(0, 65_535), '65536'],
    [read.wholeNumber(0, 65_535), '1e3'],
    [read.wholeNumber(0, 65_535), ' 1'],
    [read.decimalNumber(0.01, 1_000), '0'],
    [read.decimalNumber(0.01, 1_000), 'fast'],
    [read.threadsValue, '1,1'],
    [read.threadsValue, '1'],
    [read.yuanValue, '1.23456'],
    [read.yuanValue, '-5'],
    [read.yuanValue, '1e6'],
    [read.symbolList, '600519'],
    [read.symbolList, '600519.SH,600519.XSHG'],
    [read.symbolList, '600519.SH,'],
    [read.positionPair, '600519.SH'],
    [read.positionPair, '600519.SH=0'],
    [read.positionPair, '600519.SH=1.5'],
    [read.pricePair, '600519.SH=abc'],
    [read.paramPair, 'fast'],
    [read.paramPair, '=5'],
  ])('%o refuses %j', (parse, text) => {
    expect(() => (parse as (text: string) => unknown)(text)).toThrow(InvalidArgumentError);
  });
});

describe('pairs', () => {
  test('add up over repeated options and leave the earlier map as it was', () => {
    const first = read.positionPair('600519.SH=100');
    const both = read.positionPair('SZ000001=200', first);
    expect([...both]).toEqual([
      ['600519.SH', 100],
      ['000001.SZ', 200],
    ]);
    expect(first.size).toBe(1);
  });

  test('refuse the same name twice, in any spelling', () => {
    const prices = read.pricePair('600519.SH=1500.25');
    expect(prices.get('600519.SH')).toBe(15_002_500);
    expect(() => read.pricePair('600519.XSHG=1', prices)).toThrow('given twice');
    expect(() => read.paramPair('a=2', read.paramPair('a=1'))).toThrow('given twice');
  });

  test('give parameters the type they look like; double quotes keep text', () => {
    let params = read.paramPair('fast=5');
    for (const text of ['dip=-0.5', 'on=true', 'name=abc', 'code="600519"', 'eq=a=b', 'none=']) {
      params = read.paramPair(text, params);
    }
    expect(Object.fromEntries(params)).toEqual({
      fast: 5,
      dip: -0.5,
      on: true,
      name: 'abc',
      code: '600519',
      eq: 'a=b',
      none: '',
    });
  });
});
