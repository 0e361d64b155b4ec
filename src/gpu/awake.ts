// Keeps a GPU's clock up. A governor lowers the clock of a GPU that has little to do, and serving a small model, or waiting for
// requests, is little: seen on an H200, whose clock fell from 1,980 to 480 MHz within ten seconds of steps that kept it a quarter busy,
// and the same step took 40 ms instead of 5. How long something takes would then tell how busy the device was before it. So where it
// would be idle it computes fused multiply-adds: in registers, so that caches stay as they are, and on all of its cores (bursts of 64
// workgroups left the clock falling there).

import { assert } from '../core/assert.ts';
import { unwrap } from '../core/result.ts';
import { catalog } from '../kernels/catalog.ts';
import { prepare } from '../kernels/prepare.ts';
import type { Gpu } from './device.ts';
import { type Bound, bind, compile } from './dispatch.ts';
import type { Pipelines } from './pipelines.ts';
import { Scope } from './scope.ts';
import { estimate, openClock } from './timing.ts';

/** A burst's milliseconds: shorter than the host needs between two steps, so that no step waits for one. */
const burstMs = 1;
/** Bursts before something that is timed alone: with them a device is busy for about half of the time. */
const leading = 4;
/** Milliseconds after which a clock has gone up. */
const rousing = 300;
/** Milliseconds in which a clock does not go down. */
const soon = 1000;
const lanes = 2 ** 18;

export class Awake {
  readonly #device: GPUDevice;
  readonly #scope: Scope;
  readonly #burst: Bound;
  /** When it was last kept busy. */
  #last = performance.now();

  private constructor(device: GPUDevice, scope: Scope, burst: Bound) {
    this.#device = device;
    this.#scope = scope;
    this.#burst = burst;
  }

  /** Compiles a burst and finds out how much work it is; undefined on a CPU adapter, which it would only slow down. */
  static async open(gpu: Gpu, pipelines: Pipelines): Promise<Awake | undefined> {
    if (gpu.fallback) return undefined;
    const entry = catalog.get('ceiling_fma');
    const version = entry?.versions[0];
    assert(entry && version, 'shaders/ceiling_fma is missing');
    const scope = new Scope(gpu, 'awake');
    const make = async (steps: number): Promise<Bound> => {
      const prepared = unwrap(prepare(entry.op, version, { lanes, steps, scale: 1, shift: 1 }, 'f32'));
      const y = unwrap(scope.storage('y', 4 * lanes));
      const uniform = unwrap(scope.uniform('uniform', prepared.uniform));
      return bind(gpu.device, unwrap(await compile(pipelines, prepared)), { y }, uniform);
    };
    const clock = await openClock(gpu);
    try {
      // half a GFLOP: a slow device must not be held up by it
      const steps = 64;
      const first = await make(steps);
      const until = performance.now() + rousing;
      while (performance.now() < until) await clock.time([[first]], 1);
      const ms = Math.max(1e-3, await estimate(clock, [[first]]));
      scope.dispose(); // of what was only for the size
      return new Awake(
        gpu.device,
        scope,
        await make(16 * Math.max(1, Math.round(((burstMs / ms) * steps) / 16))),
      );
    } catch (error) {
      scope.dispose();
      throw error;
    } finally {
      clock.dispose();
    }
  }

  /** Queues bursts behind what was submitted. */
  burst(times = 1): void {
    this.#last = performance.now();
    const encoder = this.#device.createCommandEncoder({ label: 'awake' });
    const pass = encoder.beginComputePass({ label: 'awake' });
    for (let i = 0; i < times; i++) this.#burst.encode(pass);
    pass.end();
    this.#device.queue.submit([encoder.finish()]);
  }

  /** Bursts, and their end. */
  async bursting(times = 1): Promise<void> {
    this.burst(times);
    await this.#device.queue.onSubmittedWorkDone();
  }

  /** Bursts before something that is timed alone. */
  lead(): Promise<void> {
    return this.bursting(leading);
  }

  /** Bursts until a clock that had gone down is up again; nothing where it was kept busy just now. */
  async rouse(): Promise<void> {
    if (performance.now() - this.#last < soon) return;
    const until = performance.now() + rousing;
    while (performance.now() < until) await this.bursting();
  }

  dispose(): void {
    this.#scope.dispose();
  }
}
