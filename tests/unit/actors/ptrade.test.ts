// PTrade and JoinQuant names over the real context: life cycle, rounding of each order function,
// what they answer, `g` over a restart. Values are yuan and shares, codes in any spelling.
import { describe, expect, test } from 'vitest';
import type { Strategy } from '../../../engine/core/strategy.ts';
import {
  cancel_order,
  g,
  get_history,
  get_open_orders,
  get_orders,
  get_position,
  get_snapshot,
  log,
  order,
  order_lots,
  order_market,
  order_percent,
  order_target,
  order_target_percent,
  order_target_portfolio,
  order_target_value,
  order_value,
  type PtradeFunctions,
  ptrade,
  run_daily,
  run_interval,
  run_monthly,
  set_universe,
} from '../../../engine/strategy/ptrade/ptrade.ts';
import {
  at,
  BOARDS,
  type DeskOptions,
  type Hooks,
  MAIN,
  OPEN,
  S,
  STAR,
  strategyDesk,
} from '../../support/strategy-desk.ts';

const TEN = { bid: 99_900, ask: 100_000 };
type Functions = PtradeFunctions<Record<string, never>>;

function desk(functions: Partial<Functions>, options: DeskOptions = {}) {
  const strategy: Strategy<Record<string, never>, unknown> = ptrade({
    initialize: () => {},
    ...functions,
  });
  const { params: _, ...hooks } = strategy;
  const made = strategyDesk(hooks as Hooks, options);
  made.cash(1_000_000_000);
  for (const { index } of BOARDS) made.tick(index, OPEN + S, TEN);
  return made;
}

/** What one call within handle_data asks for. */
function asked(
  call: () => unknown,
  held = 0,
): { readonly intents: string[]; readonly given: unknown } {
  let given: unknown;
  let isDone = false;
  const d = desk({
    handle_data() {
      if (!isDone) given = call();
      isDone = true;
    },
  });
  d.hold(MAIN, held);
  d.tick(STAR, OPEN + 61 * S, TEN);
  for (const i of [MAIN, STAR]) d.tick(i, OPEN + 61 * S, TEN);
  if (d.self.failure !== '') throw new Error(d.self.failure);
  return { intents: d.asked(), given };
}

describe('the order functions floor as the boards do', () => {
  test.each([
    ['order', () => order('600000.SS', 250), 0, ['buy 200 at 10.2'], '1'],
    ['order, a limit', () => order('600000.XSHG', 100, 9.995), 0, ['buy 100 at 10'], '1'],
    ['order, a sell', () => order('600000.SH', -150), 150, ['sell 150 at 9.79'], '1'],
    ['order, too little', () => order('688981.SS', 199), 0, [], null],
    ['order_target', () => order_target('600000.SS', 300), 100, ['buy 200 at 10.2'], '1'],
    ['order_target, there', () => order_target('600000.SS', 100), 100, [], null],
    ['order_target 0, odd lot', () => order_target('600000.SS', 0), 130, ['sell 130 at 9.79'], '1'],
    ['order_value', () => order_value('600000.SS', 2_050), 0, ['buy 200 at 10.2'], '1'],
    ['order_value with no money for fees', () => order_value('600000.SS', 1_020), 0, [], null],
    ['order_value on STAR', () => order_value('688981.SS', 2_060), 0, ['buy 201 at 10.2'], '1'],
    [
      'order_target_value',
      () => order_target_value('600000.SS', 0),
      100,
      ['sell 100 at 9.79'],
      '1',
    ],
    ['order_percent', () => order_percent('600000.SS', 0.1), 0, ['buy 900 at 10.2'], '1'],
    [
      'order_target_percent',
      () => order_target_percent('600000.SS', 0.1),
      0,
      ['buy 900 at 10.2'],
      '1',
    ],
    ['order_lots', () => order_lots('600000.SS', 3), 0, ['buy 300 at 10.2'], '1'],
    ['order_lots of bonds', () => order_lots('113050.SS', 3, 99), 0, ['buy 30 at 99'], '1'],
    ['order_market', () => order_market('600000.SS', 100, 4), 0, ['buy 100 at 10.2'], '1'],
    ['a portfolio', () => order_target_portfolio({ '600000.SS': 0.1 }), 0, ['buy 900 at 10.2'], 1],
  ] as const)('%s', (_, call, held, intents, given) => {
    expect(asked(call, held)).toEqual({ intents, given });
  });

  test('and refuse codes that were not given, and calls outside of a hook, by name', () => {
    expect(() => asked(() => order('600001.SS', 100))).toThrow('order: 600001.SS was not given');
    expect(() => asked(() => order('6000', 100))).toThrow('is not a symbol');
    expect(() => order('600000.SS', 100)).toThrow('order: only within the functions');
    expect(() => g['x']).toThrow('g: only within');
  });
});

