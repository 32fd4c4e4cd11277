// Timers on the exchange calendar, state that survives a restart, series and seeded numbers: what
// ctx.at, save, restored, series and random do across one life and the next.
import { describe, expect, test } from 'vitest';
import type { Context } from '../../../engine/core/strategy.ts';
import type { When } from '../../../engine/core/strategy-kit.ts';
import { dayPlaceOf } from '../../../engine/rules/day-place.ts';
import { builtInBook } from '../../../engine/rules/rule-book.ts';
import {
  at,
  type DeskOptions,
  ETF,
  type Hooks,
  OPEN,
  S,
  strategyDesk,
} from '../../support/strategy-desk.ts';

const TEN = { bid: 99_900, ask: 100_000 };

/** A strategy with timers; `ran` collects `name@clock`. */
function timed(
  timers: Readonly<Record<string, When>>,
  options: DeskOptions & { late?: boolean } = {},
  more: Hooks = {},
) {
  const ran: string[] = [];
  const desk = strategyDesk(
    {
      ...more,
      onInit(ctx) {
        for (const [name, when] of Object.entries(timers)) {
          const missed = options.late === true ? 'late' : 'skip';
          ctx.at(when, () => void ran.push(`${name} ${clockOf(ctx)}`), { missed });
        }
        return { count: 1 };
      },
    },
    options,
  );
  const go = (...times: number[]): string[] => {
    for (const ns of times) desk.tick(ETF, ns, TEN);
    return ran.splice(0);
  };
  return { ...desk, go };
}

function clockOf(ctx: { readonly nowNs: number }): string {
  const s = Math.round(ctx.nowNs / S);
  return `${Math.floor(s / 3_600)}:${String(Math.floor(s / 60) % 60).padStart(2, '0')}`;
}

describe('a timer', () => {
  test('runs once, with the first event at or after its time, in order', () => {
    const { go } = timed({ b: '14:50', a: '09:31:10', early: '09:00' });
    expect(go(at(9, 15))).toEqual(['early 9:15']);
    expect(go(OPEN, at(9, 31, 9))).toEqual([]);
    expect(go(at(9, 31, 10), at(9, 31, 11))).toEqual(['a 9:31']);
    expect(go(at(14, 50, 7), at(14, 59))).toEqual(['b 14:50']);
  });

  test('before the close and after the open follows the instrument’s day', () => {
    const { go } = timed({ close: { beforeClose: '3m' }, open: { afterOpen: '90s' } });
    expect(go(OPEN, at(9, 31), at(9, 31, 30))).toEqual(['open 9:31']);
    expect(go(at(14, 56, 59), at(14, 57))).toEqual(['close 14:57']);
  });

  test('every n session minutes passes over lunch', () => {
    const { go } = timed({ x: { everyMinutes: 50 } });
    const times = Array.from({ length: 331 }, (_, m) => OPEN + m * 60 * S);
    expect(go(...times)).toEqual(['x 10:20', 'x 11:10', 'x 13:30', 'x 14:20']);
  });

  test.each([
    [20_260_105, { dayOfWeek: 1 }, true],
    [20_260_105, { dayOfWeek: 2 }, false],
    [20_260_109, { dayOfWeek: -1 }, true],
    [20_260_105, { dayOfMonth: 1, at: '09:35' }, true],
    [20_260_106, { dayOfMonth: 1 }, false],
    [20_260_130, { dayOfMonth: -1 }, true],
    // The week of the Spring Festival of 2026 has no trading day; the next one begins on Tuesday.
    [20_260_224, { dayOfWeek: 1 }, true],
    [20_260_227, { dayOfMonth: -1 }, true],
  ] as const)('on %d at %j: %s', (day, when, expected) => {
    const place = dayPlaceOf(builtInBook().calendar, day);
    const { go } = timed({ x: when }, { day, place });
    expect(go(OPEN, at(9, 36), at(15, 0))).toHaveLength(expected ? 1 : 0);
  });

  test.each([
    ['25:00', 'clock time'],
    [{ at: '9:30', beforeClose: '3m' }, 'one of'],
    [{ dayOfMonth: 1 }, 'calendar does not know'],
    [{ everyMinutes: 0 }, 'whole number'],
    [{ every: 5 }, 'unknown'],
    [{ beforeClose: '3 days' }, 'length'],
  ])('at %j is refused with what was expected', (when, text) => {
    const desk = strategyDesk({ onInit: (ctx) => void ctx.at(when as When, () => {}) });
    expect(desk.self.failure).toContain(text);
  });

  test('can be dropped, and added while others run', () => {
    const ran: string[] = [];
    const desk = strategyDesk({
      onInit(ctx) {
        const gone = ctx.at('10:00', () => void ran.push('gone'));
        expect([ctx.dropTimer(gone), ctx.dropTimer(gone)]).toEqual([true, false]);
        ctx.at('10:30', () => {
          ran.push('first');
          ctx.at('10:45', () => void ran.push('second'));
          ctx.at('10:15', () => void ran.push('missed'));
        });
      },
    });
    for (const m of [0, 30, 31, 45, 50]) desk.tick(ETF, at(10, m), TEN);
    expect(ran).toEqual(['first', 'second']);
    expect(desk.log).toEqual(["timer '10:15' was missed: skipped"]);
  });
});

