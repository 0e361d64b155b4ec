// How weights and KV pages are stored, and what activations are rounded to. f16 is packed two to a word and unpacked
// by core WGSL, so that it needs no shader-f16 and runs on every device.

import { blockUnits, cellsPerUnit, type FormatCode, rowUnits } from '../kernels/packing.ts';

/** Weights. `i8-row`: one scale a row; `i8-g64`: one scale for each 64 cells of a row. */
export const weightFormats = ['f32', 'f16', 'i8-row', 'i8-g32', 'i8-g64', 'i8-g128'] as const;
export type WeightFormat = (typeof weightFormats)[number];

/** K and V in the pages. `i8` keeps one scale a token and head inside the page. */
export const kvFormats = ['f32', 'f16', 'i8'] as const;
export type KvFormat = (typeof kvFormats)[number];

/** Tokens a page: what the kernels are tested with. An int8 page keeps whole 16-byte units only of even ones. */
export const pageSizes = [8, 16, 32, 64] as const;

/** Inputs of the layers' matrices: as computed, or rounded to int8 with one scale a token. */
export const activationFormats = ['f32', 'i8'] as const;
export type ActivationFormat = (typeof activationFormats)[number];

/** The number that kernels know a KV format by (their dim `format`). */
export const kvCode: Readonly<Record<KvFormat, FormatCode>> = { f32: 0, f16: 1, i8: 2 };

/** A matrix's storage as kernels know it: the dims `format`, `cells`, `group` and `groups`. */
export interface StoredFormat {
  readonly format: FormatCode;
  readonly cells: number;
  readonly group: number;
  readonly groups: number;
}

const groupOf: Readonly<Record<WeightFormat, number>> = {
  f32: 0,
  f16: 0,
  'i8-row': 0,
  'i8-g32': 32,
  'i8-g64': 64,
  'i8-g128': 128,
};

export function storedFormat(format: WeightFormat, columns: number): StoredFormat {
  const code: FormatCode = format === 'f32' ? 0 : format === 'f16' ? 1 : 2;
  const group = groupOf[format] || columns;
  return {
    format: code,
    cells: cellsPerUnit(code),
    group,
    groups: code === 2 ? Math.ceil(columns / group) : 1,
  };
}

/** Bytes of one row of a matrix, and of its scales. */
export const rowBytes = (stored: StoredFormat, columns: number): { cells: number; scales: number } => ({
  cells: rowUnits(stored.format, columns) * 16,
  scales: stored.format === 2 ? stored.groups * 4 : 0,
});

/** Bytes of one page of one layer; src/kernels/packing.ts says what lies where in it. */
export const pageBytes = (format: KvFormat, kvHeads: number, headDim: number, page: number): number =>
  kvHeads * 16 * blockUnits({ format: kvCode[format], headDim, page });
