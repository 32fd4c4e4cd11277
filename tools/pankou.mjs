#!/usr/bin/env node
// The `pankou` command. Runs on any Node from 18 on: TypeScript needs the pinned Node (22.18 or
// later), so an older or newer one starts node_modules/node and hands over arguments, terminal,
// signals and exit code; no shell. Plain JavaScript on purpose. Always: exactly one engine process;
// the pinned one ends in order when this one is gone (it sees the IPC channel close).
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const cli = join(root, 'tools', 'cli.ts');
const [major, minor] = process.versions.node.split('.').map(Number);
const canStrip = major > 22 || (major === 22 && minor >= 18);
const pinned = findPinned();

if (canStrip && (major === 22 || pinned === null)) {
  await import('./cli.ts');
} else if (pinned !== null) {
  handOver(pinned);
} else {
  console.error(
    `pankou: Node ${process.versions.node} cannot run the engine, and the pinned Node is missing ` +
      `in ${join(root, 'node_modules', 'node')}.\n` +
      `Run 'npm ci' in ${root}, or use Node 22.18 or later.`,
  );
  process.exitCode = 1;
}

/** Path of the pinned Node binary, or null. */
function findPinned() {
  const bin = join(root, 'node_modules', 'node', 'bin');
  const names = process.platform === 'win32' ? ['node.exe'] : ['node'];
  return names.map((name) => join(bin, name)).find((path) => existsSync(path)) ?? null;
}

function handOver(binary) {
  const child = spawn(binary, [cli, ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    windowsHide: false,
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK']) passOn(signal, child);
  child.on('error', (error) => {
    console.error(
      `pankou: ${binary} could not be started: ${error.message}; run 'npm ci' in ${root}`,
    );
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (constants.signals[signal] ?? 0);
  });
}

/**
 * A terminal sends Ctrl-C to the whole group, so the child has it already; a signal sent to this
 * process alone is passed on. Windows has console events only, and they reach the child too.
 */
function passOn(signal, child) {
  try {
    process.on(signal, () => {
      const fromTerminal = signal === 'SIGINT' && process.stdin.isTTY === true;
      if (process.platform !== 'win32' && !fromTerminal) child.kill(signal);
    });
  } catch {
    // This platform does not know the signal.
  }
}
