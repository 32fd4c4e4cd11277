// What a person chose on this machine: language, theme, colours, instrument and account on show.
// Kept in localStorage. Always holds: a stored value that is not one of the choices is ignored, and
// a browser that refuses storage still shows the page (with defaults).
import { ref, watch } from 'vue';
import type { MarketColours, ThemeName } from './palette.ts';

export type LocaleName = 'zh-CN' | 'en';

export const LOCALES: readonly LocaleName[] = ['zh-CN', 'en'];

function stored(key: string): string | null {
  try {
    return localStorage.getItem(`pankou.${key}`);
  } catch {
    return null;
  }
}

function store(key: string, value: string): void {
  try {
    localStorage.setItem(`pankou.${key}`, value);
  } catch {
    // Private windows may refuse: the choice then holds for this page only.
  }
}

function choice<T extends string>(key: string, choices: readonly T[], otherwise: T) {
  const found = choices.find((value) => value === stored(key));
  const chosen = ref<T>(found ?? otherwise);
  watch(chosen, (value) => store(key, String(value)));
  return chosen;
}

/** Chinese for any Chinese browser, English otherwise. */
export function browserLocale(languages: readonly string[]): LocaleName {
  const first = languages.find((tag) => /^(zh|en)\b/i.test(tag)) ?? 'en';
  return first.toLowerCase().startsWith('zh') ? 'zh-CN' : 'en';
}

export const locale = choice('locale', LOCALES, browserLocale(navigator.languages));
export const theme = choice<ThemeName>('theme', ['dark', 'light'], 'dark');
export const market = choice<MarketColours>('colours', ['cn', 'western'], 'cn');

/** The instrument and account last picked; '' means "the first there is". */
export const pickedInstrument = ref(stored('instrument') ?? '');
export const pickedAccount = ref(stored('account') ?? '');
watch(pickedInstrument, (value) => store('instrument', value));
watch(pickedAccount, (value) => store('account', value));
