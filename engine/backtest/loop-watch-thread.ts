// The thread of loop-watch.ts. Looks at the strategies' words ten times within the limit; a word
// that is odd and unchanged all that time is a callback that does not return. The debugger
// protocol then tells where it stands. Always: ends the process with code 1 after its message is
// written, whether the debugger answered or not.
import { writeSync } from 'node:fs';
import { Session } from 'node:inspector';
import process from 'node:process';
import { parentPort, workerData } from 'node:worker_threads';
import type { WatchData } from './loop-watch.ts';

const { buffer, strategies, limitMs } = workerData as WatchData;
const words = new Int32Array(buffer);
const LOOKS = 10;
/** How long the debugger may take. */
const ANSWER_MS = 2_000;
/** After that the main thread is ended by force. */
const KILL_MS = 1_000;

const seen = strategies.map(() => ({ word: 0, looks: 0 }));

const timer = setInterval(() => {
  for (const [s, before] of seen.entries()) {
    const word = Atomics.load(words, s);
    const isSame = word === before.word && (word & 1) === 1;
    before.looks = isSame ? before.looks + 1 : 0;
    before.word = word;
    if (before.looks < LOOKS) continue;
    clearInterval(timer);
    tellAndEnd(s);
    return;
  }
}, limitMs / LOOKS);

function tellAndEnd(s: number): void {
  const session = new Session();
  session.connectToMainThread();
  const urls = new Map<string, string>();
  const give = setTimeout(() => end(s, '', ''), ANSWER_MS);
  session.on('Debugger.scriptParsed', ({ params }) => urls.set(params.scriptId, params.url));
  session.on('Debugger.paused', ({ params }) => {
    clearTimeout(give);
    const url = encodeURI(strategies[s]!.file);
    const own = params.callFrames.filter(({ location }) => {
      return urls.get(location.scriptId)?.includes(url) === true;
    });
    // The outermost function of the file is what the engine called.
    const callback = own.at(-1)?.functionName ?? '';
    const line = own[0] === undefined ? '' : String(own[0].location.lineNumber + 1);
    // What runs is cut off; the main thread then hears the message below and exits.
    session.post('Runtime.terminateExecution');
    session.post('Debugger.disable');
    session.disconnect();
    end(s, callback, line);
  });
  session.post('Debugger.enable');
  session.post('Debugger.pause');
}

function end(s: number, callback: string, line: string): void {
  const { name, file } = strategies[s]!;
  const what = callback === '' ? 'a callback' : callback;
  const where = line === '' ? '' : ` (now at ${file}:${line})`;
  const text = `strategy ${name} does not return from ${what}${where} after ${limitMs / 1_000} s`;
  writeSync(2, `\n${text}: an endless loop? The run was ended, nothing was written.\n`);
  parentPort?.postMessage('end');
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), KILL_MS);
}
