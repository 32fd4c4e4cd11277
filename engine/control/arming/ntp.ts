// Whether the operating system says that its clock is in step with a time server. Called by arming
// now and then. Always: a machine that cannot say is `unknown`, after two seconds at most.
import { execFile } from 'node:child_process';
import process from 'node:process';

export type NtpState = 'yes' | 'no' | 'unknown';

const WAIT_MS = 2_000;

/** Asks timedatectl (Linux) or w32tm (Windows). */
export async function ntpState(platform: string = process.platform): Promise<NtpState> {
  if (platform === 'linux') {
    const text = await output('timedatectl', ['show', '--property=NTPSynchronized', '--value']);
    const word = text?.trim();
    return word === 'yes' || word === 'no' ? word : 'unknown';
  }
  if (platform !== 'win32') return 'unknown';
  const text = await output('w32tm', ['/query', '/status']);
  if (text === null) return 'unknown';
  // The words are in the system's language; the number of the leap indicator is not.
  const leap = /\b([0-3])\(/.exec(text)?.[1];
  return leap === undefined ? 'unknown' : leap === '3' ? 'no' : 'yes';
}

function output(file: string, args: readonly string[]): Promise<string | null> {
  return new Promise((resolve) => {
    execFile(file, args, { timeout: WAIT_MS, windowsHide: true }, (error, stdout) => {
      resolve(error === null ? stdout : null);
    });
  });
}
