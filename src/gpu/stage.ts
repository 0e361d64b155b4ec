// A compiled kernel bound to parts of buffers, whose workgroup counts are given at each encoding: what a program
// of many dispatches is made of when its shapes change from step to step. (dispatch.ts binds for one shape.)

import { at } from '../core/assert.ts';
import { bindGroups, type Compiled } from './dispatch.ts';

export type Grid = readonly [number, number, number];

export interface Stage {
  readonly label: string;
  /** Adds its dispatches to a pass: one grid for each pass of the kernel. */
  encode(pass: GPUComputePassEncoder, grids: readonly Grid[]): void;
}

/** Binds storage by the names in the shader, and the one uniform struct. Bind groups are made here, once. */
export function bindStage(
  device: GPUDevice,
  compiled: Compiled,
  resources: Readonly<Record<string, GPUBufferBinding>>,
  uniform: GPUBufferBinding,
): Stage {
  const { prepared, pipelines } = compiled;
  const groups = bindGroups(device, compiled, resources, uniform);
  return {
    label: prepared.label,
    encode(pass, grids) {
      for (let i = 0; i < groups.length; i++) pass.setBindGroup(i, at(groups, i));
      for (let i = 0; i < pipelines.length; i++) {
        const [x, y, z] = at(grids, i, 'grids');
        pass.setPipeline(at(pipelines, i).pipeline);
        pass.dispatchWorkgroups(x, y, z);
      }
    },
  };
}
