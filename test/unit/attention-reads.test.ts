// How often each version of paged attention loads a word of the KV pages, counted in the stepper: the versions that take the
// query heads of a KV head together read the pages once a group. The others read them once a query head: the baseline, and
// the serial ones, which are meant for CPU adapters, where caches are near and barriers dear.

import { describe, expect, it } from 'vitest';
import { unwrap } from '../../src/core/result.ts';
import { catalog } from '../../src/kernels/catalog.ts';
import { prepare } from '../../src/kernels/prepare.ts';
import { attentionDims } from '../../src/measure/attention.ts';
import { compileKernel, Run, Timeline } from '../../src/stepper/index.ts';
import { buffersOf } from '../../src/stepper/shipped.ts';

const entry = catalog.get('paged_attention');
if (!entry) throw new Error('there is no paged_attention');
const { op, versions } = entry;
const GROUP = 4;
const perHead: readonly string[] = ['01_naive', '04_serial', '05_straight'];
const wide: readonly string[] = ['06_wide_walk', '07_wide_partitions', '08_wide_units'];
const formats = ['f32', 'f16', 'i8'] as const;
type Format = (typeof formats)[number];

/** One sequence and one KV head with so many query heads. */
const dimsOf = (group: number, kv: Format) =>
  attentionDims({
    phase: 'decode',
    batch: 1,
    context: 128,
    tokens: 1,
    heads: group,
    group,
    headDim: 16,
    kv,
    page: 16,
  });

/** Loads of the sequence's pages by all invocations, and in words: all of them, and of one word the least and the most. */
function readsOf(version: (typeof versions)[number], group: number, kv: Format) {
  const dims = dimsOf(group, kv);
  const prepared = unwrap(prepare(op, version, dims, 'f32'));
  const buffers = buffersOf(prepared, op.inputs(dims, 'normal', 'f32', 1));
  const [pass] = prepared.passes;
  const { kernel } = compileKernel(prepared.code, {
    entryPoint: pass?.entry ?? 'main',
    constants: prepared.constants,
  });
  if (!kernel || !pass) throw new Error(`${version.id} does not compile`);
  const memory = 1 + kernel.bindings.findIndex((b) => b.name === 'pages');
  const workgroups = pass.workgroups.reduce((all, n) => all * n, 1);
  const reads = new Map<number, number>();
  let loads = 0;
  for (let workgroup = 0; workgroup < workgroups; workgroup++) {
    const start = Run.start(kernel, { workgroups: pass.workgroups, buffers }, 'results');
    const t = Timeline.open(unwrap(start), workgroup).finish();
    for (let step = 0; step < t.length; step++) {
      const a = t.accesses(step);
      a.memory.forEach((m, i) => {
        if (m !== memory) return;
        loads++;
        for (let byte = 0; byte < (a.bytes[i] ?? 0); byte += 4) {
          const word = ((a.byte[i] ?? 0) + byte) / 4;
          reads.set(word, (reads.get(word) ?? 0) + 1);
        }
      });
    }
  }
  const counts = [...reads.values()];
  const all = counts.reduce((sum, n) => sum + n, 0);
  return { words: reads.size, all, loads, least: Math.min(...counts), most: Math.max(...counts) };
}

describe.each(versions.map((v) => [v.id, v] as const))('%s', (id, version) => {
  const heads = perHead.includes(id) ? GROUP : 1;
  const what = heads === 1 ? 'once for the whole group' : 'once for each of its query heads';

  it.each(formats)(`reads %s pages ${what}`, (kv) => {
    expect(readsOf(version, GROUP, kv).all / readsOf(version, 1, kv).all).toBe(heads);
  });

  // the baseline computes every score twice
  if (id === '01_naive') return;
  // 16-byte units of packed pages hold several vec4s; only the wide versions use all of one that they load
  it.each(wide.includes(id) ? formats : (['f32'] as const))(
    `loads every word of %s pages ${what}, no more`,
    (kv) => {
      const { least, most, words } = readsOf(version, GROUP, kv);
      expect([least, most]).toEqual([heads, heads]);
      if (kv === 'f32') expect(words).toBe(128 * 16 * 2);
    },
  );
});

it('the wide units load K and V by whole units, and of int8 a scale each beside them', () => {
  const version = versions.find((v) => v.id === '08_wide_units');
  if (!version) throw new Error('there is no 08_wide_units');
  const units = { f32: 4, f16: 2, i8: 1 }; // of a head of 16
  for (const kv of formats)
    expect(readsOf(version, GROUP, kv).loads).toBe(2 * 128 * (units[kv] + (kv === 'i8' ? 1 : 0)));
});
