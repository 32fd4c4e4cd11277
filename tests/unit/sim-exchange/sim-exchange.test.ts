// The simulated exchange, in tables: what our orders get from the market that passes by.
// Run by vitest. Always: real rings and kernels, nothing of ours is mocked.
import { describe, expect, test } from 'vitest';
import * as code from '../../../engine/core/reject-code.ts';
import { END_BY_USER } from '../../../engine/messages/codes.ts';
import { End } from '../../../engine/messages/generated/control.ts';
import { Scene } from './scenario.ts';

const OPEN = `
  phase continuous
  add 1 sell 200 @ 10.00
  add 2 sell 500 @ 10.01
  add 3 buy  300 @ 9.99
`;

describe('an order that crosses', () => {
  test('gets what the touch shows and no share twice while that touch stands', () => {
    new Scene().play(`${OPEN}
      place A buy 300 @ 10.00       -> A accepted, A fill 200 @ 10.00 left 100
      place B buy 100 @ 10.00       -> B accepted
      add 4 buy 100 @ 9.98
      add 5 sell 150 @ 10.00        -> A fill 100 @ 10.00, B fill 50 @ 10.00 left 50
      add 6 sell 100 @ 10.00        -> B fill 50 @ 10.00
    `);
  });

  test('gets what is added after the shares it took have left the book', () => {
    new Scene().play(`${OPEN}
      place A buy 300 @ 10.00       -> A accepted, A fill 200 @ 10.00 left 100
      drop 1 sell 150
      add 5 sell 60 @ 10.00         -> A fill 60 @ 10.00 left 40
    `);
  });

  test('takes the next touch once the first is gone', () => {
    new Scene().play(`${OPEN}
      place A buy 400 @ 10.01       -> A accepted, A fill 200 @ 10.00 left 200
      drop 1 sell 200               -> A fill 200 @ 10.01
    `);
  });

  test('trades at the touch, not at its own better limit', () => {
    new Scene().play(`${OPEN}
      place A buy 100 @ 10.20       -> A accepted, A fill 100 @ 10.00
      place B sell 100 @ 9.80       -> B accepted, B fill 100 @ 9.99
    `);
  });

  test('rests untouched while the market stays away', () => {
    new Scene().play(`${OPEN}
      place A buy 100 @ 9.98        -> A accepted
      add 7 buy 100 @ 9.97
      cancel A                      -> A cancelled
    `);
  });

  test('never gets a share of another instrument', () => {
    new Scene().play(`${OPEN}
      place A buy 100 @ 10.00 on 1  -> A accepted
    `);
  });
});

describe('a resting order', () => {
  test('waits until what stood before it at its price has traded', () => {
    new Scene().play(`${OPEN}
      place A buy 200 @ 9.99        -> A accepted
      trade 3 8 250 @ 9.99 by sell
      trade 3 9 50 @ 9.99 by sell
      trade 30 10 120 @ 9.99 by sell -> A fill 120 @ 9.99 left 80
      trade 31 11 500 @ 9.99 by sell -> A fill 80 @ 9.99
    `);
  });

  test('trades at its own price when the market passes through it', () => {
    new Scene().play(`${OPEN}
      place A buy 200 @ 9.99        -> A accepted
      trade 3 8 150 @ 9.98 by sell  -> A fill 150 @ 9.99 left 50
      trade 3 8 150 @ 9.97 by sell  -> A fill 50 @ 9.99
    `);
  });

  test('shares a trade with the own order behind it, in the order of arrival', () => {
    new Scene().play(`${OPEN}
      place A sell 100 @ 10.05      -> A accepted
      place B sell 100 @ 10.05      -> B accepted
      trade 20 21 150 @ 10.05 by buy -> A fill 100 @ 10.05, B fill 50 @ 10.05 left 50
    `);
  });

  test('gets no more than a trade moved', () => {
    const scene = new Scene().play(`${OPEN}
      place A buy 900 @ 9.98        -> A accepted
      trade 3 8 100 @ 9.97 by sell  -> A fill 100 @ 9.98 left 800
      cancel A                      -> A cancelled
    `);
    expect(scene.exchange.received).toBe(2);
  });
});

describe('in a call', () => {
  test('orders wait for the auction and trade at its price', () => {
    new Scene().play(`
      phase opening-call
      add 1 sell 200 @ 9.98
      add 2 buy  200 @ 10.02
      place A buy 100 @ 10.05       -> A accepted
      place B buy 100 @ 9.90        -> B accepted
      trade 2 1 200 @ 10.00         -> A fill 100 @ 10.00
    `);
  });

  test('market kinds are refused', () => {
    const refused = `A rejected ${code.REJECT_KIND_NOT_SUPPORTED}`;
    new Scene().play(`
      phase closing-call
      place A buy 100 @ 10.05 ioc -> ${refused}
    `);
  });
});

