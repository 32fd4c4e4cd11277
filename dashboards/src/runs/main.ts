// Entry of the research pages (runs.html): colours on the root element, language, the app. Always
// holds: nothing here speaks to an engine; every call carries the token of this tab.
import { computed, createApp, watchEffect } from 'vue';
import { i18n } from '../i18n.ts';
import { paletteOf } from '../palette.ts';
import { market, theme } from '../preferences.ts';
import RunsApp from './RunsApp.vue';
import { enter } from './runs-api.ts';
import '../desk.css';
import './runs.css';

const palette = computed(() => paletteOf(theme.value, market.value));

watchEffect(() => {
  const root = document.documentElement;
  root.dataset['theme'] = theme.value;
  root.style.colorScheme = theme.value;
  for (const [name, colour] of Object.entries(palette.value)) {
    root.style.setProperty(`--${name}`, colour);
  }
});

enter();
createApp(RunsApp).use(i18n).mount('#app');
