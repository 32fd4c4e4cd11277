// Approvals that nothing forges by accident: they change with every field they cover.
// Run by vitest. Always: expectations come from the rules, never from the code under test.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { approvalOf } from '../../../engine/core/risk/approval.ts';

describe('an approval', () => {
  test('is never 0 and changes with every single field it covers', () => {
    const int = fc.integer();
    const fields = fc.tuple(
      int,
      int,
      fc.nat(6_000),
      fc.integer({ min: 1, max: 2 }),
      fc.nat(),
      fc.nat(),
    );
    fc.assert(
      fc.property(fields, fc.nat(5), fc.integer({ min: 1, max: 2 ** 20 }), (all, which, by) => {
        const changed = [...all] as typeof all;
        changed[which] = which === 3 ? 3 - all[3] : all[which]! ^ by;
        expect(approvalOf(...all)).not.toBe(0);
        expect(approvalOf(...changed)).not.toBe(approvalOf(...all));
      }),
      { numRuns: 50_000, seed: 12 },
    );
  });
});
