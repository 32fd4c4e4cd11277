// What reading a strategy's code tells: modules and globals through which it could see more than
// its market, data that stands in the code, lists that may have been chosen with hindsight. Called
// by check.ts. Always: text only, nothing is run; a guard against mistakes, not a sandbox.
import { relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CodeFile, type StrategyCode, withoutComments } from '../records/code-hash.ts';
import type { Finding } from './finding.ts';

const ENGINE = fileURLToPath(new URL('../../..', import.meta.url));
const ROOMS = /^(engine|gateways|tools|wasm|bench|tests[\\/]support)[\\/]/;

interface Global {
  readonly pattern: RegExp;
  readonly zh: string;
  readonly en: string;
}

const GLOBALS: readonly Global[] = [
  {
    pattern: /\bDate\s*[.(]|\bnew\s+Date\b|\bperformance\s*\.|\bTemporal\b/,
    zh: '读取了本机时钟；请用 ctx.nowNs 和 ctx.day',
    en: "reads the machine's clock; use ctx.nowNs and ctx.day",
  },
  {
    pattern: /\bMath\s*\.\s*random\b|\bcrypto\s*\./,
    zh: '使用了随机数：两次运行会不同',
    en: 'uses chance: two runs differ',
  },
  {
    pattern: /\bfetch\s*\(|\bWebSocket\b|\bXMLHttpRequest\b|\bEventSource\b/,
    zh: '访问网络：那里有回测当日不可能知道的东西',
    en: 'reaches the network, which knows what the day did not',
  },
  {
    pattern: /\bprocess\s*[.[]|\bglobalThis\b|\brequire\s*\(|\beval\s*\(|\bnew\s+Function\b/,
    zh: '绕过策略接口（process、globalThis、require、eval）',
    en: 'goes around the strategy interface (process, globalThis, require, eval)',
  },
  {
    pattern: /\bset(Timeout|Interval|Immediate)\s*\(/,
    zh: '使用了本机定时器；请用 ctx.timerAt',
    en: "uses the machine's timers; use ctx.timerAt",
  },
];

/** Numbers, codes of securities and days in the code from which on it is told. */
const NUMBERS_MANY = 300;
const CODES_MANY = 5;
const DAYS_MANY = 3;

export function codeFindings(code: StrategyCode): Finding[] {
  const found: Finding[] = [];
  const add = (level: Finding['level'], zh: string, en: string): void => {
    found.push({ level, test: 'code', zh, en });
  };
  const inner = code.files.slice(1).find(({ path }) => {
    const inside = relative(ENGINE, path).split(sep).join('/');
    return !inside.startsWith('..') && ROOMS.test(inside);
  });
  if (inner !== undefined) {
    const zh = `${inner.name} 是引擎内部代码：策略只能导入 pankou`;
    add('cheat', zh, `${inner.name} is the engine's own code: a strategy imports only pankou`);
    return found;
  }
  for (const name of code.builtins) {
    const zh = `导入了 ${name}：它读到的不是本次回测的行情`;
    add('cheat', zh, `imports ${name}: what it reads there is not the market of the run`);
  }
  for (const text of code.unknown)
    add('warning', `无法查明：${text}`, `cannot be followed: ${text}`);
  for (const file of code.files) fileFindings(file, add);
  return found;
}

type Add = (level: Finding['level'], zh: string, en: string) => void;

function fileFindings({ name, text }: CodeFile, add: Add): void {
  if (name.endsWith('.json')) {
    const zh = `导入了数据文件 ${name}：其中可能有回测当日尚未发生的事`;
    add('cheat', zh, `imports the data file ${name}: it may hold what had not happened yet`);
    return;
  }
  const code = withoutComments(text);
  const bare = code.replace(/'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/g, "''");
  for (const { pattern, zh, en } of GLOBALS) {
    const at = bare.search(pattern);
    if (at < 0) continue;
    const line = bare.slice(0, at).split('\n').length;
    add('cheat', `${name} 第 ${line} 行${zh}`, `${name} line ${line} ${en}`);
  }
  const numbers = bare.match(/(?<![\w.$])\d+(\.\d+)?(?![\w$])/g)?.length ?? 0;
  if (numbers >= NUMBERS_MANY) {
    const zh = `${name} 中写有 ${numbers} 个数字：是行情或信号表吗？`;
    add('warning', zh, `${name} holds ${numbers} numbers: recorded data or signals in the code?`);
  }
  const codes = new Set(code.match(/\b[0-9]{6}\.(SH|SZ|BJ|XSHG|XSHE)\b/g) ?? []);
  if (codes.size >= CODES_MANY) {
    const zh = `${name} 中写死了 ${codes.size} 只证券：是事后挑选的（幸存者偏差）吗？`;
    const en = `${name} names ${codes.size} securities: chosen with hindsight (survivors)?`;
    add('warning', zh, en);
  }
  const days = new Set(code.match(/\b(19|20)\d\d-?(0[1-9]|1[0-2])-?([0-2]\d|3[01])\b/g) ?? []);
  if (days.size >= DAYS_MANY) {
    const zh = `${name} 中写死了 ${days.size} 个日期：是事后知道的日子吗？`;
    add('warning', zh, `${name} names ${days.size} days: known only afterwards?`);
  }
}
