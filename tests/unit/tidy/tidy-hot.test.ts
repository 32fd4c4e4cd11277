// What tidy refuses in hot folders, and what it leaves alone there. Each refused text is one line
// of a method body in a class of engine/core, unless the case is about another place.
import { describe, expect, it } from 'vitest';
import { findingsIn, rulesIn } from './tidy-kit.ts';

const HOT = 'engine/core/sample.ts';

/** `line` as line 3 of the file, inside a method. */
function inMethod(line: string): string {
  return `export class Sample {\n  step(value: number): void {\n${line}\n  }\n}\n`;
}

describe('a method of a hot class', () => {
  const refused: readonly [rule: string, line: string][] = [
    ['hot-async', 'await value;'],
    ['hot-async', 'Promise.resolve(value);'],
    ['hot-throw', 'throw value;'],
    ['hot-try', 'try { value++; } finally { value--; }'],
    ['hot-clock', 'value = Date.now();'],
    ['hot-clock', 'value = process.hrtime()[0];'],
    ['hot-clock', 'value = performance.now();'],
    ['hot-random', 'value = Math.random();'],
    ['hot-bigint', 'value = Number(1n);'],
    ['hot-bigint', 'value = Number(BigInt(value));'],
    ['hot-bigint', 'let wide: bigint;'],
    ['hot-bigint', 'let wide: BigInt64Array;'],
    ['hot-timer', 'setTimeout(this.step, 1);'],
    ['hot-timer', 'queueMicrotask(this.step);'],
    ['hot-console', 'console.log(value);'],
    ['hot-json', 'JSON.stringify(value);'],
    ['hot-new', 'this.at = new Int32Array(1);'],
    ['hot-spread', 'Math.max(...this.all);'],
    ['hot-array', 'this.all = [value];'],
    ['hot-object', 'this.last = { value };'],
    ['hot-closure', 'this.all.forEach((one) => this.step(one));'],
    ['hot-closure', 'const inner = function () { value++; };'],
    ['hot-closure', 'function inner(): void { value++; }'],
    ['hot-closure', 'while (value < 9) this.all.some((one) => one > value);'],
  ];
  it.each(refused)('is refused for %s: %s', (rule, line) => {
    expect(rulesIn(HOT, inMethod(line))).toEqual([`${rule}:3`]);
  });

  it.each([
    'this.all[0] = value;',
    "const text = 'new Date() and JSON and 1n';",
    'value = order.Date + order.console;',
    'const { at, all } = this;',
    'let pair: { a: number } | [number, number];',
    'let f: (...all: number[]) => void;',
    'value /= 2; // new Date(), throw, [1]',
    'value = Math.imul(value, 3);',
  ])('may hold: %s', (line) => {
    expect(rulesIn(HOT, inMethod(line))).toEqual([]);
  });

  it('is also an arrow kept in a field', () => {
    const text = 'class A {\n  f = () => {\n    this.all.some((one) => one > 1);\n  };\n}\n';
    expect(rulesIn(HOT, text)).toEqual(['hot-closure:3']);
  });

  it('may not be async or take rest parameters', () => {
    const text = 'export class A {\n  async a(): void {}\n  b(...all: number[]): void {}\n}\n';
    expect(rulesIn(HOT, text)).toEqual(['hot-async:2', 'hot-spread:3']);
  });
});

