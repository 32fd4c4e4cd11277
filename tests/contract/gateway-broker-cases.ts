// Cases of the conformance kit for gateways with a broker of its own behind a connection: money and
// lists, a broker's client that misbehaves, lost connections, restarts, fences, kill switch, bad
// callers. The language of the tables is in gateway-play.ts; needs `link` of the capability file.
// Always: what nobody can know is told as unknown or not at all, never guessed.
import type { Case } from './gateway-cases.ts';

const linked = (cases: readonly Omit<Case, 'needs'>[]): Case[] =>
  cases.map((one) => ({ needs: 'link', ...one }));

export const MONEY_CASES: readonly Case[] = linked([
  {
    name: 'an order beyond the cash is rejected',
    table: `place A buy 150000 @ 10.00 -> A rejected
            books -> A never, frozen 0`,
  },
  {
    name: 'a sell beyond the holding is rejected',
    table: 'place A sell 50000 @ 10.00 -> A rejected',
  },
  {
    name: 'an open buy freezes its cash, its cancel frees it',
    table: `place A buy 300 @ 9.90 -> A accepted
            books -> frozen 2970, balanced
            query cash -> complete, cash
            cancel A -> A cancelled
            books -> frozen 0, balanced`,
  },
  {
    name: 'shares bought today are listed and not sellable',
    table: `place A buy 500 @ 10.00 on 600001.SH -> A accepted
            market sell 500 @ 10.00 on 600001.SH -> A fill 500 @ 10.00
            query positions -> complete, 600001.SH 10500 sellable 10000`,
  },
  {
    name: 'convertible bonds bought today are sold today',
    table: `place A buy 500 @ 10.000 on 123001.SZ -> A accepted
            market sell 500 @ 10.000 on 123001.SZ -> A fill 500 @ 10.00
            place B sell 500 @ 10.000 on 123001.SZ -> B accepted
            market buy 500 @ 10.000 on 123001.SZ -> B fill 500 @ 10.00`,
  },
  {
    name: 'the list of orders shows each as it stands',
    table: `place A buy 300 @ 10.00 -> A accepted
            place B buy 300 @ 9.90 -> B accepted
            place C buy 300 @ 9.80 -> C accepted
            market sell 100 @ 10.00 -> A fill 100 @ 10.00
            cancel C -> C cancelled
            query orders -> complete, A partly-filled 100/300, B accepted 0/300, C cancelled 0/300`,
  },
  {
    name: 'the list of trades has every fill under its order',
    table: `place A buy 300 @ 10.00 -> A accepted
            market sell 100 @ 10.00 -> A fill 100 @ 10.00
            market sell 200 @ 10.00 -> A fill 200 @ 10.00
            query trades -> complete, A traded 100, A traded 200`,
  },
  {
    name: 'an order by hand is listed as a stranger, and nobody reports it',
    table: `place A buy 300 @ 9.80 -> A accepted
            foreign buy 700 @ 9.90
            query orders -> complete, stranger accepted 0/700, A accepted 0/300`,
  },
  {
    name: 'what an order by hand trades is listed as a stranger too',
    table: `foreign buy 800 @ 10.00
            market sell 800 @ 10.00
            query trades -> complete, stranger traded 800`,
  },
  {
    name: 'the journal of the bridge knows what was answered and what it refused',
    table: `place A buy 300 @ 9.90 -> A accepted
            place B buy 300000 @ 9.90 -> B rejected 301
            query bridge -> complete, A answered, B refused`,
  },
  {
    name: 'an id that was never sent is not in the journal of the bridge',
    table: `place A buy 300 @ 9.90 -> A accepted
            cancel nobody -> nobody cancel-rejected
            query bridge -> complete, A answered, no nobody`,
  },
  {
    name: 'more orders in a second than allowed are rejected, the others live',
    table: `burst A 330 buy 100 @ 9.00 -> A some accepted, A some rejected
            pause 1
            place B buy 100 @ 9.00 -> B accepted`,
  },
]);

