// Which tensors hold signed bytes, four a word, and where the scale of a byte lies: weights and activations have a
// tensor of scales beside them, KV pages keep theirs at the end of each head's block. Pure.

import type { Layout } from '../../kernels/layout.ts';
import type { Dims } from '../../kernels/op.ts';
import { kvScaleOffset } from '../../kernels/packing.ts';

/** The `format` of weights and pages that are int8. */
const INT8 = 2;
/** Tensors of words whose cells are what the dim `format` says. */
const FORMATTED = /^(pages|w|weights|table)$/;

export type Layouts = ReadonlyMap<string, Layout>;

/** Tensors of packed bytes: declared as i8, or words in the format int8. */
export const packedTensors = (layouts: Layouts, dims: Dims): readonly string[] =>
  [...layouts]
    .filter(
      ([name, { cells }]) =>
        cells === 'i8' || (cells === 'u32' && dims['format'] === INT8 && FORMATTED.test(name)),
    )
    .map(([name]) => name);

/** What a word of such a tensor is: bytes with their scale (a f32 at a byte of a tensor), bytes whose scale the
 * contract does not name, or itself a scale. */
export type WordKind =
  | { readonly kind: 'scaled'; readonly tensor: string; readonly byte: number; readonly place: string }
  | { readonly kind: 'unscaled' }
  | { readonly kind: 'scale' };

export function wordKind(name: string, byte: number, layouts: Layouts, dims: Dims): WordKind {
  const layout = layouts.get(name);
  if (!layout) return { kind: 'unscaled' };
  if (name === 'pages') return pageWord(byte, dims);
  const scales = layouts.has(`${name}_scales`) ? `${name}_scales` : 'scales';
  const to = layouts.get(scales);
  if (to?.cells !== 'f32') return { kind: 'unscaled' };
  const rowBytes = layout.pitch * (layout.cells === 'i8' ? 1 : 4);
  const row = Math.floor(byte / rowBytes);
  if (to.shape.length === 1) return { kind: 'scaled', tensor: scales, byte: row * 4, place: `[${row}]` };
  const group = dims['group'] ?? 0;
  const column = group > 0 ? Math.floor((byte % rowBytes) / group) : 0;
  if (row >= to.rows || column >= to.columns) return { kind: 'unscaled' };
  return {
    kind: 'scaled',
    tensor: scales,
    byte: (row * to.pitch + column) * 4,
    place: `[${row}, ${column}]`,
  };
}

/** A head's block holds K as [unit][token], V as [token][unit], then a scale for each token of K and of V. */
function pageWord(byte: number, dims: Dims): WordKind {
  const { page = 0, head_dim: headDim = 0, block_words: words = 0 } = dims;
  if (page === 0 || headDim === 0 || words === 0) return { kind: 'unscaled' };
  const start = Math.floor(byte / (words * 4)) * words * 4;
  const at = byte - start;
  const half = page * headDim;
  if (at >= 2 * half) return { kind: 'scale' };
  const kind = at < half ? 'k' : 'v';
  const unit = Math.floor((at % half) / 16);
  const token = kind === 'k' ? unit % page : Math.floor(unit / (headDim / 16));
  const offset = kvScaleOffset({ format: INT8, headDim, page }, kind, token);
  return {
    kind: 'scaled',
    tensor: 'pages',
    byte: start + offset,
    place: `, ${kind.toUpperCase()} of token ${token} in its page`,
  };
}
