// The second half of the auditor: that every number of the counter stands beside the right id in
// both journals, and that both sides hold the same shares. Called by crash-audit.ts. Always: adds
// up from opening and fills alone, on each side from its own lines.
import type { CounterBooks, Dumped } from './crash-books.ts';

const REJECTED = 3;
const BUY = 1;
const MARKETS = ['', 'SH', 'SZ', 'BJ'];

/** Each broker's number that a journal holds beside an id is the number of that id's order. */
export function checkPairs(
  books: CounterBooks,
  journals: { readonly engine: readonly Dumped[]; readonly bridge: readonly Dumped[] },
  wrong: string[],
): void {
  for (const [side, records] of Object.entries(journals)) {
    const said = new Map<string, number>();
    for (const { type, coid, fields } of records as readonly Dumped[]) {
      const no = fields?.['brokerOrderNo'] ?? 0;
      if (no <= 0 || coid === undefined || (type !== 'REPORT' && type !== 'BRIDGE')) continue;
      const order = books.orders.get(no) ?? books.orders.get(books.bySysid.get(no) ?? 0);
      if (order?.remark !== coid) {
        const whose = order === undefined ? 'nobody' : order.remark;
        wrong.push(`I4: ${coid} has number ${no} in the ${side}'s journal, which is ${whose}'s`);
      }
      if ((said.get(coid) ?? no) !== no) {
        wrong.push(
          `I4: ${coid} has two numbers in the ${side}'s journal: ${said.get(coid)}, ${no}`,
        );
      }
      said.set(coid, no);
    }
  }
}

/** What the counter refused ended as refused here; nothing of the books was only adopted. */
export function checkRefused(
  books: CounterBooks,
  engine: readonly Dumped[],
  wrong: string[],
): void {
  const refused = new Set<string>();
  for (const { remark, refused: isRefused } of books.orders.values()) {
    if (isRefused) refused.add(remark);
  }
  for (const { type, coid = '', fields } of engine) {
    if (type === 'REPORT' && fields['kind'] === REJECTED) refused.delete(coid);
    if (type === 'ADJUSTMENT') wrong.push('I8: a difference of the broker was adopted');
  }
  for (const coid of refused) wrong.push(`I10: ${coid} was refused by the counter, not so here`);
}

/** Shares by symbol, opening and fills. */
export function checkPositions(
  books: CounterBooks,
  engine: readonly Dumped[],
  wrong: string[],
): void {
  const symbols = new Map<number, string>();
  const held = new Map<string, number>();
  for (const { type, frame, fields } of engine) {
    const instrument = fields?.['instrument'] ?? -1;
    const symbol = symbols.get(instrument) ?? '';
    if (type === 'INSTRUMENT') {
      const code = String(fields['securityCode']).padStart(6, '0');
      symbols.set(instrument, `${code}.${MARKETS[fields['market']!]}`);
    } else if (frame === 'OpeningPosition') held.set(symbol, fields['qty']!);
    else if (type === 'FILL') {
      const qty = fields['side'] === BUY ? fields['qty']! : -fields['qty']!;
      held.set(symbol, (held.get(symbol) ?? 0) + qty);
    }
  }
  for (const symbol of new Set([...books.positions.keys(), ...held.keys()])) {
    const [there, here] = [books.positions.get(symbol) ?? 0, held.get(symbol) ?? 0];
    if (there !== here) wrong.push(`I5: ${symbol}: ${there} shares at the counter, ${here} here`);
  }
}