describe('after a restart', () => {
  const timers = { a: '10:00', b: '11:00' };

  test('what has run does not run again, what was missed is skipped', () => {
    const first = timed(timers);
    expect(first.go(OPEN, at(10, 0))).toEqual(['a 10:00']);
    const saved = first.saves.at(-1)!;
    const second = timed(timers, { saved });
    expect(second.go(at(11, 30), at(13, 0))).toEqual([]);
    expect(second.log).toEqual(["timer '11:00' was missed: skipped"]);
  });

  test('what was missed runs late where that was asked for, once', () => {
    const first = timed(timers, { late: true });
    first.go(OPEN, at(10, 0));
    const saved = first.saves.at(-1)!;
    const second = timed({ ...timers, c: { everyMinutes: 30 } }, { saved, late: true });
    expect(second.go(at(11, 10), at(11, 11))).toEqual(['b 11:10', 'c 11:10']);
  });

  test('a moment less than a minute ago was not missed', () => {
    expect(timed(timers).go(at(10, 0, 30))).toEqual(['a 10:00']);
  });

  test('marks of another day are forgotten', () => {
    const saved = (() => {
      const first = timed(timers);
      first.go(OPEN, at(10, 0));
      return first.saves.at(-1)!;
    })();
    expect(timed(timers, { saved, day: 20_260_106 }).go(OPEN, at(10, 0))).toEqual(['a 10:00']);
  });

  test('a timer is marked before it runs: a crash in it never runs it twice', () => {
    const saves: string[] = [];
    const boom = strategyDesk({
      onInit: (ctx) =>
        void ctx.at('10:00', () => {
          throw new Error('boom');
        }),
    });
    boom.tick(ETF, at(9, 59), TEN);
    boom.tick(ETF, at(10, 0), TEN);
    saves.push(...boom.saves);
    expect(boom.self.failure).toContain('boom');
    expect(timed({ a: '10:00' }, { saved: saves.at(-1)! }).go(at(10, 1))).toEqual([]);
  });

  test('two timers of the same time are told apart, and names must differ', () => {
    const ran: string[] = [];
    const make = (saved: string) =>
      strategyDesk(
        {
          onInit(ctx) {
            ctx.at('10:00', () => void ran.push('one'));
            ctx.at('10:00', () => void ran.push('two'));
          },
        },
        { saved },
      );
    const first = make('');
    for (const m of [0, 1]) first.tick(ETF, at(10, m), TEN);
    expect(ran).toEqual(['one', 'two']);
    make(first.saves.at(-1)!).tick(ETF, at(10, 0, 30), TEN);
    expect(ran).toEqual(['one', 'two']);
    const twice = strategyDesk({
      onInit(ctx) {
        for (const time of ['10:00', '11:00']) ctx.at(time, () => {}, { name: 'x' });
      },
    });
    expect(twice.self.failure).toContain("name 'x' is taken");
  });
});

