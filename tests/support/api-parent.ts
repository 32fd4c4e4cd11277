// A small launcher for tests: forks the api process, hands it the configuration from its first
// argument and prints what it answers. It is there to be killed.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const entry = fileURLToPath(new URL('../../engine/control/main.ts', import.meta.url));
const child = fork(entry, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
child.on('message', (answer) => {
  process.stdout.write(`${JSON.stringify({ pid: child.pid, answer })}\n`);
});
child.send(JSON.parse(process.argv[2]));
