// What the re-injecting strategy does in a pass, as text, and which intent belongs to which sample.
// Called by leave-one-out.ts. Always: steps stand in the order of their moments; an order stands
// before its own cancel.
import type { Sample } from './samples.ts';

export interface Schedule {
  /** For the strategy's parameter. */
  readonly text: string;
  /** Sample by intent number, which the n-th order placed has. */
  readonly sampleOf: ReadonlyMap<number, Sample>;
}

export function scheduleOf(samples: readonly Sample[]): Schedule {
  const steps = samples.flatMap((sample) => {
    const enter = { tick: sample.enterAfter, sample, cancels: false };
    if (sample.cancelAfter === 0) return [enter];
    return [enter, { tick: sample.cancelAfter, sample, cancels: true }];
  });
  steps.sort((a, b) => a.tick - b.tick);
  const intentOf = new Map<Sample, number>();
  const sampleOf = new Map<number, Sample>();
  const texts = steps.map(({ tick, sample, cancels }) => {
    if (cancels) return `${tick} 0 ${intentOf.get(sample)}`;
    const intentNo = sampleOf.size + 1;
    intentOf.set(sample, intentNo);
    sampleOf.set(intentNo, sample);
    return `${tick} ${sample.side} ${sample.kind} ${sample.priceE4} ${sample.qty}`;
  });
  return { text: texts.join(','), sampleOf };
}
