// What people are told of: a real replica fed with frames as a core sends them, and the events that
// the watch makes of it. What is state after a connect is no news, what is bad is.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { AlertWatch } from '../../../engine/control/alerts/alert-watch.ts';
import { Replica } from '../../../engine/control/replica.ts';
import {
  STATUS_ACCEPTED,
  STATUS_REJECTED,
  STATUS_UNKNOWN,
} from '../../../engine/core/order-status.ts';
import { REJECT_CASH, REJECT_SHADOW } from '../../../engine/core/reject-code.ts';
import {
  ARM_PILOT,
  ENGINE_RUNNING,
  ENGINE_STOPPED,
  LINK_DOWN,
  LINK_FENCED,
  LINK_READY,
  LINK_STOPPED,
  LINK_UP,
} from '../../../engine/messages/codes.ts';
import { type FrameMemory, frameType } from '../../../engine/messages/frames.ts';
import { Arming, LinkState } from '../../../engine/messages/generated/broker.ts';
import {
  accountFrame,
  engineFrame,
  frame,
  makeMeta,
  orderFrame,
  rejectFrame,
  tickFrame,
} from '../../support/control-frames.ts';

let nowMs = 0;
let replica: Replica;
let watch: AlertWatch;
let told: string[] = [];

beforeEach(() => {
  const runDir = mkdtempSync(`${tmpdir()}/pankou-watch-`);
  onTestFinished(() => rmSync(runDir, { recursive: true, force: true }));
  nowMs = 1_000_000;
  told = [];
  replica = new Replica();
  watch = new AlertWatch({
    ...{ replica, runDir, rejectsPerMinute: 3, diskFreeMiB: 1e12, now: () => nowMs },
    raise: (event, subject, text) => told.push(`${event} ${subject}: ${text.en}`),
  });
  connect('engine-1');
});

function connect(engineId: string): void {
  replica.applyMeta(makeMeta({ engineId }));
  take(engineFrame({ state: ENGINE_RUNNING }));
  replica.applyReady();
  watch.look();
}
function take(memory: FrameMemory): void {
  replica.applyFrame(frameType(memory, 0), memory, 0);
}
const link = (state: number) => take(frame(LinkState, { state, sessionNo: 1 }));
const events = () => told.map((line) => line.split(' ')[0]);
const log = (source: string, text: string, level: 'warn' | 'error' = 'warn') =>
  replica.applyLog({ level, source, text, ns: 0 });

describe('people are told', () => {
  test('once of each order whose fate is unknown, and again when it is so anew', () => {
    take(orderFrame(1, { status: STATUS_UNKNOWN }));
    take(orderFrame(1, { status: STATUS_UNKNOWN }));
    take(orderFrame(2, { status: STATUS_UNKNOWN }));
    take(orderFrame(1, { status: STATUS_ACCEPTED }));
    take(orderFrame(1, { status: STATUS_UNKNOWN }));
    expect(events()).toEqual(Array(3).fill('order-unknown'));
    expect(told[0]).toContain('paper 600001.SH buy 100');
  });

  test('of a storm of refusals, not of what shadow holds back, not of old ones', () => {
    for (let n = 1; n <= 9; n++) {
      take(orderFrame(n, { status: STATUS_REJECTED, code: REJECT_SHADOW, stage: 5 }));
    }
    take(rejectFrame(REJECT_CASH));
    take(orderFrame(20, { status: STATUS_REJECTED, code: REJECT_CASH, stage: 3 }));
    nowMs += 61_000;
    take(rejectFrame(REJECT_CASH));
    take(rejectFrame(REJECT_CASH));
    expect(told).toEqual([]);
    take(rejectFrame(REJECT_CASH));
    expect(told).toEqual([
      'reject-storm paper: account paper: 3 refused in a minute, the last: 306 not enough cash',
    ]);
  });

  test('of a link that goes and comes back, not of its way up', () => {
    for (const state of [LINK_UP, LINK_FENCED, LINK_READY]) link(state);
    expect(told).toEqual([]);
    for (const state of [LINK_DOWN, LINK_UP, LINK_FENCED, LINK_READY]) link(state);
    expect(events()).toEqual(['link-lost', 'link-back']);
    link(LINK_STOPPED);
    expect(told[2]).toContain('link-lost paper stopped');
  });

  test('of kill switches, stops, statements, margin and errors that the core tells', () => {
    log('supervisor', 'kill switch of account demo is on: no orders, cancelling all');
    log('risk', 'account demo is stopped: 354 当日亏损 (loss)');
    log('risk', 'account demo: statement differs: 512 资金与柜台不符 (cash differs)');
    log('bridge', 'account demo: maintenance ratio 135 %');
    log('recorder', 'disk trouble', 'error');
    log('strategy', 'a line of no interest');
    expect(events()).toEqual(['kill', 'circuit', 'statement', 'margin', 'log']);
    take(engineFrame({ killed: 1 }));
    watch.look();
    expect(events().at(-1)).toBe('kill');
  });

  test('of a stage that changes, not of the one at a connect', () => {
    replica.applyMeta(makeMeta({ engineId: 'engine-1' }));
    take(frame(Arming, { stage: ARM_PILOT }));
    replica.applyReady();
    expect(told).toEqual([]);
    take(frame(Arming, { stage: ARM_PILOT, code: 305 }));
    expect(told).toEqual([]);
    take(frame(Arming, { stage: 0 }));
    expect(told).toEqual(['arming paper disarmed: account paper is now disarmed']);
  });

  test('of an engine that is away longer than a moment, and that it came back', () => {
    replica.markDown('gone');
    watch.look();
    nowMs += 2_000;
    watch.look();
    expect(told).toEqual([]);
    nowMs += 2_000;
    watch.look();
    watch.look();
    expect(events()).toEqual(['engine-down']);
    connect('engine-2');
    expect(events()).toEqual(['engine-down', 'engine-restart']);
  });

  test('of the day once, with figures and the audit head, and no lost engine then', () => {
    take(accountFrame());
    take(engineFrame({ state: ENGINE_STOPPED }));
    watch.look();
    watch.look();
    replica.markDown('ended');
    nowMs += 60_000;
    watch.look();
    watch.look();
    expect(events()).toEqual(['day-close']);
    expect(told[0]).toContain('paper equity 1000000.00 profit 0.00; audit 0 0000');
  });

  test('of quotes that stand still while time goes on, once', () => {
    take(tickFrame(100_000, { eventNs: 36_000e9 }));
    replica.applyHealth({ actors: [], virtualNs: 36_020e9 });
    watch.look();
    expect(told).toEqual([]);
    replica.applyHealth({ actors: [], virtualNs: 36_031e9 });
    watch.look();
    watch.look();
    expect(events()).toEqual(['quotes-stale']);
    take(tickFrame(100_000, { eventNs: 36_031e9 }));
    watch.look();
    replica.applyHealth({ actors: [], virtualNs: 36_099e9 });
    watch.look();
    expect(events()).toEqual(['quotes-stale', 'quotes-stale']);
  });

  test('of a failed strategy, little disk, an audit log that cannot be written', async () => {
    const strategies = [{ name: 'ma-cross', state: 'failed', reason: 'it threw' } as const];
    replica.applyHealth({ actors: [], strategies });
    watch.look();
    watch.look();
    watch.onAuditFailed('ENOSPC');
    expect(events()).toEqual(['strategy-failed', 'audit']);
    // The first look has asked for the disk already.
    await expect.poll(() => events()).toContain('disk');
  });
});
