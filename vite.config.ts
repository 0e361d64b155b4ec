import { defineConfig } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';

// A static site that works from any path (base './'), offline after the first visit.
export default defineConfig({
  base: './',
  worker: { format: 'es' },
  build: { target: 'es2023', sourcemap: true },
  // known at once: a dependency that is found late reloads the page, and the scan does not read tsconfig's jsxImportSource
  optimizeDeps: {
    rolldownOptions: { transform: { jsx: { runtime: 'automatic', importSource: 'preact' } } },
    include: [
      'preact',
      'preact/hooks',
      'preact/jsx-dev-runtime',
      '@preact/signals',
      'comlink',
      'idb-keyval',
      '@petamoriken/float16',
      '@huggingface/tokenizers',
      '@observablehq/plot',
    ],
  },
  plugins: [
    VitePWA({
      registerType: 'autoUpdate',
      injectRegister: false,
      manifest: false,
      workbox: {
        globPatterns: ['**/*.{js,css,html,svg,json,wasm,bin,safetensors}'],
        maximumFileSizeToCacheInBytes: 16_000_000,
      },
    }),
  ],
});
