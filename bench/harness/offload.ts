// The page of `npm run bench -- offload`: the product's worker, client and runner, without its views.

import { connectWorker } from '../../src/worker/client.ts';
import { type OffloadOptions, runOffload } from '../../src/worker/offload/run.ts';

const client = connectWorker();

declare global {
  interface Window {
    lockstepOffload: typeof harness;
    /** Given by the command: what happens now. */
    lockstepSay?: (what: string) => Promise<void>;
  }
}

const harness = {
  run: (options: Pick<OffloadOptions, 'want' | 'turns' | 'command'>) =>
    runOffload(client, {
      ...options,
      say: (done, total, what) => void window.lockstepSay?.(`${done} of ${total}: ${what}`),
      stopped: () => false,
    }),
};
window.lockstepOffload = harness;
