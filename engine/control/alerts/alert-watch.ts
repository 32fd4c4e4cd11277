// What people are told of, seen in the replica: orders of unknown fate, storms of refusals, links,
// kill switches, stops of risk, stale quotes, failed strategies, restarts, disk, the end of the
// day. Made by alerts.ts. Always: what it sees for the first time after a connect is the state, not
// news, unless it is bad; it never asks the engine for anything.
import { statfs } from 'node:fs/promises';
import type { AlertEvent } from '../../alert-events.ts';
import { countsAsRefusal } from '../../core/arming.ts';
import { REJECT_NONE, rejectText } from '../../core/reject-code.ts';
import { verifyAudit } from '../../journal/audit-log.ts';
import type { LinkLog } from '../../messages/link-types.ts';
import type { BilingualText, Order, Reject } from '../protocol.ts';
import type { Replica } from '../replica.ts';

const LOOK_MS = 1_000;
const DISK_EVERY = 30;
const MINUTE_MS = 60_000;
/** The core may be away for so long, for a restart, before it is told. */
const DOWN_MS = 3_000;
/** Engine time without a quote of any instrument in continuous trading. */
const STALE_NS = 30e9;
const MIB = 1_048_576;

type Raise = (
  event: AlertEvent,
  subject: string,
  text: BilingualText,
  ends?: readonly AlertEvent[],
) => void;

export interface WatchOptions {
  readonly replica: Replica;
  readonly runDir: string;
  readonly rejectsPerMinute: number;
  readonly diskFreeMiB: number;
  readonly now: () => number;
  readonly raise: Raise;
}

const both = (zh: string, en: string): BilingualText => ({ zh, en });

/** Lines of the core that are events of their own. */
const LINES: readonly (readonly [AlertEvent, source: RegExp, text: RegExp])[] = [
  ['kill', /^supervisor$/, /^kill switch /],
  ['statement', /^(risk|reconciliation)$/, /statement (differs|agrees)|differs?\b/],
  ['circuit', /^risk$/, / is (stopped|paused)/],
  ['margin', /./, /maintenance ratio|维持担保比例/],
];

