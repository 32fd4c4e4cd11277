// Cases of the conformance kit that every gateway plays, whatever stands behind it: orders, fills,
// cancels, ids, what is refused. The language of the tables is in gateway-play.ts.
// Always: a case begins with no living order and no shares of the crowd in the book; without `on`
// it is about 000001.SZ, preclose 10.00, on the account that has 10,000 shares and a million yuan.

export interface Case {
  readonly name: string;
  /** A word of the capability files: a gateway that cannot plays `refusal` in its place. */
  readonly needs?: string;
  readonly table: string;
  /** What a gateway that cannot must do; absent = the case does not concern it. */
  readonly refusal?: string;
}

export const ORDER_CASES: readonly Case[] = [
  {
    name: 'an order is accepted',
    table: `place A buy 300 @ 9.90 -> A accepted
            never A fill
            never A rejected`,
  },
  {
    name: 'an order that meets its price is filled whole, by one fill',
    table: `place A buy 300 @ 10.00 -> A accepted
            market sell 300 @ 10.00 -> A fill 300 @ 10.00
            never A cancelled`,
  },
  {
    name: 'a sell is filled as a buy is',
    table: `place A sell 300 @ 10.00 -> A accepted
            market buy 300 @ 10.00 -> A fill 300 @ 10.00`,
  },
  {
    name: 'partial fills add up to the order, not more',
    table: `place A buy 300 @ 10.00 -> A accepted
            market sell 100 @ 10.00 -> A fill 100 @ 10.00
            market sell 100 @ 10.00 -> A fill 100 @ 10.00
            market sell 500 @ 10.00 -> A fill 100 @ 10.00, A filled 300`,
  },
  {
    name: 'a partly filled order is cancelled with what it has',
    table: `place A buy 300 @ 10.00 -> A accepted
            market sell 100 @ 10.00 -> A fill 100 @ 10.00
            cancel A -> A cancelled
            market sell 500 @ 10.00
            settle -> A filled 100`,
  },
  {
    name: 'a living order is cancelled, and trades no more',
    table: `place A buy 300 @ 10.00 -> A accepted
            cancel A -> A cancelled
            market sell 500 @ 10.00
            never A fill`,
  },
  {
    name: 'a second cancel is refused, and nothing ends twice',
    table: `place A buy 300 @ 9.90 -> A accepted
            cancel A -> A cancelled
            cancel A -> A cancel-rejected`,
  },
  {
    name: 'a cancel of an order that never was is refused',
    table: `place A buy 300 @ 9.90 -> A accepted
            cancel nobody -> nobody cancel-rejected
            never A cancelled`,
  },
  {
    name: 'a cancel after the last fill is refused and changes nothing',
    table: `place A buy 300 @ 10.00 -> A accepted
            market sell 300 @ 10.00 -> A fill 300 @ 10.00
            cancel A -> A cancel-rejected
            never A cancelled`,
  },
  {
    name: 'a cancel that meets a fill half way ends one way only',
    table: `place A buy 300 @ 10.00 -> A accepted
            market sell 200 @ 10.00 -> A fill 200 @ 10.00
            cancel A -> A cancelled
            settle -> A filled 200`,
  },
  {
    name: 'the same id twice is one order',
    table: `place A buy 300 @ 10.00 -> A accepted
            again A
            settle
            market sell 1000 @ 10.00 -> A fill 300 @ 10.00
            settle -> A filled 300
            never A rejected`,
  },
  {
    name: 'two requests of one id in one batch are one order',
    table: `place A buy 300 @ 10.00
            again A -> A accepted
            market sell 1000 @ 10.00 -> A fill 300 @ 10.00
            settle -> A filled 300`,
  },
  {
    name: 'an id that was filled trades never again',
    table: `place A buy 300 @ 10.00 -> A accepted
            market sell 300 @ 10.00 -> A fill 300 @ 10.00
            again A
            market sell 300 @ 10.00
            settle -> A filled 300`,
  },
  {
    name: 'an id that was cancelled trades never again',
    table: `place A buy 300 @ 10.00 -> A accepted
            cancel A -> A cancelled
            again A
            market sell 300 @ 10.00
            never A fill`,
  },
  {
    name: 'an id that was rejected trades never again',
    table: `place A buy 300 @ 12.00 -> A rejected
            again A
            market sell 300 @ 10.00
            never A fill`,
  },
  {
    name: 'nothing trades beyond its limit',
    table: `place A buy 300 @ 9.90 -> A accepted
            place B sell 300 @ 10.10 -> B accepted
            market sell 100 @ 10.00
            never A fill
            never B fill`,
  },
  {
    name: 'the first order at a price trades first',
    table: `place A buy 200 @ 10.00 -> A accepted
            place B buy 200 @ 10.00 -> B accepted
            market sell 200 @ 10.00 -> A fill 200 @ 10.00
            never B fill`,
  },
  {
    name: 'fills of two orders are told apart',
    table: `place A buy 100 @ 10.00 -> A accepted
            place B buy 200 @ 10.00 -> B accepted
            market sell 300 @ 10.00 -> A fill 100 @ 10.00, B fill 200 @ 10.00`,
  },
  {
    name: 'an order and its cancel in one batch end cancelled',
    table: `place A buy 300 @ 9.90
            cancel A -> A cancelled
            never A fill`,
  },
  {
    name: 'forty orders in a row are all accepted, and all cancelled',
    table: `burst A 40 buy 100 @ 9.90 -> A all accepted
            never A0 rejected`,
  },
  {
    name: 'accounts hear of their own orders only',
    table: `place A buy 300 @ 10.00 -> A accepted
            place B buy 300 @ 9.90 for margin -> B accepted
            market sell 300 @ 10.00 -> A fill 300 @ 10.00
            never B fill`,
  },
  {
    name: 'a second security is another book',
    table: `place A buy 300 @ 10.00 on 600001.SH -> A accepted
            market sell 300 @ 10.00
            never A fill`,
  },
  {
    name: 'an order above the upper limit is rejected with a reason',
    table: `place A buy 300 @ 12.00 -> A rejected
            never A cancelled`,
  },
  {
    name: 'an order below the lower limit is rejected',
    table: `place A sell 300 @ 8.00 -> A rejected
            never A cancelled`,
  },
  {
    name: 'a quantity below the lot is rejected',
    table: 'place A buy 50 @ 9.90 -> A rejected',
  },
  {
    name: 'a quantity between two lots is rejected',
    table: 'place A buy 150 @ 9.90 -> A rejected',
  },
  {
    name: 'a price between two ticks is rejected',
    table: 'place A buy 100 @ 9.995 -> A rejected',
  },
  {
    name: 'an order outside the session is rejected',
    table: `phase closed
            place A buy 300 @ 10.00 -> A rejected
            phase continuous`,
  },
  {
    name: 'an order after a rejected one is accepted',
    table: `place A buy 50 @ 9.90 -> A rejected
            place B buy 100 @ 9.90 -> B accepted`,
  },
  {
    name: 'an immediate order takes what is there, the rest is cancelled',
    table: `market sell 200 @ 10.00 keep
            place A buy 500 @ 10.00 ioc -> A fill 200 @ 10.00, A cancelled
            settle -> A filled 200`,
  },
  {
    name: 'fill or kill that cannot be filled is cancelled whole',
    table: `market sell 200 @ 10.00 keep
            place A buy 500 @ 10.00 fok -> A cancelled
            never A fill`,
  },
  {
    name: 'fill or kill that can is filled',
    table: `market sell 500 @ 10.00 keep
            place A buy 500 @ 10.00 fok -> A filled 500
            never A cancelled`,
  },
  {
    name: 'an order at the opposite best rests there with what is left',
    table: `market sell 200 @ 10.00 keep
            place A buy 500 @ 0 opposite-best -> A fill 200 @ 10.00
            market sell 300 @ 10.00 -> A fill 300 @ 10.00`,
  },
  {
    name: 'an order at its own best queues there',
    table: `market buy 100 @ 10.00 keep
            place B buy 100 @ 0 own-best -> B accepted
            market sell 200 @ 10.00 -> B fill 100 @ 10.00
            never B cancelled`,
  },
  {
    name: 'five levels at once, the rest cancelled',
    table: `market sell 200 @ 10.00 keep
            place A buy 300 @ 0 best5-cancel -> A fill 200 @ 10.00, A cancelled`,
  },
  {
    name: 'a kind that the exchange does not know is rejected',
    table: `market sell 200 @ 10.00 keep on 600001.SH
            place A buy 200 @ 10.00 fok on 600001.SH -> A rejected
            never A fill`,
  },
  {
    name: 'bought with borrowed money',
    needs: 'financing',
    table: `place A buy 100 @ 10.00 for margin financed -> A accepted
            market sell 100 @ 10.00 -> A fill 100 @ 10.00`,
    refusal: 'place A buy 100 @ 10.00 for margin financed -> A rejected 413',
  },
  {
    name: 'bought with borrowed money on an ordinary account is rejected everywhere',
    table: 'place A buy 100 @ 10.00 financed -> A rejected',
  },
  {
    name: 'sold borrowed',
    needs: 'short-selling',
    table: 'place A sell 100 @ 10.00 for margin short -> A accepted',
    refusal: 'place A sell 100 @ 10.00 for margin short -> A rejected 413',
  },
];
