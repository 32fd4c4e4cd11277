// The engine's version, from package.json. Shown in journals, handshakes and pages; read once.
// Invariant: one place only says it.
import { readFileSync } from 'node:fs';

const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');

/** '0.1.0' */
export const version: string = (JSON.parse(text) as { version: string }).version;
