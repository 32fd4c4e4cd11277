// Table cells that several tables share: side, instrument, coloured amounts. Always holds: a colour
// is never alone, a word or an arrow says the same.
import { h, type VNode } from 'vue';
import { books } from '../engine-store.ts';
import { arrow, signedAmount, tone } from '../format.ts';
import { wordFor } from '../i18n.ts';
import type { Side } from '../protocol.ts';

/** `▲ 买入` in the buy colour or `▼ 卖出` in the sell colour. */
export function sideCell(side: Side): VNode {
  const buy = side === 'buy';
  return h('span', { class: buy ? 'up strong' : 'down strong' }, [
    h('span', { 'aria-hidden': 'true' }, buy ? '▲ ' : '▼ '),
    wordFor('side', side),
  ]);
}

/** The instrument's code, with its name as a hint. */
export function instrumentCell(instrument: string, name?: string): VNode {
  return h('span', { title: name ?? books.value.get(instrument)?.name ?? instrument }, instrument);
}

/** A profit or loss: arrow, sign and colour. */
export function pnlCell(amountE4: number): VNode {
  const sign = arrow(Math.round(amountE4 / 100));
  return h('span', { class: tone(amountE4) }, `${sign} ${signedAmount(amountE4)}`.trim());
}