describe('an order that a broken OMS lets through', () => {
  test('is refused by the cage of the displayed best', () => {
    new Scene().play(`${OPEN}
      place A buy 100 @ 10.20       -> A accepted, A fill 100 @ 10.00
      place B buy 100 @ 10.21       -> B rejected ${code.REJECT_OUTSIDE_CAGE}
      place C sell 100 @ 9.78       -> C rejected ${code.REJECT_OUTSIDE_CAGE}
      place D buy 100 @ 9.10        -> D accepted
    `);
  });

  test('is refused by the cage of a picture, and of a bar', () => {
    new Scene().play(`
      picture bid 100 @ 9.99 ask 200 @ 10.01
      place A buy 100 @ 10.22       -> A rejected ${code.REJECT_OUTSIDE_CAGE}
    `);
    new Scene().play(`
      bar 10.00 volume 5000
      place A buy 100 @ 10.21       -> A rejected ${code.REJECT_OUTSIDE_CAGE}
    `);
  });

  test('is refused by tick, limits, lot and quantity', () => {
    new Scene().play(`${OPEN}
      place A buy 100 @ 9.995       -> A rejected ${code.REJECT_OFF_TICK}
      place B buy 100 @ 11.01       -> B rejected ${code.REJECT_ABOVE_UPPER_LIMIT}
      place C sell 100 @ 8.99       -> C rejected ${code.REJECT_BELOW_LOWER_LIMIT}
      place D buy 150 @ 9.99        -> D rejected ${code.REJECT_LOT_STEP}
      place E buy 2000000 @ 9.99    -> E rejected ${code.REJECT_QTY_MAXIMUM}
      place F buy 0 @ 9.99          -> F rejected ${code.REJECT_QTY_NOT_POSITIVE}
      place G sell 30 @ 10.00       -> G accepted
    `);
  });

  test('is refused by the range of a call on a free day', () => {
    const range = { openingLowPermille: 500, openingHighPermille: 1_050 };
    new Scene({ rules: { upperE4: 0, lowerE4: 0, ...range } }).play(`
      phase opening-call
      place A buy 100 @ 10.50       -> A accepted
      place B buy 100 @ 10.51       -> B rejected ${code.REJECT_OUTSIDE_CALL_RANGE}
    `);
  });

  test('is refused above the day cap of what its own account bought and has working', () => {
    new Scene({ rules: { buyCap: 300 }, accounts: 2 }).play(`${OPEN}
      place A buy 200 @ 10.00       -> A accepted, A fill 200 @ 10.00
      place S sell 200 @ 10.09      -> S accepted
      place B buy 200 @ 9.98        -> B rejected ${code.REJECT_BUY_CAP}
      place C buy 100 @ 9.98        -> C accepted
      place D buy 100 @ 9.98        -> D rejected ${code.REJECT_BUY_CAP}
      place E buy 300 @ 9.98 for 1  -> E accepted
      cancel C                      -> C cancelled
      place F buy 100 @ 9.98        -> F accepted
    `);
  });

  test('counts nothing for a market order that found no price', () => {
    new Scene({ rules: { buyCap: 300 } }).play(`
      phase continuous
      place A buy 200 @ 0 opposite-best -> A accepted, A cancelled
      place B buy 300 @ 9.98        -> B accepted
      place C buy 100 @ 9.98        -> C rejected ${code.REJECT_BUY_CAP}
    `);
  });

  test('after hours is refused when worse than the close of a day of bars', () => {
    new Scene({ rules: { afterHours: 1 } }).play(`
      bar 10.00 volume 5000
      phase after-hours
      place A buy 100 @ 10.00       -> A accepted
      place B buy 100 @ 9.99        -> B rejected ${code.REJECT_AGAINST_CLOSE}
    `);
  });

  test('after hours is refused when worse than the close', () => {
    new Scene({ rules: { afterHours: 1 } }).play(`${OPEN}
      trade 3 8 100 @ 9.99 by sell
      phase after-hours
      place A buy 100 @ 9.99        -> A accepted
      place B buy 100 @ 9.98        -> B rejected ${code.REJECT_AGAINST_CLOSE}
    `);
  });
});

