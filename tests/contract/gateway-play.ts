// Plays one case of the conformance kit, a table of steps and what each must bring, and checks at
// the end what holds in every case. Called by gateway.contract.ts. Always: of one step what is
// expected may come in any order and late; what nobody expected is looked at by `end`.

// One step a line:
//   place A buy 300 @ 10.00 [ioc|fok|...] [on SYMBOL] [for margin] [financed|short] -> A accepted
//   again A | cancel A | burst A 40 buy 100 @ 9.90 | settle | pause 1.1
//   market sell 300 @ 10.00 [keep] [on ...] -> A fill 300 @ 10.00
//   phase closed | query orders [for margin] -> complete, A accepted 0/300, stranger 100
//   books -> A once, A filled 300, B never, cash 1000, free 1000, frozen 0, sellable 0 on 600001.SH
//   never A rejected         said nowhere in the case
//   other words are deeds of the gateway: fault none 2, bridge restarts, kill on, fence 2
import { expect } from 'vitest';
import { idAccountEpoch, idCheck, parseOrderId } from '../../engine/core/order-id.ts';
import { STATUS_NAMES } from '../../engine/core/order-status.ts';
import { formatYuan } from '../../engine/core/price.ts';
import * as codes from '../../engine/messages/codes.ts';
import { Query } from '../../engine/messages/generated/broker.ts';
import { Request } from '../../engine/messages/generated/order.ts';
import type { Fields, Shown } from '../support/actor-harness.ts';
import { fail, parseTable, priceOf, type Step, wholeOf } from '../support/table.ts';
import { ACCOUNTS, DAY, EPOCH, type GatewayUnderTest, SYMBOLS } from './gateway-under-test.ts';

const SIDES: Record<string, number> = { buy: codes.SIDE_BUY, sell: codes.SIDE_SELL };
const KINDS: Record<string, number> = {
  'best5-cancel': codes.KIND_BEST5_CANCEL,
  'best5-limit': codes.KIND_BEST5_LIMIT,
  'opposite-best': codes.KIND_OPPOSITE_BEST,
  'own-best': codes.KIND_OWN_BEST,
  ioc: codes.KIND_IOC,
  fok: codes.KIND_FOK,
};
const QUERIES: Record<string, number> = {
  bridge: codes.QUERY_BRIDGE,
  orders: codes.QUERY_ORDERS,
  trades: codes.QUERY_TRADES,
  positions: codes.QUERY_POSITIONS,
  cash: codes.QUERY_CASH,
};
const REPORTS = ['', 'written', 'accepted', 'rejected', 'cancelled', 'cancel-rejected', 'unknown'];
const BRIDGE_STATES = ['', 'refused', 'handed-over', 'answered', 'failed'];
/** Steps that send something. */
const SENDING = ['place', 'burst', 'again', 'cancel'];
const PATIENCE_MS = 40_000;
/** A query that failed is asked again, as the engine does. */
const ASK_AGAIN_MS = 100;

interface Order {
  readonly name: string;
  readonly fields: Fields<Request>;
  readonly account: number;
}

/** Numbers of orders and queries, unique over all cases of a file. */
let coidC = 0;
let queryNo = 0;

export class Play {
  readonly #gateway: GatewayUnderTest;
  readonly #orders: Order[] = [];
  /** Everything heard of this case's orders, and what no step has expected yet. */
  readonly #all: { readonly text: string; readonly frame: Shown }[] = [];
  #open: string[] = [];
  readonly #never: { step: Step; text: string }[] = [];
  /** After a loss of the connection fills may be told again. */
  #toldAgain = false;

  constructor(gateway: GatewayUnderTest) {
    this.#gateway = gateway;
  }

  async run(table: string): Promise<void> {
    let isLoose = false;
    for (const step of parseTable(table)) {
      // What was sent and not waited for has arrived before the next hand is laid on.
      if (isLoose && !SENDING.includes(step.words[0]!)) this.#note(await this.#gateway.settle());
      isLoose = SENDING.includes(step.words[0]!) && step.expected.length === 0;
      await this.#do(step);
      if (step.words[0] !== 'query' && step.words[0] !== 'books') await this.#expect(step);
    }
    await this.#end();
  }

