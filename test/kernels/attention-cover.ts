// Small attention cases that cover what a model may ask for: groups of 1 to 8 query heads, head sizes, formats and page sizes,
// decodes and chunks. Each version gets eight of them; together the versions of an op get every pair of group and head size.

import { at } from '../../src/core/assert.ts';
import type { KernelVersion } from '../../src/kernels/catalog.ts';
import type { ParamValues } from '../../src/kernels/specialize.ts';
import type { AttentionCase } from '../../src/measure/attention.ts';

export const groups = [1, 2, 3, 4, 5, 6, 7, 8] as const;
export const headSizes = [32, 48, 64, 96, 128] as const;
const formats = ['f32', 'f16', 'i8'] as const;
const pages = [8, 16, 32, 64] as const;

/** Cases of the version at `index` among those of its op: every group, every head size, every format and page size. */
export const casesOf = (index: number): readonly AttentionCase[] =>
  groups.map((group, i) => {
    const kv = at(formats, (i + index) % formats.length);
    // two KV heads where they are cheap, so that a head's place in a page counts
    const kvHeads = group <= 4 ? 2 : 1;
    const decode = (i + (i >> 2) + index) % 2 === 0;
    return {
      phase: decode ? 'decode' : 'prefill',
      batch: 2,
      // a decode's partitions of 512 keys are merged
      context: (decode ? 520 : 70) + i,
      tokens: decode ? 1 : 3,
      heads: group * kvHeads,
      group,
      headDim: at(headSizes, (i + index) % headSizes.length),
      kv,
      page: at(pages, (i + 3 * index + (i >> 2)) % pages.length),
    };
  });

/** Fewest loads under way: bits are the same, and SwiftShader compiles it in half the time. */
export const fewestLoads = ({ params }: KernelVersion): ParamValues =>
  Object.fromEntries(
    params
      .filter(({ name }) => name === 'AHEAD' || name === 'UNITS')
      .map(({ name, choices }) => [name, Math.min(...choices)]),
  );
