// What people read of a journal that the real actors wrote: `journal dump` names states by their
// frame, `explain` and the queryable copy know what a person said. Run by vitest.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { formatOrderId } from '../../../engine/core/order-id.ts';
import { dumpJournal } from '../../../engine/journal/dump.ts';
import { explainOrder } from '../../../engine/journal/explain.ts';
import { codeText } from '../../../engine/journal/field-text.ts';
import { readProjection, rebuildProjection } from '../../../engine/journal/projection.ts';
import { WHOLE_ACCOUNT } from '../../../engine/journal/projection-fold.ts';
import {
  BRIDGE_ANSWERED,
  BRIDGE_FAILED,
  BRIDGE_HANDED_OVER,
  BRIDGE_REFUSED,
  CONFIRM_YES,
  REPORT_ACCEPTED,
  SETTLE_CANCELLED,
} from '../../../engine/messages/codes.ts';
import { writeText } from '../../../engine/messages/frame-text.ts';
import { FrameMemory } from '../../../engine/messages/frames.ts';
import { BridgeRow } from '../../../engine/messages/generated/broker.ts';
import { OrderSettle, RiskConfirm } from '../../../engine/messages/generated/control.ts';
import { storyText } from '../../../tools/commands/explain.ts';
import { openChain } from '../../support/order-chain.ts';

let dir = '';
let coid = '';

/** The words of a text, as fields of its frame. */
function words(type: number, first: string, text: string): object {
  const memory = new FrameMemory(new ArrayBuffer(256));
  const frame = type === RiskConfirm.TYPE ? new RiskConfirm() : new OrderSettle();
  frame.begin(memory, 0);
  writeText(type, memory, 0, first, text);
  const stem = first.slice(0, -1);
  const letters = [...'ABCDEFGHIJKLMNOP'].filter((letter) => stem + letter in frame);
  return Object.fromEntries(
    letters.map((letter) => [stem + letter, frame[`${stem}${letter}` as 'byA']]),
  );
}

beforeAll(async () => {
  const first = await openChain({ limits: { parkAmount: 20_000_000, splitAmount: 50_000_000 } });
  dir = first.dir;
  first.place({ qty: 300 });
  const by = words(RiskConfirm.TYPE, 'byA', '李四');
  first.send('oms', RiskConfirm, { ...first.id(0), decision: CONFIRM_YES, person: 1, ...by });
  first.report(0, REPORT_ACCEPTED);
  first.fill(0, 100);
  first.place({ qty: 300 });
  coid = formatOrderId(first.id(0).coidA, first.setup.day, 1);
  await first.kill();
  const second = await openChain({ dir, unconnected: true });
  const name = words(OrderSettle.TYPE, 'byA', 'Li');
  const reason = words(OrderSettle.TYPE, 'reasonA', 'the broker says so');
  const figures = { outcome: SETTLE_CANCELLED, filledQty: 200, priceE4: 99_000 };
  second.send('oms', OrderSettle, { ...second.id(0), ...figures, ...name, ...reason });
  second.connect();
  second.fill(0, 50);
  await second.kill();
});

afterAll(() => rmSync(dir, { recursive: true, force: true }));

function dump(type: string): string[] {
  const lines: string[] = [];
  dumpJournal(join(dir, 'journal-0'), { type }, (line) => lines.push(line));
  return lines;
}

test('a dump of a bridge names what became of a call in its own words', () => {
  const states = [BRIDGE_REFUSED, BRIDGE_HANDED_OVER, BRIDGE_ANSWERED, BRIDGE_FAILED];
  const found = states.map((state) => codeText(BridgeRow.TYPE, 'state', state));
  expect(found).toEqual(['refused', 'handed-over', 'answered', 'failed']);
});

test('a dump names the states of a link, not those of a strategy', () => {
  const states = dump('LINK').map((line) => /state=\d+\((\w+)\)/.exec(line)?.[1]);
  expect(states).toEqual(['up', 'fenced', 'ready', 'up', 'fenced', 'ready']);
});

test('a dump tells what an order is kept for, and names and reasons of people as text', () => {
  expect(dump('HOLD').map((line) => /action=\d+\((\w+)\)/.exec(line)?.[1])).toEqual([
    'await',
    'await',
  ]);
  expect(dump('CONFIRM')).toEqual([expect.stringMatching(/decision=1\(confirm\).* by="李四"$/)]);
  const [settle] = dump('SETTLE');
  expect(settle).toContain('by="Li" reason="the broker says so"');
  expect(settle).toContain(
    'outcome=2(cancelled) filledQty=200 priceE4=99000(9.9000) bookedQty=100',
  );
});

test('explain tells the whole story: kept, confirmed, sent, closed by a person', () => {
  const [story] = explainOrder(join(dir, 'journal-0'), { coid });
  const text = storyText(story!);
  expect(text).toMatch(/HOLD +kept for a second person/);
  expect(text).toMatch(/CONFIRM +confirmed by 李四/);
  expect(text).toContain('closed by Li as cancelled, 200 traded at 9.90: the broker says so');
  expect(text).toContain("settled   100 more on a person's word");
});

test('the queryable copy has the books of the account: nothing is counted twice', async () => {
  await rebuildProjection(dir);
  const { orders, positions } = await readProjection(dir, 0, () => {});
  expect(orders.map(({ status, filledQty, code }) => [status, filledQty, code])).toEqual([
    ['partly-cancelled', 200, 414],
    ['held', 0, 350],
  ]);
  const whole = positions.find(({ strategy }) => strategy === WHOLE_ACCOUNT);
  expect([whole!.qty, whole!.boughtQty]).toEqual([10_200, 200]);
});
