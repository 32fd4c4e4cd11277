// The progress bar of commands that read and compare: a share of the work and what it is at. Used
// by `verify` and `leave-one-out`. Always: on a terminal only, so that nothing else finds it in a
// file.
import { SingleBar } from 'cli-progress';

/** A bar of `steps` that has begun, or null; `detail` stands between its share and its text. */
export function progressBar(steps: number, detail = ''): SingleBar | null {
  if (process.stderr.isTTY !== true) return null;
  const format = `{bar} {percentage}% | ${detail}{text}`;
  const bar = new SingleBar({ format, hideCursor: true, clearOnComplete: true });
  bar.start(steps, 0, { text: 'reading' });
  return bar;
}