test('the life cycle runs in the order of a PTrade day', () => {
  const calls: string[] = [];
  const call =
    (name: string) =>
    (context: { readonly current_dt: unknown }): void =>
      void calls.push(`${name} ${String(context.current_dt).slice(11)}`);
  const d = desk(
    {
      initialize(context) {
        set_universe(['600000.SS']);
        run_daily(context, call('daily'), '09:32');
        run_daily(call('daily of JoinQuant'), '09:33');
        run_monthly(call('monthly'), 1, '09:34');
        run_interval(context, call('interval'), 90);
      },
      before_trading_start: call('before'),
      handle_data: call('handle'),
      after_trading_end: call('after'),
    },
    { place: { ofWeek: 1, ofWeekFromEnd: -5, ofMonth: 1, ofMonthFromEnd: -20 } },
  );
  for (const m of [31, 32, 33, 34]) d.tick(MAIN, at(9, m), TEN);
  d.end(at(15, 0));
  expect([d.self.failure, calls]).toEqual([
    '',
    [
      'interval 09:30:01',
      'before 09:30:01',
      'handle 09:31:00',
      ...['interval 09:32:00', 'daily 09:32:00', 'handle 09:32:00'],
      ...['daily of JoinQuant 09:33:00', 'handle 09:33:00'],
      ...['interval 09:34:00', 'monthly 09:34:00', 'handle 09:34:00'],
      // The rest of the day is one event here, so what fell behind is one run.
      ...['interval 15:00:00', 'handle 15:00:00', 'after 15:00:00'],
    ],
  ]);
});

test('context, data, positions, snapshots and history read what is, in yuan', () => {
  const seen: unknown[] = [];
  const d = desk({
    initialize: () => set_universe(['600000.SS', '688981.SS']),
    handle_data(context, data) {
      const { positions, cash, portfolio_value } = context.portfolio;
      const bar = data['600000.XSHG']!;
      seen.push(
        [cash, portfolio_value, context.universe],
        [bar.close, bar.price, bar.volume, Object.keys(data)],
        [Object.keys(positions), positions['600000.SS']?.enable_amount, '688981.SS' in positions],
        [get_position('600000.SS').amount, get_snapshot('600000.SS')],
        get_history(5, '1m', 'close', '600000.SS'),
      );
      expect(get_history(5, '1d', 'close', '600000.SS')).toEqual({ '600000.SS': [] });
      expect(() => get_history(5, '5m', 'close', '600000.SS')).toThrow("'1m' and '1d' are");
    },
  });
  d.hold(MAIN, 500, 300);
  d.cash(80_000_000, 0, 20_000_000);
  d.tick(MAIN, OPEN + 30 * S, { ...TEN, fields: { volume: 700, lastE4: 101_000 } });
  d.tick(MAIN, OPEN + 60 * S, { ...TEN, fields: { volume: 700, lastE4: 102_000 } });
  d.tick(MAIN, OPEN + 120 * S, { ...TEN, fields: { volume: 900, lastE4: 103_000 } });
  expect(d.self.failure).toBe('');
  const prices = { last_px: 10.2, preclose_px: 10, up_px: 11, down_px: 9 };
  expect(seen.slice(5)).toEqual([
    [8_000, 10_000, ['600000.SS', '688981.SS']],
    [10.1, 10.2, 700, ['600000.SS', '688981.SS']],
    [['600000.SS'], 300, false],
    [500, { '600000.SS': prices }],
    { '600000.SS': [10.1] },
  ]);
});

test('orders and trades are told under PTrade’s letters, and can be cancelled', () => {
  const told: unknown[] = [];
  let id: string | null = null;
  const d = desk({
    handle_data() {
      id ??= order('600000.SS', 300, 10);
    },
    on_order_response: (_, rows) => void told.push({ ...rows[0] }),
    on_trade_response: (_, rows) => void told.push(rows[0]),
    after_trading_end() {
      told.push(get_orders().length, get_open_orders('600000.SS').length);
      cancel_order(id!);
      log.info('bye', { id });
    },
  });
  d.tick(MAIN, OPEN + 61 * S, TEN);
  const own = { intentNo: 1, instrument: MAIN, side: 1, priceE4: 100_000, qty: 300 };
  d.fill({ ...own, qty: 100, leavesQty: 200 });
  d.order({ ...own, filledQty: 100, status: 4 });
  d.end(at(15, 0));
  const row = { id: '1', symbol: '600000.SS', amount: 300, limit: 10, filled: 100, status: '7' };
  const trade = { order_id: '1', stock_code: '600000.SS', entrust_bs: '1' };
  expect(told).toEqual([
    { ...trade, business_amount: 100, business_price: 10, business_balance: 1_000 },
    row,
    ...[1, 1],
  ]);
  expect(d.asked()).toEqual(['buy 300 at 10', 'cancel 1', 'End']);
  expect(d.log).toContain('bye {"id":"1"}');
});

test('g survives a restart but for names that begin with __, over what initialize sets', () => {
  const functions: Partial<Functions> = {
    initialize() {
      g['count'] = 0;
      g['__socket'] = () => {};
    },
    handle_data() {
      g['count'] = Number(g['count']) + 1;
    },
  };
  const first = desk(functions);
  first.tick(MAIN, OPEN + 61 * S, TEN);
  first.end(OPEN + 62 * S);
  const saved = first.saves.at(-1)!;
  expect(JSON.parse(saved)).toMatchObject({ value: { g: { count: 1 } } });
  const counts: unknown[] = [];
  const second = desk(
    {
      ...functions,
      handle_data() {
        counts.push(g['count'], '__socket' in g, Object.keys(g));
      },
    },
    { saved },
  );
  second.tick(MAIN, OPEN + 121 * S, TEN);
  expect(second.self.failure).toBe('');
  expect(counts).toEqual([1, true, ['count', '__socket']]);
});
