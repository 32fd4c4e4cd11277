// Imports what reaches files. Run by tests/e2e/strategy-guard.test.ts.
// Always: refused before any hook of it runs.
import { readFileSync } from 'node:fs';
import { defineStrategy } from 'pankou';

export default defineStrategy({
  params: {},
  onInit: (ctx) => ctx.log(readFileSync('/etc/hostname', 'utf8')),
});
