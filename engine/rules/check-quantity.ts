// Lot, minimum, maximum, odd lots, sellable shares and T+1, the buy cap of risk-warning shares.
// Called by validate.ts. Always: quantities in shares, units or zhang; sources stand in the rows
// (SSE 2023 no. 3.3.8, 3.3.9; SZSE 3.3.8, 3.3.10; BSE 3.1.4, 3.3.8, 3.3.9, 4.5.4).
import {
  REJECT_BUY_CAP,
  REJECT_LOT_MINIMUM,
  REJECT_LOT_STEP,
  REJECT_ODD_LOT_SELL,
  REJECT_QTY_MAXIMUM,
  REJECT_QTY_NOT_POSITIVE,
  REJECT_SELLABLE,
} from '../core/reject-code.ts';
import { SIDE_BUY } from '../messages/codes.ts';
import { type OrderCheck, STATIC_GROUND } from './order-check.ts';
import type { RuleRow } from './rule-row.ts';

/** Every rule about the quantity of the order. */
export function checkQuantity(check: OrderCheck): void {
  const { rules, subject, order, facts } = check;
  const { qty } = order;
  if (!Number.isInteger(qty) || qty <= 0) {
    const ground = {
      ...STATIC_GROUND,
      id: 'quantity',
      source: 'a quantity is a whole number above 0',
    };
    check.refuse(REJECT_QTY_NOT_POSITIVE, `quantity ${qty} is not a whole number above 0`, ground);
    return;
  }
  const lot = rules.find('lot', subject);
  if (lot === null) check.skip('lot: no row gives the lot of this kind on this day');
  else if (order.side === SIDE_BUY) checkBuyLot(check, lot);
  else checkSellLot(check, lot);
  checkMaximum(check);
  if (order.side === SIDE_BUY) checkBuyCap(check);
  else if (facts.sellable !== undefined) checkSellable(check, facts.sellable);
  else check.skip('sellable quantity: not given');
}

function checkBuyLot(check: OrderCheck, lot: RuleRow<'lot'>): void {
  const { qty } = check.order;
  const { statics } = check.facts;
  const buyMin = statics?.buyMin ?? lot.value.buyMin;
  const buyStep = statics?.buyStep ?? lot.value.buyStep;
  if (qty < buyMin) {
    const ground = statics?.buyMin === undefined ? lot : STATIC_GROUND;
    check.refuse(REJECT_LOT_MINIMUM, `buy quantity ${qty} is below the minimum ${buyMin}`, ground);
  }
  if (qty % buyStep !== 0) {
    const ground = statics?.buyStep === undefined ? lot : STATIC_GROUND;
    check.refuse(REJECT_LOT_STEP, `buy quantity ${qty} is not a multiple of ${buyStep}`, ground);
  }
}

/** Rules sheet 2.3: what is below the lot is sold whole, in one order. */
function checkSellLot(check: OrderCheck, lot: RuleRow<'lot'>): void {
  const { qty } = check.order;
  const { sellMin, sellStep } = lot.value;
  if (sellStep === 1 ? qty >= sellMin : qty % sellStep === 0 && qty >= sellMin) return;
  const { rules, subject } = check;
  const odd = rules.find('odd-lot-sell', subject) ?? lot;
  const sellable = sellableToday(check);
  const base = sellStep === 1 ? sellMin : sellStep;
  if (sellable === undefined) {
    check.skip(`odd lot: ${qty} is below or beside the lot ${base}; give the sellable quantity`);
    return;
  }
  if (sellStep === 1) {
    if (sellable < sellMin && qty === sellable) return;
    const why =
      sellable < sellMin
        ? `the balance ${sellable} below ${sellMin} must be sold in one order`
        : `the balance ${sellable} is not below ${sellMin}, so at least ${sellMin} must be sold`;
    check.refuse(REJECT_ODD_LOT_SELL, `sell quantity ${qty}: ${why}`, odd);
    return;
  }
  const part = sellable % sellStep;
  if (part === 0 || qty % sellStep !== part) {
    const why = part === 0 ? `the balance ${sellable} has no odd part` : `it is ${part}, whole`;
    const message = `sell quantity ${qty}: only the odd part of the balance may be sold; ${why}`;
    check.refuse(REJECT_ODD_LOT_SELL, message, odd);
  } else if (qty > sellStep && odd.what === 'odd-lot-sell' && !odd.value.withFullLots) {
    const message = `sell quantity ${qty}: the odd part ${part} must come in an order of its own`;
    check.refuse(REJECT_ODD_LOT_SELL, message, odd);
  }
}

function checkMaximum(check: OrderCheck): void {
  const { rules, subject, order } = check;
  const after = order.kind === 'after-hours';
  const what = after
    ? 'max-after-hours-order'
    : check.isMarket
      ? 'max-market-order'
      : 'max-limit-order';
  const row = rules.find(what, subject);
  if (row === null) {
    check.skip(`${what}: no row gives it for this kind on this day`);
  } else if (order.qty > row.value.qty) {
    const name = what.slice(4).replaceAll('-', ' ');
    const message = `quantity ${order.qty} is above the largest ${name} of ${row.value.qty}`;
    check.refuse(REJECT_QTY_MAXIMUM, message, row);
  }
}

function checkSellable(check: OrderCheck, before: number): void {
  const { qty } = check.order;
  const sellable = sellableToday(check) ?? before;
  if (qty <= sellable) return;
  const row = check.rules.find('turnround', check.subject);
  const bought = check.facts.boughtToday ?? 0;
  const tomorrow =
    row?.value.sameDay === false && bought > 0 ? `; the ${bought} bought today wait (T+1)` : '';
  const ground = row ?? {
    ...STATIC_GROUND,
    id: 'sellable',
    source: 'no short sale without borrowing',
  };
  check.refuse(
    REJECT_SELLABLE,
    `sell quantity ${qty} is above the sellable ${sellable}${tomorrow}`,
    ground,
  );
}

/** With T+0 what was bought today counts as well; undefined when not known. */
function sellableToday({ rules, subject, facts }: OrderCheck): number | undefined {
  if (facts.sellable === undefined) return undefined;
  const sameDay = rules.find('turnround', subject)?.value.sameDay === true;
  return facts.sellable + (sameDay ? (facts.boughtToday ?? 0) : 0);
}

function checkBuyCap(check: OrderCheck): void {
  const { rules, subject, order, facts } = check;
  const cap = rules.find('buy-cap', subject);
  if (cap === null) return;
  const { boughtToday, workingBuys } = facts;
  if (boughtToday === undefined && workingBuys === undefined) {
    check.skip('buy cap of risk-warning shares: the quantity bought today is not given');
  }
  const total = order.qty + (boughtToday ?? 0) + (workingBuys ?? 0);
  const { qtyPerDay } = cap.value;
  if (total <= qtyPerDay) return;
  const message = `${total} shares bought, working and new pass the cap of ${qtyPerDay} a day`;
  check.refuse(REJECT_BUY_CAP, message, cap);
}
