// The page of a gateway report: one HTML file without scripts, in Chinese and English, to read
// before it is sent in. Pure: report in, text out. Called by tools/commands/gateway.ts. Always:
// everything from outside is escaped; it holds no secret, no cash and no position.
import type { BridgeFacts } from './bridge-facts.ts';
import type { OrderStory, ScriptResult } from './report-script.ts';

export interface GatewayReport {
  readonly format: 1;
  readonly version: string;
  readonly at: string;
  readonly day: number;
  readonly instrument: string;
  /** What the bridge and its broker's client say they are. */
  readonly bridge: Pick<BridgeFacts, 'capabilities' | 'bridge'>;
  /** What the bridge had seen before the script, and after it. */
  readonly before: unknown;
  readonly after: unknown;
  readonly clockOffsetMs: number | null;
  readonly script: ScriptResult;
}

const STYLE = `body{font:14px/1.5 sans-serif;max-width:1000px;margin:24px auto;padding:0 16px}
table{border-collapse:collapse;margin:12px 0}td,th{border:1px solid #999;padding:3px 8px;
text-align:left;vertical-align:top}pre{background:#eee;padding:8px;overflow:auto}`;

export function reportPage(report: GatewayReport): string {
  const { version, at, day, instrument, script, bridge, after, clockOffsetMs } = report;
  const { stories, stopped, priceE4, qty } = script;
  const facts: (readonly [string, string])[] = [
    ['版本 version', version],
    ['时间 time', at],
    ['交易日 trading day', String(day)],
    ['委托 orders', `${instrument}, ${qty} @ ${priceE4 / 10_000}`],
    ['桥 bridge', JSON.stringify(bridge)],
    ['时钟差 clock offset', clockOffsetMs === null ? '未知 unknown' : `${clockOffsetMs} ms`],
  ];
  if (stopped !== undefined) facts.push(['提前结束 stopped early', stopped]);
  const head = facts.map(([name, text]) => `<tr><th>${esc(name)}</th><td>${esc(text)}</td></tr>`);
  const rows = stories.map((story) => `<tr>${cells(story).join('')}</tr>`);
  return `<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>Pankou gateway report</title>
<style>${STYLE}</style></head>
<body><h1>盘口 网关能力报告 · Pankou gateway report</h1>
<p>发送前请先阅读本页：其中没有资金、持仓和密码。
Read it before you send it in: it holds no cash, no position and no password.</p>
<table>${head.join('\n')}</table>
<h2>委托 · Orders</h2>
<table><tr><th>步骤 step</th><th>编号 id</th><th>状态与毫秒 states, ms</th>
<th>撤单毫秒 cancel, ms</th><th>重复撤单 second cancel</th></tr>
${rows.join('\n')}</table>
<h2>客户端表现 · What the client did</h2>
<pre>${esc(JSON.stringify(after, null, 2))}</pre>
</body></html>
`;
}

function cells({ step, coid, states, cancelMs, secondCancel = '' }: OrderStory): string[] {
  const told = states.map(({ status, ms, reason = '' }) => `${status} ${ms} ${reason}`.trim());
  const values = [step, coid, told.join(' → '), cancelMs === null ? '—' : String(cancelMs)];
  return [...values, secondCancel].map((text) => `<td>${esc(text)}</td>`);
}

const ESCAPES: { readonly [char: string]: string } = {
  ...{ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' },
};

function esc(text: string): string {
  return text.replace(/[&<>"]/g, (char) => ESCAPES[char]!);
}
