// `pankou audit verify|show`: the audit log of a run folder, with or without a running engine.
// Always: verify names every line that does not fit the chain and exits with 1; nothing is changed.
import { existsSync } from 'node:fs';
import process from 'node:process';
import type { Command } from 'commander';
import { show } from '../desk/desk-command.ts';
import { wholeNumber } from '../option-values.ts';

interface AuditFlags {
  dir?: string;
  json?: boolean;
  last?: number;
  head?: string;
}

const HELP = `
The log is audit.log in the run folder: arming, kill switches, changes of risk, confirmations,
settlements, logins, passwords, alert tests; one line a step with the SHA-256 of the line before.
The head (number and hash of the newest line) that verify prints, and that the day's last alert
carries, proves later that nothing was cut off: pankou audit verify --head HASH.`;

export function registerAudit(program: Command): void {
  const audit = program
    .command('audit')
    .description('the audit log of a run folder')
    .addHelpText('after', HELP);
  audit
    .command('verify')
    .description('check the chain of the whole log')
    .option('--dir <DIR>', 'run folder or configuration (default: the engine of this folder)')
    .option('--head <HASH>', 'hash of a head noted earlier, 16 or more digits: it must be there')
    .option('--json', 'print JSON')
    .action((flags: AuditFlags) => verify(flags));
  audit
    .command('show')
    .description('print the steps, oldest first')
    .option('--dir <DIR>', 'run folder or configuration (default: the engine of this folder)')
    .option('--last <N>', 'only the newest N', wholeNumber(1, 1_000_000))
    .option('--json', 'print JSON')
    .action((flags: AuditFlags) => print(flags));
}

async function verify(flags: AuditFlags): Promise<void> {
  const { readAudit, verifyAudit } = await import('../../engine/journal/audit-log.ts');
  const dir = await folderOf(flags);
  const report = verifyAudit(dir);
  const { head = '' } = flags;
  const problems = [...report.problems];
  if (head !== '' && (head.length < 16 || !readAudit(dir).some((r) => r.hash.startsWith(head)))) {
    problems.push({ line: 0, why: `no record has the hash ${head}: the end was cut off` });
  }
  const lines = problems.map(({ line, why }) => `line ${line}: ${why}`);
  const good = `${report.records} records, the chain holds; head ${report.head}`;
  show(flags, { ...report, problems }, lines.length === 0 ? good : lines.join('\n'));
  if (lines.length > 0) process.exitCode = 1;
}

async function print(flags: AuditFlags): Promise<void> {
  const { readAudit } = await import('../../engine/journal/audit-log.ts');
  const all = readAudit(await folderOf(flags));
  const rows = flags.last === undefined ? all : all.slice(-flags.last);
  const lines = rows.map(({ n, at, who, from, what, about = {}, result }) => {
    const facts = Object.entries(about).map(([name, value]) => `${name}=${clean(String(value))}`);
    const words = [n, at, clean(who), `(${clean(from)})`, clean(what), ...facts];
    return `${words.join(' ')}: ${clean(result)}`;
  });
  show(flags, rows, lines.length === 0 ? 'nothing yet' : lines.join('\n'));
}

async function folderOf({ dir }: AuditFlags): Promise<string> {
  const { findEngine, placeOf } = await import('../desk/find-engine.ts');
  if (dir === undefined) return findEngine(null).dir;
  const place = placeOf(dir);
  if (!existsSync(place)) throw new Error(`${place} does not exist: nothing ran there yet`);
  return place;
}

/** Texts from outside must not move the cursor of a terminal. */
function clean(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ');
}