describe('the sessions', () => {
  const no = ['pre-open', 'pause', 'lunch', 'closed', 'halted', 'after-hours'];
  const yes = ['opening-call', 'opening-call-no-cancel', 'continuous', 'closing-call'];
  for (const phase of [...no, ...yes]) {
    const takes = yes.includes(phase);
    test(`${phase}: new orders are ${takes ? 'taken' : 'refused'}`, () => {
      const answer = takes ? 'A accepted' : `A rejected ${code.REJECT_NOT_IN_SESSION}`;
      new Scene().play(`
        phase ${phase}
        place A buy 100 @ 9.95 -> ${answer}
      `);
    });
  }

  const windows = ['opening-call-no-cancel', 'pause', 'lunch', 'closing-call'];
  for (const phase of [...windows, 'opening-call', 'continuous', 'halted']) {
    const taken = !windows.includes(phase);
    test(`${phase}: cancels are ${taken ? 'taken' : 'refused and the order lives on'}`, () => {
      const refused = `A cancel-rejected ${code.REJECT_NO_CANCEL_WINDOW}`;
      new Scene().play(`
        phase opening-call
        place A buy 100 @ 9.95 -> A accepted
        phase ${phase}
        cancel A -> ${taken ? 'A cancelled' : refused}
        phase closed -> ${taken ? '' : 'A cancelled'}
      `);
    });
  }

  test('a halt by the price takes orders and lets nothing trade', () => {
    const rules = { haltPermille1: 300, haltPermille2: 600 };
    new Scene({ rules }).play(`${OPEN}
      phase halted 0
      place A buy 100 @ 10.00 -> A accepted
      phase continuous 0
      add 9 buy 100 @ 9.90 -> A fill 100 @ 10.00
    `);
  });

  test('day orders expire when their instrument closes, others stay', () => {
    new Scene().play(`${OPEN}
      place A buy 100 @ 9.90       -> A accepted
      place B buy 100 @ 9.90 on 1  -> B accepted
      phase closed 0               -> A cancelled
      cancel B                     -> B cancelled
    `);
  });
});

describe('a market kind', () => {
  test('IOC trades what there is at once and is cancelled for the rest', () => {
    new Scene().play(`${OPEN}
      place A buy 300 @ 10.00 ioc   -> A accepted, A fill 200 @ 10.00 left 100, A cancelled
      place B buy 100 @ 9.95 ioc    -> B accepted, B cancelled
      place C sell 300 @ 0 ioc      -> C accepted, C fill 300 @ 9.99
    `);
  });

  test('FOK trades whole or not at all', () => {
    new Scene().play(`${OPEN}
      place A buy 300 @ 10.00 fok   -> A accepted, A cancelled
      place B buy 200 @ 10.00 fok   -> B accepted, B fill 200 @ 10.00
    `);
  });

  test('opposite best takes that price as its limit and rests there', () => {
    new Scene().play(`${OPEN}
      place A buy 300 @ 0 opposite-best -> A accepted, A fill 200 @ 10.00 left 100
      drop 1 sell 200
      add 8 sell 100 @ 10.00            -> A fill 100 @ 10.00
    `);
  });

  test('opposite best never trades or rests beyond its protection price', () => {
    new Scene().play(`${OPEN}
      place A buy 100 @ 9.98 opposite-best   -> A accepted
      trade 3 8 100 @ 9.97 by sell           -> A fill 100 @ 9.98
      place B sell 100 @ 10.05 opposite-best -> B accepted
    `);
  });

  test('own best rests behind its own side', () => {
    new Scene().play(`${OPEN}
      place A buy 100 @ 0 own-best  -> A accepted
      trade 3 8 300 @ 9.99 by sell
      trade 40 9 100 @ 9.99 by sell -> A fill 100 @ 9.99
    `);
  });

  test('is cancelled when the side it looks to is empty', () => {
    new Scene().play(`
      phase continuous
      place A buy 100 @ 0 opposite-best  -> A accepted, A cancelled
      place B sell 100 @ 0 opposite-best -> B accepted, B cancelled
      place C sell 100 @ 0 own-best      -> C accepted, C cancelled
      place D sell 100 @ 0 ioc           -> D accepted, D cancelled
      add 1 buy 100 @ 9.50
    `);
  });
});

describe('a market kind that the venue does not take', () => {
  test('is refused: SSE knows no IOC and no FOK, and wants a protection price', () => {
    const unknown = `rejected ${code.REJECT_KIND_NOT_SUPPORTED}`;
    const unprotected = `rejected ${code.REJECT_NO_PROTECTION_PRICE}`;
    new Scene({ symbols: ['600000.SH', '600001.SH'] }).play(`${OPEN}
      place A buy 100 @ 10.00 ioc      -> A ${unknown}
      place B buy 100 @ 10.00 fok      -> B ${unknown}
      place C buy 100 @ 0 best5        -> C ${unprotected}
      place D buy 100 @ 10.00 best5    -> D accepted, D fill 100 @ 10.00
    `);
  });
});

