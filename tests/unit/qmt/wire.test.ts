// The generated Python of the bridges against the TypeScript it was made from: the same bytes for
// every frame in both directions, the same verdict over damaged ones, the same client order ids;
// the committed files are those of their parts and run on Python 3.6.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { formatOrderId, idCheck } from '../../../engine/core/order-id.ts';
import { FrameMemory } from '../../../engine/messages/frames.ts';
import { TYPE_NAMES } from '../../../engine/messages/generated/types.ts';
import { frameBytes, VERIFY_OK, verifyFrame } from '../../../engine/messages/generated/verify.ts';
import { seededRandom } from '../../../gateways/counter/tape.ts';
import { staleFiles } from '../../../tools/build-bridges.ts';
import { columnsOf, SPOKEN } from '../../../tools/codegen-python.ts';
import { frameOf } from '../../support/qmt/frame-bytes.ts';
import { HAS_PYTHON, NO_PYTHON, pythonJson } from '../../support/qmt/python.ts';
import { ROOT } from '../../support/run-cli.ts';

const ROOM = join(ROOT, 'gateways/qmt/bridge');
const CHECK = 'tests/support/qmt/wire_check.py';

/** Values for every column of a message; doubles are kept whole so that JSON carries them. */
function randomValues(type: number, random: () => number): Record<string, number> {
  return Object.fromEntries(
    columnsOf(type).map(({ name, kind }) => {
      const range = kind === 'int16' ? 2 ** 16 : kind === 'int32' ? 2 ** 32 : 2 ** 54;
      return [name, Math.floor((random() - 0.5) * range)];
    }),
  );
}

function typeOf(name: string): number {
  return [...TYPE_NAMES].find(([, known]) => known === name)![0];
}

describe.skipIf(!HAS_PYTHON)(`the Python of the bridges ${NO_PYTHON}`, () => {
  test('every frame a bridge speaks has the same bytes, written here or there', () => {
    const random = seededRandom(7);
    const cases = SPOKEN.flatMap((name) =>
      [1, 2, 3].map(() => {
        const values = randomValues(typeOf(name), random);
        return { ask: 'frame', name, values, hex: frameOf(typeOf(name), values).toString('hex') };
      }),
    );
    const answers = pythonJson(CHECK, cases) as { values: object; again: string; made: string }[];
    expect(answers.length).toBe(SPOKEN.length * 3);
    for (const [i, { values, again, made }] of answers.entries()) {
      expect(values, cases[i]!.name).toEqual(cases[i]!.values);
      expect([again, made], cases[i]!.name).toEqual([cases[i]!.hex, cases[i]!.hex]);
    }
  });

  test('a damaged frame is refused on both sides', () => {
    const random = seededRandom(11);
    const hexes: string[] = [];
    for (let i = 0; i < 400; i++) {
      const name = SPOKEN[Math.floor(random() * SPOKEN.length)]!;
      const bytes = frameOf(typeOf(name), randomValues(typeOf(name), random));
      const at = Math.floor(random() * Math.min(bytes.length, 48));
      if (random() < 0.7) bytes[at] = Math.floor(random() * 256);
      else if (random() < 0.5) bytes.fill(0xff, 32, 40);
      const end = random() < 0.2 ? Math.floor(random() * bytes.length) : bytes.length;
      hexes.push(bytes.subarray(0, end).toString('hex'));
    }
    const cases = hexes.map((hex) => ({ ask: 'verify', hex }));
    const answers = pythonJson(CHECK, cases) as string[];
    let refused = 0;
    for (const [i, hex] of hexes.entries()) {
      const good = isSound(Buffer.from(hex, 'hex'));
      if (!good) refused++;
      expect(answers[i] === '', `${hex}: ${answers[i]}`).toBe(good);
    }
    expect(refused).toBeGreaterThan(100);
  });

  test('client order ids are written, read and checked alike', () => {
    const random = seededRandom(3);
    const words = Array.from({ length: 200 }, () => {
      const account = Math.floor(random() * 256);
      const a = (account << 24) | Math.floor(random() * 1_024);
      const day = 19_900_101 + 10_000 * Math.floor(random() * 120);
      return [a, day, Math.floor(random() * 2 ** 30)] as const;
    });
    const cases = words.map((w) => ({ ask: 'id', words: w }));
    const answers = pythonJson(CHECK, cases) as { text: string; words: number[]; check: number }[];
    for (const [i, [a, b, c]] of words.entries()) {
      const text = formatOrderId(a, b, c);
      expect(answers[i]).toEqual({ text, words: [a, b, c], check: idCheck(a, b, c) });
    }
    const foreign = ['', 'by hand', '1011p001000001rt', '下单', '1011p00100000١rs'];
    const none = pythonJson(
      CHECK,
      foreign.map((text) => ({ ask: 'parse-id', text })),
    );
    expect(none).toEqual(foreign.map(() => null));
  });

  test("a counter's number text has one number, and two texts have two", () => {
    const texts = ['0', '17', '0017', '900719925474099', 'A-17', '合同17', '00170', 'a-17'];
    const cases = texts.map((text) => ({ ask: 'number', text }));
    const numbers = pythonJson(CHECK, cases) as number[];
    expect(numbers.slice(0, 2)).toEqual([0, 17]);
    expect(new Set(numbers).size).toBe(texts.length);
    expect(numbers.every((n) => Number.isSafeInteger(n) && n >= 0)).toBe(true);
  });

  test('every part and every bridge parses as Python 3.6', () => {
    const parts = readdirSync(join(ROOM, 'source')).map((name) => join(ROOM, 'source', name));
    const bridges = readdirSync(ROOM).map((name) => join(ROOM, name));
    const files = [...parts, ...bridges].filter((file) => file.endsWith('.py'));
    const script =
      'import ast, sys\n' +
      'for f in sys.argv[1:]: ast.parse(open(f, encoding="utf-8").read(), f, ' +
      'feature_version=(3, 6))';
    const found = spawnSync('python3', ['-c', script, ...files], { encoding: 'utf8' });
    expect([found.stderr, found.status]).toEqual(['', 0]);
  });
});

test('the committed bridges are those of their parts, in ASCII', () => {
  expect(staleFiles()).toEqual([]);
  for (const name of readdirSync(ROOM).filter((file) => file.endsWith('.py'))) {
    const text = readFileSync(join(ROOM, name), 'utf8');
    expect(
      [...text].filter((c) => c.codePointAt(0)! > 126),
      name,
    ).toEqual([]);
  }
});

function isSound(bytes: Buffer): boolean {
  if (bytes.length < 24) return false;
  const memory = new FrameMemory(new ArrayBuffer((bytes.length + 7) & ~7));
  memory.u8.set(bytes);
  const type = memory.i32[1]!;
  const isSpoken = SPOKEN.includes(TYPE_NAMES.get(type) ?? '') && frameBytes(type) > 0;
  return isSpoken && verifyFrame(memory, 0, bytes.length) === VERIFY_OK;
}
