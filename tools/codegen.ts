// Writes the message code from the schemas: `node tools/codegen.ts` reads `flatc -b --schema` and
// writes flyweights, verifiers, stock FlatBuffers classes and docs/MESSAGES.md; `--check` only
// compares the schema hash that the generated files carry (so it needs no flatc).
// Invariant: the generated folder depends on nothing but the .fbs files and this file.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { flyweightFile, messagesPage, typesFile, verifierFile } from './codegen-emit.ts';
import { readSchema } from './codegen-schema.ts';

const SCHEMAS = join(import.meta.dirname, '../engine/messages');
const OUT = join(SCHEMAS, 'generated');
const GENERATOR = ['codegen.ts', 'codegen-emit.ts', 'codegen-schema.ts'];

/** SHA-256 (first 16 hex digits) of everything the generated code depends on. */
export function schemaHash(): string {
  const hash = createHash('sha256');
  const texts = readdirSync(SCHEMAS).filter((name) => name.endsWith('.fbs'));
  for (const name of texts.sort()) hash.update(readFileSync(join(SCHEMAS, name)));
  for (const name of GENERATOR) hash.update(readFileSync(join(import.meta.dirname, name)));
  return hash.digest('hex').slice(0, 16);
}

/** Whether the committed code was written from these schemas. */
export function isFresh(): boolean {
  const text = readFileSync(join(OUT, 'types.ts'), 'utf8');
  return text.includes(`'${schemaHash()}'`);
}

function generate(): void {
  const dir = mkdtempSync(join(tmpdir(), 'pankou-codegen-'));
  try {
    const all = join(SCHEMAS, 'all.fbs');
    execFileSync('flatc', ['-b', '--schema', '--bfbs-comments', '-o', dir, all]);
    execFileSync('flatc', ['--ts', '--ts-flat-files', '--gen-all', '-o', dir, all]);
    const schema = readSchema(readFileSync(join(dir, 'all.bfbs')));
    const hash = schemaHash();
    for (const group of ['market', 'order', 'control', 'event', 'broker']) {
      writeFileSync(join(OUT, `${group}.ts`), flyweightFile(schema, group));
    }
    writeFileSync(join(OUT, 'types.ts'), typesFile(schema, hash));
    writeFileSync(join(OUT, 'verify.ts'), verifierFile(schema));
    writeFileSync(join(OUT, 'stock.ts'), readFileSync(join(dir, 'all_generated.ts')));
    writeFileSync(join(SCHEMAS, '../../docs/MESSAGES.md'), messagesPage(schema));
  } finally {
    rmSync(dir, { recursive: true });
  }
}

if (process.argv[1] === import.meta.filename) {
  if (process.argv.includes('--check')) {
    if (!isFresh()) {
      console.error('generated messages are older than the schemas: run `npm run codegen`');
      process.exit(1);
    }
  } else {
    try {
      generate();
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      console.error(`codegen failed: ${text}`);
      console.error('flatc is needed (Debian: apt-get install flatbuffers-compiler)');
      process.exit(1);
    }
  }
}
