// Packed bytes on the Step page: which tensors hold them, and that each byte times the scale found for its word is
// the value that the packing's own reader gives.

import { describe, expect, it } from 'vitest';
import { packedTensors, wordKind } from '../../../src/app/step/int8.ts';
import { kernelSubject, type Settings, type Subject } from '../../../src/app/step/subject.ts';
import { unwrap } from '../../../src/core/result.ts';
import { catalog } from '../../../src/kernels/catalog.ts';
import { dimOf } from '../../../src/kernels/dims.ts';
import { KvPages, unpackRows } from '../../../src/kernels/packing.ts';
import { unpack4 } from '../../../src/views/step/packed.ts';

const settings: Settings = { subgroupSize: 32, order: { kind: 'round-robin' }, workgroup: 0, pass: 0 };

/** An op's first version at the first test shape that `fits`. */
function subjectOf(id: string, fits: (dims: Readonly<Record<string, number>>) => boolean): Subject {
  const entry = catalog.get(id);
  const dims = entry?.op.shapes.test.find((t) => fits(t.dims))?.dims ?? null;
  if (!entry || !dims) throw new Error(`${id} has no such test shape`);
  const kernel = `${id}/${entry.versions[0]?.id}`;
  return unwrap(
    kernelSubject(
      catalog,
      { kernel, dims, dtype: 'f32', params: {}, fill: 'normal', seed: 1, edited: null },
      settings,
    ),
  );
}

function bytesOf(subject: Subject, name: string): Uint8Array {
  const b = subject.contract?.prepared.bindings.find((x) => x.name === name);
  const found = subject.launch.buffers.find((x) => x.group === b?.group && x.binding === b?.binding);
  if (!found) throw new Error(`${name} has no bytes`);
  return found.bytes;
}

/** The value of a byte: itself times the scale of its word. */
function scaled(subject: Subject, name: string, byte: number): number {
  const kind = wordKind(name, byte & ~3, subject.layouts, subject.dims);
  if (kind.kind !== 'scaled') throw new Error(`${name} byte ${byte}: ${kind.kind}`);
  const words = bytesOf(subject, name);
  const word = new DataView(words.buffer, words.byteOffset).getUint32(byte & ~3, true);
  const scales = bytesOf(subject, kind.tensor);
  const scale = new DataView(scales.buffer, scales.byteOffset).getFloat32(kind.byte, true);
  return (unpack4(word)[byte & 3] ?? 0) * scale;
}

describe('packed bytes', () => {
  it('are found where they are declared, and in words whose format is int8', () => {
    const names = (s: Subject) => packedTensors(s.layouts, s.dims);
    expect(names(subjectOf('matmul_w8a8', () => true))).toEqual(['a', 'w']);
    expect(names(subjectOf('quantize_rows', () => true))).toEqual(['q']);
    expect(names(subjectOf('linear', (d) => d['format'] === 2))).toEqual(['w']);
    expect(names(subjectOf('linear', (d) => d['format'] === 0))).toEqual([]);
    expect(names(subjectOf('paged_attention', (d) => d['format'] === 2))).toEqual(['pages']);
    expect(names(subjectOf('paged_attention', (d) => d['format'] === 1))).toEqual([]);
    expect(names(subjectOf('matmul', () => true))).toEqual([]);
  });

  it('of a matrix product: a scale for each row and group of w', () => {
    const s = subjectOf('matmul_w8', (d) => dimOf(d, 'groups') > 1);
    const { w = [], w_scales = [] } = s.contract?.inputs ?? {};
    const [n, k, group, groups] = ['n', 'k', 'group', 'groups'].map((d) => dimOf(s.dims, d)) as [
      number,
      number,
      number,
      number,
    ];
    const pitch = s.layouts.get('w')?.pitch ?? 0;
    for (let row = 0; row < n; row++)
      for (let c = 0; c < k; c++) {
        const want = (w[row * k + c] ?? 0) * (w_scales[row * groups + Math.floor(c / group)] ?? 0);
        expect(scaled(s, 'w', row * pitch + c)).toBeCloseTo(want, 6);
      }
  });

  it('of a linear layer’s words', () => {
    const s = subjectOf('linear', (d) => d['format'] === 2 && dimOf(d, 'groups') > 1);
    const { w = [], scales = [] } = s.contract?.inputs ?? {};
    const [n, k, group] = ['n', 'k', 'group'].map((d) => dimOf(s.dims, d)) as [number, number, number];
    const want = unpackRows(2, { words: w, scales }, n, k, group);
    const rowBytes = (s.layouts.get('w')?.pitch ?? 0) * 4;
    for (let row = 0; row < n; row++)
      for (let c = 0; c < k; c++)
        expect(scaled(s, 'w', row * rowBytes + c)).toBeCloseTo(want[row * k + c] ?? Number.NaN, 5);
  });

  it('of KV pages, whose scales lie behind the cells and are no bytes themselves', () => {
    const s = subjectOf('paged_attention', (d) => d['format'] === 2);
    const [headDim, page, words] = ['head_dim', 'page', 'block_words'].map((d) => dimOf(s.dims, d)) as [
      number,
      number,
      number,
    ];
    const store = new KvPages(
      { format: 2, headDim, page },
      Uint32Array.from(s.contract?.inputs['pages'] ?? []),
    );
    const block = 1;
    let scales = 0;
    const got: number[] = [];
    for (let byte = block * words * 4; byte < (block + 1) * words * 4; byte++) {
      if (wordKind('pages', byte & ~3, s.layouts, s.dims).kind === 'scale') scales++;
      else got.push(scaled(s, 'pages', byte));
    }
    expect(scales).toBe(2 * page * 4);
    const want: number[] = [];
    for (let unit = 0; unit < headDim / 16; unit++)
      for (let t = 0; t < page; t++)
        for (let d = 0; d < 16; d++) want.push(store.read(block, 'k', t, unit * 16 + d));
    for (let t = 0; t < page; t++) for (let d = 0; d < headDim; d++) want.push(store.read(block, 'v', t, d));
    expect(got.length).toBe(want.length);
    got.forEach((x, i) => {
      expect(x).toBeCloseTo(want[i] ?? Number.NaN, 6);
    });
  });
});
