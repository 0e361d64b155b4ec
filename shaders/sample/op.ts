// sample: one token id from each row of logits. Gumbel-max (argmax of logits / T + noise) with noise keyed by
// seed, position and token id, so the same request gives the same tokens under every strategy.

import { at } from '../../src/core/assert.ts';
import { hashKeys, prng } from '../../src/core/prng.ts';
import { dimOf } from '../../src/kernels/dims.ts';
import { fillWith } from '../../src/kernels/fills.ts';
import { roundTo } from '../../src/kernels/layout.ts';
import type { Op } from '../../src/kernels/op.ts';
import { pickRows } from '../../src/kernels/rows.ts';

const slots = 16;
const word = new DataView(new ArrayBuffer(4));
const bitsOf = (x: number): number => {
  word.setFloat32(0, x);
  return word.getUint32(0);
};
const floatOf = (bits: number): number => {
  word.setUint32(0, bits);
  return word.getFloat32(0);
};

/** Standard Gumbel noise of token `id`: the f64 twin of the shader's. */
export function gumbel(seed: number, position: number, id: number): number {
  const w = ((hashKeys(seed, position, id) >>> 8) + 0.5) / 16777216;
  return -Math.log(-Math.log1p(-w));
}

/** The id that a row of logits gives: temperature, then top-k, then top-p of what is left, then Gumbel-max. */
export function sampleRow(
  logits: ArrayLike<number>,
  s: { temperature: number; topK: number; topP: number; seed: number; position: number },
): number {
  const order = Array.from({ length: logits.length }, (_, i) => i).sort(
    (a, b) => at(logits, b) - at(logits, a) || a - b,
  );
  const peak = at(logits, at(order, 0));
  if (s.temperature === 0) return at(order, 0);
  const weight = (id: number): number => Math.exp((at(logits, id) - peak) / s.temperature);
  let kept = order;
  if (s.topK > 0 && s.topK < order.length) {
    const cut = at(logits, at(order, s.topK - 1));
    kept = kept.filter((id) => at(logits, id) >= cut);
  }
  if (s.topP < 1) {
    const mass = kept.reduce((sum, id) => sum + weight(id), 0);
    let sum = 0;
    const last = kept.findIndex((id) => {
      sum += weight(id);
      return sum >= s.topP * mass;
    });
    const cut = at(logits, at(kept, last < 0 ? kept.length - 1 : last));
    kept = kept.filter((id) => at(logits, id) >= cut);
  }
  const score = (id: number): number =>
    (at(logits, id) - peak) / s.temperature + gumbel(s.seed, s.position, id);
  return kept.reduce((best, id) => (score(id) > score(best) ? id : best), at(kept, 0));
}

const op: Op = {
  id: 'sample',
  title: 'Sample token ids',
  about:
    'Greedy, or temperature, top-k and top-p with position-keyed Gumbel noise, each row by its own settings. Ids stay on the GPU for the next step.',
  dims: { m: 'rows of logits', vocab: 'logits a row', slots: 'sample slots' },
  dtypes: ['f32'],
  tensors: {
    logits: { role: 'in', cells: 'f32', shape: ['m', 'vocab'], rows: 'vec4', about: 'scores of all tokens' },
    settings: {
      role: 'in',
      cells: 'u32',
      shape: ['m', '8'],
      about: 'temperature (f32 bits), k, p (f32 bits), seed, position, slot, 0, 0',
    },
    sampled: {
      role: 'inout',
      cells: 'u32',
      shape: ['slots'],
      moves: { reads: '0', writes: '4 * min(m, slots)' },
      about: 'ids by slot',
    },
    ids: { role: 'out', cells: 'u32', shape: ['m'], about: 'ids by row' },
  },
  cellMap: [
    'sampled[slots] <- sampled[slots], logits[*, *], settings[*, *]',
    'ids[m] <- logits[m, *], settings[m, *]',
  ],
  flops: 'm * vocab',
  shapes: {
    test: [
      { dims: { m: 8, vocab: 512, slots }, fill: 'normal' },
      { dims: { m: 5, vocab: 1003, slots }, fill: 'outliers' },
      { dims: { m: 3, vocab: 7, slots }, fill: 'normal' },
      { dims: { m: 2, vocab: 300, slots }, fill: 'zeros' },
    ],
    bench: { '8×32000': { m: 8, vocab: 32000, slots: 8 }, '64×128256': { m: 64, vocab: 128256, slots: 64 } },
    quick: ['8×32000'],
    step: { m: 1, vocab: 16, slots },
  },
  inputs: (dims, fill, _dtype, seed) => {
    const [m, vocab] = [dimOf(dims, 'm'), dimOf(dims, 'vocab')];
    const random = prng(seed);
    const settings = new Float64Array(m * 8);
    for (let row = 0; row < m; row++) {
      // greedy, plain sampling, top-k, top-p, both
      const mode = row % 5;
      settings[row * 8] = bitsOf(mode === 0 ? 0 : 0.5 + random.next());
      settings[row * 8 + 1] = mode === 2 || mode === 4 ? random.int(1, Math.min(40, vocab)) : 0;
      settings[row * 8 + 2] = bitsOf(mode >= 3 ? 0.3 + random.next() * 0.6 : 1);
      settings[row * 8 + 3] = random.int(0, 2 ** 31);
      settings[row * 8 + 4] = random.int(0, 5000);
      settings[row * 8 + 5] = (row * 5 + 2) % dimOf(dims, 'slots');
    }
    return {
      logits: roundTo('f32', fillWith(fill, m * vocab, seed + 1)),
      settings,
      sampled: Float64Array.from({ length: dimOf(dims, 'slots') }, () => random.int(0, 99)),
    };
  },
  reference: ({ logits = new Float64Array(), settings = [], sampled = [] }, dims, picked) => {
    const [m, vocab] = [dimOf(dims, 'm'), dimOf(dims, 'vocab')];
    const bySlot = Float64Array.from(sampled);
    const ids = new Float64Array(m);
    for (let row = 0; row < m; row++) {
      const field = (i: number): number => at(settings, row * 8 + i);
      ids[row] = sampleRow(logits.subarray(row * vocab, (row + 1) * vocab), {
        temperature: floatOf(field(0)),
        topK: field(1),
        topP: floatOf(field(2)),
        seed: field(3),
        position: field(4),
      });
      bySlot[field(5)] = at(ids, row);
    }
    const outputs = { sampled: { value: bySlot, magnitude: bySlot }, ids: { value: ids, magnitude: ids } };
    return pickRows(outputs, { sampled: dimOf(dims, 'slots'), ids: m }, picked);
  },
  tolerance: () => ({ relative: 0, absolute: 0, reason: 'ids; ties go to the lowest' }),
};
export default op;
