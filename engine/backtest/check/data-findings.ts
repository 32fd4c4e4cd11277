// What the data of a check tell about themselves: prices that never traded, because a factor of a
// later day was worked into them. Called by check.ts. Always: reads the tape only; contradicting
// labels of bars are refused by the loader before this is asked.
import type { Instrument } from '../../core/instrument.ts';
import { Bar, SnapshotTick } from '../../messages/generated/market.ts';
import { type Tape, TapeCursor } from '../tape.ts';
import type { Finding } from './finding.ts';

/** Part of an instrument's rows off the tick from which on it is told. */
const OFF_TICK = 0.02;

export function dataFindings(
  tapes: readonly { readonly tape: Tape }[],
  instruments: readonly Instrument[],
): Finding[] {
  const rows = instruments.map(() => 0);
  const off = instruments.map(() => 0);
  const [bar, tick] = [new Bar(), new SnapshotTick()];
  for (const { tape } of tapes) {
    for (const cursor = new TapeCursor(tape); !cursor.done; cursor.advance()) {
      if (cursor.type !== Bar.TYPE && cursor.type !== SnapshotTick.TYPE) continue;
      const view = cursor.type === Bar.TYPE ? bar : tick;
      const { instrument, openE4, highE4, lowE4 } = view.wrap(cursor.memory, cursor.at);
      const lastE4 = cursor.type === Bar.TYPE ? bar.closeE4 : tick.lastE4;
      const { tickE4 } = instruments[instrument]!;
      rows[instrument]!++;
      if ([openE4, highE4, lowE4, lastE4].some((e4) => e4 % tickE4 !== 0)) off[instrument]!++;
    }
  }
  return instruments.flatMap(({ symbol, kind }, i): Finding[] => {
    if (kind === 'index' || off[i]! <= rows[i]! * OFF_TICK) return [];
    const share = `${Math.round((off[i]! / rows[i]!) * 100)} %`;
    return [
      {
        ...{ level: 'cheat', test: 'data' },
        zh:
          `${symbol}：${share} 的价格不在最小价位上，像是复权价：` +
          '复权因子可能来自之后的日子，请用不复权的数据',
        en:
          `${symbol}: ${share} of its prices are off the tick and look adjusted: the factor may ` +
          'be of a later day; use prices as they traded',
      },
    ];
  });
}
