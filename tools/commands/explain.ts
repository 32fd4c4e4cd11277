// `pankou explain ORDER`: everything the journal knows of one order on a page: what was asked, what
// risk approved and by which rules, every report, cancel and fill, with the records that prove it.
// Always: the journal is only read, no lock is taken, so it works beside a running engine.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import process from 'node:process';
import { type Command, InvalidArgumentError } from 'commander';
import { formatYuan } from '../../engine/core/price.ts';
import type { OrderRecord, OrderStory } from '../../engine/journal/explain.ts';

const AFTER = `
DIR is a run folder (or a journal folder in it); the newest below ./runs when it is not given.
Exit codes: 0 found, 1 not found or the journal is damaged, 2 wrong use.

Examples:
  pankou explain 10000q9010000012a --dir runs/today
  pankou explain --key my-order-7 --dir runs/today`;

interface Flags {
  dir?: string;
  key?: string;
  json?: boolean;
}

export function registerExplain(program: Command): void {
  program
    .command('explain')
    .description('one order from its journal: intent, rules, reports, fills, records')
    .argument('[ORDER]', 'client order id, 16 characters')
    .option('--key <TEXT>', 'the order (or refusal) that has this idempotency key')
    .option('--dir <DIR>', 'run folder or journal folder')
    .option('--json', 'print JSON')
    .addHelpText('after', AFTER)
    .action(async (order: string | undefined, flags: Flags) => {
      const question = await questionOf(order, flags);
      const { explainOrder } = await import('../../engine/journal/explain.ts');
      const dirs = journalsOf(flags.dir === undefined ? newestRun() : resolve(flags.dir));
      const stories = dirs.flatMap((dir) => explainOrder(dir, question));
      if (flags.json === true) process.stdout.write(`${JSON.stringify(stories, null, 2)}\n`);
      else for (const story of stories) process.stdout.write(`${storyText(story)}\n`);
      if (stories.length > 0) return;
      const what = order ?? `an order with key ${flags.key}`;
      process.stderr.write(`pankou explain: ${what} is not in ${dirs.join(', ')}\n`);
      process.exitCode = 1;
    });
}

async function questionOf(order: string | undefined, flags: Flags) {
  const { parseOrderId } = await import('../../engine/core/order-id.ts');
  if ((order === undefined) === (flags.key === undefined)) {
    throw new InvalidArgumentError('expected either ORDER or --key TEXT.');
  }
  if (flags.key !== undefined) {
    const hash = createHash('sha256').update(flags.key, 'utf8').digest('hex');
    return { key: hash.slice(0, 32) };
  }
  if (order !== undefined && parseOrderId(order) !== null) return { coid: order };
  throw new InvalidArgumentError(
    `'${order}' is no client order id: expected its 16 characters, check digits included.`,
  );
}

/** Journal folders of a run folder: journal-0, journal-1 ... or the folder itself. */
function journalsOf(dir: string): string[] {
  if (!existsSync(dir)) throw new Error(`${dir} does not exist; give a run folder`);
  if (/^journal(-\d+)?$/.test(basename(dir))) return [dir];
  const names = readdirSync(dir).filter((name) => /^journal-\d+$/.test(name));
  if (names.length === 0) throw new Error(`${dir} holds no journal-0; give a run folder`);
  return names.sort().map((name) => join(dir, name));
}

/** The run folder below ./runs that was started last. */
function newestRun(): string {
  const found = runsBelow(resolve('runs'), 3).sort();
  const last = found[found.length - 1];
  if (last !== undefined) return last;
  throw new Error('no run folder below ./runs; give one with --dir');
}

