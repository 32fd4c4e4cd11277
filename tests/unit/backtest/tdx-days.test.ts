// Corporate actions of a real stock against the slow account of its holder: shares and cash to the
// fen, averages of prices adjusted as of the day. The long form runs every stock from its listing.
import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { TDX } from '../../support/tdx-reference.ts';
import { compareHolder } from '../../support/tdx-run.ts';

describe.skipIf(!existsSync(TDX))('TDX daily bars (skipped: no ../shared/data here)', () => {
  test('of 000001.SZ with cash, bonus, conversion and rights in one go', async () => {
    expect(await compareHolder('SZ000001', 19_930_401, 19_940_930)).toBe(2);
  });
});
