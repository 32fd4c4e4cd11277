// How far a backtest is: a bar for people, or lines of JSON for the program that started it. Made
// by the backtest command. Always: stderr only, so that stdout stays the report; the JSON lines are
// `{"progress":TEXT,"value":N,"total":N}` and, at the end, `{"run":ID}`.
import { writeSync } from 'node:fs';
import process from 'node:process';
import { SingleBar } from 'cli-progress';
import type { BacktestOptions } from './options.ts';

/** Least time between two JSON lines. */
const QUIET_MS = 100;
const STDERR = 2;

export interface Progress {
  show(text: string, value: number, total: number): void;
  /** A line of the strategy. */
  print(text: string): void;
  /** The run's record has this id. */
  recorded(id: string): void;
  stop(): void;
}

/** What the options and the terminal ask for. */
export function progressOf({
  progress,
  json,
}: Pick<BacktestOptions, 'progress' | 'json'>): Progress {
  if (progress === 'json') return new ProgressLines();
  return new ProgressBar(!json && process.stderr.isTTY === true);
}

/** A bar on a terminal, nothing elsewhere. */
class ProgressBar implements Progress {
  readonly #bar: SingleBar | null;
  #started = false;

  constructor(wanted: boolean) {
    const format = '{bar} {percentage}% | {text} | {value}/{total}';
    this.#bar = wanted ? new SingleBar({ format, hideCursor: true, clearOnComplete: true }) : null;
  }

  show(text: string, value: number, total: number): void {
    if (this.#bar === null) return;
    if (!this.#started) this.#bar.start(total, value, { text });
    else {
      this.#bar.setTotal(total);
      this.#bar.update(value, { text });
    }
    this.#started = true;
  }

  print(text: string): void {
    if (this.#started) process.stderr.write('\r\x1b[K');
    console.error(text);
  }

  recorded(): void {}

  stop(): void {
    if (this.#started) this.#bar?.stop();
    this.#started = false;
  }
}

/** Written at once: the run itself never gives the event loop a turn. */
class ProgressLines implements Progress {
  #lastMs = 0;
  #lastText = '';

  show(text: string, value: number, total: number): void {
    const nowMs = performance.now();
    if (text === this.#lastText && nowMs - this.#lastMs < QUIET_MS && value < total) return;
    this.#lastMs = nowMs;
    this.#lastText = text;
    this.print(JSON.stringify({ progress: text, value, total }));
  }

  print(text: string): void {
    try {
      writeSync(STDERR, `${text}\n`);
    } catch {
      // A reader that is slow or gone must not end the run.
    }
  }

  recorded(id: string): void {
    this.print(JSON.stringify({ run: id }));
  }

  stop(): void {}
}