  async #do(step: Step): Promise<void> {
    const [verb, ...rest] = step.words;
    if (verb === 'place') this.#place(step, rest);
    else if (verb === 'burst') this.#burst(step, rest);
    else if (verb === 'again') this.#send(this.#orderOf(rest[0]!, step), codes.ACTION_PLACE);
    else if (verb === 'cancel') this.#send(this.#orderOf(rest[0]!, step), codes.ACTION_CANCEL);
    else if (verb === 'market') await this.#market(step, rest);
    else if (verb === 'phase') await this.#gateway.phase(rest[0] as 'closed');
    else if (verb === 'settle') this.#note(await this.#gateway.settle());
    else if (verb === 'pause') await sleep(Number(rest[0]) * 1_000);
    else if (verb === 'never') this.#never.push({ step, text: rest.join(' ') });
    else if (verb === 'query') await this.#query(step, rest);
    else if (verb === 'books') await this.#books(step);
    else {
      if (/restarts|drops|returns|reinit/.test(step.text)) this.#toldAgain = true;
      await this.#gateway.deed(step.words);
    }
  }

  #place(step: Step, rest: readonly string[]): void {
    const [name, side] = rest;
    const account = Math.max(0, ACCOUNTS.indexOf(wordAfter(rest, 'for') as 'demo'));
    const instrument = Math.max(0, SYMBOLS.indexOf(wordAfter(rest, 'on') as '000001.SZ'));
    const kind = Object.entries(KINDS).find(([word]) => rest.includes(word))?.[1];
    const priceE4 = priceOf(rest[4], step);
    const terms = {
      ...{ side: SIDES[side!]!, qty: wholeOf(rest[2], step), kind: kind ?? codes.KIND_LIMIT },
      ...{ priceE4, valueE4: priceE4 > 0 ? priceE4 : 110_000, instrument, account },
    };
    const financed = rest.includes('financed') ? codes.INTENT_MARGIN : 0;
    const credit = rest.includes('short') ? codes.INTENT_SHORT : financed;
    this.#make(name!, { ...terms, credit }, account);
  }

  #burst(step: Step, rest: readonly string[]): void {
    const count = wholeOf(rest[1], step);
    for (let i = 0; i < count; i++) {
      const terms = { side: SIDES[rest[2]!]!, qty: wholeOf(rest[3], step) };
      const priceE4 = priceOf(rest[5], step);
      const more = { kind: codes.KIND_LIMIT, priceE4, valueE4: priceE4 };
      this.#make(`${rest[0]}${i}`, { ...terms, ...more, instrument: 0, credit: 0 }, 0);
    }
  }

  #make(name: string, terms: Fields<Request>, account: number): void {
    const coidA = idAccountEpoch(account, EPOCH);
    const id = { coidA, coidB: DAY, coidC: ++coidC, coidD: idCheck(coidA, DAY, coidC) };
    const fields = { ...terms, ...id, account, strategy: 2, intentNo: coidC };
    const order = { name, fields, account };
    this.#orders.push(order);
    this.#send(order, codes.ACTION_PLACE);
  }

  #send(order: Order, action: number): void {
    this.#gateway.send(Request, { ...order.fields, action }, order.account);
  }

  async #market(step: Step, rest: readonly string[]): Promise<void> {
    const instrument = Math.max(0, SYMBOLS.indexOf(wordAfter(rest, 'on') as '000001.SZ'));
    const side = SIDES[rest[0]!]!;
    const [qty, priceE4] = [wholeOf(rest[1], step), priceOf(rest[3], step)];
    await this.#gateway.market(instrument, side, priceE4, qty, rest.includes('keep'));
  }

  /** Asks until the answer is complete, unless a failure is expected. */
  async #query(step: Step, rest: readonly string[]): Promise<void> {
    const account = Math.max(0, ACCOUNTS.indexOf(wordAfter(rest, 'for') as 'demo'));
    const kind = QUERIES[rest[0]!] ?? fail(step, 'no such query');
    const wantsFailure = step.expected.includes('failed');
    const end = performance.now() + PATIENCE_MS;
    let texts: string[] = [];
    do {
      texts = await this.#ask(kind, account, end);
      if (texts[0] === 'failed' && !wantsFailure) await sleep(ASK_AGAIN_MS);
    } while (!holdsAll(texts, step.expected) && !wantsFailure && performance.now() < end);
    expect(missing(texts, step.expected), `${at(step)}\nanswered: ${texts.join(', ')}`).toEqual([]);
  }

  async #ask(kind: number, account: number, end: number): Promise<string[]> {
    const number = ++queryNo;
    this.#gateway.send(Query, { account, queryNo: number, kind }, account);
    const rows: Shown[] = [];
    while (performance.now() < end) {
      const frames = await this.#gateway.take();
      this.#note(frames);
      const own = frames.filter((frame) => frame.queryNo === number);
      rows.push(...own);
      const last = own.find((frame) => frame.type === 'QueryEnd');
      if (last === undefined) continue;
      if (last.result !== codes.QUERY_COMPLETE) return ['failed'];
      return ['complete', ...rows.map((row) => this.#rowText(row)).filter((text) => text !== '')];
    }
    return ['no answer'];
  }

  async #books(step: Step): Promise<void> {
    const end = performance.now() + PATIENCE_MS;
    let texts = await this.#bookTexts();
    while (!holdsAll(texts, step.expected) && performance.now() < end) {
      this.#note(await this.#gateway.take());
      texts = await this.#bookTexts();
    }
    expect(missing(texts, step.expected), `${at(step)}\nbooks: ${texts.join(', ')}`).toEqual([]);
  }

  async #bookTexts(): Promise<string[]> {
    const texts: string[] = [];
    for (const account of [0, 1]) {
      const books = await this.#gateway.books(account);
      if (books === null) continue;
      for (const { name, fields } of this.#orders.filter((one) => one.account === account)) {
        const same = books.orders.filter((row) => parseOrderId(row.remark)?.c === fields.coidC);
        const live = same.filter((row) => row.refused === '');
        texts.push(`${name} ${['never', 'once', 'twice'][live.length] ?? 'often'}`);
        for (const row of live) {
          texts.push(`${name} filled ${row.filledQty}`, `${name} ${STATUS_NAMES[row.status]}`);
        }
      }
      if (account === 0) texts.push(...moneyTexts(books.cash, books.positions));
    }
    return texts;
  }

  async #expect(step: Step): Promise<void> {
    const end = performance.now() + PATIENCE_MS;
    let left = [...step.expected];
    for (;;) {
      this.#note(await this.#gateway.take());
      left = left.filter((wanted) => !this.#takeHeard(wanted));
      if (left.length === 0) return;
      if (performance.now() > end) break;
    }
    const heard = this.#all.map(({ text }) => text).join(', ');
    expect.fail(`${at(step)}\nmissing: ${left.join(', ')}\nheard in this case: ${heard}`);
  }

  #takeHeard(wanted: string): boolean {
    const [name, verb, qty] = wanted.split(' ');
    if (verb === 'filled') return this.#filledQty(name!) === Number(qty);
    if (verb === 'some') return this.#all.some(({ text }) => isLike(text, name!, qty!));
    if (verb === 'all') return this.#countOf(name!, qty!) === this.#burstSize(name!);
    const found = this.#open.findIndex((text) => text === wanted || text.startsWith(`${wanted} `));
    if (found >= 0) this.#open.splice(found, 1);
    return found >= 0;
  }

  #burstSize(name: string): number {
    return this.#orders.filter((order) => isMember(order.name, name)).length;
  }

  #countOf(name: string, word: string): number {
    const heard = this.#all.filter(({ text }) => isLike(text, name, word));
    return new Set(heard.map(({ text }) => text.split(' ')[0])).size;
  }

  #filledQty(name: string): number {
    return this.#fillsOf(name).reduce((sum, fill) => sum + fill.qty!, 0);
  }

  /** Fills by their number: one told twice counts once. */
  #fillsOf(name: string): Shown[] {
    const fills = new Map<number, Shown>();
    for (const { text, frame } of this.#all) {
      if (frame.type === 'Fill' && text.startsWith(`${name} `)) fills.set(frame.fillNo!, frame);
    }
    return [...fills.values()];
  }

  #note(frames: readonly Shown[]): void {
    for (const frame of frames) {
      const text = this.#text(frame);
      if (text === '') continue;
      this.#all.push({ text, frame });
      this.#open.push(text);
    }
  }

  #text(frame: Shown): string {
    if (frame.type === 'LinkState') return `link ${codes.LINK_NAMES[frame.state!]}`;
    const name = this.#nameOf(frame);
    if (name === '') return '';
    if (frame.type === 'Fill') return `${name} fill ${frame.qty} @ ${formatYuan(frame.priceE4!)}`;
    if (frame.type !== 'Report') return '';
    const code = frame.code === 0 ? '' : ` ${frame.code}`;
    return `${name} ${REPORTS[frame.kind!]}${code}`;
  }

  #rowText(row: Shown): string {
    const name = this.#nameOf(row);
    const who = row.coidB === 0 ? 'stranger' : name;
    if (row.type === 'BridgeRow') return who === '' ? '' : `${who} ${BRIDGE_STATES[row.state!]}`;
    if (row.type === 'BrokerTrade') return who === '' ? '' : `${who} traded ${row.qty}`;
    if (row.type === 'BrokerPosition') {
      return `${SYMBOLS[row.instrument!] ?? '?'} ${row.qty} sellable ${row.sellableQty}`;
    }
    if (row.type === 'BrokerCash') return 'cash';
    if (row.type !== 'BrokerOrder' || who === '') return '';
    return `${who} ${STATUS_NAMES[row.status!]} ${row.filledQty}/${row.qty}`;
  }

  #nameOf(frame: Shown): string {
    if (frame.coidC === undefined) return '';
    return this.#orders.find((order) => order.fields.coidC === frame.coidC)?.name ?? '';
  }

  #orderOf(name: string, step: Step): Order {
    const found = this.#orders.find((order) => order.name === name);
    if (found !== undefined) return found;
    if (name !== 'nobody') fail(step, `no order ${name}`);
    const nobody = { ...this.#orders[0]!, name };
    const fields = { ...nobody.fields, coidC: ++coidC };
    this.#orders.push({ ...nobody, fields });
    return this.#orders.at(-1)!;
  }

  /** What holds in every case, whatever was played. */
  async #end(): Promise<void> {
    this.#note(await this.#gateway.settle());
    const heard = this.#all.map(({ text }) => text);
    for (const { step, text } of this.#never) {
      const said = heard.filter((one) => one === text || one.startsWith(`${text} `));
      expect(said, at(step)).toEqual([]);
    }
    for (const account of [0, 1]) {
      const books = await this.#gateway.books(account);
      for (const order of this.#orders.filter((one) => one.account === account)) {
        this.#checkOrder(order, heard);
        const rows = books?.orders.filter(
          (row) => parseOrderId(row.remark)?.c === order.fields.coidC && row.refused === '',
        );
        expect(rows?.length ?? 0, `${order.name} at the broker`).toBeLessThanOrEqual(1);
        const rejected = heard.some((text) => text.startsWith(`${order.name} rejected`));
        if (rejected) expect(rows ?? [], `${order.name} was told as rejected`).toEqual([]);
      }
    }
  }

  #checkOrder({ name, fields }: Order, heard: readonly string[]): void {
    const fills = this.#fillsOf(name);
    const filled = fills.reduce((sum, fill) => sum + fill.qty!, 0);
    expect(filled, `shares filled of ${name}`).toBeLessThanOrEqual(Math.max(0, fields.qty ?? 0));
    const told = heard.filter((text) => text.startsWith(`${name} fill `)).length;
    if (!this.#toldAgain) expect(told, `fills of ${name} told`).toBe(fills.length);
    for (const fill of fills) expect(fill.qty, `a fill of ${name}`).toBeGreaterThan(0);
    const cancelled = heard.includes(`${name} cancelled`);
    const rejected = heard.some((text) => text.startsWith(`${name} rejected`));
    if (rejected) expect([filled, cancelled], `${name}: rejected, and`).toEqual([0, false]);
  }
}

