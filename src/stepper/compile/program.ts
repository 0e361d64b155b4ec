// What compiling gives: code laid out flat, and everything a run needs to know about it.

import type { BindingInfo, OverrideInfo, StatementInfo, SubgroupSize, WorkgroupVarInfo } from '../api.ts';
import type { Op } from '../machine/machine.ts';
import type { OpInfo } from './emitter.ts';
import type { SiteInfo, StatementCost } from './unit.ts';
import type { Scope } from './values.ts';

/** Built-in inputs of the entry point, by name, and the registers they are put in. */
export type InputName =
  | 'local_invocation_id'
  | 'local_invocation_index'
  | 'global_invocation_id'
  | 'workgroup_id'
  | 'num_workgroups'
  | 'subgroup_size'
  | 'subgroup_invocation_id'
  | 'subgroup_id'
  | 'num_subgroups';

export interface Program {
  readonly ops: readonly Op[];
  readonly infos: readonly OpInfo[];
  /** Code address of each statement's first instruction, by statement; none when it was never emitted. */
  readonly statementAt: ReadonlyMap<number, number>;
  readonly entry: number;
  /** Mask register of the lanes that have returned from the entry point. */
  readonly finished: number;
  readonly slots: number;
  readonly width: SubgroupSize;
  /** Registers that hold constants, and their bits. */
  readonly constants: readonly (readonly [number, number])[];
  readonly inputs: ReadonlyMap<InputName, readonly number[]>;
  readonly entryPoint: string;
  readonly workgroupSize: readonly [number, number, number];
  readonly workgroupBytes: number;
  readonly bindings: readonly BindingInfo[];
  /** Bindings that the entry point reaches. */
  readonly used: ReadonlySet<number>;
  readonly workgroupVars: readonly WorkgroupVarInfo[];
  readonly overrides: readonly OverrideInfo[];
  readonly statements: readonly StatementInfo[];
  readonly costs: readonly StatementCost[];
  readonly scopes: readonly (Scope | undefined)[];
  readonly sites: readonly SiteInfo[];
  readonly barriers: ReadonlyMap<number, 'workgroupBarrier' | 'storageBarrier' | 'textureBarrier'>;
  /** Sites of indices whose element is written or updated; all others are read. */
  readonly indexModes: ReadonlyMap<number, 'write' | 'atomic'>;
  readonly traced: boolean;
  /** Whether 16-bit values exist, so that two lanes may own halves of one word. */
  readonly halves: boolean;
}