export class AlertWatch {
  readonly #options: WatchOptions;
  readonly #raise: Raise;
  /** Times of refused orders of the last minute, by account. */
  readonly #rejects = new Map<string, number[]>();
  readonly #unknown = new Set<string>();
  readonly #failed = new Set<string>();
  readonly #linkLost = new Set<string>();
  #engineId = '';
  #downSinceMs = 0;
  #isDownTold = false;
  #isStale = false;
  #isClosed = false;
  #looks = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#raise = options.raise;
    options.replica.listen({
      onOrder: (order) => this.#onOrder(order),
      onReject: (reject) => this.#onReject(reject),
      onLog: (line) => this.#onLog(line),
    });
    options.replica.stages.listen({
      onLink: (account, state, before) => this.#onLink(account, state, before),
      onStage: (account, stage, code) => {
        if (code !== REJECT_NONE || !options.replica.settled) return;
        const text = both(`账户 ${account} 现为 ${stage}`, `account ${account} is now ${stage}`);
        this.#raise('arming', `${account} ${stage}`, text);
      },
    });
  }

  start(): void {
    this.#timer ??= setInterval(() => this.look(), LOOK_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  onAuditFailed(why: string): void {
    this.#raise('audit', 'audit', both(`审计日志写入失败：${why}`, `audit log: ${why}`));
  }

  /** Once a second: what has no frame of its own. */
  look(): void {
    this.#lookAtEngine();
    this.#lookAtStrategies();
    this.#lookAtQuotes();
    if (this.#looks++ % DISK_EVERY === 0) void this.#lookAtDisk();
  }

  #onOrder({ coid, account, instrument, side, qty, status, reason, updatedNs }: Order): void {
    if (status === 'unknown') {
      if (this.#unknown.has(coid)) return;
      this.#unknown.add(coid);
      const what = `${account} ${instrument} ${side} ${qty} ${coid}`;
      const text = both(`${what} 状态未知，不会重发`, `${what}: fate unknown, not sent again`);
      this.#raise('order-unknown', coid, text);
      return;
    }
    this.#unknown.delete(coid);
    if (status !== 'rejected' || reason === undefined) return;
    // A replay of the day's orders after a connect is no storm.
    if (!this.#options.replica.settled || updatedNs === 0) return;
    this.#countRefusal(account, reason.code);
  }

  #onReject({ account = '', coid, code, action }: Reject): void {
    if (coid !== undefined || action === 'cancel' || !this.#options.replica.settled) return;
    this.#countRefusal(account, code);
  }

  #countRefusal(account: string, code: number): void {
    if (!countsAsRefusal(code)) return;
    const { now, rejectsPerMinute } = this.#options;
    const times = (this.#rejects.get(account) ?? []).filter((ms) => ms > now() - MINUTE_MS);
    times.push(now());
    this.#rejects.set(account, times);
    if (times.length < rejectsPerMinute) return;
    const { zh, en } = rejectText(code);
    const count = times.length;
    const text = both(
      `账户 ${account} 一分钟内 ${count} 笔被拒，最近：${code} ${zh}`,
      `account ${account}: ${count} refused in a minute, the last: ${code} ${en}`,
    );
    this.#raise('reject-storm', account, text);
  }

  #onLink(account: string, state: string, before: string): void {
    if (state === 'ready') {
      if (!this.#linkLost.delete(account)) return;
      const text = both(`账户 ${account} 已恢复并对账`, `account ${account}: back and reconciled`);
      this.#raise('link-back', account, text, ['link-lost']);
      return;
    }
    // On its way up at a start, or at a reconnect that was told: no news.
    const isBad = ['refused', 'silent', 'stopped'].includes(state);
    if (before !== 'ready' && !isBad) return;
    this.#linkLost.add(account);
    const text = both(
      `账户 ${account} 的柜台连接：${state}，停止新委托`,
      `account ${account}: the link to the broker is ${state}, no new orders`,
    );
    this.#raise('link-lost', isBad ? `${account} ${state}` : account, text, ['link-back']);
  }

  #onLog({ level, source, text }: LinkLog): void {
    const found = LINES.find(([, from, words]) => from.test(source) && words.test(text));
    if (found !== undefined) this.#raise(found[0], text, both(text, text));
    else if (level === 'error') this.#raise('log', `${source} ${text}`, both(text, text));
  }

  #lookAtEngine(): void {
    const { replica, now } = this.#options;
    const { state, killed } = replica.engine();
    if (killed) {
      const text = both(
        '紧急停止已触发：不再报单，撤销全部',
        'no new orders, everything cancelled',
      );
      this.#raise('kill', 'firm', text);
    }
    if (state === 'stopped') this.#onClosed();
    else if (state !== 'down') this.#isClosed = false;
    const { engineId } = replica.hello();
    const isDown = state === 'down' && !this.#isClosed && this.#engineId !== '';
    if (!isDown) this.#downSinceMs = 0;
    else if (this.#downSinceMs === 0) this.#downSinceMs = now();
    else if (!this.#isDownTold && now() - this.#downSinceMs >= DOWN_MS) {
      this.#isDownTold = true;
      const text = both(
        '引擎核心没有连接，柜台上的委托可能仍有效',
        'orders at the broker may be live',
      );
      this.#raise('engine-down', 'core', text);
    }
    if (state === 'down' || !replica.settled || engineId === this.#engineId) return;
    const isAgain = this.#engineId !== '' && !this.#isClosed;
    this.#engineId = engineId;
    this.#isDownTold = false;
    if (!isAgain) return;
    const open = replica.trades.openCount;
    const text = both(`核心已从日志恢复，${open} 笔未完结`, `recovered, ${open} orders open`);
    this.#raise('engine-restart', engineId, text, ['engine-down']);
  }

  /** The engine's last word: figures of the day, and the head of the audit log as a witness. */
  #onClosed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const { replica, runDir } = this.#options;
    const yuan = (e4: number): string => (e4 / 10_000).toFixed(2);
    const rows = replica.accounts().map(({ account, equityE4, pnlE4 }) => {
      return { account, equity: yuan(equityE4), pnl: yuan(pnlE4) };
    });
    const { orderCount, fillCount } = replica.trades;
    const { day } = replica.hello();
    const { records, head } = verifyAudit(runDir);
    const witness = `audit ${records} ${head.slice(0, 16)}`;
    const zh = rows.map((r) => `${r.account} 净值 ${r.equity} 盈亏 ${r.pnl}`);
    const en = rows.map((r) => `${r.account} equity ${r.equity} profit ${r.pnl}`);
    const text = both(
      [`${day}：委托 ${orderCount}，成交 ${fillCount}`, ...zh, witness].join('；'),
      [`${day}: ${orderCount} orders, ${fillCount} fills`, ...en, witness].join('; '),
    );
    this.#raise('day-close', `${day} ${orderCount} ${fillCount}`, text);
  }

  #lookAtStrategies(): void {
    for (const { name, state, reason = '' } of this.#options.replica.engine().strategies) {
      if (state !== 'failed') this.#failed.delete(name);
      else if (!this.#failed.has(name)) {
        this.#failed.add(name);
        this.#raise('strategy-failed', name, both(`${name}：${reason}`, `${name}: ${reason}`));
      }
    }
  }

  /** Continuous trading, time goes on, and no instrument has a quote. */
  #lookAtQuotes(): void {
    const { replica } = this.#options;
    const { state, phase, virtualNs } = replica.engine();
    const newestNs = replica.newestQuoteNs();
    const isStale =
      state === 'running' &&
      phase === 'continuous' &&
      newestNs > 0 &&
      virtualNs - newestNs > STALE_NS;
    if (isStale && !this.#isStale) {
      const seconds = Math.round((virtualNs - newestNs) / 1e9);
      const text = both(`${seconds} 秒没有任何行情`, `no quote of anything for ${seconds} s`);
      this.#raise('quotes-stale', 'feed', text);
    }
    this.#isStale = isStale;
  }

  async #lookAtDisk(): Promise<void> {
    const { runDir, diskFreeMiB } = this.#options;
    try {
      const { bavail, bsize } = await statfs(runDir);
      const freeMiB = Math.floor((bavail * bsize) / MIB);
      if (freeMiB >= diskFreeMiB) return;
      const text = both(`剩余 ${freeMiB} MiB`, `${freeMiB} MiB are free where the journals are`);
      this.#raise('disk', 'disk', text);
    } catch {
      // The folder is gone: journal and audit say so themselves.
    }
  }
}
