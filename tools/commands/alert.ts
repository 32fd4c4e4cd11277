// `pankou alert test|status`: the alert channels of a running engine, through its api process.
// Always: a test says per channel whether it arrived, and exits with 1 when one did not.
import process from 'node:process';
import type { Command } from 'commander';
import type { AlertStatusData, AlertTestData } from '../../engine/control/trade-schemas.ts';
import { command, type Flags, fail, show } from '../desk/desk-command.ts';

const HELP = `
Channels stand in the configuration under alerts.channels (docs/ALERTS.md). A test that arrives
counts for today (China time): arming to pilot or full needs one.`;

export function registerAlert(program: Command): void {
  const alert = program
    .command('alert')
    .description('alert channels of a running engine')
    .addHelpText('after', HELP);
  command(alert, 'test', 'send a test message to a channel, or to all', false)
    .argument('[CHANNEL]', 'name of the channel')
    .addHelpText('after', HELP)
    .action((channel: string | undefined, flags: Flags) => test(channel, flags));
  command(alert, 'status', 'channels: last message, last test, what waits', false).action(
    (flags: Flags) => status(flags),
  );
}

async function test(channel: string | undefined, flags: Flags): Promise<void> {
  const { userName } = await import('../desk/audited.ts');
  const body = { by: userName(), ...(channel === undefined ? {} : { channel }) };
  const data = await ask<AlertTestData>(flags, 'POST', '/api/v1/alerts/test', body);
  if (data === null) return;
  const lines = data.channels.map(({ channel: name, ok, why, ms }) =>
    ok ? `✓ ${name}: arrived after ${ms} ms` : `✗ ${name}: ${why}`,
  );
  show(flags, data, lines.join('\n'));
  if (data.channels.some(({ ok }) => !ok)) process.exitCode = 1;
}

async function status(flags: Flags): Promise<void> {
  const data = await ask<AlertStatusData>(flags, 'GET', '/api/v1/alerts');
  if (data === null) return;
  const lines = data.channels.map((row) => {
    const { channel, kind, level, waiting, sent, testedAt = 'never', lastError } = row;
    const head = `${channel} (${kind}, from ${level}): ${sent} sent, ${waiting} waiting`;
    const error = lastError === undefined ? '' : `; last error: ${lastError}`;
    return `${head}, tested ${testedAt}${error}`;
  });
  show(flags, data, lines.length === 0 ? 'no alert channel is configured' : lines.join('\n'));
}

async function ask<Data>(
  flags: Flags,
  method: 'GET' | 'POST',
  path: string,
  body?: object,
): Promise<Data | null> {
  const { findEngine } = await import('../desk/find-engine.ts');
  const { askApi } = await import('../desk/api-client.ts');
  const outcome = await askApi<Data>(findEngine(flags.dir ?? null), method, path, body);
  if (outcome.ok) return outcome.data;
  fail(flags, outcome.error);
  return null;
}
