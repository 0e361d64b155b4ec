// How weights and KV pages lie in 16-byte units: f32 (4 cells a unit), f16 (8), i8 (16, with f32 scales). The
// shaders' side is lib/weights.wgsl and lib/kv_page.wgsl; loaders, references and tests use this one.

import { assert, at } from '../core/assert.ts';
import { Float16Array } from '../core/float16.ts';

/** What kernels know a storage format by: their dim `format`. */
export type FormatCode = 0 | 1 | 2;

export const cellsPerUnit = (format: number): number => (format === 0 ? 4 : format === 1 ? 8 : 16);

/** Magnitudes from here on round to infinity in f16, whose largest is 65504. */
export const F16_OVERFLOW = 65520;

export interface PackedRows {
  /** [rows][units · 4] */
  readonly words: Uint32Array;
  /** [rows][ceil(columns / group)]; empty unless i8 */
  readonly scales: Float32Array;
}

/** The units of one row of `columns` cells. */
export const rowUnits = (format: number, columns: number): number =>
  Math.ceil(columns / cellsPerUnit(format));

/** Symmetric int8 of one run of cells: scale = amax / 127, round half to even. Non-finite cells become 0. */
export function quantizeRun(
  cells: ArrayLike<number>,
  from: number,
  to: number,
  out: (i: number, q: number) => void,
): number {
  let amax = 0;
  for (let i = from; i < to; i++) {
    const x = Math.abs(at(cells, i));
    if (Number.isFinite(x)) amax = Math.max(amax, x);
  }
  const scale = Math.fround(amax / 127);
  for (let i = from; i < to; i++) {
    const x = scale > 0 ? at(cells, i) / scale : 0;
    out(i, Number.isFinite(x) ? Math.max(-127, Math.min(127, roundHalfEven(x))) : 0);
  }
  return scale;
}

function roundHalfEven(x: number): number {
  const r = Math.round(x);
  return Math.abs(x - Math.trunc(x)) === 0.5 && r % 2 !== 0 ? r - 1 : r;
}

/** Rows of `columns` cells into units; `group` cells share a scale when the format is i8. */
export function packRows(
  format: number,
  cells: ArrayLike<number>,
  rows: number,
  columns: number,
  group: number,
): PackedRows {
  assert(cells.length === rows * columns, `${cells.length} cells for ${rows} rows of ${columns}`);
  const bytes = rowUnits(format, columns) * 16;
  const words = new Uint32Array((rows * bytes) / 4);
  const groups = format === 2 ? Math.ceil(columns / group) : 0;
  const scales = new Float32Array(rows * groups);
  if (format === 2) {
    const store = new Int8Array(words.buffer);
    for (let row = 0; row < rows; row++) {
      for (let g = 0; g < groups; g++) {
        const from = row * columns + g * group;
        const to = row * columns + Math.min(columns, (g + 1) * group);
        scales[row * groups + g] = quantizeRun(cells, from, to, (i, q) => {
          store[row * bytes + (i - row * columns)] = q;
        });
      }
    }
    return { words, scales };
  }
  const store = format === 0 ? new Float32Array(words.buffer) : new Float16Array(words.buffer);
  const pitch = rowUnits(format, columns) * cellsPerUnit(format);
  if (pitch === columns) {
    store.set(cells);
    return { words, scales };
  }
  for (let row = 0; row < rows; row++)
    for (let c = 0; c < columns; c++) store[row * pitch + c] = at(cells, row * columns + c);
  return { words, scales };
}

/** Reads the values that cells of packed rows stand for. `words` is the whole buffer. */
export function rowReader(
  format: number,
  words: ArrayBuffer,
  scales: ArrayLike<number>,
  columns: number,
  group: number,
): (row: number, column: number) => number {
  const pitch = rowUnits(format, columns) * cellsPerUnit(format);
  if (format === 2) {
    const groups = Math.ceil(columns / group);
    const store = new Int8Array(words);
    return (row, c) => at(store, row * pitch + c) * at(scales, row * groups + Math.floor(c / group));
  }
  const store = format === 0 ? new Float32Array(words) : new Float16Array(words);
  return (row, c) => at(store, row * pitch + c);
}

