// What is thrown by the journal's cold side (reader, opener, frame log), written for the person
// who must decide what to do. Never thrown by the writer. Messages say what, where and how on.

/** Kinds of trouble that are not damage inside a record. */
export type JournalTrouble =
  | 'absent'
  | 'not-a-folder'
  | 'empty'
  | 'missing-segment'
  | 'magic'
  | 'version'
  | 'schema'
  | 'account'
  | 'epoch'
  | 'write';

/** The folder as a whole is not what it should be. */
export class JournalError extends Error {
  readonly trouble: JournalTrouble;

  constructor(trouble: JournalTrouble, message: string) {
    super(message);
    this.name = 'JournalError';
    this.trouble = trouble;
  }
}

/** One damaged record, as precisely as it can be told. */
export interface Damage {
  /** Name of the segment file. */
  readonly file: string;
  /** Number of the record in its file, from 0 (the SEGMENT record). */
  readonly record: number;
  /** Byte in the file: of the field, or of the one byte that looks changed. */
  readonly offset: number;
  readonly field: string;
  readonly expected: string;
  readonly found: string;
}

/** A damaged record that good ones follow: nothing may be cut, nothing may be sent. */
export class JournalCorruptError extends Error implements Damage {
  readonly file: string;
  readonly record: number;
  readonly offset: number;
  readonly field: string;
  readonly expected: string;
  readonly found: string;

  constructor(dir: string, damage: Damage, why: string) {
    super(
      `journal ${dir} is damaged: ${damageText(damage)}; ${why}. ` +
        'Do not trade on it and do not edit it: keep a copy of the folder, run ' +
        `"pankou journal verify ${dir}", restore the file from a backup or replica, and ` +
        'compare with the broker before a new journal folder is begun.',
    );
    this.name = 'JournalCorruptError';
    this.file = damage.file;
    this.record = damage.record;
    this.offset = damage.offset;
    this.field = damage.field;
    this.expected = damage.expected;
    this.found = damage.found;
  }
}

/** `journal-000001.pkj record 7 byte 1836 field seq: expected 7, found 9`. */
export function damageText(damage: Damage): string {
  const { file, record, offset, field, expected, found } = damage;
  const place = `${file} record ${record} byte ${offset} field ${field}`;
  return `${place}: expected ${expected}, found ${found}`;
}
