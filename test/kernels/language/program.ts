// Small WGSL programs, each about one part of the language, for comparing the stepper with a device bit for bit.
// `body` runs in 32 lanes with `lane`, `a` and `b` (random words, the special ones first), `x` and `y` (floats
// with few bits, so that sums and products are exact) and `base` (where the lane's sixteen answers begin in
// `out`); `before` is at module scope.

export interface LanguageProgram {
  readonly name: string;
  readonly before?: string;
  readonly body: string;
  /** Largest difference of float answers, in units in the last place; exact when left out. */
  readonly ulps?: number;
  /** Directives at the top of the file. */
  readonly directives?: string;
}

export const LANES = 32;
export const ANSWERS = 16;

/** Stores expressions of type u32 in order. */
export const words = (...list: readonly string[]): string =>
  list.map((e, i) => `  out[base + ${i}u] = ${e};`).join('\n');
export const ints = (...list: readonly string[]): string =>
  words(...list.map((e) => `bitcast<u32>(i32(${e}))`));
export const floats = (...list: readonly string[]): string =>
  words(...list.map((e) => `bitcast<u32>(f32(${e}))`));
export const bools = (...list: readonly string[]): string =>
  words(...list.map((e) => `select(0u, 1u, ${e})`));

/** The whole module of a program. Bindings 2 and 3 exist where `before` declares them. */
export function moduleOf({ directives = '', before = '', body }: LanguageProgram): string {
  const ids = body.includes('ids.');
  return `${directives}
@group(0) @binding(0) var<storage, read> input: array<u32>;
@group(0) @binding(1) var<storage, read_write> out: array<u32>;
${ids ? 'struct Ids { @builtin(global_invocation_id) global: vec3u, @builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_id) local: vec3u }' : ''}
${before}
@compute @workgroup_size(${LANES})
fn main(@builtin(local_invocation_index) lane: u32${ids ? ', ids: Ids' : ''}) {
  let base = lane * ${ANSWERS}u;
  let a = input[lane];
  let b = input[lane + ${LANES}u];
  let x = f32(a & 31u) * 0.25 + 0.25;
  let y = f32(b & 15u) * 0.5 + 0.5;
  _ = base; _ = x; _ = y;
${body}
}`;
}
