// The stepper's public vocabulary: plain data that crosses a worker boundary by structured clone (typed
// arrays can be transferred). What makes it is in kernel.ts (a kernel from its source), run.ts (running it) and timeline/
// (whose vocabulary is in recording.ts); nothing here runs.

/** A place in the source. Offsets are UTF-16 units, `line` and `column` count from 1. */
export interface SourceSpan {
  readonly start: number;
  readonly end: number;
  readonly line: number;
  readonly column: number;
}

/** What the front end says about a source. `hint` says what to do; `code` names the situation. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  readonly code: 'syntax' | 'name' | 'type' | 'value' | 'unsupported' | 'limit' | 'assert' | 'entry';
  readonly message: string;
  readonly hint: string;
  readonly span: SourceSpan;
}

export type SubgroupSize = 4 | 8 | 16 | 32 | 64;

/** Which subgroup runs next.
 * - `round-robin`: one statement each, in turn. Looks like hardware marching; hides few missing barriers.
 * - `sequential`: one subgroup runs to its next barrier, then the next one. The fastest.
 * - `seeded`: a random subgroup for a random number of statements; the same seed gives the same run.
 * - `adversarial`: one subgroup runs to its next barrier before any other moves, the last one first in one
 *   phase and the first one first in the next: a missing barrier visibly changes the answer. */
export type Order =
  | { readonly kind: 'round-robin' }
  | { readonly kind: 'sequential' }
  | { readonly kind: 'seeded'; readonly seed: number }
  | { readonly kind: 'adversarial' };

export interface CompileOptions {
  /** Name of the @compute function; may be left out when the module has one. */
  readonly entryPoint?: string;
  /** Values of override constants, by name or by @id number, as in GPUProgrammableStage.constants. */
  readonly constants?: Readonly<Record<string, number>>;
  /** Lanes a subgroup; 32 when left out. */
  readonly subgroupSize?: SubgroupSize;
}

export type ScalarName = 'bool' | 'i32' | 'u32' | 'f32' | 'f16';

/** A type as the views need it: enough to print a value and to lay out a buffer as a matrix. */
export type TypeInfo =
  | { readonly kind: 'scalar' | 'atomic'; readonly scalar: ScalarName; readonly name: string }
  | { readonly kind: 'vector'; readonly scalar: ScalarName; readonly size: number; readonly name: string }
  | {
      readonly kind: 'matrix';
      readonly scalar: ScalarName;
      readonly columns: number;
      readonly rows: number;
      readonly name: string;
    }
  | {
      readonly kind: 'array';
      readonly element: TypeInfo;
      /** Absent: a runtime-sized array. */
      readonly count?: number;
      /** Bytes from one element to the next in memory. */
      readonly stride: number;
      readonly name: string;
    }
  | {
      readonly kind: 'struct';
      readonly name: string;
      readonly members: readonly {
        readonly name: string;
        readonly type: TypeInfo;
        readonly offset: number;
      }[];
    }
  | { readonly kind: 'pointer'; readonly name: string };

export interface BindingInfo {
  readonly name: string;
  readonly group: number;
  readonly binding: number;
  readonly space: 'uniform' | 'storage';
  readonly access: 'read' | 'read_write';
  readonly type: TypeInfo;
  /** Least bytes a bound buffer must have. */
  readonly minBytes: number;
}

export interface WorkgroupVarInfo {
  readonly name: string;
  readonly type: TypeInfo;
  /** Byte range in the workgroup's memory, as the access records address it. */
  readonly offset: number;
  readonly bytes: number;
}

export interface OverrideInfo {
  readonly name: string;
  readonly id?: number;
  readonly scalar: ScalarName;
  readonly value: number;
}

/** One statement (or loop header part) that a subgroup executes as one step. */
export interface StatementInfo {
  readonly id: number;
  readonly kind:
    | 'declare'
    | 'assign'
    | 'call'
    | 'if'
    | 'loop'
    | 'switch'
    | 'return'
    | 'break'
    | 'continue'
    | 'barrier'
    | 'other';
  readonly span: SourceSpan;
  readonly functionName: string;
}

/** One memory: a binding by its index in Kernel.bindings, or the workgroup's own. */
export type MemoryRef =
  | { readonly space: 'workgroup' }
  | { readonly space: 'binding'; readonly index: number };

/** A bound buffer's content. `bytes` is copied, never written. */
export interface BufferInput {
  readonly group: number;
  readonly binding: number;
  readonly bytes: Uint8Array;
}

export interface Dispatch {
  readonly workgroups: readonly [number, number, number];
  readonly buffers: readonly BufferInput[];
  readonly order?: Order;
  /** Most statements one subgroup may execute in one workgroup before it counts as a runaway; default 2 000 000. */
  readonly statementBudget?: number;
}

/** One side of a race, or the place of another finding. */
export interface Site {
  readonly span: SourceSpan;
  readonly access: 'read' | 'write' | 'atomic';
  /** Local invocation index. */
  readonly lane: number;
  readonly workgroup: number;
}

/** What is wrong with a kernel. `count` counts repeats of the same kind at the same places. */
export type Finding =
  | {
      readonly kind: 'race';
      readonly memory: MemoryRef;
      readonly byteOffset: number;
      readonly first: Site;
      readonly second: Site;
      /** The scalar at the address before and after the second access. */
      readonly before: number;
      readonly after: number;
      readonly count: number;
      readonly message: string;
    }
  | {
      readonly kind: 'out-of-bounds';
      readonly site: Site;
      readonly index: number;
      readonly length: number;
      readonly count: number;
      readonly message: string;
    }
  | {
      readonly kind: 'divergent-barrier';
      readonly span: SourceSpan;
      readonly workgroup: number;
      /** Lanes that reached it, of the workgroup's lanes. */
      readonly arrived: number;
      readonly expected: number;
      readonly count: number;
      readonly message: string;
    }
  | {
      readonly kind: 'uninitialized-read';
      readonly site: Site;
      readonly byteOffset: number;
      readonly variable: string;
      readonly count: number;
      readonly message: string;
    }
  | {
      readonly kind: 'runaway';
      readonly span: SourceSpan;
      readonly workgroup: number;
      readonly statements: number;
      readonly count: number;
      readonly message: string;
    };

/** Measures of one source line (or a total). A model, not a measurement: 32-byte sectors, 128-byte lines
 * and 32 banks of 4 bytes, counted per subgroup access (analysis/banks.ts has the rules). */
export interface Counters {
  /** Times a subgroup executed a statement that starts on the line. */
  readonly hits: number;
  /** Lanes active, summed over hits. */
  readonly laneStatements: number;
  /** Active lanes over hits × subgroup lanes, 0…1. */
  readonly laneEfficiency: number;
  /** Bytes asked for by lanes from storage buffers; uniform buffers are not counted. */
  readonly bytesRead: number;
  readonly bytesWritten: number;
  /** Distinct 32-byte sectors and 128-byte lines per subgroup access, summed; ideal is the bytes asked for
   * ÷ 32 rounded up, or the actual ones when lanes share words. */
  readonly sectors: number;
  readonly idealSectors: number;
  readonly lines: number;
  /** Bytes asked for from workgroup memory. */
  readonly sharedBytes: number;
  /** Groups of lanes that workgroup memory serves together, and the bank passes they took (equal: conflict-free). */
  readonly sharedAccesses: number;
  readonly bankPasses: number;
  /** Floating-point and integer arithmetic operations on data (fma and dot count each multiply and add). */
  readonly flops: number;
  readonly intOps: number;
}

export interface LineCounters extends Counters {
  readonly line: number;
}
