// tdx-days.test.ts over the whole history of every stock that comes with corporate actions. Run by
// vitest when PANKOU_LONG=1 is set; minutes.
import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { TDX } from '../../support/tdx-reference.ts';
import { compareHolder } from '../../support/tdx-run.ts';

describe.skipIf(!existsSync(TDX))('TDX daily bars (skipped: no ../shared/data here)', () => {
  test.each(['SH600000', 'SZ000001', 'SZ000002'])(
    'of %s from the listing to 2011',
    async (code) => {
      expect(await compareHolder(code, 19_900_101, 20_111_231)).toBeGreaterThan(8);
    },
    300_000,
  );
});
