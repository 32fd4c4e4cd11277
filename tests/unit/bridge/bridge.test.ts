// The bridge of one account: written before sent, never sent twice, fenced, limited, killed; over
// restarts too. The journal is a real one in a temporary folder, the broker a whole fake.
import fs, { mkdtempSync, rmSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { idAccountEpoch } from '../../../engine/core/order-id.ts';
import {
  REJECT_DISARMED,
  REJECT_FENCED,
  REJECT_JOURNAL,
  REJECT_KILLED,
  REJECT_ORDER_AMOUNT,
  REJECT_ORDER_RATE,
  REJECT_PILOT_AMOUNT,
  REJECT_PILOT_LIST,
  REJECT_SHADOW,
  REJECT_UNKNOWN_ORDER,
  REJECT_WHITE_LIST,
} from '../../../engine/core/reject-code.ts';
import {
  ACTION_CANCEL,
  ACTION_PLACE,
  ARM_DISARMED,
  ARM_PILOT,
  ARM_SHADOW,
  BRIDGE_ANSWERED,
  BRIDGE_FAILED,
  BRIDGE_REFUSED,
  REPORT_ACCEPTED,
  REPORT_CANCEL_REJECTED,
  REPORT_REJECTED,
  REPORT_UNKNOWN,
} from '../../../engine/messages/codes.ts';
import { Bridge, type BridgeRequest } from '../../../gateways/bridge/bridge.ts';
import { BridgeJournal } from '../../../gateways/bridge/journal.ts';
import { DEFAULT_LIMITS, LimitGate } from '../../../gateways/bridge/limits.ts';
import { FakeBrokerPort } from '../../support/fake-broker-port.ts';

const DAY = 20260105;
const ENGINE = 41;

interface Kit {
  readonly bridge: Bridge;
  readonly broker: FakeBrokerPort;
  readonly said: string[];
  readonly dir: string;
}

async function openKit(dir = '', day = DAY, limits = DEFAULT_LIMITS): Promise<Kit> {
  const folder = dir === '' ? mkdtempSync(join(tmpdir(), 'pankou-bridge-')) : dir;
  if (dir === '') onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const journal = await BridgeJournal.open(folder, 'demo', 0, day);
  onTestFinished(() => journal.close());
  const broker = new FakeBrokerPort();
  const said: string[] = [];
  const bridge = new Bridge({
    account: 'demo',
    journal,
    broker,
    gate: new LimitGate(limits, null),
    nowMs: () => 5_000,
    voice: {
      report: (order, kind, code) => said.push(`report ${order.c} ${kind} ${code}`),
      refuse: (request, kind, code) => said.push(`refuse ${request.c} ${kind} ${code}`),
      fill: (order, trade) => said.push(`fill ${order.c} ${trade.tradeNo}`),
      alarm: (text) => said.push(`alarm ${text}`),
    },
  });
  return { bridge, broker, said, dir: folder };
}

function request(c: number, change: Partial<BridgeRequest> = {}): BridgeRequest {
  const epoch = change.epoch ?? 3;
  return {
    ...{ a: idAccountEpoch(0, epoch), b: DAY, c, symbol: '600001.SH', side: 1, kind: 1 },
    ...{ priceE4: 100_000, qty: 100, valueE4: 100_000, strategy: 0, intentNo: c },
    ...{ action: ACTION_PLACE, epoch },
    ...change,
  };
}

/** Lets the broker's answers arrive. */
const settled = (): Promise<void> => new Promise((done) => setImmediate(done));

async function send(kit: Kit, ...requests: BridgeRequest[]): Promise<void> {
  for (const one of requests) kit.bridge.take(one);
  kit.bridge.commit();
  await settled();
}

test('an id is sent once: a repetition tells how it stands, also after a restart', async () => {
  const kit = await openKit();
  kit.bridge.fence(3, ENGINE);
  await send(kit, request(1), request(1));
  await send(kit, request(1));
  expect(kit.broker.placed).toHaveLength(1);
  expect(kit.said).toEqual([`report 1 ${REPORT_ACCEPTED} 0`, `report 1 ${REPORT_ACCEPTED} 0`]);
  await kit.bridge.journal.close();

  const later = await openKit(kit.dir);
  expect(later.bridge.journal.fence).toBe(3);
  await send(later, request(1));
  expect(later.broker.placed).toHaveLength(0);
  expect(later.said).toEqual([`report 1 ${REPORT_ACCEPTED} 0`]);
  expect(later.bridge.journal.find(request(1).a, 1)).toMatchObject({
    state: BRIDGE_ANSWERED,
    brokerOrderNo: 7_000,
    symbol: '600001.SH',
  });
});

test('an id used again with other content is alarmed and not sent', async () => {
  const kit = await openKit();
  kit.bridge.fence(3, ENGINE);
  await send(kit, request(1));
  await send(kit, request(1, { qty: 900 }));
  expect(kit.broker.placed).toHaveLength(1);
  expect(kit.said.join()).toContain('alarm account demo: id');
});

test('an epoch below the fence is refused, and so is an equal one of another engine', async () => {
  const kit = await openKit();
  expect(kit.bridge.fence(3, ENGINE)).toBe(true);
  expect(kit.bridge.fence(3, ENGINE)).toBe(true);
  expect(kit.bridge.fence(3, ENGINE + 1)).toBe(false);
  expect(kit.bridge.fence(2, ENGINE)).toBe(false);
  await send(kit, request(1, { epoch: 2 }));
  expect(kit.said).toEqual([`refuse 1 ${REPORT_REJECTED} ${REJECT_FENCED}`]);
  expect(kit.broker.placed).toHaveLength(0);
});

test('an order that an earlier life has kept is placed behind the fence', async () => {
  const kit = await openKit();
  expect(kit.bridge.fence(3, ENGINE)).toBe(true);
  await send(kit, request(1, { epoch: 3, a: idAccountEpoch(0, 2) }));
  expect(kit.broker.placed).toHaveLength(1);
  await send(kit, request(2, { epoch: 3, a: idAccountEpoch(0, 4) }));
  expect(kit.said.at(-1)).toBe(`refuse 2 ${REPORT_REJECTED} ${REJECT_FENCED}`);
});

test('the kill flag holds over the days; fence and orders are of one day', async () => {
  const kit = await openKit();
  kit.bridge.fence(9, ENGINE);
  await send(kit, request(1, { epoch: 9 }));
  kit.bridge.kill(true);
  await kit.bridge.journal.close();
  const next = await openKit(kit.dir, DAY + 1);
  expect(next.bridge.journal).toMatchObject({ fence: 0, killed: true });
  expect(next.bridge.journal.orders.size).toBe(0);
  // The engine's journal of the new day begins at epoch 1, however often it started yesterday.
  expect(next.bridge.fence(1, ENGINE)).toBe(true);
});

test('a call without an answer is unknown, never rejected; a push finds its number', async () => {
  const kit = await openKit();
  kit.bridge.fence(3, ENGINE);
  kit.broker.loses = true;
  await send(kit, request(1));
  expect(kit.said[0]).toMatch(new RegExp(`^report 1 ${REPORT_UNKNOWN} `));
  expect(kit.bridge.journal.find(request(1).a, 1)?.state).toBe(BRIDGE_FAILED);
  kit.bridge.onOrder(kit.broker.placed[0]!);
  expect(kit.bridge.journal.find(request(1).a, 1)).toMatchObject({ brokerOrderNo: 7_000 });
  expect(kit.said[1]).toBe(`report 1 ${REPORT_ACCEPTED} 0`);
});

test('a cancel of an order without number looks for it in the broker list first', async () => {
  const kit = await openKit();
  kit.bridge.fence(3, ENGINE);
  kit.broker.loses = true;
  await send(kit, request(1));
  await send(kit, request(1, { action: ACTION_CANCEL }));
  expect(kit.broker.cancelled).toEqual([7_000]);
  await send(kit, request(2, { action: ACTION_CANCEL }));
  expect(kit.said.at(-1)).toBe(`refuse 2 ${REPORT_CANCEL_REJECTED} ${REJECT_UNKNOWN_ORDER}`);
});

test('the kill flag stops orders at once and cancels what is open; cancels pass', async () => {
  const kit = await openKit();
  kit.bridge.fence(3, ENGINE);
  await send(kit, request(1));
  kit.bridge.kill(true);
  await settled();
  expect(kit.broker.cancelled).toEqual([7_000]);
  await send(kit, request(2), request(1, { action: ACTION_CANCEL }));
  expect(kit.said.at(-1)).toBe(`refuse 2 ${REPORT_REJECTED} ${REJECT_KILLED}`);
  expect(kit.broker.placed).toHaveLength(1);
  expect(kit.broker.cancelled).toEqual([7_000, 7_000]);
  expect(kit.bridge.journal.find(request(2).a, 2)).toMatchObject({ state: BRIDGE_REFUSED });
});

test('its own limits refuse amount, rate and day, counting what waits in the batch', async () => {
  const limits = { ...DEFAULT_LIMITS, ordersPerSecond: 2, orderAmount: 5_000 };
  const kit = await openKit('', DAY, limits);
  kit.bridge.fence(3, ENGINE);
  await send(kit, request(1, { qty: 600 }), request(2), request(3), request(4));
  const amount = `refuse 1 ${REPORT_REJECTED} ${REJECT_ORDER_AMOUNT}`;
  expect(kit.said).toContain(amount);
  expect(kit.said).toContain(`refuse 4 ${REPORT_REJECTED} ${REJECT_ORDER_RATE}`);
  expect(kit.broker.placed).toHaveLength(2);
  const daily = await openKit('', DAY, { ...DEFAULT_LIMITS, dayAmount: 2_500 });
  daily.bridge.fence(3, ENGINE);
  await send(daily, request(1), request(2), request(3));
  expect(daily.broker.placed).toHaveLength(2);
  expect(daily.said).toContain(`refuse 3 ${REPORT_REJECTED} ${REJECT_ORDER_AMOUNT}`);
});

test('an order valued at nothing does not pass the limits', async () => {
  const kit = await openKit();
  kit.bridge.fence(3, ENGINE);
  await send(kit, request(1, { valueE4: 0 }), request(2, { valueE4: Number.NaN }));
  expect(kit.broker.placed).toHaveLength(0);
});

test('after a restart no order passes for a second: what the life before sent may be young', () => {
  const gate = new LimitGate(DEFAULT_LIMITS, 1_000);
  expect(gate.check(1, 0, 0, 1_999)).toBe(REJECT_ORDER_RATE);
  expect(gate.check(1, 0, 0, 2_000)).toBe(0);
});

test('what cannot be written is not sent', async () => {
  const kit = await openKit();
  kit.bridge.fence(3, ENGINE);
  kit.bridge.journal.flush = () => -3;
  await send(kit, request(1));
  expect(kit.broker.placed).toHaveLength(0);
  expect(kit.said).toEqual([`refuse 1 ${REPORT_REJECTED} ${REJECT_JOURNAL}`]);
});

/** From here to the end of the test the disk takes nothing. */
function fillDisk(): void {
  const { writevSync } = fs;
  onTestFinished(() => {
    fs.writevSync = writevSync;
    syncBuiltinESMExports();
  });
  fs.writevSync = () => {
    throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
  };
  syncBuiltinESMExports();
}

test('a full disk: a refusal in the batch lets nothing through that was not written', async () => {
  const kit = await openKit();
  kit.bridge.fence(3, ENGINE);
  fillDisk();
  await send(kit, request(1), request(2, { qty: 90_000_000 }));
  expect(kit.broker.placed).toHaveLength(0);
  expect(kit.said).toEqual([
    `refuse 1 ${REPORT_REJECTED} ${REJECT_JOURNAL}`,
    `refuse 2 ${REPORT_REJECTED} ${REJECT_ORDER_AMOUNT}`,
  ]);
});

test('a full disk: cancels of what is alive still go out, orders do not', async () => {
  const kit = await openKit();
  kit.bridge.fence(3, ENGINE);
  await send(kit, request(1));
  fillDisk();
  await send(kit, request(2));
  await send(kit, request(3), request(1, { action: ACTION_CANCEL }));
  expect(kit.broker.placed).toHaveLength(1);
  expect(kit.broker.cancelled).toEqual([7_000]);
});

test('a trade told twice is passed once; a lost remark is found by its number', async () => {
  const kit = await openKit();
  kit.bridge.fence(3, ENGINE);
  await send(kit, request(1));
  const { remark, symbol, side } = kit.broker.placed[0]!;
  const trade = { remark, symbol, side, priceE4: 1, qty: 100, orderNo: 7_000, tradeNo: 5 };
  kit.bridge.onTrade(trade);
  kit.bridge.onTrade(trade);
  kit.bridge.onTrade({ ...trade, remark: 'cut off', tradeNo: 6 });
  kit.bridge.onTrade({ ...trade, remark: 'by hand', orderNo: 1, tradeNo: 7 });
  expect(kit.said.filter((line) => line.startsWith('fill'))).toEqual(['fill 1 5', 'fill 1 6']);
});

test('a refused order stays refused after a restart, and its cancel is answered', async () => {
  const kit = await openKit();
  kit.bridge.fence(3, ENGINE);
  await send(kit, request(1, { valueE4: 0 }));
  await kit.bridge.journal.close();
  const later = await openKit(kit.dir);
  await send(later, request(1), request(1, { action: ACTION_CANCEL }));
  expect(later.broker.placed).toHaveLength(0);
  expect(later.said).toEqual([
    `refuse 1 ${REPORT_REJECTED} ${REJECT_ORDER_AMOUNT}`,
    `refuse 1 ${REPORT_CANCEL_REJECTED} ${REJECT_UNKNOWN_ORDER}`,
  ]);
});

test('the stage its engine told holds here too: shadow, pilot list, pilot amounts', async () => {
  const kit = await openKit();
  kit.bridge.fence(3, ENGINE);
  const symbols = new Set(['600001.SH']);
  const stage = { stage: ARM_SHADOW, orderAmountE4: 10_000_000, dayAmountE4: 15_000_000, symbols };
  kit.bridge.arm(stage);
  await send(kit, request(1));
  kit.bridge.arm({ ...stage, stage: ARM_PILOT });
  await send(kit, request(2, { symbol: '600002.SH' }), request(3, { qty: 200 }));
  await send(kit, request(4), request(5), request(6, { qty: 50 }));
  kit.bridge.arm({ ...stage, stage: ARM_DISARMED });
  await send(kit, request(7), request(4, { action: ACTION_CANCEL }));
  expect(kit.broker.placed.map(({ qty }) => qty)).toEqual([100, 50]);
  expect(kit.broker.cancelled.length).toBe(1);
  const refused = kit.said.filter((line) => line.startsWith('refuse')).map((line) => line.slice(7));
  expect(refused).toEqual([
    ...[`1 ${REPORT_REJECTED} ${REJECT_SHADOW}`, `2 ${REPORT_REJECTED} ${REJECT_PILOT_LIST}`],
    ...[3, 5].map((c) => `${c} ${REPORT_REJECTED} ${REJECT_PILOT_AMOUNT}`),
    `7 ${REPORT_REJECTED} ${REJECT_DISARMED}`,
  ]);
});

test('its own list of stocks holds, and it can demand that engines tell a stage', async () => {
  const listed = await openKit('', DAY, { ...DEFAULT_LIMITS, symbols: ['600002.SH'] });
  listed.bridge.fence(3, ENGINE);
  await send(listed, request(1));
  expect(listed.said).toEqual([`refuse 1 ${REPORT_REJECTED} ${REJECT_WHITE_LIST}`]);
  const strict = await openKit('', DAY, { ...DEFAULT_LIMITS, requireArming: true });
  strict.bridge.fence(3, ENGINE);
  await send(strict, request(1));
  expect(strict.said).toEqual([`refuse 1 ${REPORT_REJECTED} ${REJECT_DISARMED}`]);
});
