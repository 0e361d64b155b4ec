// A kernel: source compiled for one entry point, in two forms, one that only computes and one that tells an
// observer of every statement and access.

import type {
  BindingInfo,
  CompileOptions,
  Diagnostic,
  OverrideInfo,
  StatementInfo,
  SubgroupSize,
  WorkgroupVarInfo,
} from './api.ts';
import { type Compiled, compileProgram } from './compile/compile.ts';
import type { Program } from './compile/program.ts';

export interface CompileResult {
  readonly diagnostics: readonly Diagnostic[];
  /** Absent when a diagnostic is an error. */
  readonly kernel?: Kernel;
}

/** Compiles WGSL. Never throws for what a person wrote: everything wrong is a diagnostic, several a file. */
export function compileKernel(source: string, options: CompileOptions = {}): CompileResult {
  const compiled = compileProgram(source, options, false);
  const { program, diagnostics } = compiled;
  return program ? { diagnostics, kernel: new Kernel(source, options, program) } : { diagnostics };
}

export class Kernel {
  readonly source: string;
  readonly options: CompileOptions;
  /** The program without observation: for results, and for reaching a workgroup. */
  readonly fast: Program;
  private traced: (Compiled & { readonly program: Program }) | undefined;

  constructor(source: string, options: CompileOptions, fast: Program) {
    this.source = source;
    this.options = options;
    this.fast = fast;
  }

  /** The observed program, with what watch expressions need. */
  get observed(): Compiled & { readonly program: Program } {
    if (!this.traced) {
      const compiled = compileProgram(this.source, { ...this.options, entryPoint: this.entryPoint }, true);
      if (!compiled.program) throw new Error('a kernel that compiled once compiles again');
      this.traced = { ...compiled, program: compiled.program };
    }
    return this.traced;
  }

  get entryPoint(): string {
    return this.fast.entryPoint;
  }
  get workgroupSize(): readonly [number, number, number] {
    return this.fast.workgroupSize;
  }
  /** Invocations of a workgroup. */
  get lanes(): number {
    const [x, y, z] = this.workgroupSize;
    return x * y * z;
  }
  get subgroupSize(): SubgroupSize {
    return this.fast.width;
  }
  get bindings(): readonly BindingInfo[] {
    return this.fast.bindings;
  }
  get workgroupVars(): readonly WorkgroupVarInfo[] {
    return this.fast.workgroupVars;
  }
  /** Bytes of workgroup memory. */
  get workgroupBytes(): number {
    return this.fast.workgroupBytes;
  }
  get overrides(): readonly OverrideInfo[] {
    return this.fast.overrides;
  }
  /** Statements by id, as steps and counters name them. */
  get statements(): readonly StatementInfo[] {
    return this.observed.program.statements;
  }
}
