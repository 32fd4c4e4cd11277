// Asks a person at the terminal: a line, or a password that is not shown. Called by `pankou arm`
// and `pankou gateway report`. Always: without a terminal it fails and says which option to use;
// Ctrl-C ends the command; nothing that was typed is kept.
import process from 'node:process';
import { createInterface } from 'node:readline/promises';

/** A typed line, without the blanks around it. */
export async function askLine(question: string, option: string): Promise<string> {
  mustBeTerminal(option);
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await reader.question(question)).trim();
  } finally {
    reader.close();
  }
}

/** A typed line that is not shown. */
export function askSecret(question: string, option: string): Promise<string> {
  mustBeTerminal(option);
  const { stdin } = process;
  process.stderr.write(question);
  return new Promise((resolve, reject) => {
    let typed = '';
    const end = (): void => {
      stdin.setRawMode(false);
      stdin.pause();
      stdin.off('data', onData);
      process.stderr.write('\n');
    };
    const onData = (chunk: Buffer): void => {
      for (const char of chunk.toString('utf8')) {
        if (char === '\r' || char === '\n') {
          end();
          resolve(typed);
          return;
        }
        if (char === '\u0003') {
          end();
          reject(new Error('ended by Ctrl-C: nothing was done'));
          return;
        }
        if (char === '\u007f' || char === '\b') typed = [...typed].slice(0, -1).join('');
        else typed += char;
      }
    };
    stdin.setRawMode(true);
    stdin.resume();
    stdin.on('data', onData);
  });
}

function mustBeTerminal(option: string): void {
  if (process.stdin.isTTY !== true) throw new Error(`no terminal to ask at: give ${option}`);
}
