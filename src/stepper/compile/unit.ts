// One module being compiled: its source, diagnostics, registers, sites and statements. Functions and
// expressions are compiled against it; it knows nothing of them.

import type { Diagnostic, SourceSpan, StatementInfo, SubgroupSize } from '../api.ts';
import type { Leaf } from '../front/layout.ts';
import type { Located, Parsed } from '../front/parse.ts';
import { type Emitter, Registers } from './emitter.ts';
import type { Scope } from './values.ts';

export interface SiteInfo {
  /** Computed when asked for: few sites are ever shown. */
  readonly span: SourceSpan;
  readonly statement: number;
  /** Accesses: the scalars of what is accessed, and for stores the registers they come from. */
  readonly leaves?: readonly Leaf[];
  readonly values?: readonly number[];
}

class Site implements SiteInfo {
  readonly statement: number;
  readonly leaves?: readonly Leaf[];
  readonly values?: readonly number[];
  private readonly parsed: Parsed;
  private readonly node: Located;

  constructor(parsed: Parsed, node: Located, statement: number, access: Pick<SiteInfo, 'leaves' | 'values'>) {
    this.parsed = parsed;
    this.node = node;
    this.statement = statement;
    if (access.leaves) this.leaves = access.leaves;
    if (access.values) this.values = access.values;
  }

  get span(): SourceSpan {
    return this.parsed.span(this.node);
  }
}

/** What a statement costs by itself, each time a lane executes it. */
export interface StatementCost {
  flops: number;
  intOps: number;
}

export class Unit {
  readonly source: string;
  readonly parsed: Parsed;
  readonly width: SubgroupSize;
  /** Instructions that tell an observer are emitted only when someone listens. */
  readonly traced: boolean;
  readonly diagnostics: Diagnostic[] = [];
  readonly registers: Registers;
  readonly sites: SiteInfo[] = [];
  readonly statements: StatementInfo[] = [];
  readonly costs: StatementCost[] = [];
  readonly scopes: (Scope | undefined)[] = [];
  /** The statement that code being emitted belongs to. */
  current = 0;
  /** Sites that are barriers, and which kind. */
  readonly barriers = new Map<number, 'workgroupBarrier' | 'storageBarrier' | 'textureBarrier'>();
  /** Where in which function's code each statement begins. */
  readonly markers: { readonly out: Emitter; readonly at: number; readonly statement: number }[] = [];
  /** Sites of indices whose element is written or updated; all others are read. */
  readonly indexModes = new Map<number, 'write' | 'atomic'>();
  readonly extensions = new Set<string>();
  private readonly reported = new Set<string>();

  constructor(
    source: string,
    parsed: Parsed,
    width: SubgroupSize,
    traced: boolean,
    registers = new Registers(width),
  ) {
    this.source = source;
    this.parsed = parsed;
    this.width = width;
    this.traced = traced;
    this.registers = registers;
  }

  get failed(): boolean {
    return this.diagnostics.some((d) => d.severity === 'error');
  }

  report(
    severity: Diagnostic['severity'],
    code: Diagnostic['code'],
    node: Located,
    message: string,
    hint: string,
  ): void {
    const span = this.parsed.span(node);
    // a function compiled twice (for two pointers) says things once
    const key = `${span.start}:${message}`;
    if (this.reported.has(key)) return;
    this.reported.add(key);
    this.diagnostics.push({ severity, code, message, hint, span });
  }

  error(code: Diagnostic['code'], node: Located, message: string, hint: string): void {
    this.report('error', code, node, message, hint);
  }

  site(node: Located, access: Pick<SiteInfo, 'leaves' | 'values'> = {}): number {
    return this.sites.push(new Site(this.parsed, node, this.current, access)) - 1;
  }

  statement(
    kind: StatementInfo['kind'],
    node: Located,
    functionName: string,
    scope: Scope | undefined,
  ): number {
    const id = this.statements.length;
    this.statements.push({ id, kind, span: this.parsed.span(node), functionName });
    this.costs.push({ flops: 0, intOps: 0 });
    this.scopes.push(scope);
    this.current = id;
    return id;
  }
}
