// What one look at the machine found, and how findings are printed. Called by
// tools/commands/doctor.ts and the checks beside this file. Always: every finding that is not `ok`
// says what to do; colours only where the caller asks for them.

export type Status = 'ok' | 'warn' | 'fail';

export interface Finding {
  /** A few words, the same on every machine: `kernels`. */
  readonly name: string;
  readonly status: Status;
  /** What was seen, with numbers and units. */
  readonly found: string;
  /** What to do; empty when ok. */
  readonly advice: string;
}

export function ok(name: string, found: string): Finding {
  return { name, status: 'ok', found, advice: '' };
}

/** Trading works, but slower or less safely. */
export function warn(name: string, found: string, advice: string): Finding {
  return { name, status: 'warn', found, advice };
}

/** The engine cannot run, or not correctly. */
export function fail(name: string, found: string, advice: string): Finding {
  return { name, status: 'fail', found, advice };
}

const COLOURS: { readonly [status in Status]: string } = {
  ok: '\u001b[32m',
  warn: '\u001b[33m',
  fail: '\u001b[31m',
};
const PLAIN = '\u001b[0m';

/** One line a finding, advice on the next, a count at the end. */
export function findingsText(findings: readonly Finding[], colours: boolean): string {
  const width = Math.max(...findings.map(({ name }) => name.length));
  const lines = findings.map(({ name, status, found, advice }) => {
    const word = status.padEnd(4);
    const shown = colours ? `${COLOURS[status]}${word}${PLAIN}` : word;
    const line = `${shown}  ${name.padEnd(width)}  ${found}`;
    return advice === '' ? line : `${line}\n${' '.repeat(width + 8)}-> ${advice}`;
  });
  const count = (status: Status) => findings.filter((f) => f.status === status).length;
  lines.push(`${count('ok')} ok, ${count('warn')} to consider, ${count('fail')} to repair`);
  return lines.join('\n');
}
