// From a configuration or a command line to the setup: instruments and fees are those of the rule
// book of the day with the user's overlays, and what is odd is told.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadConfig } from '../../../engine/config.ts';
import { EPOCH_LAST } from '../../../engine/core/order-id.ts';
import { AccountState } from '../../../engine/host/account-state.ts';
import { prepareRun } from '../../../engine/host/make-setup.ts';
import { factsOfGivenClose } from '../../support/given-close.ts';
import { EXAMPLES } from '../../support/make-setup.ts';
import { DAY } from '../journal/journal-kit.ts';
import { writeJournalAtEpoch } from '../journal/late-epoch.ts';

const dir = mkdtempSync(join(tmpdir(), 'pankou-rules-in-setup-'));
afterAll(() => rmSync(dir, { recursive: true }));

const BIG_STAR = {
  ...{ id: 'desk/max', what: 'max-limit-order', venues: ['SSE'], kinds: ['star'] },
  ...{ value: { qty: 150_000 }, source: 'the broker', confidence: 'B' },
};

/** What `pankou run` makes of a configuration over the synthetic market. */
async function prepared(changes: object, instruments: readonly object[]) {
  const symbols = instruments.map((one) => (one as { symbol: string }).symbol);
  const file = join(dir, 'config.json');
  const strategy = { name: 'a', file: join(EXAMPLES, 'passive-quoter.ts'), account: 'demo' };
  const config = {
    ...{ name: 'paper', day: 20260810, market: { source: 'synthetic', instruments } },
    accounts: [{ id: 'demo', cash: 1_000_000 }],
    strategies: [{ ...strategy, instruments: symbols }],
    ...changes,
  };
  writeFileSync(file, JSON.stringify(config));
  return prepareRun(loadConfig(file), null);
}

describe('a setup', () => {
  test('has the fees of each kind, a net commission with what comes on top', async () => {
    const market = [{ symbol: '600000.SH' }, { symbol: '510300.SH', preClose: 4 }];
    const fees = { commissionNet: true, transferRate: 0.00002 };
    const accounts = [{ id: 'demo', cash: 1_000_000, fees }];
    const { setup, alerts } = await prepared({ accounts }, market);
    const [share, fund] = setup.accounts[0]!.fees;
    expect(share).toMatchObject({ stampDutyRateE7: 5_000, transferRateE7: 200 });
    expect(share).toMatchObject({ handlingRateE7: 341, regulatoryRateE7: 200 });
    expect(fund).toMatchObject({ stampDutyRateE7: 0, transferRateE7: 0, handlingRateE7: 400 });
    const { account } = new AccountState(setup, 0);
    expect(account.fees).toEqual([share, fund]);
    expect(alerts).toEqual([
      'account demo: fees.transferRate: given 0.00002, by rule 0.00001; the given rate is used',
    ]);
  });

  test('is made with the overlays of its configuration, and says so', async () => {
    writeFileSync(join(dir, 'desk.json'), JSON.stringify({ rows: [BIG_STAR] }));
    const star = [{ symbol: '688981.SH' }];
    const { setup, notes } = await prepared({ rules: ['desk.json'] }, star);
    expect(setup.instruments[0]!.maxQty).toBe(150_000);
    expect(setup.source).toMatchObject({ kind: 'synthetic' });
    expect(notes).toEqual([`rules of ${join(dir, 'desk.json')}`]);
    expect(setup.kernelRules.at(0)).toMatchObject({ maxQty: 150_000, afterHours: 1 });
    expect((await prepared({}, star)).setup.kernelRules.at(0)!.maxQty).toBe(100_000);
  });

  test('takes limits that the configuration gives, with an alert, and a known state', async () => {
    const given = { symbol: '600000.SH', preClose: 10, upperLimit: 10.5, lowerLimit: 9.5 };
    const { setup, alerts } = await prepared({}, [given]);
    expect(setup.instruments[0]).toMatchObject({ upperLimitE4: 105_000, lowerLimitE4: 95_000 });
    expect(setup.kernelRules.at(0)).toMatchObject({ upperE4: 105_000, lowerE4: 95_000 });
    expect(setup.windows[0]).toEqual({ lowE4: 95_000, highE4: 105_000 });
    expect(alerts).toHaveLength(2);
    const known = { symbol: '600000.SH', preClose: 10, state: 'risk-warning' };
    const day = { day: 20260703 };
    const old = await prepared(day, [known]);
    expect(old.setup.instruments[0]).toMatchObject({ upperLimitE4: 105_000, buyCapQty: 500_000 });
    expect(old.setup.kernelRules.at(0)).toMatchObject({ upperE4: 105_000, buyCap: 500_000 });
    expect(old.alerts).toEqual([]);
  });

  test('takes a preclose given by hand before that of the data, with an alert', async () => {
    const { instruments, warnings } = await factsOfGivenClose();
    const told = { preCloseE4: 101_000, upperLimitE4: 110_000, lowerLimitE4: 90_000 };
    expect(instruments[0]).toMatchObject(told);
    expect(warnings[0]).toBe(
      '600000.SH: preCloseE4: data 10.00, given 10.10; the given one is used',
    );
    expect(warnings[1]).toContain('upperLimitE4: static file 11.00, by rule 11.11');
  });

  test('over a closed day says so', async () => {
    const { alerts } = await prepared({ day: 20261001 }, [{ symbol: '600000.SH' }]);
    expect(alerts).toEqual([expect.stringMatching(/^2026-10-01 is not a trading day/)]);
  });

  test('is refused when the journal is at the last epoch that order ids can carry', async () => {
    const journal = { dir: join(dir, 'late') };
    const folder = join(journal.dir, 'journal-0');
    mkdirSync(folder, { recursive: true });
    writeJournalAtEpoch(folder, EPOCH_LAST);
    const start = prepared({ day: DAY, journal }, [{ symbol: '600000.SH' }]);
    await expect(start).rejects.toThrow(/epoch 1023, the last one .* another folder with --dir/);
  });
});
