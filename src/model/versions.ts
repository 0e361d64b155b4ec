// Which kernel versions serve an op, and which of them a step's sizes choose: the only place where numerics and adapter
// matter. Canonical sets hold one reduction id an op and one-version sets one kernel (program.ts refuses others); fast ones take
// what is quickest.

import type { AdapterKind } from './contract.ts';
import type { Candidate, StepSizes } from './kernels.ts';
import type { Numerics } from './numerics.ts';

/** What versions are chosen for. */
export interface ServedBy {
  readonly adapter: AdapterKind;
  readonly numerics: Numerics;
  readonly subgroups: 'present' | 'absent';
  /** WGSL's packed_4x8_integer_dot_product. */
  readonly packedDot: 'present' | 'absent';
  /** Memory that the device gives a workgroup: `large` from 32 KiB on. */
  readonly workgroupMemory: 'small' | 'large';
}

/** Versions that may serve a role and which of them serves how much: an index into `candidates`. */
export interface Choice<Size> {
  readonly candidates: readonly Candidate[];
  pick(size: Size): number;
}

/** Rows up to which the few-rows kernel serves an int8 product. */
const FEW_ROWS = 16;
/** Rows from which 64×64 tiles of a wide layer keep a large GPU busy. */
const WIDE_ROWS = 257;
/** From so many rows of w on, a matrix counts as tall. */
const MANY = 8192;
/** Workgroups below which a long decode is spread over partitions: at 256 they still halved its time on an H200. */
export const BUSY = 512;

/** One kernel, whatever the size. */
const always = (candidate: Candidate): Choice<unknown> => ({ candidates: [candidate], pick: () => 0 });

/** Invocations that share a row of k cells: one for each 32-cell segment, `least` to `most`. */
function lanesFor(k: number, least: number, most: number): number {
  let lanes = least;
  while (lanes < most && lanes * 32 < k) lanes *= 2;
  return lanes;
}

/**
 * Versions of linear for n rows of k cells, by rows of x: a step's tokens, or its logits. The probe takes every kernel of the tokens
 * with sequences beside its own, which have no logits there: so these change kernels within the rows of its own sequence (probe-plan.ts).
 */
export function linearVersions(
  { adapter, numerics, subgroups, workgroupMemory }: ServedBy,
  n: number,
  k: number,
  rows: 't' | 'logits',
): Choice<number> {
  const fast = numerics === 'fast';
  const few = (QUADS: number): Candidate => ({
    version: '03_few_rows',
    params: { QUADS, LANES_K: lanesFor(k, 2, 8) },
  });
  // a decode reads each weight once with either; many rows read w again for each 8, which caches bear better than a decode bears 31 idle rows
  if (numerics === 'one-version') return always(adapter === 'cpu' ? { version: '04_row_block' } : few(2));
  if (adapter === 'cpu') {
    return {
      candidates: [{ version: '01_naive' }, { version: fast ? '07_straight_block' : '04_row_block' }],
      pick: (m) => (m === 1 ? 0 : 1),
    };
  }
  // chosen on an H200 among LANES 32 to 256 and COLUMNS 1 to 16 (bench/results/tuning): many rows of w let a workgroup take 16 and
  // still fill the device, few rows of long ones want many lanes a row
  const lanes = lanesFor(k, 32, 128);
  const small = n < MANY && k <= 2048;
  const one: Candidate =
    fast && small && subgroups === 'present'
      ? { version: '06_subgroup_row' }
      : {
          version: '09_segment_row',
          params: { LANES: lanes, SEGMENTS: lanes, COLUMNS: n >= MANY ? 16 : 4 },
        };
  const long = n < MANY && k > 2048;
  const columns = (QUADS: number): Candidate =>
    workgroupMemory === 'small'
      ? few(QUADS)
      : {
          version: '10_columns',
          params: {
            QUADS,
            LANES: 128,
            ...(long ? { SEGMENTS: 16, COLUMNS: 2 } : { SEGMENTS: 8, COLUMNS: 4 }),
          },
        };
  const tile: Candidate = { version: '05_register_tile' };
  const wide: Candidate = { version: fast ? '08_wide_tile' : '11_wide_segments' };
  const fewRows = workgroupMemory === 'small' ? 16 : rows === 't' && n < 2048 ? 64 : 32;
  const everWide = rows === 't' && n >= 1536;
  return {
    candidates: [one, columns(1), columns(2), tile, ...(everWide ? [wide] : [])],
    pick: (m) => (m === 1 ? 0 : m <= 4 ? 1 : m <= fewRows ? 2 : m < WIDE_ROWS || !everWide ? 3 : 4),
  };
}