function runsBelow(dir: string, depth: number): string[] {
  if (!existsSync(dir) || depth === 0) return [];
  if (existsSync(join(dir, 'journal-0'))) return [dir];
  const folders = readdirSync(dir, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders.flatMap((entry) => runsBelow(join(dir, entry.name), depth - 1));
}

/** The page of one order. */
export function storyText(story: OrderStory): string {
  const first = story.records[0]!;
  const { fields } = first;
  const lines = [
    `order     ${story.coid === '' ? 'none: the intent was refused' : story.coid}`,
    `asked     ${sideText(fields)} ${fields['qty']} ${story.symbol} ${priceText(fields)}`,
    `by        ${strategyText(fields)}, intent ${fields['intentNo']}, account ${fields['account']}`,
    ...keyLines(fields),
    `day       ${first.day}, epoch ${first.epoch}`,
  ];
  const request = story.records.find(({ type }) => type === 'REQUEST');
  if (request !== undefined) {
    const { approval = 0, ruleSet = 0 } = request.fields;
    lines.push(`risk      approved (${hex(approval)}) under rule set ${hex(ruleSet)}`);
  }
  lines.push(`journal   ${story.dir}`, '');
  for (const record of story.records) lines.push(recordText(record));
  const fills = story.records.filter(({ type }) => type === 'FILL');
  const filled = fills.reduce((sum, { fields: f }) => sum + (f['qty'] ?? 0), 0);
  const amount = fills.reduce(
    (sum, { fields: f }) => sum + (f['qty'] ?? 0) * (f['priceE4'] ?? 0),
    0,
  );
  const average = filled === 0 ? '' : `, average ${formatYuan(Math.round(amount / filled))}`;
  lines.push('', `filled    ${filled} of ${fields['qty']}${average}`);
  const settled = story.records.find(({ type }) => type === 'SETTLE');
  if (settled !== undefined) {
    const { filledQty = 0, bookedQty = 0 } = settled.fields;
    lines.push(`settled   ${filledQty - bookedQty} more on a person's word`);
  }
  if (story.torn) lines.push('note      the journal ends in a torn write, which does not count');
  return lines.join('\n');
}

function recordText(record: OrderRecord): string {
  const { seq, file, offset, atNs, type, crc } = record;
  const place = `#${seq} ${file}:${offset} crc ${hex(crc)}`;
  return `${timeText(atNs)}  ${type.padEnd(8)} ${detailOf(record).padEnd(44)} ${place}`;
}

const REPORTS = ['', 'written', 'accepted', 'rejected', 'cancelled', 'cancel refused', 'unknown'];
const HELD_FOR = ['', '', '', 'its session or the link', '', 'a second person', 'its parts'];
const ENDS = ['', 'filled', 'cancelled', 'rejected'];
const STAGES = ['', 'feed', 'strategy host', 'oms', 'risk', 'gateway', 'exchange', 'supervisor'];

function detailOf({ type, fields: f, texts = {} }: OrderRecord): string {
  if (type === 'HOLD') return `kept for ${HELD_FOR[f['action'] ?? 0] ?? 'later'}`;
  if (type === 'CONFIRM') {
    return `${f['decision'] === 1 ? 'confirmed' : 'refused'} by ${texts['by']}`;
  }
  if (type === 'SETTLE') {
    const price = f['priceE4'] ? ` at ${formatYuan(f['priceE4'])}` : '';
    const what = `${ENDS[f['outcome'] ?? 0]}, ${f['filledQty']} traded${price}`;
    return `closed by ${texts['by']} as ${what}: ${texts['reason']}`;
  }
  if (type === 'REQUEST') return `place ${sideText(f)} ${f['qty']} ${priceText(f)}`;
  if (type === 'CANCEL') return 'cancel asked';
  if (type === 'FILL') {
    return `${f['qty']} at ${formatYuan(f['priceE4'] ?? 0)}, fill ${f['fillNo']}`;
  }
  const code = f['code'] === 0 ? '' : `, code ${f['code']}`;
  const stage = STAGES[f['stage'] ?? 0] ?? '';
  if (type === 'REPORT') {
    const broker = f['brokerOrderNo'] ? `, broker no. ${f['brokerOrderNo']}` : '';
    return `${REPORTS[f['kind'] ?? 0] ?? ''} by ${stage}${code}${broker}`;
  }
  return `refused by ${stage}${code}, found ${f['value']}, allowed ${f['limit']}`;
}

function keyLines(f: OrderRecord['fields']): string[] {
  const words = ['keyA', 'keyB', 'keyC', 'keyD'].map((name) => f[name] ?? 0);
  if (words.every((word) => word === 0)) return [];
  return [`key       ${words.map((word) => hex(word)).join('')} (SHA-256 of the text)`];
}

function strategyText(f: OrderRecord['fields']): string {
  const index = f['strategy'] ?? 0;
  return index >= 240 ? 'the desk (a person or a program outside)' : `strategy ${index}`;
}

function sideText(f: OrderRecord['fields']): string {
  return f['side'] === 2 ? 'sell' : 'buy';
}

function priceText(f: OrderRecord['fields']): string {
  return f['priceE4'] ? `at ${formatYuan(f['priceE4'])}` : `as kind ${f['kind']}`;
}

function timeText(ns: number): string {
  const ms = Math.floor(ns / 1e6);
  const two = (n: number): string => String(Math.floor(n)).padStart(2, '0');
  const rest = String(ms % 1000).padStart(3, '0');
  return `${two(ms / 3.6e6)}:${two((ms / 60_000) % 60)}:${two((ms / 1000) % 60)}.${rest}`;
}

function hex(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0');
}
