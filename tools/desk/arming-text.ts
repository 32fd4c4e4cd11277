// Conditions of arming as lines for a terminal. Pure: rows in, text out. Called by
// tools/commands/arming.ts. The language is that of the terminal (LC_ALL, LC_MESSAGES, LANG).
import process from 'node:process';
import type { ArmingRow, ConditionRow } from '../../engine/control/trade-schemas.ts';

const isChinese = /^zh/i.test(
  process.env['LC_ALL'] || process.env['LC_MESSAGES'] || process.env['LANG'] || '',
);
const language = isChinese ? 'zh' : 'en';

export function armingText({ account, stage, ready, conditions }: ArmingRow): string {
  const last = ready
    ? { zh: '全部条件满足', en: 'every condition is met' }
    : { zh: '条件不满足，不能进入 pilot 或 full', en: 'not ready for pilot or full' };
  const head = `${account}: ${stage}`;
  return [head, ...conditionLines(conditions), `  ${last[language]}`].join('\n');
}

export function conditionLines(conditions: readonly ConditionRow[]): string[] {
  return conditions.flatMap(({ id, ok, found, todo }) => {
    const line = `  ${ok ? '✓' : '✗'} ${id.padEnd(15)} ${found[language]}`;
    return todo === undefined ? [line] : [line, `    ${' '.repeat(15)} → ${todo[language]}`];
  });
}
