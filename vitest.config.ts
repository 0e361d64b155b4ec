import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { headlessLinuxGpu, swiftShader } from './scripts/chrome-flags.mjs';

/** What the random schedules of the invariance test are made from, beside its fixed ones; a failure prints it. */
const schedules = {
  seed: Number(process.env['LOCKSTEP_SEED'] ?? Math.floor(2 ** 31 * Math.random())),
  runs: Number(process.env['LOCKSTEP_RUNS'] ?? 1),
};
declare module 'vitest' {
  interface ProvidedContext {
    schedules: typeof schedules;
  }
}

/** Chrome's flags for the kernel tests. No GPU is assumed; LOCKSTEP_GPU=hardware asks for one. */
const hardware = process.env['LOCKSTEP_GPU'] === 'hardware';
const flags = [
  '--no-sandbox',
  '--no-first-run',
  '--disable-background-networking',
  '--enable-unsafe-webgpu',
  ...(hardware ? [...headlessLinuxGpu, '--ignore-gpu-blocklist'] : swiftShader),
];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          environment: 'node',
          include: ['test/unit/**/*.test.ts', 'test/contract/**/*.test.ts'],
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'kernels',
          provide: { schedules },
          include: ['test/kernels/**/*.test.ts'],
          testTimeout: 120_000,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({
              launchOptions: {
                ...(process.env['CHROME_PATH'] ? { executablePath: process.env['CHROME_PATH'] } : {}),
                args: flags,
              },
            }),
            instances: [{ browser: 'chromium' }],
          },
          // one after the other: two at a time take as long on SwiftShader, which uses every core, and disturb what is held against the clock
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'e2e',
          environment: 'node',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/e2e/build.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
