// Writes the Python bridges: wire.py from the message schemas, then each bridge as ONE file out of
// the parts in gateways/qmt/bridge/source. `node tools/build-bridges.ts`, or `--check` to compare
// only (part of `npm run check`). Always: the files are ASCII, so any code page reads them, and
// no two parts of a bridge give the same top-level name two meanings.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asciiOf, wireFile } from './codegen-python.ts';

const ROOM = join(import.meta.dirname, '../gateways/qmt/bridge');
const SOURCE = join(ROOM, 'source');

/** One bridge: what its file says first, and its parts in order. */
interface BridgeFile {
  readonly file: string;
  readonly head: readonly string[];
  readonly parts: readonly string[];
}

const CORE = [
  ...[
    'wire',
    'way',
    'tables',
    'segments',
    'journal',
    'guard',
    'link',
    'seen',
    'desk',
    'probe',
    'rows',
    'core',
  ],
  'worker',
];

export const BRIDGES: readonly BridgeFile[] = [
  {
    file: 'pankou_xtquant.py',
    head: [
      '# -*- coding: utf-8 -*-',
      '# Pankou bridge A: beside miniQMT, over the xtquant package. See docs/QMT.md.',
    ],
    parts: [...CORE, 'quotes', 'quotes_xtquant', 'xt_rows', 'way_xtquant', 'main_xtquant'],
  },
  {
    file: 'pankou_terminal.py',
    head: ['#coding:gbk', '# Pankou bridge B: a strategy of the full terminal. See docs/QMT.md.'],
    parts: [...CORE, 'quotes', 'quotes_terminal', 'way_terminal', 'main_terminal'],
  },
];

const MADE =
  '# Made by tools/build-bridges.ts out of gateways/qmt/bridge/source. Do not edit.\n' +
  '# Copyright the Pankou authors, Apache License 2.0. Python 3.6 or newer, standard library only.';

/** The bridge's text out of its parts; throws when two parts define one name. */
export function assemble(bridge: BridgeFile, read: (part: string) => string): string {
  const owners = new Map<string, string>();
  const imports = new Set<string>();
  const bodies: string[] = [];
  for (const part of bridge.parts) {
    const lines = read(part).split('\n');
    const kept = lines.filter((line) => {
      if (isImportOf(line, bridge.parts)) return false;
      if (!/^(import|from) /.test(line)) return true;
      imports.add(line);
      return false;
    });
    for (const name of namesIn(kept)) {
      const owner = owners.get(name);
      if (owner !== undefined && owner !== part) {
        throw new Error(`${bridge.file}: '${name}' is defined in ${owner}.py and in ${part}.py`);
      }
      owners.set(name, part);
    }
    const rule = `# ---- ${part} ${'-'.repeat(90 - part.length)}`;
    bodies.push(`\n${rule}\n${kept.join('\n').trim()}\n`);
  }
  const text = [...bridge.head, MADE, ...[...imports].sort(), ...bodies].join('\n');
  return [...text].map(asciiOf).join('');
}

/** Parts import each other as `from wire import X`; in one file they need not. */
function isImportOf(line: string, parts: readonly string[]): boolean {
  const found = /^(?:from|import) (\w+)/.exec(line);
  return found !== null && parts.includes(found[1]!);
}

function namesIn(lines: readonly string[]): string[] {
  return lines.flatMap((line) => {
    const found = /^(?:def|class) (\w+)|^([A-Za-z_]\w*) = /.exec(line);
    return found === null ? [] : [found[1] ?? found[2]!];
  });
}

/** Every file this tool writes and its text, as far as the parts are there. */
export function bridgeTexts(): Map<string, string> {
  const wire = wireFile();
  const texts = new Map([[join(SOURCE, 'wire.py'), wire]]);
  for (const bridge of BRIDGES) {
    const { parts } = bridge;
    if (!parts.every((part) => part === 'wire' || has(part))) continue;
    const read = (part: string): string =>
      part === 'wire' ? wire : readFileSync(join(SOURCE, `${part}.py`), 'utf8');
    texts.set(join(ROOM, bridge.file), assemble(bridge, read));
  }
  return texts;
}

function has(part: string): boolean {
  return existsSync(join(SOURCE, `${part}.py`));
}

/** Files that are not what the parts say. */
export function staleFiles(): string[] {
  const stale = [...bridgeTexts()].filter(([file, text]) => {
    return !existsSync(file) || readFileSync(file, 'utf8') !== text;
  });
  return stale.map(([file]) => file);
}

if (process.argv[1] === import.meta.filename) {
  const stale = staleFiles();
  if (!process.argv.includes('--check')) {
    const texts = bridgeTexts();
    for (const file of stale) writeFileSync(file, texts.get(file)!);
  } else if (stale.length > 0) {
    console.error(`older than their parts: ${stale.join(', ')}`);
    console.error('run `node tools/build-bridges.ts` and commit what it writes');
    process.exit(1);
  }
}