describe('an id', () => {
  test('is accepted once: its repetition trades nothing and says how the order stands', () => {
    new Scene().play(`${OPEN}
      place A buy 100 @ 9.95        -> A accepted
      place A buy 100 @ 9.95        -> A accepted
      cancel A                      -> A cancelled
      place A buy 100 @ 10.00       -> A accepted
      cancel A                      -> A cancel-rejected ${code.REJECT_ORDER_FINISHED}
      cancel Z                      -> ? cancel-rejected ${code.REJECT_UNKNOWN_ORDER}
    `);
  });

  test('beyond the table is refused', () => {
    new Scene({ orders: 1 }).play(`${OPEN}
      place A buy 100 @ 9.95        -> A accepted
      place B buy 100 @ 9.95        -> B rejected ${code.REJECT_TABLE_FULL}
    `);
  });
});

describe('the end', () => {
  test('of the market comes after every order has expired, and no order is taken any more', () => {
    const scene = new Scene().play(`${OPEN}
      place A buy 100 @ 9.95        -> A accepted
      end                           -> A cancelled
      place B buy 100 @ 9.95        -> B rejected ${code.REJECT_NOT_IN_SESSION}
    `);
    const frames = scene.market.take().map((frame) => frame.type);
    expect(frames).toEqual(['Phase', 'MarketOrder', 'MarketOrder', 'MarketOrder', 'End']);
    expect(scene.exchange.ended).toBe(true);
  });

  test('of one account expires its orders and nobody else’s', () => {
    new Scene({ accounts: 2 }).play(`${OPEN}
      place A buy 100 @ 9.95 for 0  -> A accepted
      place B buy 100 @ 9.95 for 1  -> B accepted
      gateway-end 0                 -> A cancelled
      trade 3 8 100 @ 9.94 by sell  -> B fill 100 @ 9.95
    `);
  });

  test('by a person stops the market, however much of it is left', () => {
    const scene = new Scene().play(OPEN);
    scene.market.take();
    scene.control.send(End, { reason: END_BY_USER });
    scene.work();
    expect(scene.market.take()).toMatchObject([{ type: 'End', reason: END_BY_USER }]);
  });

  test('expires any number of orders through a small ring without losing a report', () => {
    const scene = new Scene({ orders: 900, reportBytes: 65_536 });
    scene.play(OPEN);
    for (let n = 0; n < 900; n++) {
      scene.place(`N${n}`, { priceE4: 95_000 });
      scene.exchange.doWork();
      scene.heard();
    }
    scene.source.finished = true;
    const heard = new Set<string>();
    for (let round = 0; round < 60; round++) {
      for (let n = 0; n < 5; n++) scene.exchange.doWork();
      for (const line of scene.heard()) heard.add(line);
    }
    expect(heard.size).toBe(900);
    expect(scene.exchange.ended).toBe(true);
  });
});

describe('every event', () => {
  test('is published behind the fills it caused, when they are everywhere, and unchanged', () => {
    const scene = new Scene().play(`${OPEN}
      place A buy 100 @ 9.99        -> A accepted
    `);
    scene.market.take();
    scene.event('trade 3 8 400 @ 9.99 by sell');
    const last = scene.market.take();
    expect(last).toMatchObject([{ type: 'MarketTrade', buyNo: 3, sellNo: 8, qty: 400 }]);
    expect(scene.heard()).toEqual(['A fill 100 @ 9.99']);
    expect(scene.exchange.eventCount).toBe(5);
  });

  test('waits while its fill is still on its way, and orders made on the fill do not', () => {
    const scene = new Scene().play(`${OPEN}
      place A buy 100 @ 9.99        -> A accepted
    `);
    scene.market.take();
    scene.releases = 1;
    scene.event('trade 3 8 400 @ 9.99 by sell');
    scene.event('place B buy 100 @ 9.98');
    expect(scene.heard()).toEqual(['A fill 100 @ 9.99', 'B accepted']);
    expect([scene.market.take(), scene.exchange.isIdle()]).toEqual([[], true]);
    scene.releases = 2;
    expect(scene.exchange.isIdle()).toBe(false);
    scene.work();
    expect(scene.market.take()).toMatchObject([{ type: 'MarketTrade', sellNo: 8 }]);
  });

  test('of an earlier life is published as catch-up only', () => {
    const scene = new Scene({ skipUntilNs: 24 * 3_600e9 });
    scene.play(OPEN);
    expect(scene.market.take().every((frame) => (frame.flags! & 4) !== 0)).toBe(true);
  });

  test('fills have numbers of their own above those of earlier lives', () => {
    const scene = new Scene().play(OPEN);
    scene.place('A', { priceE4: 100_000, qty: 100 });
    scene.place('B', { priceE4: 100_000, qty: 100 });
    scene.work();
    const fills = scene.reports[0]!.take().filter((frame) => frame.type === 'Fill');
    expect(fills.map((fill) => fill.fillNo)).toEqual([1_001, 1_002]);
  });
});
