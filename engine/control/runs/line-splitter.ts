// Cuts what a child process writes into lines. Used by the job queue. Always: a line that never
// ends is cut, so that memory stays bounded.
const LINE_MAX = 65_536;

export class LineSplitter {
  readonly #onLine: (line: string) => void;
  #rest = '';

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  take(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#onLine(line.replace(/\r$/, ''));
    if (this.#rest.length > LINE_MAX) this.end();
  }

  /** Hands out what has no end of line. */
  end(): void {
    const line = this.#rest;
    this.#rest = '';
    if (line !== '') this.#onLine(line);
  }
}