export const FAULT_CASES: readonly Case[] = linked([
  {
    name: 'a response that is lost: the order is known by what follows',
    table: `fault lostResponse
            place A buy 300 @ 10.00 -> A accepted
            market sell 300 @ 10.00 -> A fill 300 @ 10.00
            books -> A once`,
  },
  {
    name: 'response and pushes lost: unknown or found, never rejected, never sent again',
    table: `fault lostResponse
            fault lostPush 3
            place A buy 300 @ 9.90
            query orders -> complete, A accepted 0/300
            again A
            settle
            never A rejected
            books -> A once`,
  },
  {
    name: 'a call that failed may be a living order: it is found, and can be cancelled',
    table: `fault failed
            place A buy 300 @ 9.90
            query orders -> complete, A accepted 0/300
            cancel A -> A cancelled
            never A rejected`,
  },
  {
    name: 'a call that failed without an order is never told as living, and never sent again',
    table: `fault refusedCall
            place A buy 300 @ 9.90
            query orders -> complete, no A
            again A
            settle
            books -> A never
            never A accepted
            never A fill`,
  },
  {
    name: 'a pop-up in the client: no order, no answer, and nothing is made up',
    table: `fault popUp
            place A buy 300 @ 9.90 -> A unknown
            again A
            settle
            books -> A never
            never A accepted`,
  },
  {
    name: 'the response comes after the fills',
    table: `market sell 300 @ 10.00 keep
            fault late
            place A buy 300 @ 10.00 -> A fill 300 @ 10.00
            settle -> A filled 300
            never A unknown`,
  },
  {
    name: 'the response comes before all pushes',
    table: `market sell 300 @ 10.00 keep
            fault early
            place A buy 300 @ 10.00 -> A fill 300 @ 10.00
            never A unknown`,
  },
  {
    name: 'pushes told twice change nothing',
    table: `market sell 100 @ 10.00 keep
            fault duplicate 9
            place A buy 300 @ 10.00 -> A fill 100 @ 10.00
            market sell 200 @ 10.00 -> A fill 200 @ 10.00
            settle -> A filled 300`,
  },
  {
    name: 'pushes in another order change nothing',
    table: `market sell 100 @ 10.00 keep
            fault reorder 4
            place A buy 300 @ 10.00 -> A fill 100 @ 10.00
            market sell 200 @ 10.00 -> A fill 200 @ 10.00
            settle -> A filled 300`,
  },
  {
    name: 'a partial fill told after the whole one ends nothing anew',
    table: `place A buy 300 @ 10.00 -> A accepted
            fault reorder 1
            market sell 100 @ 10.00
            market sell 200 @ 10.00 -> A filled 300
            never A cancelled`,
  },
  {
    name: 'answers and pushes up to 50 ms late, in any order',
    table: `fault delayMs 50
            place A buy 300 @ 10.00 -> A accepted
            place B buy 300 @ 9.90 -> B accepted
            market sell 300 @ 10.00 -> A fill 300 @ 10.00
            cancel B -> B cancelled`,
  },
  {
    name: 'a fill that is never pushed is in the list of trades',
    table: `place A buy 300 @ 10.00 -> A accepted
            fault lostPush 2
            market sell 300 @ 10.00
            query trades -> complete, A traded 300
            query orders -> complete, A filled 300/300`,
  },
  {
    name: 'a cancel that is never pushed is in the list of orders',
    table: `place A buy 300 @ 9.90 -> A accepted
            fault lostPush 3
            cancel A
            query orders -> complete, A cancelled 0/300`,
  },
  {
    name: 'a status that nobody knows ends nothing; the list knows better',
    table: `place A buy 300 @ 9.90 -> A accepted
            fault unknownStatus 1
            cancel A
            query orders -> complete, A cancelled 0/300
            never A rejected`,
  },
  {
    name: 'None is failed or empty: no list',
    table: `fault none 6
            place A buy 300 @ 9.90 -> A accepted
            query orders -> complete, A accepted 0/300
            never A rejected`,
  },
  {
    name: 'a query that hangs stops no order',
    table: `place A buy 300 @ 10.00 -> A accepted
            fault hang
            place B buy 300 @ 9.90 -> B accepted
            market sell 300 @ 10.00 -> A fill 300 @ 10.00
            query orders -> complete, A filled 300/300`,
  },
  {
    name: 'lists out of a cache: what was told stays told',
    table: `place A buy 300 @ 10.00 -> A accepted
            query orders -> complete
            fault staleMs 300
            market sell 300 @ 10.00 -> A fill 300 @ 10.00
            query orders -> complete, A filled 300/300
            never A cancelled`,
  },
  {
    name: 'a cancel call that failed and was carried out: the order ends cancelled',
    table: `place A buy 300 @ 9.90 -> A accepted
            fault cancelFailed
            cancel A -> A cancelled`,
  },
  {
    name: 'a cancel that went nowhere: the order lives, and can be cancelled again',
    table: `place A buy 300 @ 10.00 -> A accepted
            fault cancelLost
            cancel A
            settle
            never A rejected
            cancel A -> A cancelled`,
  },
  {
    name: 'a cancel that went nowhere, and a fill',
    table: `place A buy 300 @ 10.00 -> A accepted
            fault cancelLost
            cancel A
            market sell 300 @ 10.00 -> A fill 300 @ 10.00
            never A cancelled`,
  },
  {
    name: 'the whole day told again: no fill twice',
    table: `place A buy 300 @ 10.00 -> A accepted
            market sell 300 @ 10.00 -> A fill 300 @ 10.00
            print day
            settle -> A filled 300`,
  },
  {
    name: 'twenty orders with every third response lost',
    table: `fault lostResponse 7
            burst A 20 buy 100 @ 9.90 -> A all accepted
            never A0 rejected`,
  },
]);

