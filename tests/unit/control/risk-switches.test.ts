// Kill switches and the switches of risk as every door uses them: whom a name means, what is sent,
// what is refused. Run by vitest over a real replica fed with the meta of a core.
import { describe, expect, test } from 'vitest';
import { Replica } from '../../../engine/control/replica.ts';
import { RiskSwitches } from '../../../engine/control/risk-switches.ts';
import { copyFrame, FrameMemory, frameType } from '../../../engine/messages/frames.ts';
import { Kill, MarketPause, RiskResume } from '../../../engine/messages/generated/control.ts';
import { makeMeta } from '../../support/control-frames.ts';

const META = {
  accounts: [
    { index: 0, id: 'a' },
    { index: 1, id: 'b' },
  ],
  strategies: [
    { index: 0, name: 'grid', file: 'grid.ts' },
    { index: 1, name: 'twap', file: 'twap.ts' },
  ],
};

function switches(isUp = true) {
  const replica = new Replica();
  if (isUp) {
    replica.applyMeta(makeMeta(META));
    replica.applyReady();
  }
  const sent: FrameMemory[] = [];
  const self = new RiskSwitches(replica, (memory, at) => {
    const copy = new FrameMemory(new ArrayBuffer(256));
    copyFrame(memory, at, copy, 0);
    sent.push(copy);
    return isUp;
  });
  return { self, sent };
}

/** A bridge beside the core; the accounts whose flag it was asked to set. */
function withBridge(self: RiskSwitches, isOpen = true): string[] {
  const told: string[] = [];
  self.bridge = {
    isOpen,
    isConfirmed: true,
    set: (account, on) => {
      if (on) told.push(account);
      return isOpen;
    },
    close: () => {},
  };
  return told;
}

const word = (outcome: { ok: boolean; error?: { code: string; field?: string | undefined } }) =>
  outcome.ok ? 'ok' : `${outcome.error?.code} ${outcome.error?.field ?? ''}`.trim();

describe('a kill', () => {
  test.each([
    [{}, { scope: 1 }],
    [{ scope: 'firm' } as const, { scope: 1 }],
    [{ account: 'b' }, { scope: 2, account: 1 }],
    [{ strategy: 'twap', scope: 'strategy' } as const, { scope: 3, strategy: 1 }],
  ])('of %j goes to %j', (body, fields) => {
    const { self, sent } = switches();
    expect(word(self.kill(body))).toBe('ok');
    expect(sent.map((memory) => frameType(memory, 0))).toEqual([Kill.TYPE]);
    expect(new Kill().wrap(sent[0]!, 0)).toMatchObject({ ...fields, on: 1 });
  });

  test.each([
    [{ account: 'c' }, 'unknown-account account'],
    [{ strategy: 'c' }, 'unknown-strategy strategy'],
    [{ strategy: 'desk' }, 'unknown-strategy strategy'],
    [{ account: 'a', strategy: 'grid' }, 'bad-request strategy'],
    [{ scope: 'firm', account: 'a' } as const, 'bad-request scope'],
    [{ scope: 'account' } as const, 'bad-request scope'],
  ])('of %j is refused and sends nothing', (body, refusal) => {
    const { self, sent } = switches();
    expect(word(self.kill(body))).toBe(refusal);
    expect(sent).toEqual([]);
  });

  test.each([
    [{}, ['*']],
    [{ account: 'b' }, ['b']],
    [{ strategy: 'twap' }, []],
    [{ account: 'c' }, []],
  ])('of %j also reaches the flag of a bridge for %j', (body, accounts) => {
    const { self } = switches();
    const told = withBridge(self);
    self.kill(body);
    expect(told).toEqual(accounts);
  });

  test('reaches the bridge alone where the core does not answer', () => {
    for (const [body, account] of [[{}, '*'] as const, [{ account: 'a' }, 'a'] as const]) {
      const { self } = switches(false);
      const told = withBridge(self);
      expect(self.kill(body)).toEqual({ ok: true, data: { core: false, bridge: true } });
      expect(told).toEqual([account]);
    }
    const { self } = switches(false);
    const told = withBridge(self, false);
    expect([word(self.kill({})), told]).toEqual(['engine-down', ['*']]);
    expect(word(self.kill({ strategy: 'twap' }))).toBe('engine-down');
  });

  test('without a core says that nothing was sent', () => {
    expect(word(switches(false).self.kill({}))).toBe('engine-down');
    expect(word(switches(false).self.kill({ account: 'a' }))).toBe('engine-down');
  });
});

describe('pause and resume', () => {
  test('name a market by number, none is all', () => {
    const { self, sent } = switches();
    const outcomes = [self.pause('SZ'), self.pause(undefined), self.resume({ market: 'SZ' })];
    outcomes.push(self.resume({}));
    expect(outcomes.map(word)).toEqual(['ok', 'ok', 'ok', 'ok']);
    const told = sent.map((memory) => {
      const { market, on } = new MarketPause().wrap(memory, 0);
      return [frameType(memory, 0) === MarketPause.TYPE, market, on];
    });
    expect(told).toEqual([
      [true, 2, 1],
      [true, 0, 1],
      [true, 2, 0],
      [true, 0, 0],
    ]);
  });

  test('let an account, a strategy or the desk go on, one at a time', () => {
    const { self, sent } = switches();
    const bodies = [{ account: 'b' }, { strategy: 'twap' }, { strategy: 'desk' }];
    expect(bodies.map((body) => word(self.resume(body)))).toEqual(['ok', 'ok', 'ok']);
    const told = sent.map((memory) => {
      const { scope, account, strategy } = new RiskResume().wrap(memory, 0);
      return [scope, account, strategy];
    });
    expect(told).toEqual([
      [2, 1, -1],
      [3, -1, 1],
      [3, -1, 240],
    ]);
    expect(word(self.resume({ account: 'a', market: 'SH' }))).toBe('bad-request market');
    expect(word(self.resume({ account: 'nobody' }))).toBe('unknown-account account');
  });
});
