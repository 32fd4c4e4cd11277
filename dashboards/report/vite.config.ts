// Build of the report page: `vite build dashboards/report` (npm run build:pages) writes one script,
// dashboards/report/dist/page.js, with charts and styles in it. engine/backtest/page puts it into
// every report.html, so nothing may be loaded from elsewhere.
import { defineConfig } from 'vite';

export default defineConfig({
  define: { 'process.env.NODE_ENV': '"production"' },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    sourcemap: false,
    target: 'es2022',
    chunkSizeWarningLimit: 1200,
    lib: {
      entry: 'src/main.ts',
      formats: ['iife'],
      name: 'pankouReport',
      fileName: () => 'page.js',
    },
  },
});
