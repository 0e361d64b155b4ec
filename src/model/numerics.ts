// The two ways of choosing kernels: one order of summation for everyone, or the quickest for each shape.

/**
 * `canonical`: the versions that serve an op share one reduction id, so a token's logits are the same bits in every batch.
 * `fast`: each op and row count takes its quickest version, ids mix, and a token's logits depend on what runs beside it.
 */
export const numericsModes = ['canonical', 'fast'] as const;
export type Numerics = (typeof numericsModes)[number];
