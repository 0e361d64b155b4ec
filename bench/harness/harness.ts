// The page that the command drives: the same worker and client as the product, without its views.

import { connectWorker } from '../../src/worker/client.ts';
import type { BenchEvent, BenchRequest, Want } from '../../src/worker/protocol.ts';

const client = connectWorker();

declare global {
  interface Window {
    lockstep: typeof harness;
    /** Given by the command: receives events while a benchmark runs. */
    lockstepEvent?: (event: BenchEvent) => Promise<void>;
  }
}

const harness = {
  open: (want: Want) => client.api.open(want),
  bench: (request: BenchRequest) => client.bench(request, (event) => void window.lockstepEvent?.(event)),
  cancel: () => client.api.cancel(),
};
window.lockstep = harness;
document.addEventListener('visibilitychange', () => {
  if (document.hidden) void client.api.markInvalid('the page was hidden while it ran');
});
