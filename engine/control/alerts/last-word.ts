// A process for one message: started by the launcher when there is no api process that could tell
// anybody. Gets the channels and the text as its first IPC message, tries each channel a few times,
// and ends. Always: it ends within a minute; it has no part in trading.
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AlertsConfig } from '../../config-arming.ts';
import { type Alert, render } from './alert-message.ts';
import { deliver } from './channels.ts';

const TRIES = 3;
const PAUSE_MS = 3_000;

interface LastWord {
  readonly alerts: AlertsConfig;
  readonly name: string;
  readonly text: string;
}

async function say({ alerts, name, text }: LastWord): Promise<void> {
  const alert: Alert = {
    ...{ event: 'engine-down', level: 'critical', subject: 'launcher', atMs: Date.now() },
    text: { zh: text, en: text },
  };
  const message = render([alert], name, alerts.language);
  await Promise.all(
    Object.entries(alerts.channels).map(async ([channelName, channel]) => {
      for (let tried = 1; ; tried++) {
        try {
          await deliver(channel, message);
          return;
        } catch (error) {
          const why = error instanceof Error ? error.message : String(error);
          process.stderr.write(`alert channel ${channelName}: ${why}\n`);
        }
        if (tried === TRIES) return;
        await sleep(PAUSE_MS);
      }
    }),
  );
}

process.on('SIGINT', () => {});
process.once('message', (word: LastWord) => {
  void say(word).finally(() => process.exit(0));
});
