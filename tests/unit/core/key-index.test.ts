// Keys of clients: bound once, found always, refusals as well as orders.
// Run by vitest against a plain map.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KEY_FREE, KeyIndex } from '../../../engine/core/key-index.ts';
import { FrameMemory } from '../../../engine/messages/frames.ts';
import { Intent } from '../../../engine/messages/generated/order.ts';

type Key = [number, number, number, number];

function intent(key: Key, fields: Partial<Intent> = {}): Intent {
  const made = new Intent().begin(new FrameMemory(new ArrayBuffer(Intent.BYTES)), 0);
  const [keyA, keyB, keyC, keyD] = key;
  return Object.assign(made, { keyA, keyB, keyC, keyD, qty: 100, priceE4: 100_000, ...fields });
}

describe('KeyIndex', () => {
  test('agrees with a plain map over any sequence of bindings', () => {
    // Few words, so that keys collide in all but one of them.
    const word = fc.constantFrom(0, 1, -1, 7);
    const key = fc.tuple(word, word, word, word).filter((words) => words.some((w) => w !== 0));
    const step = fc.record({ key, refuse: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const index = new KeyIndex(64);
        const model = new Map<string, number>();
        for (const [slot, { key: words, refuse }] of steps.entries()) {
          const name = words.join();
          if (refuse && !model.has(name) && index.hasRoom) model.set(name, -(slot + 1));
          else if (!refuse && !model.has(name)) model.set(name, slot + 1);
          if (refuse) index.bindRefusal(intent(words), slot + 1);
          else index.bindOrder(...words, slot);
        }
        for (const [name, value] of model) {
          const found = index.find(...(name.split(',').map(Number) as Key));
          if (value > 0) expect(found).toBe(value);
          else expect(index.refusalCode(found)).toBe(-value);
        }
        expect(index.find(9, 9, 9, 9)).toBe(KEY_FREE);
      }),
    );
  });

  test.each([
    ['instrument', 1],
    ['side', 2],
    ['kind', 3],
    ['timeInForce', 2],
    ['priceE4', 100_100],
    ['qty', 200],
    ['strategy', 5],
  ] as const)('tells a refusal from one with another %s', (field, value) => {
    const index = new KeyIndex(8);
    const key: Key = [1, 2, 3, 4];
    index.bindRefusal(intent(key), 306);
    const found = index.find(...key);
    expect(index.isSameRefusal(found, intent(key))).toBe(true);
    expect(index.isSameRefusal(found, intent(key, { [field]: value }))).toBe(false);
  });

  test('does not take one key for another that differs in one word only', () => {
    for (let word = 0; word < 4; word++) {
      const index = new KeyIndex(8);
      index.bindOrder(1, 2, 3, 4, 0);
      const key: Key = [1, 2, 3, 4];
      // Enough of them that many begin their search at the taken slot.
      for (let other = 100; other < 400; other++) {
        key[word] = other;
        expect(index.find(...key)).toBe(KEY_FREE);
      }
    }
  });

  test('says when it is full, and keeps what it has', () => {
    const index = new KeyIndex(16);
    let count = 0;
    while (index.hasRoom) index.bindOrder(++count, 0, 0, 0, count);
    expect(count).toBeGreaterThanOrEqual(16);
    for (let i = 1; i <= count; i++) expect(index.find(i, 0, 0, 0)).toBe(i + 1);
  });
});
