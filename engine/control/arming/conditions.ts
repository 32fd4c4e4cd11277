// The conditions of going live as a table of pure checks: what was found, whether it is fine, what
// to do. Called by arming-control.ts for `pankou arm --check`, the pages and every step up.
// Invariant: what is not known is not fine; a condition never looks at anything but the facts it is
// given.
import type { ArmedAccount } from '../../config-arming.ts';
import type { LinkArming } from '../../messages/link-types.ts';
import type { BilingualText } from '../protocol.ts';
import type { AccountStage } from '../stage-board.ts';
import type { ConditionRow } from '../trade-schemas.ts';

/** Everything the conditions of one account look at. */
export interface ConditionFacts {
  readonly account: ArmedAccount;
  /** Trading day of the engine; 0 = not connected. */
  readonly day: number;
  readonly stage: AccountStage;
  readonly core: LinkArming | undefined;
  /** Order ids whose fate is unknown. */
  readonly unknown: readonly string[];
  readonly hasPassword: boolean;
  /** Channels whose test arrived today. */
  readonly tested: readonly string[];
  readonly channels: readonly string[];
  /** Of this machine's clock, as the operating system says. */
  readonly ntp: 'yes' | 'no' | 'unknown';
}

/** A larger difference between the clocks of engine and bridge is not fine. */
export const CLOCK_OFFSET_MAX_MS = 1_000;

type Verdict = readonly [ok: boolean, found: BilingualText, todo?: BilingualText];
type Check = (facts: ConditionFacts) => Verdict;

const both = (zh: string, en: string): BilingualText => ({ zh, en });

const CHECKS: readonly (readonly [id: string, check: Check])[] = [
  ['reported', checkReported],
  ['limits', checkLimits],
  ['pilot', checkPilot],
  ['password', checkPassword],
  ['unknown-orders', checkUnknown],
  ['limit-prices', checkPrices],
  ['calendar', checkCalendar],
  ['clock', checkClock],
  ['alerts', checkAlerts],
  ['bridge', checkBridge],
  ['capability', checkCapability],
  ['kill', checkKill],
];

/** Every condition of an account, in the order they are shown. */
export function conditionsOf(facts: ConditionFacts): ConditionRow[] {
  return CHECKS.map(([id, check]) => {
    const [ok, found, todo] = check(facts);
    return { id, ok, found, ...(ok || todo === undefined ? {} : { todo }) };
  });
}

function checkReported({ account: { id, reported } }: ConditionFacts): Verdict {
  if (reported === null) {
    return [
      false,
      both('账户未标注程序化交易报备', 'the account is not marked as reported'),
      both(
        `向券商报备后，在配置 arming.accounts.${id}.reported 填写 day、by、perSecond、perDay`,
        `report it to your broker, then fill in arming.accounts.${id}.reported`,
      ),
    ];
  }
  const { day, by, perSecond, perDay } = reported;
  return [
    true,
    both(
      `${day} 由 ${by} 报备：每秒 ${perSecond} 笔，每日 ${perDay} 笔`,
      `reported on ${day} by ${by}: ${perSecond} a second, ${perDay} a day`,
    ),
  ];
}

function checkLimits({ account: { id, reported }, core }: ConditionFacts): Verdict {
  const rates = core?.accounts.find((row) => row.id === id);
  const { perSecond = null, perDay = null } = rates ?? {};
  const found = both(
    `生效限额：每秒 ${perSecond ?? '无'}，每日 ${perDay ?? '无'}`,
    `limits in force: ${perSecond ?? 'none'} a second, ${perDay ?? 'none'} a day`,
  );
  const isWithin =
    perSecond !== null &&
    perDay !== null &&
    perSecond <= (reported?.perSecond ?? perSecond) &&
    perDay <= (reported?.perDay ?? perDay);
  return [
    isWithin,
    found,
    both(
      '把 limits 的 reportedPerSecond、reportedPerDay 设为不高于报备的数值',
      'set reportedPerSecond and reportedPerDay of the limits to no more than was reported',
    ),
  ];
}

function checkPilot({ account: { id, pilot } }: ConditionFacts): Verdict {
  if (pilot === null) {
    return [
      false,
      both('未配置试点限额', 'no pilot is configured'),
      both(
        `填写 arming.accounts.${id}.pilot：orderAmount、dayAmount、instruments`,
        `fill in arming.accounts.${id}.pilot: orderAmount, dayAmount, instruments`,
      ),
    ];
  }
  const order = pilot.orderAmountE4 / 10_000;
  const day = pilot.dayAmountE4 / 10_000;
  const count = pilot.instruments.length;
  return [
    true,
    both(
      `单笔 ${order} 元，当日 ${day} 元，${count} 只证券`,
      `${order} yuan an order, ${day} yuan a day, ${count} instruments`,
    ),
  ];
}

function checkPassword({ hasPassword }: ConditionFacts): Verdict {
  return hasPassword
    ? [true, both('交易密码已设置', 'a trading password is set')]
    : [
        false,
        both('未设置交易密码', 'no trading password is set'),
        both('运行 pankou arm --set-password', 'run pankou arm --set-password'),
      ];
}