describe('state', () => {
  interface Counted {
    count: number;
    readonly list: readonly number[];
  }
  const version1: Hooks = {
    stateVersion: 1,
    onInit: (ctx) => ctx.restored<Counted>() ?? { count: 0, list: [1, 2] },
    onTick: (ctx) => {
      (ctx.state as Counted).count++;
    },
  };

  test('is kept at the end of a run and comes back equal, a copy', () => {
    const first = strategyDesk(version1);
    for (const s of [1, 2, 3]) first.tick(ETF, OPEN + s * S, TEN);
    first.end(at(15, 0));
    const saved = first.saves.at(-1)!;
    const second = strategyDesk(version1, { saved });
    expect(second.ctx.state).toEqual({ count: 3, list: [1, 2] });
    second.tick(ETF, OPEN + S, TEN);
    expect((second.ctx.restored() as Counted).count).toBe(3);
  });

  test('is what it was when it was saved, whatever is marked later', () => {
    const desk = strategyDesk({
      onInit(ctx) {
        ctx.at('10:00', () => {});
        return { count: 0 };
      },
      onTick(ctx) {
        const state = ctx.state as { count: number };
        if (++state.count === 1) ctx.save();
      },
    });
    for (const m of [58, 59, 60]) desk.tick(ETF, at(9, m), TEN);
    expect(desk.saves).toHaveLength(2);
    expect(JSON.parse(desk.saves.at(-1)!)).toMatchObject({ value: { count: 1 } });
  });

  test('of another version goes through migrate, or stops the start with what to do', () => {
    const first = strategyDesk(version1);
    first.end(at(15, 0));
    const saved = first.saves.at(-1)!;
    const second = strategyDesk({ ...version1, stateVersion: 2 }, { saved });
    expect(second.self.failure).toContain('version 1, not 2: add migrate(old, version)');
    const migrate = (old: unknown, version: number): unknown => [old, version];
    const third = strategyDesk({ ...version1, stateVersion: 2, migrate }, { saved });
    expect(third.ctx.state).toEqual([{ count: 0, list: [1, 2] }, 1]);
  });

  test.each([
    ['a Map', { held: new Map() }, 'state.held is a Map'],
    ['NaN', { a: [1, Number.NaN] }, 'state.a.1 is NaN'],
    ['a function', { f: () => 1 }, 'state.f is a function'],
  ])('with %s in it is refused, as it would not come back', (_, state, text) => {
    const desk = strategyDesk({ onInit: () => state, onTick: (ctx) => ctx.save() });
    desk.tick(ETF, OPEN, TEN);
    expect(desk.self.failure).toContain(text);
  });

  test('that contains itself is refused', () => {
    const state: { self?: unknown } = {};
    state.self = state;
    const desk = strategyDesk({ onInit: () => state, onTick: (ctx) => ctx.save() });
    desk.tick(ETF, OPEN, TEN);
    expect(desk.self.failure).toContain('contains itself');
  });

  test.each(['{"format":9}', '{', '{"format":1,"version":1,"day":1}'])(
    'in a broken file stops the start and names the strategy: %s',
    (saved) => {
      const desk = strategyDesk(version1, { saved });
      expect(desk.self.failure).toContain('saved state of mine');
    },
  );
});

test('a series takes numbers at engine time', () => {
  const desk = strategyDesk({ onTick: (ctx, tick) => ctx.series('last', tick.lastE4) });
  desk.tick(ETF, OPEN, TEN);
  desk.tick(ETF, OPEN + S, { last: 5 });
  expect(desk.series).toEqual([
    ['last', OPEN, 99_900],
    ['last', OPEN + S, 5],
  ]);
});

test('random numbers are the same in every run of a day, in [0, 1), and not all alike', () => {
  const draw = (day: number): number[] => {
    const { ctx } = strategyDesk({}, { day }) as { ctx: Context };
    return Array.from({ length: 1_000 }, () => ctx.random());
  };
  const numbers = draw(20_260_105);
  expect(draw(20_260_105)).toEqual(numbers);
  expect(draw(20_260_106)).not.toEqual(numbers);
  expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...numbers)).toBeLessThan(1);
  const mean = numbers.reduce((a, b) => a + b) / numbers.length;
  expect(Math.abs(mean - 0.5)).toBeLessThan(0.05);
});
