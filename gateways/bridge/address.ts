// Where a bridge listens and how one connects to it: `tcp:HOST:PORT`, or a local address (Unix
// socket path, on Windows a named pipe). Used by the bridge and by the core's link. Always: the
// secret comes from a file that only its owner may read, never from a command line.
import { readFileSync, statSync } from 'node:fs';

export interface SocketTarget {
  readonly host?: string;
  readonly port?: number;
  readonly path?: string;
}

const SECRET_MIN = 16;
const SECRET_MAX = 4_096;

/** Options for net.connect and server.listen. Throws when a `tcp:` address is malformed. */
export function targetOf(address: string): SocketTarget {
  if (!address.startsWith('tcp:')) {
    if (address === '') throw new Error("bridge address is empty, expected 'tcp:HOST:PORT'");
    return { path: address };
  }
  const found = /^tcp:(.+):(\d{1,5})$/.exec(address);
  const port = Number(found?.[2]);
  if (found === null || port > 65_535) {
    throw new Error(`bridge address '${address}', expected 'tcp:HOST:PORT' or a socket path`);
  }
  return { host: found[1]!.replace(/^\[(.*)\]$/, '$1'), port };
}

/** The shared secret in `file`; throws when others could read it or it is too short. */
export function readSecret(file: string): string {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined) {
    throw new Error(`secret file ${file} does not exist; make one with ${SECRET_MIN}+ characters`);
  }
  if (process.platform !== 'win32' && (stat.mode & 0o077) !== 0) {
    throw new Error(`secret file ${file} can be read by others: chmod 600 it`);
  }
  if (stat.size > SECRET_MAX) throw new Error(`secret file ${file} has ${stat.size} bytes`);
  const secret = readFileSync(file, 'utf8').trim();
  if (secret.length >= SECRET_MIN) return secret;
  throw new Error(`secret in ${file} has ${secret.length} characters, expected ${SECRET_MIN}+`);
}
