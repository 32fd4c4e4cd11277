// The conformance kit: what every gateway session must keep, whatever broker stands behind it, as
// short tables (gateway-cases.ts, gateway-broker-cases.ts). Run for each gateway by a test file of
// its own. A capability file says what a gateway cannot do: it then plays the refusal of a case,
// and a word that no case knows fails. Source: engine/host/gateway-session.ts, docs/BRIDGE.md.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { FAULT_CASES, LINK_CASES, MONEY_CASES } from './gateway-broker-cases.ts';
import { type Case, ORDER_CASES } from './gateway-cases.ts';
import { Play } from './gateway-play.ts';
import type { GatewayUnderTest } from './gateway-under-test.ts';

/** Words of capability files that are not a case's `needs` but a part of the product's settings. */
const OTHER_WORDS = ['stock-list'];

export const CASES: readonly Case[] = [
  ...ORDER_CASES,
  ...MONEY_CASES,
  ...FAULT_CASES,
  ...LINK_CASES,
];

/** How a test file brings its gateway to life and ends it. */
export interface KitOptions {
  readonly gateway: () => GatewayUnderTest;
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** What the gateway plays of a case; null = the case does not concern it. */
function tableOf(one: Case, cannot: ReadonlySet<string>): string | null {
  const lacks = one.needs !== undefined && cannot.has(one.needs);
  // Without a connection there is nothing to begin anew either.
  if (one.needs === 'reinit' && cannot.has('link')) return null;
  return lacks ? (one.refusal ?? null) : one.table;
}

/** Runs the kit; one set of processes for all cases. */
export function gatewayKit(
  name: string,
  cannot: ReadonlySet<string>,
  { gateway, start, stop }: KitOptions,
): void {
  describe(`${name} in the conformance kit:`, () => {
    beforeAll(start, 60_000);
    afterAll(stop, 30_000);
    beforeEach(async () => await gateway().clear());

    test('its capability file names what cases need, and nothing else', () => {
      const known = new Set([...CASES.map(({ needs }) => needs), ...OTHER_WORDS]);
      expect([...cannot].filter((word) => !known.has(word))).toEqual([]);
    });

    for (const one of CASES) {
      const table = tableOf(one, cannot);
      if (table === null) continue;
      test(one.name, async () => await new Play(gateway()).run(table), 120_000);
    }
  });
}
