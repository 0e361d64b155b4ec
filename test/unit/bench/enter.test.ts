// How a version enters a race: what it prepares to find out whether one submit is short enough.

import { expect, it } from 'vitest';
import { ok, unwrap } from '../../../src/core/result.ts';
import type { InputSet } from '../../../src/gpu/inputs.ts';
import { type Subject, sliceGranule } from '../../../src/gpu/subject.ts';
import type { Clock, Run } from '../../../src/gpu/timing.ts';
import { catalog } from '../../../src/kernels/catalog.ts';
import { enter } from '../../../src/worker/bench/contender.ts';

const op = catalog.get('matmul')?.op;
if (!op?.split) throw new Error('matmul can be cut');
const rows = 4096;
const set = { op, dims: { [op.split]: rows }, ring: [{}] } as unknown as InputSet;

it('prepares one part at a time until it knows, and all parts once', async () => {
  const asked: string[] = [];
  const run = (length: number): Run => [{ label: String(length), encode: () => undefined }];
  const subject = {
    first: async (length: number, body: (r: Run) => Promise<unknown>) => {
      asked.push(`first ${length}`);
      return ok(await body(run(length)));
    },
    runs: async (_ring: unknown, chunk?: number) => {
      asked.push(`all by ${chunk}`);
      return ok([run(chunk ?? rows)]);
    },
    clear: () => undefined,
    check: async () => ({ verified: true, maxError: 0, accuracy: 0, why: '' }),
  } as unknown as Subject;
  // 32 rows a millisecond: 128 ms in all, which one submit may hold only when it is known by a longer part
  const clock: Clock = {
    ...{ kind: 'gpu', quantumNs: 1, dispose: () => undefined },
    time: async ([first]) => Number(first?.[0]?.label) / 32,
  };
  const entered = unwrap(await enter(clock, set, subject, 'quick'));
  expect(asked).toEqual([
    'first 64',
    'first 128',
    'first 256',
    'first 512',
    'first 1024',
    'all by undefined',
  ]);
  expect(entered.chunk).toBeUndefined();
});

it('cuts where every tensor may be bound', () => {
  // bytes a slice: of int8 and f16 lists, of f32 ones, of tight f16 rows of 3, of padded rows
  expect([[1], [2], [4], [6], [16], [1024], []].map((each) => sliceGranule(each, 256))).toEqual([
    256, 128, 64, 128, 16, 1, 1,
  ]);
  expect(sliceGranule([16, 4, 2], 256)).toBe(128);
  expect(sliceGranule([48, 4], 256)).toBe(64);
});
