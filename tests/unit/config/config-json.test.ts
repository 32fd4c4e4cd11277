// Behaviour of engine/config-json.ts: it accepts what JSON.parse accepts, and knows every place.
// JSON.parse is the judge in both property tests.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lineAt, placesOf } from '../../../engine/config-json.ts';

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

test('accepts every JSON text', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom(0, 1, '\t'), (value, indent) => {
      expect(placesOf(JSON.stringify(value, null, indent)).fault).toBeNull();
    }),
  );
});

test('agrees with JSON.parse on texts with one character changed, added or cut', () => {
  let broken = 0;
  const edit = fc.tuple(fc.nat(), fc.constantFrom(...'{}[],:"\\ 0-+.eEtn1/\n\u0001'), fc.nat(2));
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), edit, (value, [where, char, kind]) => {
      const text = JSON.stringify(value);
      const at = where % (text.length + 1);
      const edited =
        text.slice(0, at) + (kind === 2 ? '' : char) + text.slice(at + (kind === 0 ? 0 : 1));
      if (!parses(edited)) broken++;
      expect(placesOf(edited).fault === null).toBe(parses(edited));
    }),
    { numRuns: 3_000 },
  );
  expect(broken).toBeGreaterThan(500);
});

test.each([
  '01',
  '1.',
  '-',
  '.5',
  '1e',
  '+1',
  'tru',
  'truex',
  '"\\x"',
  '"\\u12"',
  'NaN',
  "''",
  '[1,]',
  '',
])('refuses %j as JSON.parse does', (text) => {
  expect(parses(text)).toBe(false);
  expect(placesOf(text).fault).not.toBeNull();
});

test('knows the line of every key and list item', () => {
  const text = '{\n "a": [\n  1,\n  { "b c": 2 } ] }';
  const { offsets } = placesOf(text);
  const line = (path: unknown[]) => lineAt(text, offsets.get(JSON.stringify(path)) ?? -1).line;
  expect([line(['a']), line(['a', 0]), line(['a', 1]), line(['a', 1, 'b c'])]).toEqual([
    2, 3, 4, 4,
  ]);
});

test('finds keys given twice, in nested objects and written with escapes', () => {
  const { doubles } = placesOf('{"a":{"x":1,"\\u0078":2},"b":{"x":1}}');
  expect(doubles.map(({ path }) => path)).toEqual([['a', 'x']]);
});
