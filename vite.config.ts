import { defineConfig } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';

// A static site that works from any path (base './'), offline after the first visit.
export default defineConfig({
  base: './',
  worker: { format: 'es' },
  build: { target: 'es2023', sourcemap: true },
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
