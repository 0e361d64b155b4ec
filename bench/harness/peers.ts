// The page of `npm run bench -- peers`: ours and the other libraries on one device of this page. There is no worker here,
// because the libraries live where pages use them.

import { collect } from '../../src/core/collect.ts';
import { ok, type Result } from '../../src/core/result.ts';
import { Awake } from '../../src/gpu/awake.ts';
import { describe } from '../../src/gpu/capability.ts';
import { openGpu } from '../../src/gpu/device.ts';
import { Pipelines } from '../../src/gpu/pipelines.ts';
import { clockOf, detectQuantum } from '../../src/gpu/timing.ts';
import type { ResultFile } from '../../src/measure/schema.ts';
import type { Want, WorkerFailure } from '../../src/worker/protocol.ts';
import type { Peer } from '../peers/contract.ts';
import { type RaceRequest, runRace } from './peers/race.ts';
import { installRecorder } from './peers/recorder.ts';

const peers = collect<Peer>(import.meta.glob(['../peers/*.ts', '!../peers/contract.ts'], { eager: true }));
let hidden = false;
document.addEventListener('visibilitychange', () => {
  hidden ||= document.hidden;
});

declare global {
  interface Window {
    lockstepPeers: typeof harness;
    /** Given by the command: what happens now. */
    lockstepSay?: (what: string) => Promise<void>;
  }
}

const harness = {
  async race(
    request: RaceRequest,
    want: Want,
    names: readonly string[],
  ): Promise<Result<ResultFile, WorkerFailure>> {
    const opened = await openGpu({ want, power: 'high-performance' });
    if (!opened.ok) return opened;
    const gpu = opened.value;
    const recorder = installRecorder(); // before any library makes a bind group
    const quantum = await detectQuantum(gpu);
    const pipelines = new Pipelines(gpu.device);
    const awake = await Awake.open(gpu, pipelines);
    const clock = clockOf(gpu, quantum, awake && (() => awake.lead()));
    const file = await runRace({
      gpu,
      pipelines,
      clock,
      device: describe(gpu, quantum),
      recorder,
      request,
      peers: [...peers.values()].filter((peer) => names.includes(peer.id)),
      say: (what) => void window.lockstepSay?.(what),
    });
    return ok(hidden ? { ...file, invalid: [...file.invalid, 'the page was hidden while it ran'] } : file);
  },
};
window.lockstepPeers = harness;
