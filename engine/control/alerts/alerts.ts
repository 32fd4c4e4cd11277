// Alerts of an engine, put together: what is watched, who is told, how often. Made by the api
// process. Always: an alert is on disk before a channel sees it; the same about the same thing is
// told once in `repeatMinutes`; a state and its end are both told; nothing here ever throws into
// the api process.
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { AlertEvent } from '../../alert-events.ts';
import type { AlertsConfig, ChannelConfig } from '../../config-arming.ts';
import { type Outcome, refuse } from '../outcome.ts';
import type { BilingualText } from '../protocol.ts';
import type { Replica } from '../replica.ts';
import type { AlertStatusData, AlertTestData } from '../trade-schemas.ts';
import type { AlertDoor } from '../trading-calls.ts';
import { type Alert, EVENTS, type Rendered, rank, render } from './alert-message.ts';
import { AlertWatch } from './alert-watch.ts';
import { deliver as deliverNow } from './channels.ts';
import { Sender } from './sender.ts';
import { Spool } from './spool.ts';

const MINUTE_MS = 60_000;
const CHINA_MS = 8 * 3_600_000;

export interface AlertsOptions {
  readonly config: AlertsConfig;
  readonly runDir: string;
  /** Name of the run. */
  readonly name: string;
  /** How often the api process has died before. */
  readonly restarts: number;
  readonly replica: Replica;
  readonly log: (level: 'info' | 'warn' | 'error', text: string) => void;
  readonly now?: () => number;
  readonly deliver?: (channel: ChannelConfig, message: Rendered) => Promise<void>;
}

/** What was told of a subject, and how often it was not told since. */
interface Told {
  atMs: number;
  more: number;
}

export class Alerts implements AlertDoor {
  readonly watch: AlertWatch;
  readonly #options: AlertsOptions;
  readonly #now: () => number;
  readonly #spool: Spool;
  readonly #senders = new Map<string, Sender>();
  readonly #told = new Map<string, Told>();
  readonly #testFile: string;
  /** ms since 1970 of the last test that arrived, by channel. */
  readonly #testedMs: Map<string, number>;

