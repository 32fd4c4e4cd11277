// Tries everything that a strategy must not reach in a backtest, and prints what it was told. Run
// by tests/e2e/strategy-guard.test.ts.
import { isDeepStrictEqual } from 'node:util';
import { defineStrategy } from 'pankou';
import { secondsNow } from './nosy-part.ts';

const tries: Readonly<Record<string, () => unknown>> = {
  'Date.now': () => Date.now(),
  'new Date': () => new Date(),
  Date: () => Date(),
  random: () => Math.random(),
  performance: () => performance.now(),
  setTimeout: () => setTimeout(() => {}, 1),
  fetch: () => fetch('http://127.0.0.1/'),
  process: () => process.env['HOME'],
  crypto: () => crypto.randomUUID(),
  globalThis: () => globalThis.Date.now(),
  import: () => secondsNow(),
};

export default defineStrategy({
  params: {},

  onInit(ctx) {
    for (const [name, run] of Object.entries(tries)) {
      try {
        run();
        ctx.log(`${name}: reached`);
      } catch (error) {
        ctx.log(`${name}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    const day = new Date(Date.UTC(2026, 0, 5)).getUTCDay();
    const isPure = isDeepStrictEqual([Math.floor(1.5), Math.max(1, 2), day], [1, 2, 1]);
    ctx.log(`what is pure: ${isPure ? 'as ever' : 'broken'}`);
  },
});