export const LINK_CASES: readonly Case[] = linked([
  {
    name: 'the client drops and returns: said, fenced anew, the order is where it was',
    table: `place A buy 300 @ 10.00 -> A accepted
            client drops -> link down
            client returns -> link up, link fenced
            query orders -> complete, A accepted 0/300
            market sell 300 @ 10.00 -> A fill 300 @ 10.00`,
  },
  {
    name: 'an order while the client is away is not sent, and said so or unknown',
    table: `client drops -> link down
            place A buy 300 @ 9.90
            settle
            client returns -> link up
            query bridge -> complete, no A
            books -> A never
            never A accepted`,
  },
  {
    name: 'a fill while the client was away is in the list of trades afterwards',
    table: `place A buy 300 @ 10.00 -> A accepted
            client drops -> link down
            market sell 300 @ 10.00
            client returns -> link up
            query trades -> complete, A traded 300
            query orders -> complete, A filled 300/300`,
  },
  {
    name: 'the day told again after a reconnect: no fill counts twice',
    table: `place A buy 300 @ 10.00 -> A accepted
            market sell 100 @ 10.00 -> A fill 100 @ 10.00
            client drops -> link down
            fault replay 2
            client returns -> link up
            market sell 200 @ 10.00 -> A filled 300`,
  },
  {
    name: 'the line between client and broker drops: no order is called rejected that may live',
    table: `place A buy 300 @ 10.00 -> A accepted
            broker drops
            broker returns
            query orders -> complete, A accepted 0/300
            market sell 300 @ 10.00 -> A fill 300 @ 10.00`,
  },
  {
    name: 'the wire is cut: fenced anew, the order is where it was',
    table: `place A buy 300 @ 10.00 -> A accepted
            link drops -> link down, link up, link fenced
            query orders -> complete, A accepted 0/300
            market sell 300 @ 10.00 -> A fill 300 @ 10.00`,
  },
  {
    name: 'the wire is cut behind an order: it is sent once at most',
    table: `place A buy 300 @ 9.90
            settle
            link drops -> link up
            again A
            settle
            books -> A once`,
  },
  {
    name: 'the wire is cut behind a cancel',
    table: `place A buy 300 @ 9.90 -> A accepted
            cancel A
            settle
            link drops -> link up
            query orders -> complete, A cancelled 0/300`,
  },
  {
    name: 'the bridge is killed: the order is known to its next life and not sent again',
    table: `place A buy 300 @ 10.00 -> A accepted
            bridge restarts -> link down, link up, link fenced
            again A -> A accepted
            query bridge -> complete, A answered
            market sell 300 @ 10.00 -> A fill 300 @ 10.00
            books -> A once`,
  },
  {
    name: 'the bridge is killed: an order of its life before can be cancelled',
    table: `place A buy 300 @ 9.90 -> A accepted
            bridge restarts -> link up
            cancel A -> A cancelled`,
  },
  {
    name: 'the bridge is killed behind a call that failed: still not sent again',
    table: `fault failed
            place A buy 300 @ 9.90
            settle
            bridge restarts -> link up
            again A
            query orders -> complete, A accepted 0/300
            books -> A once
            never A rejected`,
  },
  {
    name: 'the counter is killed: its orders live on, and so do ours',
    table: `place A buy 300 @ 10.00 -> A accepted
            counter restarts -> link down, link up
            query orders -> complete, A accepted 0/300
            market sell 300 @ 10.00 -> A fill 300 @ 10.00`,
  },
  {
    name: 'the terminal runs init again: nothing is lost, nothing sent again',
    table: `place A buy 300 @ 10.00 -> A accepted
            reinit keep -> link down, link up
            again A
            market sell 300 @ 10.00 -> A filled 300
            books -> A once`,
  },
  {
    name: 'the terminal loads the strategy anew: nothing is lost, nothing sent again',
    table: `place A buy 300 @ 10.00 -> A accepted
            reinit fresh -> link down, link up
            again A
            market sell 300 @ 10.00 -> A filled 300
            books -> A once`,
  },
  {
    name: 'an epoch below the fence is refused',
    table: `place A buy 300 @ 9.90 -> A accepted
            fence 2 -> link refused
            place B buy 300 @ 9.90
            settle
            books -> B never
            link drops -> link up`,
  },
  {
    name: 'the kill switch refuses orders and cancels what is open; off again, orders pass',
    table: `place A buy 300 @ 9.90 -> A accepted
            kill on -> A cancelled
            place B buy 300 @ 9.90 -> B rejected 305
            kill off
            place C buy 300 @ 9.90 -> C accepted`,
  },
  {
    name: 'the kill switch outlives the bridge',
    table: `kill on
            bridge restarts -> link up
            place A buy 300 @ 9.90 -> A rejected 305
            kill off
            place B buy 300 @ 9.90 -> B accepted`,
  },
  {
    name: 'cancels pass while the kill switch is on',
    table: `place A buy 300 @ 9.90 -> A accepted
            fault cancelLost
            kill on
            settle
            cancel A -> A cancelled
            kill off`,
  },
  { name: 'who does not know the secret is refused', table: 'refused wrong-secret' },
  { name: 'another trading day is refused', table: 'refused wrong-day' },
  { name: 'other accounts are refused', table: 'refused wrong-accounts' },
  { name: 'another version of the protocol is refused', table: 'refused wrong-version' },
  { name: 'another message schema is refused', table: 'refused wrong-schema' },
]).map((one) => (one.table.includes('reinit') ? { ...one, needs: 'reinit' } : one));
