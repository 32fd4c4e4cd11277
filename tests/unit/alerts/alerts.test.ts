// Alerts to a whole fake mail server and robot server: what arrives where, what is held back, what
// a failing channel and a restart do. The clock of repetitions and rates is the test's.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { AlertsConfig, ChannelConfig } from '../../../engine/config-arming.ts';
import { Alerts, type AlertsOptions } from '../../../engine/control/alerts/alerts.ts';
import { Replica } from '../../../engine/control/replica.ts';
import { FakeSmtp } from '../../support/fake-smtp.ts';
import { FakeWebhook } from '../../support/fake-webhook.ts';
import { waitFor } from '../../support/wait-for.ts';

let dir = '';
let smtp: FakeSmtp;
let hook: FakeWebhook;
let nowMs = 0;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'pankou-alerts-'));
  smtp = new FakeSmtp();
  hook = new FakeWebhook();
  await Promise.all([smtp.open(), hook.open()]);
  nowMs = Date.now();
});
afterEach(async () => {
  await Promise.all([smtp.close(), hook.close()]);
  rmSync(dir, { recursive: true, force: true });
});

function secret(name: string, text: string, mode = 0o600): string {
  const file = join(dir, name);
  writeFileSync(file, `${text}\n`, { mode });
  return file;
}

function email(more: object = {}): ChannelConfig {
  return {
    ...{ kind: 'email', host: '127.0.0.1', port: smtp.port, security: 'none', user: '' },
    ...{ passwordFile: '', from: 'engine@example.com', to: ['a@example.com', 'b@example.com'] },
    ...{ level: 'warning' },
    ...more,
  } as ChannelConfig;
}

function wecom(): ChannelConfig {
  const urlFile = secret('wecom', `http://127.0.0.1:${hook.port}/cgi-bin/webhook/send?key=SECRET`);
  return { kind: 'wecom', urlFile, level: 'warning' };
}

function dingtalk(): ChannelConfig {
  hook.secret = 'SEC0123456789';
  const urlFile = secret('ding', `http://127.0.0.1:${hook.port}/robot/send?access_token=TOKEN`);
  const secretFile = secret('ding-secret', hook.secret);
  return { kind: 'dingtalk', urlFile, secretFile, level: 'warning' };
}

interface Kit {
  readonly alerts: Alerts;
  readonly said: string[];
}

function open(channels: AlertsConfig['channels'], more: Partial<AlertsConfig> = {}): Kit {
  const said: string[] = [];
  const config: AlertsConfig = {
    ...{ language: 'zh', channels, levels: {}, perMinute: 6, repeatMinutes: 30 },
    ...{ rejectsPerMinute: 20, diskFreeMiB: 1 },
    ...more,
  };
  const options: AlertsOptions = {
    ...{ config, runDir: dir, name: 'desk', restarts: 0, replica: new Replica() },
    log: (level, text) => said.push(`${level} ${text}`),
    now: () => nowMs,
  };
  const alerts = new Alerts(options);
  alerts.start();
  onTestFinished(() => alerts.close());
  return { alerts, said };
}

const text = (what: string) => ({ zh: `中文 ${what}`, en: `English ${what}` });
const contentOf = (n: number): string => {
  const { content, text: words } = hook.posts[n]!.body.markdown!;
  return content ?? words!;
};

