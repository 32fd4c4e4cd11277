// From streams to one tape of a day: orders and trades of an instrument by their common sequence,
// then all instruments by time, then the market's phases between them. Called by the loader when
// all files are read. Always: two events of one instrument never share a sequence number.
import { copyFrame, frameLength } from '../../messages/frames.ts';
import { MarketOrder } from '../../messages/generated/market.ts';
import { mergeTapes, Tape, TapeCursor } from '../tape.ts';
import type { DayPlan } from './day-writer.ts';
import { DayWriter } from './day-writer.ts';
import type { BadRow } from './errors.ts';
import { CsvRowError } from './errors.ts';
import type { Stream } from './stream-set.ts';

/** What assembling found. */
export interface Assembled {
  readonly tape: Tape;
  readonly duplicates: BadRow[];
  /** Cancels dropped because their order is a start-book row without a price. */
  readonly droppedCancels: number;
}

/**
 * Builds the day's tape. Throws CsvRowError for a sequence number that two files share, or collects
 * it when `skipBadRows`.
 */
export function assemble(
  streams: readonly Stream[],
  plan: Omit<DayPlan, 'merged'>,
  skipBadRows: boolean,
): Assembled {
  const duplicates: BadRow[] = [];
  const onDuplicate = (bad: BadRow): void => {
    if (!skipBadRows) throw new CsvRowError(bad);
    duplicates.push(bad);
  };
  const sequenced = new Map<string, Stream[]>();
  const tapes: Tape[] = [];
  for (const stream of streams) {
    if (stream.content === 'snapshots' || stream.content === 'bars') {
      tapes.push(stream.tape);
      continue;
    }
    const group = sequenced.get(stream.symbol);
    if (group === undefined) sequenced.set(stream.symbol, [stream]);
    else group.push(stream);
  }
  const events = [...sequenced.values()].map((group) => mergeBySequence(group, onDuplicate));
  const merged = mergeTapes([...events, ...tapes]);
  const writer = new DayWriter({ ...plan, merged });
  const tape = writer.write();
  return { tape, duplicates, droppedCancels: writer.droppedCancels };
}

/** One tape of an instrument's order and trade streams, by channelSeq. */
export function mergeBySequence(
  streams: readonly Stream[],
  onDuplicate: (bad: BadRow) => void,
): Tape {
  const tape = new Tape();
  const order = new MarketOrder();
  const cursors = streams.map((stream) => new TapeCursor(stream.tape));
  const positions = streams.map(() => 0);
  const pick = { index: -1, seq: 0 };
  let lastSeq = -1;
  let lastWhere = '';
  for (;;) {
    pick.index = -1;
    for (let i = 0; i < cursors.length; i++) {
      if (cursors[i].done) continue;
      // channelSeq lies at the same place in orders and trades.
      const seq = order.wrap(cursors[i].memory, cursors[i].at).channelSeq;
      if (pick.index < 0 || seq < pick.seq) {
        pick.index = i;
        pick.seq = seq;
      }
    }
    if (pick.index < 0) return tape;
    const cursor = cursors[pick.index];
    const stream = streams[pick.index];
    const line = stream.lines[positions[pick.index]++];
    if (pick.seq === lastSeq) {
      onDuplicate({
        file: stream.file,
        line,
        column: 'sequence',
        value: String(pick.seq),
        expected: `a sequence number that ${lastWhere} does not have (duplicate)`,
      });
    } else {
      const at = tape.claim(frameLength(cursor.memory, cursor.at));
      copyFrame(cursor.memory, cursor.at, tape.tail, at);
      order.wrap(tape.tail, at);
      if (order.eventNs < tape.lastNs) {
        order.eventNs = tape.lastNs;
        stream.heldTimes++;
      }
      tape.commit();
      lastSeq = pick.seq;
      lastWhere = `${stream.file}:${line}`;
    }
    cursor.advance();
  }
}
