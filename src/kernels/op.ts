// The contract of an operation: what every version of it must compute, on which shapes, how closely,
// and which input cells make an output cell. All of it is data (and one reference), so that the test,
// the bench, the views and the stepper derive from the same lines. Versions are .wgsl files beside it.

/** Sizes and scalar parameters by name; what the uniform struct of a kernel is filled from. */
export type Dims = Readonly<Record<string, number>>;

/** What a run computes in: the type that `alias Elem` names in its kernels. */
export type Dtype = 'f32' | 'f16';

/**
 * How one tensor's cells are stored. `Elem` follows the run's dtype. `i8` is packed four to a u32, first
 * cell in the lowest byte, each row padded with zeros to 16 bytes.
 */
export type CellType = 'Elem' | 'f32' | 'f16' | 'i32' | 'u32' | 'i8';

/**
 * What a tensor's bits stand for where its cells are not the values themselves; packing.ts says what lies where. `rows`: packed
 * rows, whose format, columns and cells a scale are expressions over the dims, with the tensor that holds their scales. `kv`:
 * the heads' blocks of KV pages, by the dims `format`, `head_dim` and `page`.
 */
export type Packing =
  | {
      readonly kind: 'rows';
      readonly format: string;
      readonly columns: string;
      readonly group: string;
      readonly scales: string;
    }
  | { readonly kind: 'kv' };

export interface TensorSpec {
  readonly role: 'in' | 'out' | 'inout';
  readonly cells: CellType;
  /** Row-major extents, as expressions over the dims: `['m', 'ceil(k / group)']`. */
  readonly shape: readonly string[];
  /**
   * `vec4`: rows (last dimension) start at multiples of four cells, the gap filled with zeros, so that a
   * kernel may bind `array<vec4<Elem>>` for any size. What an output holds in its gap is unspecified.
   */
  readonly rows?: 'tight' | 'vec4';
  /** Absent where the cells are the values. */
  readonly packed?: Packing;
  /**
   * Bytes that a run reads and writes of it at least once, as expressions over the dims, where that is not all of it: rows that are
   * looked up, slots that are filled. Of the inputs that `inputs` makes.
   */
  readonly moves?: { readonly reads?: string; readonly writes?: string };
  /** One sentence for the reader: what the tensor is. */
  readonly about: string;
}

/** How inputs are made. Every fill is seeded and hard on purpose. */
export type Fill = 'normal' | 'outliers' | 'zeros' | 'special' | 'iota';

export interface Case {
  readonly dims: Dims;
  readonly fill: Fill;
}

/** Values of tensors by name, unpadded, row-major, already rounded to what their cells can hold. */
export type Values = Readonly<Record<string, Float64Array>>;

/**
 * What a cell must be, in double precision, and `magnitude`, the sum of the absolute values of the terms that
 * made it: rounding errors are proportional to that, not to the (possibly cancelled) value.
 */
export interface Expected {
  readonly value: Float64Array;
  readonly magnitude: Float64Array;
}

export interface Tolerance {
  /** Allowed |got − want| = relative · magnitude + absolute. */
  readonly relative: number;
  readonly absolute: number;
  readonly reason: string;
}

export interface Shapes {
  /** Every version is checked on all of these on every device. Keep them small: a CPU adapter runs them. */
  readonly test: readonly Case[];
  /** What the bench offers, by name; `quick` names those that `--quick` runs. */
  readonly bench: Readonly<Record<string, Dims>>;
  readonly quick: readonly string[];
  /** One small shape that fits on a screen, for the stepper. */
  readonly step: Dims;
}

export interface Op {
  /** The name of its folder. */
  readonly id: string;
  readonly title: string;
  /** One or two sentences: what it computes, and where a model uses it. */
  readonly about: string;
  /** `ceiling`: measures what the device can do at most; absent for ops that models are made of. */
  readonly purpose?: 'ceiling';
  /** The dims and scalars that its kernels' uniform struct may name, each with one sentence. */
  readonly dims: Readonly<Record<string, string>>;
  readonly dtypes: readonly Dtype[];
  /** In binding order: inputs, then outputs. */
  readonly tensors: Readonly<Record<string, TensorSpec>>;
  /**
   * Which input cells make an output cell: `c[m, n] <- a[m, *], b[*, n]`. One line an output. Inside
   * brackets: a dim (the same index), an expression over those, or `*` (all of it). See indexmap.ts.
   */
  readonly cellMap: readonly string[];
  /** Useful arithmetic of one run as an expression over the dims: `2 * m * n * k`. */
  readonly flops: string;
  /**
   * The dim along which a long run may be cut into independent parts: every tensor and scratch that has it
   * has it first. A dispatch that would hold the device too long is cut there.
   */
  readonly split?: string;
  readonly shapes: Shapes;
  /**
   * Cells after which an input repeats itself where it has more of them, by tensor: `inputs` then makes one period only, and the
   * device copies it. For timed inputs of a gigabyte, which JavaScript would make for half a minute.
   */
  period?(dims: Dims): Readonly<Record<string, number>>;
  /** Seeded inputs of one case, rounded to the cells' types. May add unbound sources for `ideal`. */
  inputs(dims: Dims, fill: Fill, dtype: Dtype, seed: number): Values;
  /**
   * The outputs in double precision. With `rows`, only those rows (indices of the first dimension of the
   * outputs), packed one after another: how large timed runs are spot-checked.
   */
  reference(inputs: Values, dims: Dims, rows?: readonly number[]): Readonly<Record<string, Expected>>;
  tolerance(dims: Dims, dtype: Dtype): Tolerance;
  /**
   * For quantized ops: the outputs (of `rows`) as they would be without quantization, from the sources
   * in `inputs`. The accuracy column compares with this; without it, with the reference.
   */
  ideal?(inputs: Values, dims: Dims, rows?: readonly number[]): Values;
}
