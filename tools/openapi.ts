// Writes docs/openapi.json from the schemas of the trading interface: `node tools/openapi.ts`. A
// contract test says when it is older than they are.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openApi } from '../engine/control/openapi.ts';

const BIOME = join(import.meta.dirname, '../node_modules/@biomejs/biome/bin/biome');
const FILE = join(import.meta.dirname, '../docs/openapi.json');

writeFileSync(FILE, `${JSON.stringify(openApi(), null, 2)}\n`);
execFileSync(process.execPath, [BIOME, 'format', '--write', FILE], { stdio: 'ignore' });
