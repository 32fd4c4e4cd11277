// Takes an order of the broker's list into an account: made by hand in the broker's client, or ours
// and lost from our journal. Called by the OMS live and by recovery, so both do the same.
// Invariant (I24): it is shown and its fills count in cash and position; no strategy owns it; one
// without a limit is valued at the day's upper limit, which is the same live and in recovery.
import { STRATEGY_NONE, TIF_DAY } from '../messages/codes.ts';
import type { BrokerOrder } from '../messages/generated/broker.ts';
import { type Account, applyEvent, enterOrder } from './account.ts';
import { EVENT_ACCEPTED, EVENT_WRITTEN } from './order.ts';
import { idEpoch } from './order-id.ts';
import { SLOT_NONE } from './order-table.ts';

/** Whether an order was made elsewhere: its id has epoch 0, which no life of ours has. */
export function isExternal(idA: number): boolean {
  return idEpoch(idA) === 0;
}

/** Slot of the adopted order, accepted; SLOT_NONE: known already, of no instrument, or full. */
export function adoptOrder(account: Account, order: BrokerOrder): number {
  const { coidA, coidC, instrument, priceE4 } = order;
  if (instrument < 0 || instrument >= account.positions.count) return SLOT_NONE;
  if (account.orders.findById(coidA, coidC) !== SLOT_NONE) return SLOT_NONE;
  const { upperE4, lastE4 } = account.positions;
  const unlimitedE4 = upperE4[instrument] > 0 ? upperE4[instrument] : lastE4[instrument];
  const valueE4 = priceE4 > 0 ? priceE4 : Math.max(1, unlimitedE4);
  const slot = enterOrder(
    account,
    coidA,
    coidC,
    STRATEGY_NONE,
    coidC,
    instrument,
    order.side,
    order.kind,
    TIF_DAY,
    priceE4,
    valueE4,
    order.qty,
  );
  if (slot === SLOT_NONE) return SLOT_NONE;
  account.orders.createdNs[slot] = order.eventNs;
  applyEvent(account, slot, EVENT_WRITTEN, 0, 0);
  applyEvent(account, slot, EVENT_ACCEPTED, 0, 0);
  return slot;
}
