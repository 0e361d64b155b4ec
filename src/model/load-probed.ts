// Loads a model whose logits do not depend on the batch, where this device lets it: canonical kernels where a probe finds them to agree
// bit for bit, else one version an op. What serves, and why, goes with the model into every result.

import { err, ok, type Result } from '../core/result.ts';
import type { ModelConfig } from './config.ts';
import type { LoadedModel, LoadFailure, ModelOptions, Runtime, StepFailure } from './contract.ts';
import type { Numerics } from './numerics.ts';
import { probe } from './probe.ts';
import type { Invariance, ProbeReport } from './probe-report.ts';
import type { GpuRuntime } from './runtime.ts';
import { cancelled, never, type Stop } from './stopped.ts';
import type { WeightSource } from './weights.ts';

export type LoadingRuntime = Runtime & Pick<GpuRuntime, 'load'>;

export interface ProbedModel {
  readonly model: LoadedModel;
  readonly invariance: Invariance;
}

interface Probed {
  readonly model: LoadedModel;
  readonly report: ProbeReport;
}

/**
 * Loads and probes; where canonical numerics fail, loads again with one version an op and probes that. No sequence may live in the
 * runtime: the probe writes over pages. `source` is asked for once a loading. A stop leaves nothing.
 */
export async function loadProbed(
  runtime: LoadingRuntime,
  config: ModelConfig,
  options: ModelOptions,
  source: () => WeightSource,
  stop: Stop = never,
): Promise<Result<ProbedModel, LoadFailure | StepFailure>> {
  const asked = options.numerics ?? 'canonical';
  const load = async (numerics: Numerics): Promise<Result<Probed, LoadFailure | StepFailure>> => {
    const loaded = await runtime.load(config, { ...options, numerics }, source(), stop);
    if (!loaded.ok) return loaded;
    const { id } = loaded.value;
    const probed = await probe(runtime, id, stop);
    // also one that came after the last step had begun: who asked sees no model come up
    const stopped = stop() !== null;
    if (!probed.ok || stopped) runtime.unload(id);
    if (stopped) return err(cancelled('Loading'));
    return probed.ok ? ok({ model: loaded.value, report: probed.value }) : probed;
  };
  const first = await load(asked);
  if (!first.ok) return first;
  const { model, report } = first.value;
  if (asked !== 'canonical' || report.identical) {
    const standing = asked === 'fast' ? 'not promised' : report.identical ? 'kept' : 'still differs';
    return ok({ model, invariance: { standing, asked, served: asked, probes: [report] } });
  }
  runtime.unload(model.id);
  const served = 'one-version';
  const second = await load(served);
  if (!second.ok) return second;
  const standing = second.value.report.identical ? 'fell back' : 'still differs';
  const probes = [report, second.value.report];
  return ok({ model: second.value.model, invariance: { standing, asked, served, probes } });
}