describe('alert channels', () => {
  test('an alert arrives by mail with subject and text in the language wanted', async () => {
    const { alerts } = open({ mail: email() }, { language: 'en' });
    alerts.raise('kill', 'firm', text('kill <b>'));
    await waitFor('the mail', () => smtp.mails.length === 1);
    const [mail] = smtp.mails;
    expect(mail).toMatchObject({ from: 'engine@example.com' });
    expect(mail!.to).toEqual(['a@example.com', 'b@example.com']);
    const words = FakeSmtp.textOf(mail!);
    expect(words).toContain('desk CRITICAL: kill switch');
    expect(words).toContain('English kill <b>');
  });

  test('an alert arrives at WeCom and, signed, at DingTalk, without mentions', async () => {
    const { alerts } = open({ wecom: wecom(), ding: dingtalk() });
    alerts.raise('order-unknown', 'x', text('[link](http://x) @all `code`'));
    await waitFor('both robots', () => hook.posts.length === 2);
    expect(hook.posts.map(({ path }) => path).sort()).toEqual([
      '/cgi-bin/webhook/send',
      '/robot/send',
    ]);
    for (const n of [0, 1]) {
      expect(hook.posts[n]!.body.msgtype).toBe('markdown');
      expect(contentOf(n)).toContain('委托状态未知');
      expect(contentOf(n)).toContain('中文 ［link］');
      expect(contentOf(n)).not.toMatch(/[[\]`@]/);
    }
  });

  test('a wrong DingTalk secret is a failure whose text tells no secret', async () => {
    const channel = dingtalk();
    hook.secret = 'another secret';
    const { alerts } = open({ ding: channel });
    const outcome = await alerts.test('ding');
    expect(outcome).toMatchObject({ ok: true, data: { channels: [{ ok: false }] } });
    expect(JSON.stringify(outcome)).toContain('310000');
    expect(JSON.stringify(outcome)).not.toMatch(/SEC0123|TOKEN/);
    expect(alerts.channels().tested).toEqual([]);
  });

  test('starttls with a server that has none sends nothing', async () => {
    const { alerts } = open({ mail: email({ security: 'starttls' }) });
    const outcome = await alerts.test(undefined);
    expect(outcome).toMatchObject({ ok: true, data: { channels: [{ ok: false }] } });
    expect(smtp.mails).toHaveLength(0);
  });

  test('a file with a secret that others can read is refused', async () => {
    const urlFile = secret('open', `http://127.0.0.1:${hook.port}/x`, 0o644);
    const { alerts } = open({ robot: { kind: 'wecom', urlFile, level: 'info' } });
    const outcome = await alerts.test('robot');
    expect(JSON.stringify(outcome)).toContain('chmod 600');
  });

  test('a test that arrives counts for today, over a restart, not for tomorrow', async () => {
    const first = open({ wecom: wecom(), mail: email() });
    await first.alerts.test('wecom');
    expect(first.alerts.channels()).toEqual({ all: ['wecom', 'mail'], tested: ['wecom'] });
    await first.alerts.close();
    const second = open({ wecom: wecom() });
    expect(second.alerts.channels().tested).toEqual(['wecom']);
    nowMs += 86_400_000;
    expect(second.alerts.channels().tested).toEqual([]);
    expect(await second.alerts.test('nobody')).toMatchObject({ ok: false });
  });
});

describe('how often people are told', () => {
  test('the same about the same is told once, then again with how often it was not', async () => {
    const { alerts } = open({ wecom: wecom() });
    for (let i = 0; i < 5; i++) alerts.raise('disk', 'disk', text('full'));
    await waitFor('the first', () => hook.posts.length === 1);
    nowMs += 31 * 60_000;
    alerts.raise('disk', 'disk', text('full'));
    await waitFor('the second', () => hook.posts.length === 2);
    expect(contentOf(1)).toContain('另有 4 次');
  });

  test('a state and its end are both told, and the state again after its end', async () => {
    const { alerts } = open({ wecom: { ...wecom(), level: 'info' } as ChannelConfig });
    const said = () => hook.posts.map((_, n) => contentOf(n)).join(' ');
    alerts.raise('link-lost', 'demo', text('lost1'), ['link-back']);
    await waitFor('lost', () => said().includes('lost1'));
    alerts.raise('link-back', 'demo', text('back1'), ['link-lost']);
    await waitFor('back', () => said().includes('back1'));
    alerts.raise('link-lost', 'demo', text('lost2'), ['link-back']);
    await waitFor('lost again', () => said().includes('lost2'));
  });

  test('levels decide who hears what, and an event can be switched off', async () => {
    const { alerts } = open(
      { wecom: wecom() },
      { levels: { disk: 'off', 'day-close': 'critical' } },
    );
    alerts.raise('disk', 'd', text('disk'));
    alerts.raise('link-back', 'd', text('info only'));
    alerts.raise('day-close', 'd', text('closed'));
    await waitFor('one', () => hook.posts.length === 1);
    expect(contentOf(0)).toContain('中文 closed');
    expect(alerts.status().channels[0]).toMatchObject({ sent: 1, waiting: 0 });
  });

  test('a burst comes as one message and a digest', async () => {
    const { alerts } = open({ wecom: wecom() }, { perMinute: 2 });
    for (let i = 0; i < 40; i++) alerts.raise('order-unknown', `o${i}`, text(`order ${i}.`));
    await waitFor('two messages', () => hook.posts.length === 2);
    expect(contentOf(0)).toContain('order 0.');
    expect(contentOf(1)).toContain('等 39 条');
    expect(contentOf(1)).toContain('另有 19 条');
    alerts.raise('order-unknown', 'late', text('late'));
    expect(alerts.status().channels[0]).toMatchObject({ waiting: 1 });
  });
});

describe('a channel that fails', () => {
  test('is tried again until it takes the alert', async () => {
    hook.status = 503;
    const { alerts, said } = open({ wecom: wecom() });
    alerts.raise('kill', 'firm', text('kill'));
    await waitFor('a failure', () => said.some((line) => line.includes('answered 503')));
    expect(said.join()).not.toContain('SECRET');
    hook.status = 200;
    await waitFor('the alert', () => hook.posts.length === 1);
  });

  test('keeps what it did not take over a restart, and sends it once', async () => {
    hook.errcode = 45_009;
    const first = open({ wecom: wecom() });
    first.alerts.raise('kill', 'firm', text('kill'));
    await waitFor('a failure', () => first.said.some((line) => line.includes('45009')));
    await first.alerts.close();
    hook.errcode = 0;
    const second = open({ wecom: wecom() });
    await waitFor('the alert', () => hook.posts.length === 1);
    await second.alerts.close();
    open({ wecom: wecom() });
    const spool = readFileSync(join(dir, 'alerts/spool.jsonl'), 'utf8');
    expect(spool.trim()).toBe('');
    expect(hook.posts).toHaveLength(1);
  });

  test('a torn or foreign line of the spool costs only itself', async () => {
    hook.errcode = 1;
    const first = open({ wecom: wecom() });
    first.alerts.raise('kill', 'firm', text('kept'));
    await waitFor('a failure', () => first.said.length > 0);
    await first.alerts.close();
    const path = join(dir, 'alerts/spool.jsonl');
    writeFileSync(path, `garbage\n${readFileSync(path, 'utf8')}{"id":7,"chan`);
    hook.errcode = 0;
    open({ wecom: wecom() });
    await waitFor('the alert', () => hook.posts.length === 1);
    expect(contentOf(0)).toContain('kept');
  });
});
