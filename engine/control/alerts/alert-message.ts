// An alert as it is made, kept and shown: event, level, what it is about, words in both languages;
// and how one, or several at once, read on a channel. Called by everything in this folder. Pure.
import type { AlertEvent } from '../../alert-events.ts';
import type { AlertLevel } from '../../config-arming.ts';
import type { BilingualText } from '../protocol.ts';

export interface Alert {
  readonly event: AlertEvent;
  readonly level: AlertLevel;
  /** What it is about: the same event about the same thing is the same alert. */
  readonly subject: string;
  readonly text: BilingualText;
  /** ms since 1970. */
  readonly atMs: number;
  /** How often the same was not told since it was told last. */
  readonly more?: number;
}

/** What a channel sends: a title of one line, and lines below it. */
export interface Rendered {
  readonly title: string;
  readonly lines: readonly string[];
}

type Language = 'zh' | 'en';

export const LEVELS: readonly AlertLevel[] = ['info', 'warning', 'critical'];

const LEVEL_WORDS: { readonly [level in AlertLevel]: BilingualText } = {
  info: { zh: '通知', en: 'info' },
  warning: { zh: '警告', en: 'WARNING' },
  critical: { zh: '严重', en: 'CRITICAL' },
};

/** Title and usual level of each event. */
export const EVENTS: {
  readonly [event in AlertEvent]: { readonly level: AlertLevel; readonly title: BilingualText };
} = {
  'order-unknown': row('critical', '委托状态未知', 'order of unknown fate'),
  'reject-storm': row('warning', '大量废单', 'many refused orders'),
  'link-lost': row('critical', '柜台连接中断', 'link to the broker lost'),
  'link-back': row('info', '柜台连接恢复', 'link to the broker back'),
  kill: row('critical', '紧急停止', 'kill switch'),
  arming: row('warning', '布防阶段变更', 'stage changed'),
  circuit: row('critical', '风控停止', 'stopped by risk'),
  'quotes-stale': row('critical', '行情停滞', 'quotes are stale'),
  statement: row('critical', '持仓或资金不符', 'shares or cash differ from the broker'),
  margin: row('critical', '维持担保比例', 'maintenance ratio'),
  'strategy-failed': row('warning', '策略停止', 'strategy stopped'),
  'engine-restart': row('critical', '引擎重启', 'engine restarted'),
  'engine-down': row('critical', '引擎失联', 'no connection to the engine'),
  'api-restart': row('warning', '接口进程重启', 'api process restarted'),
  disk: row('critical', '磁盘空间不足', 'little disk space'),
  audit: row('critical', '审计日志不可写', 'audit log not writable'),
  'day-close': row('info', '收盘小结', 'day closed'),
  log: row('warning', '错误日志', 'error logged'),
  test: row('info', '测试', 'test'),
};

function row(level: AlertLevel, zh: string, en: string) {
  return { level, title: { zh, en } };
}

/** Lines of one message, beyond which the rest is only counted. */
const LINES_MAX = 20;

/** One alert, or several in one message with the gravest in the title. */
export function render(alerts: readonly Alert[], name: string, language: Language): Rendered {
  const gravest = alerts.reduce((a, b) => (rank(b.level) > rank(a.level) ? b : a));
  const word = LEVEL_WORDS[gravest.level][language];
  const what = EVENTS[gravest.event].title[language];
  const count = language === 'zh' ? `等 ${alerts.length} 条` : ` and ${alerts.length - 1} more`;
  const title = `[盘口 Pankou] ${name} ${word}: ${what}${alerts.length > 1 ? count : ''}`;
  const lines = alerts.slice(0, LINES_MAX).map((alert) => lineOf(alert, language));
  const left = alerts.length - lines.length;
  if (left > 0) lines.push(language === 'zh' ? `另有 ${left} 条` : `${left} more`);
  return { title, lines };
}

export function rank(level: AlertLevel): number {
  return LEVELS.indexOf(level);
}

function lineOf({ level, event, text, atMs, more = 0 }: Alert, language: Language): string {
  const clock = new Date(atMs + 8 * 3_600_000).toISOString().slice(11, 19);
  const words = `${LEVEL_WORDS[level][language]} ${EVENTS[event].title[language]}`;
  const again = language === 'zh' ? `（此前另有 ${more} 次）` : ` (${more} more before)`;
  return `${clock} ${words}: ${text[language]}${more > 0 ? again : ''}`;
}
