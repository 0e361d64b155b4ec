// The ways of choosing kernels: one order of summation for everyone, one kernel for everyone, or the quickest for each shape.

/**
 * `canonical`: the versions that serve an op share one reduction id, so a token's logits are the same bits in every batch.
 * `one-version`: each place of the model has one compiled kernel, whatever the row count. That asks less of a device, and costs speed: it
 * takes the place of canonical where the probe (load-probed.ts) finds that versions of one id differ.
 * `fast`: each op and row count takes its quickest version, ids mix, and a token's logits depend on what runs beside it.
 */
export const numericsModes = ['canonical', 'one-version', 'fast'] as const;
export type Numerics = (typeof numericsModes)[number];
