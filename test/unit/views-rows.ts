// Hand-made rows for tests of views. No figure in here was ever measured.

import type { Ceilings, DeviceReport, ResultFile, ResultRow } from '../../src/measure/schema.ts';

export function row(
  over: Partial<ResultRow> & { readonly version: string; readonly ms?: number },
): ResultRow {
  const { ms = 10, ...rest } = over;
  return {
    op: 'matmul',
    peer: 'lockstep',
    shape: '512',
    dims: { m: 512, n: 512, k: 512 },
    dtype: 'f32',
    verified: true,
    status: 'measured',
    why: null,
    maxError: 1e-7,
    tolerance: 1e-5,
    accuracy: null,
    clock: 'gpu',
    medianMs: ms,
    p10Ms: ms * 0.98,
    p90Ms: ms * 1.02,
    n: 9,
    gflops: 268.4 / ms,
    gbps: 3.146 / ms,
    fractionOfCeiling: 2 / ms,
    ceiling: 'f32',
    bound: 'compute',
    cold: null,
    tuned: null,
    params: {},
    reduction: 'k-sequential',
    samplesMs: Array.from({ length: 9 }, (_, i) => ms * (1 + (i - 4) * 0.005)),
    ...rest,
  };
}

export const device: DeviceReport = {
  vendor: 'test',
  architecture: 'paper',
  device: '',
  description: '',
  fallback: false,
  browser: 'Chrome 1.0',
  platform: 'Nowhere',
  flags: [],
  features: ['timestamp-query'],
  wgslFeatures: [],
  limits: {},
  subgroups: null,
  timestampQuantumNs: 1,
  cores: 1,
};

export const noCeilings: Ceilings = {
  readBandwidth: null,
  copyBandwidth: null,
  workgroupBandwidth: null,
  f32: null,
  f16: null,
  dot4i8: null,
  dispatch: null,
};

export const file = (results: readonly ResultRow[]): ResultFile => ({
  schema: 'lockstep-kernels',
  version: 2,
  date: '2026-01-02T03:04:05.000Z',
  commit: null,
  command: 'npm run bench -- kernels',
  device,
  ceilings: noCeilings,
  invalid: [],
  results,
});
