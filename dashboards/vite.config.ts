// Build of the dashboard: `vite build dashboards` (npm run build:pages) writes dashboards/dist.
// The api process serves dist under `default-src 'self'`, so nothing may be inlined: no data: URIs,
// no inline scripts, no module-preload polyfill script in the page.
import { fileURLToPath } from 'node:url';
import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [vue()],
  base: '/',
  define: {
    __VUE_I18N_FULL_INSTALL__: 'false',
    __VUE_I18N_LEGACY_API__: 'false',
    __INTLIFY_PROD_DEVTOOLS__: 'false',
    __VUE_PROD_DEVTOOLS__: 'false',
  },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // The desk, and the research pages, which need no engine.
    rollupOptions: {
      input: ['index.html', 'runs.html'].map((name) =>
        fileURLToPath(new URL(name, import.meta.url)),
      ),
    },
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    target: 'es2022',
    chunkSizeWarningLimit: 700,
  },
});
