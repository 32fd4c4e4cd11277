// What the simulated broker's session says when a process life begins: it is connected, it takes
// the fence, and it holds nothing, because it died with the life before. Called by startLife().
// Invariant: when it returns, every gateway link is ready.
import type { GatewayLink } from '../actors/gateway-link.ts';
import type { OutPort } from '../actors/port.ts';
import { assert } from '../assert.ts';
import {
  LINK_FENCED,
  LINK_READY,
  LINK_UP,
  QUERY_COMPLETE,
  TRAIT_EXACT,
  TRAIT_FORGETS,
} from '../messages/codes.ts';
import type { FrameMemory } from '../messages/frames.ts';
import { Fence, LinkState, Query, QueryEnd } from '../messages/generated/broker.ts';
import type { SpscRing } from '../ring/spsc-ring.ts';

/** Rounds after which a link that is not ready never will be. */
const ROUNDS_MAX = 10_000;

export function shakeHands(
  account: number,
  gateway: GatewayLink,
  link: SpscRing,
  out: OutPort,
  drain: () => void,
): void {
  const state = new LinkState();
  const fence = new Fence();
  const query = new Query();
  const end = new QueryEnd();
  const say = (what: number, epoch: number): void => {
    const frame = state.begin(out.memory, out.claim(LinkState.BYTES));
    frame.account = account;
    frame.state = what;
    frame.sessionNo = 1;
    frame.epoch = epoch;
    frame.traits = TRAIT_EXACT | TRAIT_FORGETS;
    out.commit();
  };
  const onFrame = (type: number, memory: FrameMemory, at: number): void => {
    if (type === Fence.TYPE) say(LINK_FENCED, fence.wrap(memory, at).epoch);
    if (type !== Query.TYPE) return;
    const { queryNo, kind } = query.wrap(memory, at);
    const frame = end.begin(out.memory, out.claim(QueryEnd.BYTES));
    frame.account = account;
    frame.queryNo = queryNo;
    frame.kind = kind;
    frame.result = QUERY_COMPLETE;
    out.commit();
  };
  say(LINK_UP, 0);
  out.publish();
  for (let round = 0; gateway.broker.state !== LINK_READY; round++) {
    assert(round < ROUNDS_MAX, `state=${gateway.broker.state}, expected the link to get ready`);
    gateway.doWork();
    link.poll({ onFrame }, 64);
    out.publish();
    drain();
  }
}
