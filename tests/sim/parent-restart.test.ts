// Parent and conditional orders through kill -9: the process dies at one effect after the other
// (a record written, a frame handed on) and starts again from its real journal. The auditor checks
// after every step that no parent's parts pass its quantity and that a condition comes true once.
// Run by vitest. Always: no other fault than the one crash; while the link is not ready the broker
// trades nothing, so the part that worked at the crash still works when its parent goes on.
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { LINK_READY } from '../../engine/messages/codes.ts';
import { FAULT_CLASSES } from '../../engine/sim/faults.ts';
import { World } from '../../engine/sim/world.ts';

const QUIET = new Set(FAULT_CLASSES);
const SELLER = new URL('../support/strategies/parent-seller.ts', import.meta.url);

/** A run that dies at its n-th effect, and what its journal says of parents. */
async function runTo(seed: number, effect: number) {
  const world = new World(
    seed,
    { orders: 200, steps: seed === 3 ? 450 : 1_300, without: QUIET },
    null,
  );
  const [account] = world.setup.accounts;
  const strategy = { ...world.setup.strategies[0]!, file: fileURLToPath(SELLER) };
  const setup = { ...world.setup, strategies: [strategy] };
  Object.assign(world, { setup });
  expect(account!.positions.length).toBeGreaterThan(2);
  const trade = world.broker.tradeOne.bind(world.broker);
  world.broker.tradeOne = (nowNs) => {
    const [gateway] = world.life.actors.gateways;
    if (gateway!.broker.state === LINK_READY) trade(nowNs);
  };
  world.crash.arm(effect);
  await world.run();
  const { eyes } = world.auditor;
  return {
    crashes: world.crashes,
    parts: eyes[0]!.parts.size,
    parents: eyes[0]!.parents.size,
    triggered: [...eyes[0]!.triggered.values()],
  };
}

/** Effects between two deaths: every one in the long form, every third in each check. */
const STRIDE = process.env['PANKOU_LONG'] === '1' ? 1 : 3;

describe('a process that dies between any two effects', () => {
  // Of the packs: the exchange inside the process, and a broker outside.
  it.each([3, 8])(
    'of seed %i doubles no slice and sets no condition off twice',
    async (seed) => {
      let [runs, crashes, parts, parents] = [0, 0, 0, 0];
      const triggered: number[] = [];
      // The last run dies no more: the effects of the whole run had their turn.
      for (let effect = 10; crashes === runs; effect += STRIDE) {
        const seen = await runTo(seed, effect);
        runs++;
        crashes += seen.crashes;
        parts += seen.parts;
        parents += seen.parents;
        triggered.push(...seen.triggered);
      }
      expect(crashes).toBeGreaterThan(60 / STRIDE);
      expect(Math.min(parts, parents)).toBeGreaterThan(crashes);
      expect(triggered.every((times) => times === 1)).toBe(true);
      expect(triggered.length).toBeGreaterThan(crashes / 2);
    },
    60_000,
  );
});
