// The page that the command drives: the same worker and client as the product, without its views.

import type { ModelBenchRequest } from '../../src/worker/bench/model.ts';
import type { QualityRequest } from '../../src/worker/bench/quality.ts';
import { connectWorker } from '../../src/worker/client.ts';
import type {
  BenchEvent,
  BenchRequest,
  ModelBenchEvent,
  QualityEvent,
  Want,
} from '../../src/worker/protocol.ts';
import type {
  CalibrateRequest,
  PoolRequest,
  ServeEvent,
  ServeRequest,
} from '../../src/worker/serving/protocol.ts';

const client = connectWorker();
let lost = false;
client.onNotice((notice) => {
  lost ||= notice.type === 'device-lost';
});

declare global {
  interface Window {
    lockstep: typeof harness;
    /** Given by the command: receives events while a benchmark runs. */
    lockstepEvent?: (event: BenchEvent | ModelBenchEvent | QualityEvent | ServeEvent) => Promise<void>;
  }
}

const harness = {
  open: (want: Want) => client.api.open(want),
  bench: (request: BenchRequest) => client.bench(request, (event) => void window.lockstepEvent?.(event)),
  serve: (request: ServeRequest) => client.serve(request, (event) => void window.lockstepEvent?.(event)),
  pool: (request: PoolRequest) => client.api.pool(request),
  calibrate: (request: CalibrateRequest) =>
    client.calibrate(request, (event) => void window.lockstepEvent?.(event)),
  model: (request: ModelBenchRequest) => client.model(request, (event) => void window.lockstepEvent?.(event)),
  quality: (request: QualityRequest) =>
    client.quality(request, (event) => void window.lockstepEvent?.(event)),
  cancel: () => client.api.cancel(),
  /** Whether the device went away since the page was opened. */
  lost: () => lost,
};
window.lockstep = harness;
document.addEventListener('visibilitychange', () => {
  if (document.hidden) void client.api.markInvalid('the page was hidden while it ran');
});