  constructor(options: AlertsOptions) {
    this.#options = options;
    const { config, runDir, name, log, deliver = deliverNow } = options;
    this.#now = options.now ?? Date.now;
    const dir = join(runDir, 'alerts');
    mkdirSync(dir, { recursive: true });
    this.#testFile = join(dir, 'tested.json');
    this.#testedMs = readTests(this.#testFile);
    this.#spool = new Spool(join(dir, 'spool.jsonl'));
    for (const [channelName, channel] of Object.entries(config.channels)) {
      const { language, perMinute } = config;
      const sender = new Sender({
        ...{ name: channelName, channel, run: name, language, perMinute, deliver },
        ...{ spool: this.#spool, now: this.#now, log: (text: string) => log('warn', text) },
      });
      this.#senders.set(channelName, sender);
    }
    this.watch = new AlertWatch({
      ...{ replica: options.replica, runDir, now: this.#now },
      ...{ rejectsPerMinute: config.rejectsPerMinute, diskFreeMiB: config.diskFreeMiB },
      raise: (...args) => this.raise(...args),
    });
  }

  start(): void {
    try {
      for (const waiting of this.#spool.open()) this.#senders.get(waiting.channel)?.add(waiting);
    } catch (error) {
      this.#options.log('error', `alerts: the spool cannot be opened: ${String(error)}`);
    }
    const { restarts } = this.#options;
    if (restarts > 0) {
      const text = {
        zh: `接口进程第 ${restarts} 次重启；期间的事件可能没有告警`,
        en: `restart ${restarts}: what happened meanwhile may not have been told`,
      };
      this.raise('api-restart', 'api', text);
    }
    this.watch.start();
  }

  /** Tells everybody who wants it. `ends`: subjects of other events that this one ends. */
  raise(
    event: AlertEvent,
    subject: string,
    text: BilingualText,
    ends: readonly AlertEvent[] = [],
  ): void {
    for (const other of ends) this.#told.delete(`${other} ${subject}`);
    const level = this.#options.config.levels[event] ?? EVENTS[event].level;
    if (level === 'off') return;
    const more = this.#countOf(`${event} ${subject}`);
    if (more < 0) return;
    const alert: Alert = { event, level, subject, text, atMs: this.#now() };
    this.#hand(more === 0 ? alert : { ...alert, more });
  }

  /** Channels, and those of which a test arrived today (China time). */
  channels(): { all: string[]; tested: string[] } {
    const all = [...this.#senders.keys()];
    const today = dayOf(this.#now());
    const tested = all.filter((name) => dayOf(this.#testedMs.get(name) ?? 0) === today);
    return { all, tested };
  }

  /** Sends a test message past every queue. */
  async test(channel: string | undefined): Promise<Outcome<AlertTestData>> {
    const names = channel === undefined ? [...this.#senders.keys()] : [channel];
    const meant = names.flatMap((name) => {
      const sender = this.#senders.get(name);
      return sender === undefined ? [] : [{ name, sender }];
    });
    if (meant.length === 0) {
      const known = [...this.#senders.keys()].join(', ');
      const message = known === '' ? 'no alert channel is configured' : `there are ${known}`;
      return refuse('bad-request', message, { field: 'channel' });
    }
    const channels = await Promise.all(meant.map(({ name, sender }) => this.#test(name, sender)));
    return { ok: true, data: { channels } };
  }

  status(): AlertStatusData {
    const { config } = this.#options;
    return {
      channels: [...this.#senders].map(([channel, sender]) => {
        const { level, waiting, sent, lastAtMs, lastError } = sender;
        const testedMs = this.#testedMs.get(channel);
        return {
          ...{ channel, kind: config.channels[channel]!.kind, level, waiting, sent },
          ...(testedMs === undefined ? {} : { testedAt: timeOf(testedMs) }),
          ...(lastAtMs === 0 ? {} : { lastAt: timeOf(lastAtMs) }),
          ...(lastError === '' ? {} : { lastError }),
        };
      }),
    };
  }

  async close(): Promise<void> {
    this.watch.stop();
    await Promise.all([...this.#senders.values()].map((sender) => sender.close()));
    this.#spool.close();
  }

  async #test(channel: string, sender: Sender): Promise<AlertTestData['channels'][number]> {
    const { name, config } = this.#options;
    const text = { zh: '告警通道测试', en: 'test of this alert channel' };
    const alert: Alert = {
      ...{ event: 'test', level: 'info', subject: channel, text, atMs: this.#now() },
    };
    const startedMs = performance.now();
    const ms = (): number => Math.round(performance.now() - startedMs);
    try {
      await sender.sendNow(render([alert], name, config.language));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return { channel, ok: false, why, ms: ms() };
    }
    this.#testedMs.set(channel, this.#now());
    try {
      writeTests(this.#testFile, this.#testedMs);
    } catch (error) {
      this.#options.log('error', `alerts: the test is not written down: ${String(error)}`);
    }
    return { channel, ok: true, ms: ms() };
  }

  /** How often this was held back before; -1 = it is held back now. */
  #countOf(key: string): number {
    const before = this.#told.get(key);
    const now = this.#now();
    if (before === undefined || now - before.atMs >= this.#repeatMs()) {
      this.#told.set(key, { atMs: now, more: 0 });
      this.#forgetOld();
      return before?.more ?? 0;
    }
    before.more++;
    return -1;
  }

  #repeatMs(): number {
    return this.#options.config.repeatMinutes * MINUTE_MS;
  }

  /** Subjects come from outside (order ids): what is over is forgotten. */
  #forgetOld(): void {
    const since = this.#now() - 2 * this.#repeatMs();
    for (const [key, { atMs }] of this.#told) if (atMs < since) this.#told.delete(key);
  }

  #hand(alert: Alert): void {
    for (const [name, sender] of this.#senders) {
      if (rank(alert.level) < rank(sender.level)) continue;
      try {
        sender.add(this.#spool.add(name, alert));
      } catch (error) {
        this.#options.log('error', `alerts: the spool cannot be written: ${String(error)}`);
        // A full disk must not keep the alert about it from leaving.
        sender.add({ id: 0, channel: name, alert });
      }
    }
  }
}

/** China's date, 2026-01-05. */
function dayOf(ms: number): string {
  return new Date(ms + CHINA_MS).toISOString().slice(0, 10);
}

function timeOf(ms: number): string {
  return new Date(ms + CHINA_MS).toISOString().replace('Z', '+08:00');
}

function readTests(path: string): Map<string, number> {
  try {
    const value = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
    const entries = Object.entries(value).filter(([, ms]) => typeof ms === 'number');
    return new Map(entries as [string, number][]);
  } catch {
    return new Map();
  }
}

function writeTests(path: string, tests: ReadonlyMap<string, number>): void {
  const file = openSync(path, 'w', 0o600);
  try {
    writeSync(file, JSON.stringify(Object.fromEntries(tests)));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
