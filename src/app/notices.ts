// What stands in the way of the GPU, in words, each with what to do. Pure: the shell draws these.

import type { WorkerFailure } from '../worker/protocol.ts';

export interface Notice {
  readonly id: string;
  readonly kind: 'info' | 'warn' | 'error';
  readonly title: string;
  readonly text: string;
  /** Steps a person can take, in the order to try them. */
  readonly todo: readonly string[];
  /** What the buttons of the notice offer. */
  readonly offers: readonly ('retry' | 'dismiss' | 'reload')[];
}

/** What the page knows of its browser; decides between "cannot" and "is switched off". */
export interface Surroundings {
  readonly origin: string;
  /** Major version when the browser is built on Chromium, else null. */
  readonly chromium: number | null;
  readonly platform: string;
}

const kept = 'Recorded runs, links and files still open.';

const flagHint = (platform: string): readonly string[] =>
  /linux/i.test(platform)
    ? ['On Linux, start Chrome with --enable-unsafe-webgpu --enable-features=Vulkan.']
    : [];

/** The notice for a device that could not be opened. */
export function failureNotice(failure: WorkerFailure, around: Surroundings): Notice {
  const base = { id: failure.code, kind: 'error', offers: ['retry'] } as const;
  switch (failure.code) {
    case 'insecure-origin':
      return {
        ...base,
        title: 'This address is not secure, so the browser gives it no GPU',
        text: `WebGPU is only given to https pages and to localhost; this page came from ${around.origin}. ${kept}`,
        todo: [
          'Open the page through https://, or on the machine itself as http://localhost.',
          'From another machine: ssh -L 5173:localhost:5173 HOST, then open http://localhost:5173.',
        ],
        offers: [],
      };
    case 'no-webgpu':
      return around.chromium !== null && around.chromium >= 121
        ? {
            ...base,
            id: 'webgpu-blocked',
            title: 'WebGPU is switched off in this browser',
            text: `Chrome ${around.chromium} has WebGPU, but this one does not offer it: a setting, a policy or the platform blocks it. ${kept}`,
            todo: [
              'Set chrome://flags/#enable-unsafe-webgpu to Enabled and restart the browser.',
              ...flagHint(around.platform),
              'On a managed machine, ask whether a policy disables WebGPU (chrome://policy).',
            ],
          }
        : {
            ...base,
            title: 'This browser has no WebGPU',
            text: `Nothing can be measured here. ${kept}`,
            todo: ['Open this page in a current Chrome or Edge (tested: 156).'],
            offers: [],
          };
    case 'no-adapter':
      return {
        ...base,
        title: 'The browser found no GPU',
        text: `${failure.message} ${kept}`,
        todo: [
          'Look at chrome://gpu: the line "WebGPU" says why.',
          'Switch on Settings → System → Use graphics acceleration when available, and restart.',
          'Update the graphics driver; if the GPU is on a block list, start Chrome with --ignore-gpu-blocklist.',
          ...flagHint(around.platform),
        ],
      };
    case 'device-refused':
    case 'device-lost':
    case 'refused':
    case 'busy':
    case 'cancelled':
    case 'bad-request':
    case 'internal':
      return { ...base, title: failure.message, text: kept, todo: [failure.hint] };
  }
}

export const fallbackNotice: Notice = {
  id: 'fallback',
  kind: 'warn',
  title: 'No GPU here: SwiftShader runs the kernels on the CPU',
  text: 'Every kernel runs and is checked, but the figures are a CPU’s and are marked as such. They say nothing about a GPU.',
  todo: [
    'On a machine with a GPU, look at chrome://gpu and switch on graphics acceleration in Settings → System.',
  ],
  offers: ['dismiss'],
};

/** A device that went away and whether the worker got a new one. */
export const lostNotice = (reason: string, recovered: boolean): Notice =>
  recovered
    ? {
        id: 'lost-recovered',
        kind: 'warn',
        title: 'The GPU was lost and is back',
        text: `The browser reported: ${reason || 'no reason'}. A run in progress ended with what it had; a new one can start.`,
        todo: [
          'If it happens again, run smaller shapes: a dispatch that takes seconds makes the driver reset.',
        ],
        offers: ['dismiss'],
      }
    : {
        id: 'lost',
        kind: 'error',
        title: 'The GPU was lost',
        text: `The browser reported: ${reason || 'no reason'}. What was measured is kept.`,
        todo: [
          'Try again in a few seconds.',
          'If it stays so, restart the browser: it stops offering a GPU after repeated resets.',
        ],
        offers: ['retry', 'reload'],
      };

export const deadNotice = (why: string): Notice => ({
  id: 'dead-worker',
  kind: 'error',
  title: 'The measuring worker stopped',
  text: `${why} What was measured is kept.`,
  todo: [
    'Start a new worker; if it stops again at the same place, the shape may need more memory than there is.',
  ],
  offers: ['retry', 'reload'],
});

export const mishapNotice = (what: string): Notice => ({
  id: 'mishap',
  kind: 'error',
  title: 'Something went wrong in this page',
  text: `${what}${/[.!?]$/.test(what) ? '' : '.'} What was measured is kept; what was going on may not go on.`,
  todo: ['Do it again; if it happens again, please report it with this message.'],
  offers: ['dismiss', 'reload'],
});
