// How weights and KV pages are stored. Activations are always f32. f16 is packed two to a word and unpacked
// by core WGSL, so that it needs no shader-f16 and runs on every device.

/** Linear layers' weights. `i8-row`: one scale a row; `i8-g64`: one scale for each 64 cells of a row. */
export const weightFormats = ['f32', 'f16', 'i8-row', 'i8-g32', 'i8-g64', 'i8-g128'] as const;
export type WeightFormat = (typeof weightFormats)[number];

/** K and V in the pages. `i8` keeps one scale a token and head inside the page. */
export const kvFormats = ['f32', 'f16', 'i8'] as const;
export type KvFormat = (typeof kvFormats)[number];

/** The number that kernels know a KV format by (their dim `format`). */
export const kvCode: Readonly<Record<KvFormat, 0 | 1 | 2>> = { f32: 0, f16: 1, i8: 2 };

/**
 * Bytes of one page of one layer: for each KV head, K, V, and for i8 their scales (f32, one a token). What
 * lies where inside is in shaders/lib/kv_page.wgsl.
 */
export function pageBytes(format: KvFormat, kvHeads: number, headDim: number, pageSize: number): number {
  const cell = format === 'f32' ? 4 : format === 'f16' ? 2 : 1;
  const scales = format === 'i8' ? 2 * pageSize * 4 : 0;
  return kvHeads * (2 * pageSize * headDim * cell + scales);
}