describe('start', () => {
  it.each([
    ['the top level', 'const TABLE = new Map([[1, { a: [1] }]]);'],
    ['a constructor', 'class A {\n  constructor() {\n    this.a = [new B({ c: 1 })];\n  }\n}'],
    ['onStart', 'class A {\n  onStart(): void {\n    this.a = [...this.b, new B()];\n  }\n}'],
    ['a field', 'class A {\n  readonly a = new Float64Array(1);\n  #b = [{}];\n}'],
    ['a callback at start', 'const A = Array.from({ length: 3 }, () => new B());'],
  ])('allows allocation at %s', (_name, text) => {
    expect(rulesIn(HOT, text)).toEqual([]);
  });

  it.each([
    ['a plain function', 'function f(): void {\n  g(new B());\n}', 'hot-new:2'],
    ['an arrow kept in a field', 'class A {\n  f = () => {\n    g([1]);\n  };\n}', 'hot-array:3'],
    ['an arrow kept at top level', 'const f = () => {\n  g({});\n};', 'hot-object:2'],
    [
      'an arrow kept by a constructor',
      'class A {\n  constructor() {\n    this.f = () => new B();\n  }\n}',
      'hot-new:3',
    ],
    ['a closure in a loop', 'function f(): void {\n  for (;;) g(() => 1);\n}', 'hot-closure:2'],
  ])('does not reach into %s', (_name, text, finding) => {
    expect(rulesIn(HOT, text)).toEqual([finding]);
  });

  it('allows neither clocks nor throw', () => {
    const text = 'const DAY = Date.now();\nif (DAY < 0) throw DAY;\n';
    expect(rulesIn(HOT, text)).toEqual(['hot-clock:1', 'hot-throw:2']);
  });
});

describe('a pardon', () => {
  it('frees its line when it has a reason', () => {
    expect(rulesIn(HOT, inMethod('throw new Error(); // hot-ok: a bug stops the actor'))).toEqual(
      [],
    );
  });

  it('without a reason frees nothing and is itself a finding', () => {
    const found = rulesIn(HOT, inMethod('throw value; // hot-ok:'));
    expect(found.sort()).toEqual(['hot-pardon:3', 'hot-throw:3']);
  });

  it('on a line that needs none is a finding', () => {
    expect(rulesIn(HOT, inMethod('value++; // hot-ok: for later'))).toEqual(['hot-pardon:3']);
  });

  it('frees no other line', () => {
    const text = inMethod('throw value; // hot-ok: a bug\nthrow value;');
    expect(rulesIn(HOT, text)).toEqual(['hot-throw:4']);
  });

  it('may stand at the catch of a pardoned try as well', () => {
    const text = inMethod('try { // hot-ok: user code\n} catch { // hot-ok: user code\n}');
    expect(rulesIn(HOT, text)).toEqual([]);
  });

  it('covers the next line when the pardon stands alone', () => {
    const text = inMethod('// hot-ok: a bug stops the actor\nthrow value;\nthrow value;');
    expect(rulesIn(HOT, text)).toEqual(['hot-throw:5']);
  });

  it('outside hot folders is a finding', () => {
    expect(rulesIn('engine/host/a.ts', 'f(); // hot-ok: why\n')).toEqual(['hot-pardon:1']);
  });
});

describe('temperature is a property of the place', () => {
  const text = 'async function f(): Promise<void> {\n  throw new Error(String(Date.now()));\n}\n';

  it.each([
    'engine/host/a.ts',
    'engine/journal/reader.ts',
    'engine/control/a.ts',
    'gateways/sim/a.ts',
    'tools/a.ts',
  ])('%s is cold', (path) => {
    expect(rulesIn(path, text)).toEqual([]);
  });

  it.each([
    'engine/messages/a.ts',
    'engine/ring/a.ts',
    'engine/actors/a.ts',
    'engine/journal/writer.ts',
  ])('%s is hot', (path) => {
    expect(rulesIn(path, text)).toContain('hot-throw:2');
  });

  it('the journal writer may try, and nobody else who is hot', () => {
    const attempt = 'function f(): void {\n  try {\n    g();\n  } catch {}\n}\n';
    expect(rulesIn('engine/journal/writer.ts', attempt)).toEqual([]);
    expect(rulesIn('engine/ring/a.ts', attempt)).toEqual(['hot-try:2']);
  });

  it('only actors/clock.ts reads clocks', () => {
    const clock = 'function f(): number {\n  return performance.now() + Date.now();\n}\n';
    expect(rulesIn('engine/actors/clock.ts', clock)).toEqual([]);
    expect(rulesIn('engine/actors/agent.ts', clock)).toEqual(['hot-clock:2']);
  });

  it('generated code is not looked at', () => {
    expect(rulesIn('engine/messages/generated/a.ts', text)).toEqual([]);
  });

  it('says what to do instead', () => {
    const [finding] = findingsIn(HOT, 'f(Math.random());\n');
    expect(finding.message).toContain('seed in a message');
  });
});
