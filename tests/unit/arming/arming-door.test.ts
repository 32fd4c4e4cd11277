// The core's door for changes of a stage: what must hold before a stage is raised, that lowering
// asks for nothing, what stands on disk. The file is a real one in a temporary folder.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  REJECT_BUSY,
  REJECT_JOURNAL,
  REJECT_KILLED,
  REJECT_LINK_DOWN,
  REJECT_PILOT_LIST,
} from '../../../engine/core/reject-code.ts';
import { ArmingDoor } from '../../../engine/host/arming-door.ts';
import { readStage } from '../../../engine/host/arming-file.ts';
import {
  ARM_DISARMED,
  ARM_FULL,
  ARM_PILOT,
  ARM_SHADOW,
  LINK_DOWN,
  LINK_READY,
} from '../../../engine/messages/codes.ts';
import type { FrameMemory } from '../../../engine/messages/frames.ts';
import { Arming } from '../../../engine/messages/generated/broker.ts';
import { frame } from '../../support/control-frames.ts';

const DAY = 20260105;

function open(start = ARM_DISARMED, instruments: number[] = [0]) {
  const dir = mkdtempSync(join(tmpdir(), 'pankou-door-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const state = { killed: false, link: LINK_READY, hasRoom: true };
  const told: number[] = [];
  const shown: [stage: number, code: number][] = [];
  const read = (memory: FrameMemory, at: number) => new Arming().wrap(memory, at);
  const caps = { orderAmountE4: 1, dayAmountE4: 1, instruments };
  const door = new ArmingDoor({
    ...{ runDir: dir, day: DAY, log: () => {} },
    accounts: [{ id: 'sim' }, { id: 'demo', arming: { stage: start, ...caps } }],
    tell: (account, memory, at) => {
      if (state.hasRoom) told.push(account * 10 + read(memory, at).stage);
      return state.hasRoom;
    },
    show: (memory, at) => {
      const { stage, code } = read(memory, at);
      shown.push([stage, code]);
    },
    isKilled: () => state.killed,
    linkOf: () => state.link,
  });
  const ask = (stage: number, account = 1): void => door.take(frame(Arming, { account, stage }), 0);
  return { door, dir, state, told, shown, ask };
}

describe('the door of stages', () => {
  test('passes a stage on once it is on disk, and shows what holds', () => {
    const { door, dir, told, ask } = open();
    ask(ARM_SHADOW);
    ask(ARM_PILOT);
    expect(told).toEqual([10 + ARM_SHADOW, 10 + ARM_PILOT]);
    expect(readStage(dir, DAY, 'demo')).toBe(ARM_PILOT);
    expect(readStage(dir, DAY + 1, 'demo')).toBe(ARM_DISARMED);
    expect(readStage(dir, DAY, 'other')).toBe(ARM_DISARMED);
    expect(door.texts()).toEqual([]);
    writeFileSync(join(dir, 'arming.json'), '{"day":20260105,"stages":{"demo":"fu');
    expect(readStage(dir, DAY, 'demo')).toBe(ARM_DISARMED);
  });

  test('raises nothing while killed, nor beyond shadow without a ready link', () => {
    const { state, told, shown, ask } = open();
    state.killed = true;
    ask(ARM_SHADOW);
    state.killed = false;
    state.link = LINK_DOWN;
    ask(ARM_SHADOW);
    ask(ARM_PILOT);
    expect(told).toEqual([10 + ARM_SHADOW]);
    expect(shown).toEqual([
      [ARM_DISARMED, REJECT_KILLED],
      [ARM_SHADOW, REJECT_LINK_DOWN],
    ]);
  });

  test('lowers whatever is wrong, and says so when even the gateway does not hear', () => {
    const { state, told, shown, ask } = open(ARM_FULL);
    Object.assign(state, { killed: true, link: LINK_DOWN });
    ask(ARM_SHADOW);
    expect(told).toEqual([10 + ARM_SHADOW]);
    state.hasRoom = false;
    ask(ARM_DISARMED);
    expect(shown).toEqual([[ARM_SHADOW, REJECT_BUSY]]);
  });

  test('knows no pilot without a list, and no stage of a simulated account', () => {
    const { told, shown, ask } = open(ARM_SHADOW, []);
    ask(ARM_PILOT);
    ask(ARM_FULL, 0);
    ask(ARM_FULL, 7);
    expect(told).toEqual([]);
    expect(shown).toEqual([[ARM_SHADOW, REJECT_PILOT_LIST]]);
  });

  test('does not raise what it cannot write down', () => {
    const { dir, told, shown, ask } = open();
    rmSync(dir, { recursive: true });
    ask(ARM_SHADOW);
    expect(told).toEqual([]);
    expect(shown).toEqual([[ARM_DISARMED, REJECT_JOURNAL]]);
  });

  test('a raise that the gateway could not take is not on disk', () => {
    const { dir, state, shown, ask } = open();
    state.hasRoom = false;
    ask(ARM_SHADOW);
    expect(shown).toEqual([[ARM_DISARMED, REJECT_BUSY]]);
    expect(readFileSync(join(dir, 'arming.json'), 'utf8')).toContain('"disarmed"');
  });
});
