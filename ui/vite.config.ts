import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

// The runtime is WebKitGTK under a strict content policy: nothing may be inlined, and no script stands in the page.
export default defineConfig(({ mode }) => ({
  plugins: [svelte()],
  base: './',
  resolve: mode === 'test' ? { conditions: ['browser'] } : {},
  build: {
    target: 'safari16',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    emptyOutDir: true,
  },
  server: { port: 5173, strictPort: true },
  test: { environment: 'jsdom', include: ['src/**/*.test.ts'], setupFiles: ['./test-page.ts'], restoreMocks: true },
}));
