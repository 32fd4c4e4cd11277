// Entry of the page: colours on the root element, language, the app, then the connection.
// Always holds: the theme is set before the first paint of the app.
import { computed, createApp, watchEffect } from 'vue';
import App from './App.vue';
import { start } from './engine-store.ts';
import { i18n } from './i18n.ts';
import { paletteOf } from './palette.ts';
import { market, theme } from './preferences.ts';
import './desk.css';

const palette = computed(() => paletteOf(theme.value, market.value));

watchEffect(() => {
  const root = document.documentElement;
  root.dataset['theme'] = theme.value;
  root.style.colorScheme = theme.value;
  for (const [name, colour] of Object.entries(palette.value)) {
    root.style.setProperty(`--${name}`, colour);
  }
});

start();
createApp(App).use(i18n).mount('#app');
