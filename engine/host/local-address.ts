// Where the core process and its api process meet: a Unix socket in the temporary folder, on
// Windows a named pipe. Called by the launcher, which hands the address to both sides. Always: the
// address belongs to one run and fits the operating system's limit for socket paths.
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Bytes of a socket path without its final NUL: Linux 108, macOS and BSD 104 (sys/un.h). */
const PATH_BYTES_LINUX = 107;
const PATH_BYTES_OTHER = 103;

/** Whether the address is a named pipe, which has no file and no file mode. */
export function isPipeAddress(address: string): boolean {
  return address.startsWith('\\\\');
}

/**
 * Address of the local socket of run `runId` (letters, digits, `-`, `_`; at most 64). Throws when
 * the id has other characters, or when the temporary folder's path leaves too little room.
 */
export function localAddress(
  runId: string,
  platform: NodeJS.Platform = process.platform,
  folder: string = tmpdir(),
): string {
  if (!/^[\w-]{1,64}$/.test(runId)) {
    throw new Error(`runId='${runId}', expected 1 to 64 letters, digits, '-' or '_'`);
  }
  if (platform === 'win32') return `\\\\.\\pipe\\pankou-${runId}`;
  const path = join(folder, `pankou-${runId}.sock`);
  const most = platform === 'linux' ? PATH_BYTES_LINUX : PATH_BYTES_OTHER;
  const bytes = Buffer.byteLength(path);
  if (bytes > most) {
    const what = `the local socket's path has ${bytes} bytes, at most ${most} are possible`;
    throw new Error(`${what}: ${path}\nSet TMPDIR to a folder with a shorter path.`);
  }
  return path;
}
