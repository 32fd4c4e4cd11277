// What a bridge says of itself at the welcome, as people are told it. Run by vitest. Always: what
// a bridge does not say is left out, and what is not known of it is passed over.
import { expect, test } from 'vitest';
import { factsText, welcomeSchema } from '../../../gateways/bridge/handshake.ts';

test('a welcome with what the bridge is becomes one short line, without it nothing', () => {
  const plain = { kind: 'welcome', heartbeatMs: 500 };
  expect(factsText(welcomeSchema.parse(plain))).toBe('');
  const bridge = { way: 'xtquant', session: 100, accounts: { demo: 'STOCK' } };
  const told = welcomeSchema.parse({ ...plain, bridge, more: 'of a later version' });
  expect(factsText(told)).toBe('way xtquant, session 100, accounts {"demo":"STOCK"}');
  const long = welcomeSchema.parse({ ...plain, bridge: { way: 'x'.repeat(5_000) } });
  expect(factsText(long).length).toBe(400);
});
