// Where things stand in a JSON text: the line of every value, keys given twice, and the place of
// the first syntax error. Called by engine/config.ts only; the values themselves come from
// JSON.parse, which accepts the same texts (a property test compares the two). Always: reads each
// character once, O(length); texts nested deeper than DEPTH_MAX are refused.

const DEPTH_MAX = 64;
const NO_COMMENTS = 'JSON has no comments; use a "comment" key';

export interface JsonFault {
  /** Character offset in the text. */
  readonly offset: number;
  readonly message: string;
}

export interface JsonPlaces {
  /** First thing wrong with the syntax, or null. */
  readonly fault: JsonFault | null;
  /** Offset of each value, or of its key inside an object, by JSON.stringify(path). */
  readonly offsets: ReadonlyMap<string, number>;
  /** Keys that one object gives a second time: only the last would count. */
  readonly doubles: readonly { path: readonly (string | number)[]; offset: number }[];
}

/** Reads `text` once. */
export function placesOf(text: string): JsonPlaces {
  return new Scanner(text).scan();
}

/** Line and column, both from 1, and the line's text. */
export function lineAt(text: string, offset: number) {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const end = text.indexOf('\n', offset);
  let line = 1;
  for (let i = 0; i < start; i++) if (text.charCodeAt(i) === 10) line++;
  const content = text.slice(start, end < 0 ? text.length : end).replace(/\r$/, '');
  return { line, column: offset - start + 1, content };
}

/** Leaves the scan at the first fault. */
class Fault extends Error {
  readonly offset: number;
  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}

class Scanner {
  readonly #text: string;
  #at = 0;
  readonly #path: (string | number)[] = [];
  readonly #offsets = new Map<string, number>();
  readonly #doubles: { path: (string | number)[]; offset: number }[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  scan(): JsonPlaces {
    let fault: JsonFault | null = null;
    try {
      this.#space();
      this.#mark(this.#at);
      this.#value();
      this.#space();
      if (this.#at < this.#text.length) this.#fail('expected the end of the file');
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      fault = { offset: error.offset, message: error.message };
    }
    return { fault, offsets: this.#offsets, doubles: this.#doubles };
  }

  #value(): void {
    const char = this.#text[this.#at];
    if (char === '{') this.#object();
    else if (char === '[') this.#array();
    else if (char === '"') this.#string();
    else if (!this.#word()) this.#number();
  }

  #object(): void {
    this.#enter();
    const seen = new Set<string>();
    if (this.#closes('}')) return;
    for (;;) {
      const offset = this.#at;
      if (this.#text[offset] !== '"') this.#fail(this.#keyHint());
      const key = this.#string();
      this.#path.push(key);
      if (seen.has(key)) this.#doubles.push({ path: [...this.#path], offset });
      seen.add(key);
      this.#mark(offset);
      this.#space();
      if (this.#text[this.#at] !== ':') this.#fail("expected ':' after the key");
      this.#at++;
      this.#space();
      this.#value();
      this.#path.pop();
      if (this.#closes('}')) return;
      this.#comma('}');
    }
  }

  #array(): void {
    this.#enter();
    if (this.#closes(']')) return;
    for (let i = 0; ; i++) {
      this.#path.push(i);
      this.#mark(this.#at);
      this.#value();
      this.#path.pop();
      if (this.#closes(']')) return;
      this.#comma(']');
    }
  }

  #enter(): void {
    if (this.#path.length >= DEPTH_MAX) this.#fail(`nested deeper than ${DEPTH_MAX} levels`);
    this.#at++;
  }

  #closes(bracket: string): boolean {
    this.#space();
    if (this.#text[this.#at] !== bracket) return false;
    this.#at++;
    return true;
  }

  #comma(bracket: string): void {
    if (this.#text[this.#at] !== ',') this.#fail(`expected ',' or '${bracket}'`);
    this.#at++;
    this.#space();
  }

  /** Reads a string and returns its value. */
  #string(): string {
    const start = this.#at++;
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (Number.isNaN(code) || code < 32) this.#fail('expected the closing double quote', start);
      if (code === 34) break;
      if (code === 92) this.#escape();
      else this.#at++;
    }
    this.#at++;
    return JSON.parse(this.#text.slice(start, this.#at)) as string;
  }

  #escape(): void {
    const rest = this.#text.slice(this.#at, this.#at + 6);
    if (/^\\["\\/bfnrt]/.test(rest)) this.#at += 2;
    else if (/^\\u[0-9a-fA-F]{4}$/.test(rest)) this.#at += 6;
    else this.#fail('expected an escape such as \\n or \\\\ (write \\\\ or / in Windows paths)');
  }

  #word(): boolean {
    const match = /^(?:true|false|null)(?![\w$])/.exec(this.#text.slice(this.#at, this.#at + 6));
    if (match === null) return false;
    this.#at += match[0].length;
    return true;
  }

  #number(): void {
    const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
    number.lastIndex = this.#at;
    if (!number.test(this.#text)) this.#fail(this.#hint());
    this.#at = number.lastIndex;
  }

  #keyHint(): string {
    const rest = this.#text.slice(this.#at, this.#at + 2);
    if (rest === '//' || rest === '/*') return NO_COMMENTS;
    const comma = rest.startsWith('}') ? ' (a comma before it is one too many)' : '';
    return `expected a key in double quotes${comma}`;
  }

  #hint(): string {
    const rest = this.#text.slice(this.#at, this.#at + 2);
    if (rest === '') return 'the file ends too early; expected a value';
    if (rest === '//' || rest === '/*') return NO_COMMENTS;
    if (rest.startsWith("'")) return 'expected double quotes around text';
    if (/^[\]}]/.test(rest)) return 'expected a value (a comma before it is one too many)';
    return 'expected a value';
  }

  #space(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return;
      this.#at++;
    }
  }

  #mark(offset: number): void {
    this.#offsets.set(JSON.stringify(this.#path), offset);
  }

  #fail(message: string, at = this.#at): never {
    throw new Fault(at, message);
  }
}
