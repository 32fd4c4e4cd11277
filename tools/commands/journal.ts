// `pankou journal verify|dump`: is a journal whole, and what does it say. Hands over to
// engine/journal/{verify,dump}.ts. Always: the journal is only read, no lock is taken, so both work
// beside a running engine.
import { resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import type { DumpOptions } from '../../engine/journal/dump.ts';
import type { VerifyReport } from '../../engine/journal/verify.ts';
import { registerJournalClose } from './day.ts';

const AFTER = `
DIR is the folder that holds journal-000001.pkj.
Exit codes: 0 whole (a torn last write is reported, not an error), 1 damaged, 2 wrong use.`;

const DUMP_AFTER = `${AFTER}

Record types: SEGMENT EPOCH OPENING INSTRUMENT REQUEST CANCEL REPORT FILL REJECT KILL CONTROL
  DAY CLOSE CLOSING

Examples:
  pankou journal dump runs/today/journal --type FILL
  pankou journal dump runs/today/journal --order 10100q901000001xy --json`;

interface DumpFlags {
  json?: boolean;
  type?: string;
  order?: string;
  limit?: number;
  from?: number;
  to?: number;
}

const REBUILD_AFTER = `
The copy lies in DIR/projection. It may be deleted at any time: nothing is decided by it, and
\`pankou orders --all\` makes it again when it is missing, damaged or behind.
Exit codes: 0 done, 1 the journal is damaged, 2 wrong use.`;

export function registerJournal(program: Command): void {
  const journal = program
    .command('journal')
    .description('verify or print the journal of an account')
    .addHelpText('after', AFTER);
  journal
    .command('verify')
    .description('check CRC, sequence, chain and epochs of every record')
    .argument('<DIR>', 'journal folder')
    .option('--json', 'print the report as JSON')
    .option('--salvage <OUT>', 'write what can be saved of a damaged journal to a new folder')
    .addHelpText('after', AFTER)
    .action((dir: string, flags: { json?: boolean; salvage?: string }) =>
      guarded(async () => {
        if (flags.salvage !== undefined) return salvage(dir, flags.salvage, flags.json === true);
        const { verifyJournal } = await import('../../engine/journal/verify.ts');
        const report = verifyJournal(resolve(dir));
        if (flags.json === true) print(JSON.stringify(report, null, 2));
        else for (const line of reportLines(report)) print(line);
        process.exitCode = report.chainOk ? 0 : 1;
      }),
    );
  registerRebuild(journal);
  journal
    .command('dump')
    .description('print the records of a journal, one line each')
    .argument('<DIR>', 'journal folder')
    .option('--json', 'print JSON lines')
    .option('--type <T>', 'only records of this type')
    .option('--order <COID>', 'only records of this client order id (16 characters)')
    .option('--limit <N>', 'print at most N records', wholeNumber)
    .option('--from <SEQ>', 'first sequence number', wholeNumber)
    .option('--to <SEQ>', 'last sequence number', wholeNumber)
    .addHelpText('after', DUMP_AFTER)
    .action((dir: string, flags: DumpFlags) =>
      guarded(async () => {
        const { dumpJournal } = await import('../../engine/journal/dump.ts');
        endQuietlyOnClosedPipe();
        const end = dumpJournal(resolve(dir), dumpOptions(flags), print);
        if (end.tail !== null) process.stderr.write(`${tailText(end.tail)}\n`);
        process.exitCode = 0;
      }),
    );
  registerJournalClose(journal);
}

/** Exit code 0: nothing to save; 1: damaged, and saved what can be. */
async function salvage(dir: string, out: string, json: boolean): Promise<void> {
  const { BEHIND_FILE, salvageJournal } = await import('../../engine/journal/salvage.ts');
  const report = salvageJournal(resolve(dir), resolve(out));
  process.exitCode = report.damage === '' ? 0 : 1;
  if (json) {
    print(JSON.stringify(report, null, 2));
    return;
  }
  if (report.damage === '') {
    print(`${dir} is whole: there is nothing to salvage, nothing was written`);
    return;
  }
  print(`damage    ${report.damage}`);
  print(`proven    ${report.proven} records before it: ${report.out} is a journal of them`);
  for (const { file, fromByte, toByte, fromSeq, toSeq } of report.gaps) {
    const lost =
      fromSeq > toSeq ? 'no record is missing' : `records ${fromSeq} to ${toSeq} are lost`;
    print(`gap       ${file} bytes ${fromByte} to ${toByte}: ${lost}`);
  }
  print(`behind    ${report.behind} sound records, each on its own: ${report.out}/${BEHIND_FILE}`);
  print('use       read the copy (journal dump, explain, rebuild) beside the lists of the broker;');
  print(
    `          never trade on it: what is lost may have been sent, epochs up to ${report.epoch}`,
  );
  print('          are used up. Begin a new journal folder when the broker shows no open order.');
}

function registerRebuild(journal: Command): void {
  journal
    .command('rebuild')
    .description('make the queryable copy (orders, fills, positions) anew from the journals')
    .argument('<DIR>', 'run folder, or a journal folder in it')
    .option('--json', 'print the report as JSON')
    .addHelpText('after', REBUILD_AFTER)
    .action((dir: string, flags: { json?: boolean }) =>
      guarded(async () => {
        const { rebuildProjection } = await import('../../engine/journal/projection.ts');
        const report = await rebuildProjection(dir);
        const { orders, fills, positions, records, ms, path } = report;
        const rows = `${orders} orders, ${fills} fills, ${positions} positions`;
        if (flags.json === true) print(JSON.stringify(report, null, 2));
        else print(`${path}: ${rows} from ${records} records in ${ms} ms`);
      }),
    );
}

/** Lines of a verify report for people. */
export function reportLines(report: VerifyReport): string[] {
  const lines = [`journal   ${report.dir}`];
  lines.push(`account   ${report.account < 0 ? 'none yet' : report.account}`);
  const counts = Object.entries(report.records).map(([name, count]) => `${name} ${count}`);
  lines.push(`records   ${report.total}${counts.length > 0 ? `: ${counts.join(', ')}` : ''}`);
  lines.push(`last seq  ${report.lastSeq}`);
  lines.push(`epochs    ${report.epochs.join(', ') || 'none'}`);
  lines.push(`days      ${report.days.join(', ') || 'none'}`);
  for (const { file, records, bytes, header } of report.segments) {
    const state = header === null ? 'prepared, unused' : `${records} records`;
    lines.push(`segment   ${file}: ${state}, ${bytes} bytes`);
  }
  const hash = report.stateHash === '' ? '' : `, state hash ${report.stateHash}`;
  lines.push(`end       ${report.closed ? `in order${hash}` : 'not closed (running, or killed)'}`);
  if (report.tail !== null) lines.push(`tail      ${tailText(report.tail)}`);
  lines.push(`chain     ${report.chainOk ? 'ok' : 'DAMAGED'}`);
  if (report.problem !== null) lines.push(`problem   ${report.problem.message}`);
  return lines;
}

function tailText(tail: { file: string; offset: number; why: string }): string {
  return `torn after ${tail.file} byte ${tail.offset}, not counted: ${tail.why}`;
}

function dumpOptions(flags: DumpFlags): DumpOptions {
  const { json, type, order, limit, from, to } = flags;
  return {
    ...(json === undefined ? {} : { json }),
    ...(type === undefined ? {} : { type }),
    ...(order === undefined ? {} : { coid: order }),
    ...(limit === undefined ? {} : { limit }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  };
}

/** Damage ends with 1, a folder that is no journal or an option without meaning with 2. */
async function guarded(action: () => Promise<void>): Promise<void> {
  const { JournalCorruptError, JournalError } = await import(
    '../../engine/journal/journal-error.ts'
  );
  const { DumpOptionError } = await import('../../engine/journal/dump.ts');
  try {
    await action();
  } catch (error) {
    const isUse = error instanceof DumpOptionError || isWrongFolder(error, JournalError);
    const isDamage = error instanceof JournalCorruptError || error instanceof JournalError;
    if (!isUse && !isDamage) throw error;
    process.stderr.write(`pankou journal: ${error.message}\n`);
    process.exitCode = isUse ? 2 : 1;
  }
}

function isWrongFolder(
  error: unknown,
  kind: typeof import('../../engine/journal/journal-error.ts').JournalError,
): error is InstanceType<typeof kind> {
  if (!(error instanceof kind)) return false;
  return ['absent', 'not-a-folder', 'empty'].includes(error.trouble);
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new InvalidArgumentError('expected a whole number, 0 or more.');
  }
  return value;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** `dump | head` closes the pipe early: that is no failure. */
function endQuietlyOnClosedPipe(): void {
  process.stdout.on('error', (error: Error & { code?: string }) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
}
