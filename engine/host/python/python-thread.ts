// The thread beside a strategy host that owns the Python process: lines go down as messages, the
// answer comes back through shared memory, so that the host can wait for it without an event loop.
// Started by python-channel.ts. Always: one answer is on its way at a time; when the process ends,
// that is the answer.
import { spawn } from 'node:child_process';
import process from 'node:process';
import { workerData } from 'node:worker_threads';
import { ANSWERED, GONE, type ThreadData, TOO_LONG, WAITING } from './python-words.ts';

const { control, bytes, python, runner, port } = workerData as ThreadData;
const words = new Int32Array(control);
const answer = new Uint8Array(bytes);
const ERRORS_KEPT = 4_000;

const child = spawn(python, ['-B', '-u', runner], {
  stdio: ['pipe', 'pipe', 'pipe'],
  env: { ...process.env, PYTHONHASHSEED: '0', PYTHONIOENCODING: 'utf-8', PYTHONUTF8: '1' },
});
let errors = '';
let rest: Buffer[] = [];
/** Why the process is no more; null = it runs. */
let gone: Buffer | null = null;

port.on('message', (line: string) => {
  if (gone === null) child.stdin.write(line);
  else hand(GONE, gone);
});
port.on('close', () => child.kill());
child.stdin.on('error', () => {});
child.stderr.setEncoding('utf8');
child.stderr.on('data', (text: string) => {
  errors = (errors + text).slice(-ERRORS_KEPT);
});
child.stdout.on('data', (part: Buffer) => {
  let from = 0;
  for (let at = part.indexOf(10); at >= 0; at = part.indexOf(10, from)) {
    hand(ANSWERED, Buffer.concat([...rest, part.subarray(from, at)]));
    rest = [];
    from = at + 1;
  }
  if (from < part.length) rest.push(part.subarray(from));
});
child.once('error', (error) => end(error.message));
child.once('close', (code, signal) => {
  end(errors.trim() === '' ? `it ended (${signal ?? code})` : errors.trim());
});

/** An answer that was not read yet stays; the next question hears of the end. */
function end(why: string): void {
  gone ??= Buffer.from(why);
  if (Atomics.load(words, 0) === WAITING) hand(GONE, gone);
}

function hand(state: number, text: Buffer): void {
  const fits = text.length <= answer.length;
  if (fits) answer.set(text);
  Atomics.store(words, 1, fits ? text.length : 0);
  Atomics.store(words, 0, fits ? state : TOO_LONG);
  Atomics.notify(words, 0);
}