/** The cells that packed rows stand for. */
export function unpackRows(
  format: number,
  packed: { readonly words: ArrayLike<number>; readonly scales: ArrayLike<number> },
  rows: number,
  columns: number,
  group: number,
): Float64Array {
  const out = new Float64Array(rows * columns);
  const words = Uint32Array.from(packed.words).buffer;
  const read = rowReader(format, words, packed.scales, columns, group);
  for (let row = 0; row < rows; row++)
    for (let c = 0; c < columns; c++) out[row * columns + c] = read(row, c);
  return out;
}

/** The geometry of a KV page: for each KV head a block of units, K then V then (i8) their scales. */
export interface KvPage {
  readonly format: number;
  readonly headDim: number;
  /** Tokens a page. */
  readonly page: number;
}

/** 16-byte units of one head's block in a page. */
export const blockUnits = ({ format, headDim, page }: KvPage): number =>
  (2 * page * headDim) / cellsPerUnit(format) + (format === 2 ? page / 2 : 0);

/**
 * Byte offset within a head's block of cell `d` of token `t`. K lies [unit][token], so that neighbouring
 * lanes that hold neighbouring tokens read neighbouring units; V lies [token][unit] for lanes along d.
 */
export function kvOffset(p: KvPage, kind: 'k' | 'v', t: number, d: number): number {
  const cells = cellsPerUnit(p.format);
  const unit = Math.floor(d / cells);
  const units = p.headDim / cells;
  const index = kind === 'k' ? unit * p.page + t : p.page * units + t * units + unit;
  return index * 16 + ((d % cells) * 16) / cells;
}

/** Byte offset of the scale of token `t` (i8 pages). */
export const kvScaleOffset = (p: KvPage, kind: 'k' | 'v', t: number): number =>
  (2 * p.page * p.headDim * 16) / cellsPerUnit(p.format) + ((kind === 'v' ? p.page : 0) + t) * 4;

/** Reads and writes cells of pages in `words`, addressed by (block, token, cell); block = page · heads + head. */
export class KvPages {
  readonly words: Uint32Array;
  readonly layout: KvPage;
  readonly #f32: Float32Array;
  readonly #f16: InstanceType<typeof Float16Array>;
  readonly #i8: Int8Array;

  constructor(layout: KvPage, words: Uint32Array) {
    this.layout = layout;
    this.words = words;
    this.#f32 = new Float32Array(words.buffer);
    this.#f16 = new Float16Array(words.buffer);
    this.#i8 = new Int8Array(words.buffer);
  }

  read(block: number, kind: 'k' | 'v', t: number, d: number): number {
    const base = block * blockUnits(this.layout) * 16;
    const byte = base + kvOffset(this.layout, kind, t, d);
    if (this.layout.format === 0) return at(this.#f32, byte / 4);
    if (this.layout.format === 1) return at(this.#f16, byte / 2);
    return at(this.#i8, byte) * at(this.#f32, (base + kvScaleOffset(this.layout, kind, t)) / 4);
  }

  /** Writes K or V of one token of one head, rounding as the format does. */
  write(block: number, kind: 'k' | 'v', t: number, cells: ArrayLike<number>): void {
    const base = block * blockUnits(this.layout) * 16;
    const { format, headDim } = this.layout;
    assert(cells.length === headDim, `${cells.length} cells for a head of ${headDim}`);
    const offset = (d: number): number => base + kvOffset(this.layout, kind, t, d);
    if (format === 2) {
      const scale = quantizeRun(cells, 0, headDim, (d, q) => {
        this.#i8[offset(d)] = q;
      });
      this.#f32[(base + kvScaleOffset(this.layout, kind, t)) / 4] = scale;
      return;
    }
    for (let d = 0; d < headDim; d++) {
      if (format === 0) this.#f32[offset(d) / 4] = at(cells, d);
      else this.#f16[offset(d) / 2] = at(cells, d);
    }
  }
}
