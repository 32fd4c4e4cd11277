// Is the clone complete: Node, native modules, kernels, pages. Called by tools/commands/doctor.ts.
// Always: a module is tried by loading it, not by looking for its files.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadKernels } from '../../engine/host/kernels.ts';
import type { Finding } from './check.ts';
import { fail, ok, warn } from './check.ts';

/** Folder of the engine. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '');

/** All findings about the installation. */
export async function installFindings(): Promise<Finding[]> {
  return [nodeVersion(), place(), await webServer(), koffi(), kernels(), pages()];
}

function nodeVersion(): Finding {
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    dependencies: { node: string };
  };
  return compareNode(process.versions.node, manifest.dependencies.node);
}

/** The running Node against the pinned one. */
export function compareNode(running: string, pinned: string): Finding {
  const [major, minor] = running.split('.').map(Number);
  if (running === pinned) return ok('node', `${running}, the pinned version`);
  const found = `${running}, pinned is ${pinned}`;
  if (major < 22 || (major === 22 && minor < 18)) {
    return fail('node', found, "Node 22.18 or later is needed: run 'npm ci'");
  }
  return warn(
    'node',
    found,
    "tested with the pinned version: run 'npm ci' and start with 'pankou'",
  );
}

/** Node refuses to strip types of files under node_modules. */
function place(): Finding {
  if (!ROOT.split(/[\\/]/).includes('node_modules')) return ok('folder', ROOT);
  const advice = 'Node runs no TypeScript there: clone the engine elsewhere and link to it';
  return fail('folder', `${ROOT} lies inside node_modules`, advice);
}

async function webServer(): Promise<Finding> {
  try {
    await import('uWebSockets.js');
    return ok('uWebSockets.js', 'loads');
  } catch (error) {
    const advice = 'set "api": { "server": "ws" } in the configuration, or use Node 22';
    return warn('uWebSockets.js', firstLine(error), advice);
  }
}

function koffi(): Finding {
  try {
    createRequire(import.meta.url)('koffi');
    return ok('koffi', 'loads');
  } catch (error) {
    const advice = "threads cannot be pinned without it: run 'npm ci'";
    return warn('koffi', firstLine(error), advice);
  }
}

function kernels(): Finding {
  try {
    const { memoryBytes } = loadKernels({ maxInstruments: 4, maxOrders: 64, maxLevels: 4_096 });
    return ok('kernels', `load and start (${Math.ceil(memoryBytes / 1024)} KiB for a small book)`);
  } catch (error) {
    return fail('kernels', firstLine(error), "run 'npm run build:wasm'");
  }
}

function pages(): Finding {
  if (existsSync(join(ROOT, 'dashboards', 'dist', 'index.html'))) return ok('pages', 'built');
  return warn('pages', 'not built', "run 'npm run build:pages', or start with --no-api");
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0];
}
