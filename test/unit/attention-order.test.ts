// The wide versions of paged attention with other parameters than their defaults, against the serial one, bit for bit, in the
// stepper, which rounds every step alike: a tuner may change how lanes share the work, never the order of a sum. On a
// device each combination would take minutes to compile; ops.test.ts and reduction.test.ts compare what serves there.

import { describe, expect, it } from 'vitest';
import { unwrap } from '../../src/core/result.ts';
import { catalog } from '../../src/kernels/catalog.ts';
import { type AttentionCase, attentionDims } from '../../src/measure/attention.ts';
import { runShipped } from '../../src/stepper/shipped.ts';

const entry = catalog.get('paged_attention');
if (!entry) throw new Error('there is no paged_attention');
const { op, versions } = entry;

/** Three partitions, the last of them short, with a last key in the middle of a quarter and of a page. */
const keys = 1100;
const cases: readonly Pick<AttentionCase, 'kv' | 'group' | 'headDim' | 'page'>[] = [
  { kv: 'i8', group: 4, headDim: 32, page: 8 },
  { kv: 'i8', group: 1, headDim: 48, page: 64 },
  { kv: 'f16', group: 5, headDim: 32, page: 16 },
  { kv: 'f32', group: 2, headDim: 16, page: 32 },
];
/** LANES, TILES, UNITS, AHEAD. */
const combinations = [
  [64, 2, 2, 4],
  [64, 4, 4, 16],
  [128, 8, 2, 8],
  [256, 4, 4, 8],
] as const;

function y(id: string, of: (typeof cases)[number], params: Readonly<Record<string, number>>) {
  const version = versions.find((v) => v.id === id);
  if (!version) throw new Error(`there is no ${id}`);
  const { kv, group, headDim, page } = of;
  const sizes = { phase: 'decode', batch: 1, context: keys, tokens: 1, heads: group } as const;
  const dims = attentionDims({ ...sizes, kv, group, headDim, page });
  const stepped = unwrap(runShipped(op, version, { dims, params, seed: 5 }, 'results'));
  expect(stepped.verdicts['y']).toMatchObject({ verified: true });
  return [...(stepped.outputs['y'] ?? [])];
}

describe.each(cases)('$kv pages of $page tokens, $group heads of $headDim', (of) => {
  const serial = y('04_serial', of, {});

  it.each(combinations)('LANES %i, TILES %i, UNITS %i, AHEAD %i', (LANES, TILES, UNITS, AHEAD) => {
    for (const id of ['06_wide_walk', '07_wide_partitions', '08_wide_units']) {
      const got = y(id, of, { LANES, TILES, UNITS, AHEAD });
      expect(
        got.findIndex((cell, i) => !Object.is(cell, serial[i])),
        id,
      ).toBe(-1);
      expect(got).toHaveLength(of.group * of.headDim);
    }
  });
});
