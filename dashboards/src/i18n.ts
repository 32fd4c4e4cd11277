// The two languages of the page. Components call `useI18n()`; other code uses `translate`.
// Always holds: the language on show is the one in preferences, and `<html lang>` follows it.
import { watchEffect } from 'vue';
import { createI18n } from 'vue-i18n';
import { en } from './locales/en.ts';
import { zhCn } from './locales/zh-cn.ts';
import { locale } from './preferences.ts';
import type { BilingualText } from './protocol.ts';

export const i18n = createI18n({
  legacy: false,
  locale: locale.value,
  fallbackLocale: 'en',
  messages: { en, 'zh-CN': zhCn },
});

watchEffect(() => {
  i18n.global.locale.value = locale.value;
  document.documentElement.lang = locale.value;
});

/** A word for a value of the engine (state, phase, hop …); the raw value when there is none. */
export function wordFor(group: string, value: string): string {
  const key = `${group}.${value}`;
  return i18n.global.te(key) || i18n.global.te(key, 'en') ? i18n.global.t(key) : value;
}

/** The engine's own text in the language on show, or in the other one when it has only that. */
export function textOf(text: BilingualText | undefined): string {
  if (text === undefined) return '';
  return locale.value === 'zh-CN' ? text.zh || text.en : text.en || text.zh;
}

/** Why a command failed, as a sentence. */
export function failureText(code: string, message: string): string {
  const { t, te } = i18n.global;
  return te(`command.${code}`) ? t(`command.${code}`) : t('command.other', { code, message });
}
