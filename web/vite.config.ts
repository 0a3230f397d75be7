/**
 * How the page is built: relative addresses, hashed names, one style sheet, and every file compressed beforehand, since the
 * server compresses nothing itself.
 */
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { precompress } from './build/precompress.ts';
import { shell } from './build/shell.ts';

export default defineConfig({
  base: './',
  plugins: [svelte(), shell(), precompress()],
  resolve: { alias: { $: fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    target: ['chrome123', 'firefox121', 'safari17.5'],
    // No data: addresses in styles, and no second way to load what the browser preloads by itself.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    cssCodeSplit: false,
    reportCompressedSize: false,
    rolldownOptions: {
      input: { index: 'index.html', sw: 'src/service-worker/sw.ts' },
      output: {
        // A service worker is found under one name for ever; everything else changes its name with its content.
        entryFileNames: (chunk) => (chunk.name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js'),
        chunkFileNames: 'assets/[name]-[hash].js',
        assetFileNames: 'assets/[name]-[hash][extname]',
        // What all places share is one file: few requests, and a place that changes leaves it in browsers' caches.
        codeSplitting: {
          groups: [{ name: 'shared', test: /\/src\/(api|i18n\/(language|en)|layout|lib|router|state|ui)|\/node_modules\/(svelte|openapi-fetch|esm-env|clsx)\// }],
        },
      },
    },
  },
  worker: { format: 'es' },
  // `npm run dev` serves the sources; the API comes from a server that runs with `--no-auth`.
  server: { proxy: { '/api': 'http://127.0.0.1:7860' } },
  test: { include: ['src/**/*.test.ts', 'build/**/*.test.ts'] },
});
