// Ends a process at a named point, by SIGKILL from inside. Not part of the product: production code
// knows nothing of it. It is loaded before everything else only when a test starts a process with
// `NODE_OPTIONS=--import .../crash-points.ts`, and does nothing unless PANKOU_CRASH names a point.
//   PANKOU_CRASH=POINT:N   at the N-th passing of the point in a thread:
//   before-write, torn-write (half of the record), after-write   a journal record
//   before-sync, after-sync                                       its way to the device
//   before-send, after-send                                       a piece to a socket
//   no-space                                                      from there on the disk is full
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { Socket } from 'node:net';

const [point = '', count = '0'] = (process.env['PANKOU_CRASH'] ?? '').split(':');
const wanted = Number(count);
const journals = new Set<number>();
let passed = 0;

if (point !== '') install();

function die(): void {
  process.kill(process.pid, 'SIGKILL');
  // The signal is on its way: nothing more may happen in this thread.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000);
}

function passes(name: string): boolean {
  return point === name && ++passed === wanted;
}

function install(): void {
  const { openSync, writeSync, writevSync, fdatasyncSync } = fs;
  fs.openSync = (path, ...rest) => {
    const handle = openSync(path, ...rest);
    if (String(path).endsWith('.pkj')) journals.add(handle);
    else journals.delete(handle);
    return handle;
  };
  fs.writevSync = ((handle: number, parts: readonly Uint8Array[], position: number) => {
    if (!journals.has(handle)) return writevSync(handle, parts, position);
    if (passes('before-write')) die();
    if (point === 'no-space' && ++passed >= wanted) throw fullDisk();
    if (passes('torn-write')) {
      writeSync(handle, parts[0]!, 0, parts[0]!.length >> 1, position);
      die();
    }
    const written = writevSync(handle, parts, position);
    if (passes('after-write')) die();
    return written;
  }) as typeof fs.writevSync;
  fs.fdatasyncSync = (handle) => {
    if (!journals.has(handle)) return fdatasyncSync(handle);
    if (passes('before-sync')) die();
    fdatasyncSync(handle);
    if (passes('after-sync')) die();
  };
  syncBuiltinESMExports();
  installSend();
}

function installSend(): void {
  const { write } = Socket.prototype;
  Socket.prototype.write = function (this: Socket, ...args: never[]): boolean {
    if (passes('before-send')) die();
    const answer = (write as (...a: never[]) => boolean).apply(this, args);
    if (passes('after-send')) die();
    return answer;
  } as typeof Socket.prototype.write;
}

function fullDisk(): Error {
  return Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
}