/** Versions of matmul_w8a8, by rows of a: sums are exact, and their scales are applied in one order. */
export function integerVersions({ adapter, numerics, packedDot }: ServedBy): Choice<number> {
  if (packedDot === 'absent') return always({ version: '01_unpacked' });
  if (numerics === 'one-version')
    return always({ version: adapter === 'cpu' ? '03_registers_8x8' : '05_few_rows' });
  return adapter === 'cpu'
    ? {
        candidates: [{ version: '01_unpacked' }, { version: '03_registers_8x8' }],
        pick: (m) => (m <= 4 ? 0 : 1),
      }
    : {
        candidates: [{ version: '05_few_rows' }, { version: '04_tiled_8x8' }],
        pick: (m) => (m <= FEW_ROWS ? 0 : 1),
      };
}

/** Versions of linear_a8, by rows of x. */
export function roundedVersions({ adapter, numerics }: ServedBy): Choice<number> {
  const block = { version: '02_row_block', params: { LANES: adapter === 'cpu' ? 8 : 64 } };
  if (numerics === 'one-version') return always(block);
  return { candidates: [{ version: '01_naive' }, block], pick: (m) => (m === 1 ? 0 : 1) };
}

/** Versions of paged attention; `chunk`: most tokens of an item that holds several. */
export function attentionVersions(
  { adapter, numerics, workgroupMemory }: ServedBy,
  kvHeads: number,
  chunk: number,
): Choice<StepSizes> {
  const [walk, partitions] =
    workgroupMemory === 'small' ? ['02_page_walk', '03_partitions'] : ['06_wide_walk', '07_wide_partitions'];
  const sizes = (version: string): Candidate[] => [
    { version, dims: { item_tokens: 1 } },
    { version, dims: { item_tokens: chunk } },
  ];
  // items of several tokens take those of one too
  if (numerics === 'one-version')
    return always({
      version: adapter === 'cpu' ? '04_serial' : walk,
      dims: { item_tokens: chunk },
    });
  if (adapter === 'cpu') {
    return {
      candidates: sizes(numerics === 'fast' ? '05_straight' : '04_serial'),
      pick: ({ itemTokens }) => (itemTokens > 1 ? 1 : 0),
    };
  }
  return {
    candidates: [...sizes(walk), { version: partitions, dims: { item_tokens: 1 } }],
    pick: ({ items, itemTokens, longest }) =>
      itemTokens > 1 ? 1 : longest > 512 && items * kvHeads < BUSY ? 2 : 0,
  };
}

/** The versions of the norms: of each op one, in the order of the 64 lanes. */
export const normVersions = ({ adapter }: ServedBy) =>
  adapter === 'cpu'
    ? ({ rms_norm: '04_serial', rms_norm_residual: '02_serial', rms_norm_rows: '02_serial' } as const)
    : ({
        rms_norm: '02_workgroup',
        rms_norm_residual: '01_workgroup',
        rms_norm_rows: '01_workgroup',
      } as const);

/** The versions of what leaves rows as int8: of each op one, those with norms in the order of the 64 lanes. */
export const quantizeVersions = ({ adapter }: ServedBy) =>
  adapter === 'cpu'
    ? ({
        quantize_rows: '01_group_per_invocation',
        rms_norm_quantize: '02_serial',
        rms_norm_residual_quantize: '02_serial',
        silu_mul_quantize: '02_serial',
      } as const)
    : ({
        quantize_rows: '02_workgroup_tree',
        rms_norm_quantize: '01_workgroup',
        rms_norm_residual_quantize: '01_workgroup',
        silu_mul_quantize: '01_workgroup',
      } as const);
