// What a batch asks of a model's program: which dispatches run, which kernel serves each, with which grids. Writes
// the step's columns and uniforms on the way.

import { at } from '../core/assert.ts';
import { err, failure, ok, type Result } from '../core/result.ts';
import type { FlatBatch } from './batch.ts';
import type { ModelConfig } from './config.ts';
import type { DispatchName, NamedDispatch, StepFailure } from './contract.ts';
import { planRole, type RolePlan, type StepSizes } from './kernels.ts';
import { type Dispatch, nameOf, type Program } from './program.ts';
import { itemTokensOf } from './roles.ts';
import type { StepBuffers } from './step-buffers.ts';

export interface Planned {
  readonly dispatch: Dispatch;
  readonly plan: RolePlan;
}

/** Writes a checked batch's columns and chooses kernel and grids of every dispatch that runs. */
export function planStep(
  program: Program,
  config: ModelConfig,
  columns: StepBuffers,
  batch: FlatBatch,
): readonly Planned[] {
  columns.writeBatch(batch);
  let longest = 0;
  for (let s = 0; s < batch.sequenceCount; s++) longest = Math.max(longest, batch.lengths[s] ?? 0);
  const itemTokens = itemTokensOf(batch.tokenCount, batch.sequenceCount, config);
  const sizes: StepSizes = {
    t: batch.tokenCount,
    logits: batch.logitCount,
    items: columns.writeItems(batch, itemTokens),
    itemTokens,
    longest,
  };
  const plans = new Map(
    program.roles
      .filter(({ spec }) => spec.runs?.(sizes) ?? true)
      .map((role) => [role, planRole(role, sizes, columns.uniforms)]),
  );
  columns.upload(program.roles.length);
  const planned: Planned[] = [];
  for (const dispatch of program.dispatches) {
    const plan = plans.get(dispatch.role);
    if (plan) planned.push({ dispatch, plan });
  }
  return planned;
}

export function encodePlanned(pass: GPUComputePassEncoder, { dispatch, plan }: Planned): void {
  at(dispatch.stages, plan.kernel, dispatch.name).encode(pass, plan.grids);
}

/** A planned dispatch as the clocks of src/gpu/timing.ts take it. */
export const namedDispatch = (planned: Planned): NamedDispatch => ({
  name: nameOf(planned.dispatch, planned.plan.kernel),
  label: `${planned.dispatch.layer} ${planned.dispatch.name}`,
  dims: planned.plan.scope,
  encode: (pass) => encodePlanned(pass, planned),
});

/** Where a dispatch stands in a step, or which ones the layer has. */
export function findDispatch(
  planned: readonly Planned[],
  layer: DispatchName['layer'],
  role: string,
): Result<number, StepFailure> {
  const index = planned.findIndex(({ dispatch }) => dispatch.layer === layer && dispatch.name === role);
  if (index >= 0) return ok(index);
  const names = planned
    .filter(({ dispatch }) => dispatch.layer === layer)
    .map(({ dispatch }) => dispatch.name);
  return err(
    failure(
      'bad-batch',
      `No dispatch "${role}" of layer ${layer} runs in this step.`,
      names.length > 0 ? `It has ${names.join(', ')}.` : 'There is no such layer.',
    ),
  );
}
