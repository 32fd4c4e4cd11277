// Target files: whole or refused whole, with the line and field; every half of a file is refused.
// Run by vitest.
import { describe, expect, test } from 'vitest';
import { readTargets } from '../../../engine/control/target-file.ts';

const CSV = '# my targets\nsymbol,target\n600519.SH,100\n000001.SZ, 0\nend\n';
const JSON_TEXT = '{"targets":{"600519.SH":100,"000001.SZ":0},"complete":true}';
const TWO = [
  ['600519.SH', 100],
  ['000001.SZ', 0],
];

function refusal(text: string): string {
  const found = readTargets(text);
  return found.ok ? 'taken' : `${found.line} ${found.field}`;
}

describe('readTargets', () => {
  test.each([
    ['CSV', CSV],
    ['CSV of Windows', `\ufeff${CSV.replaceAll('\n', '\r\n')}`],
    ['JSON', JSON_TEXT],
  ])('takes %s', (_name, text) => {
    const found = readTargets(text);
    expect(found.ok && found.targets.map(({ instrument, qty }) => [instrument, qty])).toEqual(TWO);
  });

  test.each([
    ['CSV', CSV.trimEnd()],
    ['JSON', JSON_TEXT],
  ])('refuses %s cut off at any byte', (_name, text) => {
    for (let cut = 0; cut < text.length; cut++) {
      expect(readTargets(text.slice(0, cut)).ok, text.slice(0, cut)).toBe(false);
    }
  });

  test.each([
    ['a heading of another name', 'code,qty\nend', '1 symbol,target'],
    ['a number with a point', 'symbol,target\n600519.SH,1.5\nend', '2 target'],
    ['a negative number', 'symbol,target\n600519.SH,-1\nend', '2 target'],
    ['a number beyond int32', 'symbol,target\n600519.SH,2147483648\nend', '2 target'],
    ['a formula', 'symbol,target\n600519.SH,=1+1\nend', '2 target'],
    ['three columns', 'symbol,target\n600519.SH,1,2\nend', '2 target'],
    ['no symbol', 'symbol,target\n600519,100\nend', '2 symbol'],
    ['the same twice', 'symbol,target\n600519.SH,1\nSH600519,2\nend', '3 600519.SH'],
    ['something behind the end', 'symbol,target\n600519.SH,1\nend\n000001.SZ,1', '4 end'],
    ['no instrument', 'symbol,target\nend', '0 targets'],
    ['an unknown field', '{"targets":{},"complete":true,"x":1}', '0 x'],
    ['text as a number', '{"targets":{"600519.SH":"1"},"complete":true}', '0 targets.600519.SH'],
    [
      'a key given twice',
      '{"targets":{"600519.SH":1,"600519.SH":2},"complete":true}',
      '0 600519.SH',
    ],
    ['an unfinished file', '{"targets":{"600519.SH":1},"complete":false}', '0 complete'],
  ])('refuses %s and says where', (_name, text, where) => {
    expect(refusal(text)).toBe(where);
  });
});
