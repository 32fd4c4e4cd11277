// Waits for the api process's first word: its port, or why it cannot listen. Called by launcher.ts.
// Always: the answer to a ping is no such word; on a busy machine a ping overtakes the start.
import type { EventEmitter } from 'node:events';
import type { ApiAnswer } from '../messages/link-types.ts';

/** The port; rejects with the process's own text, or with how it ended. */
export function awaitApi(child: EventEmitter): Promise<number> {
  return new Promise((resolve, reject) => {
    const onMessage = (answer: 'pong' | ApiAnswer): void => {
      if (answer === 'pong') return;
      child.off('message', onMessage);
      if ('listening' in answer) resolve(answer.port);
      else reject(new Error(answer.message));
    };
    child.on('message', onMessage);
    child.once('exit', (code: number | null, signal: string | null) => {
      reject(new Error(`the api process ended at once (${signal ?? code})`));
    });
  });
}