function checkUnknown({ unknown }: ConditionFacts): Verdict {
  if (unknown.length === 0) return [true, both('没有状态未知的委托', 'no order of unknown fate')];
  const named = unknown.slice(0, 5).join(', ');
  return [
    false,
    both(
      `${unknown.length} 笔委托状态未知：${named}`,
      `${unknown.length} of unknown fate: ${named}`,
    ),
    both(
      '等待对账；或核对柜台后用 pankou order settle 人工了结',
      'wait for reconciliation, or compare with the broker and use pankou order settle',
    ),
  ];
}

function checkPrices({ core }: ConditionFacts): Verdict {
  if (core === undefined) return NO_CORE;
  if (!core.live) {
    return [
      false,
      both('行情为合成或回放数据，不是实时行情', 'prices are invented or replayed, not the market'),
      both('把 market.source 改为实时行情', 'set market.source to live quotes'),
    ];
  }
  if (core.unpriced.length === 0) return [true, both('当日涨跌停价齐全', 'limit prices of today')];
  const named = core.unpriced.join(', ');
  return [
    false,
    both(`缺少当日涨跌停价：${named}`, `no limit prices of today: ${named}`),
    both(
      '检查行情端的合约信息，再重启',
      'look at the instrument details of the feed, then restart',
    ),
  ];
}

function checkCalendar({ core, day }: ConditionFacts): Verdict {
  if (core === undefined) return NO_CORE;
  const { today } = core;
  if (!today.known) {
    return [
      false,
      both(`交易日历不认识 ${today.day}`, `the calendar does not know ${today.day}`),
      both('用 rules 补充日历（docs/RULE_BOOK.md）', 'add it by an overlay (docs/RULE_BOOK.md)'),
    ];
  }
  if (!today.trading) {
    const text = both(`${today.day} 不是交易日`, `${today.day} is not a trading day`);
    return [false, text, both('交易日再布防', 'arm on a trading day')];
  }
  if (today.day === day) return [true, both(`交易日 ${day}`, `trading day ${day}`)];
  return [
    false,
    both(
      `引擎日期 ${day}，今天是 ${today.day}`,
      `the engine's day is ${day}, today is ${today.day}`,
    ),
    both('以今天的日期重新启动', 'start it again with the day of today'),
  ];
}

function checkClock({ stage: { clockOffsetMs }, ntp }: ConditionFacts): Verdict {
  const offset = clockOffsetMs === undefined ? null : Math.round(clockOffsetMs);
  const words = { yes: ['已同步', 'in step'], no: ['未同步', 'not in step'] } as const;
  const [zh, en] = ntp === 'unknown' ? ['未知', 'not known'] : words[ntp];
  const found = both(
    `与桥接机相差 ${offset ?? '未知'} 毫秒，NTP ${zh}`,
    `${offset ?? 'unknown'} ms from the bridge's clock, NTP ${en}`,
  );
  const isNear = offset !== null && Math.abs(offset) <= CLOCK_OFFSET_MAX_MS;
  const ok = ntp !== 'no' && (isNear || (offset === null && ntp === 'yes'));
  return [
    ok,
    found,
    both('在两台机器上启用时间同步（NTP）', 'turn on time synchronisation (NTP) on both machines'),
  ];
}

function checkAlerts({ tested, channels }: ConditionFacts): Verdict {
  if (tested.length > 0) {
    const names = tested.join(', ');
    return [true, both(`今天已测试：${names}`, `tested today: ${names}`)];
  }
  if (channels.length === 0) {
    return [
      false,
      both('未配置告警通道', 'no alert channel is configured'),
      both('填写 alerts.channels（docs/ALERTS.md）', 'fill in alerts.channels (docs/ALERTS.md)'),
    ];
  }
  return [
    false,
    both('今天没有测试过告警通道', 'no alert channel was tested today'),
    both('运行 pankou alert test', 'run pankou alert test'),
  ];
}

function checkBridge({ stage: { link } }: ConditionFacts): Verdict {
  if (link === 'ready') {
    return [true, both('桥已连接、接管并对账', 'connected, fenced and reconciled')];
  }
  const state = link === '' ? 'down' : link;
  return [
    false,
    both(`桥连接状态：${state}`, `the link to the bridge is ${state}`),
    both(
      '检查桥与柜台客户端（docs/BRIDGE.md）',
      "look at bridge and broker's client (docs/BRIDGE.md)",
    ),
  ];
}

function checkCapability({ stage: { canArm } }: ConditionFacts): Verdict {
  if (canArm === true) {
    return [true, both('桥自己也执行阶段与限额', 'the bridge enforces stage and caps itself')];
  }
  return [
    false,
    both('桥没有声明能执行阶段与限额', 'the bridge does not say that it enforces stages'),
    both('更新桥程序', 'take the bridge of this version'),
  ];
}

function checkKill({ account: { id }, core }: ConditionFacts): Verdict {
  if (core === undefined) return NO_CORE;
  const row = core.accounts.find((one) => one.id === id);
  if (row?.killed === false) return [true, both('紧急停止未触发', 'the kill switch is off')];
  return [
    false,
    both('紧急停止已触发', 'the kill switch is on'),
    both('查明原因；换新的交易日再布防', 'find out why; it is off again on a new trading day'),
  ];
}

const NO_CORE: Verdict = [
  false,
  both('没有引擎的信息', 'the engine says nothing'),
  both('启动引擎', 'start the engine'),
];