function moneyTexts(
  cash: { cashE4: number; availableE4: number; frozenE4: number },
  positions: readonly { symbol: string; qty: number; sellableQty: number }[],
): string[] {
  const { cashE4, availableE4, frozenE4 } = cash;
  const money = `frozen ${frozenE4 / 10_000}`;
  const balance = cashE4 === availableE4 + frozenE4 ? 'balanced' : 'unbalanced';
  const held = positions.map((row) => `${row.symbol} ${row.qty} sellable ${row.sellableQty}`);
  return [money, balance, ...held];
}

function holdsAll(texts: readonly string[], expected: readonly string[]): boolean {
  return missing(texts, expected).length === 0;
}

/** Expectations that no text fulfils; `no A` wants that nothing begins with A. */
function missing(texts: readonly string[], expected: readonly string[]): string[] {
  return expected.filter((wanted) => {
    const isThere = (what: string): boolean =>
      texts.some((text) => text === what || text.startsWith(`${what} `));
    return wanted.startsWith('no ') ? isThere(wanted.slice(3)) : !isThere(wanted);
  });
}

/** `A7 rejected 303` of the burst A. */
function isLike(text: string, name: string, word: string): boolean {
  const [who, what] = text.split(' ');
  return isMember(who!, name) && what === word;
}

function isMember(who: string, burst: string): boolean {
  return who.startsWith(burst) && /^\d+$/.test(who.slice(burst.length));
}

function wordAfter(words: readonly string[], word: string): string | undefined {
  const found = words.indexOf(word);
  return found < 0 ? undefined : words[found + 1];
}

function at(step: Step): string {
  return `line ${step.line}: ${step.text} -> ${step.expected.join(', ')}`;
}

const sleep = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
