// The first word of an api process, whatever comes before it: its port, or why there is none.
// Run by vitest.
import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { awaitApi } from '../../../engine/host/api-answer.ts';

test('an answered ping before the port is no failure', async () => {
  const child = new EventEmitter();
  const port = awaitApi(child);
  child.emit('message', 'pong');
  child.emit('message', { listening: true, port: 8720 });
  expect(await port).toBe(8720);
  child.emit('message', 'pong');
});

test('its own reason is told, and so is an end without one', async () => {
  const refused = new EventEmitter();
  const why = awaitApi(refused);
  refused.emit('message', 'pong');
  refused.emit('message', { failed: true, code: 'EADDRINUSE', message: 'port 8720 is taken' });
  await expect(why).rejects.toThrow('port 8720 is taken');
  const gone = new EventEmitter();
  const end = awaitApi(gone);
  gone.emit('exit', null, 'SIGKILL');
  await expect(end).rejects.toThrow('ended at once (SIGKILL)');
});
