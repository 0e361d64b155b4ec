// Watches: an expression compiled in the scope of the statement where a subgroup stands, evaluated over all
// its lanes at once. An expression only looks: assignments, atomics, barriers and calls are refused.

import { err, type Failure, failure, ok, type Result } from '../../core/result.ts';
import type { SourceSpan } from '../api.ts';
import { loadRef } from '../compile/access.ts';
import { Context, type Globals } from '../compile/context.ts';
import { Emitter, Registers } from '../compile/emitter.ts';
import { expression as compileExpression } from '../compile/expressions.ts';
import { statement as compileStatement } from '../compile/statements.ts';
import { Unit } from '../compile/unit.ts';
import { ERROR_VALUE, type Scope, type Value } from '../compile/values.ts';
import { concreteType } from '../front/constants.ts';
import { leavesOf, slotsOf, typeInfo } from '../front/layout.ts';
import { parse } from '../front/parse.ts';
import type { Type } from '../front/types.ts';
import type { Op, Subgroup } from '../machine/machine.ts';
import { SCRATCH_SLOTS } from '../machine/runner.ts';
import type { VariableInfo, Watch } from '../recording.ts';
import { laneStates, nextStatement } from './state.ts';
import type { Timeline } from './timeline.ts';

/** Longest value shown, in scalars a lane. */
const MOST_COMPONENTS = 64;

interface CompiledWatch {
  readonly ops: readonly Op[];
  readonly constants: readonly (readonly [number, number])[];
  readonly registers: readonly number[];
  readonly type: Type;
}

const PREFIX = 'fn w(){_=';

/** Compiles `text` in `scope`; the span of a failure counts from the start of `text`. */
function compileWatch(
  timeline: Timeline,
  text: string,
  scope: Scope | undefined,
): Result<CompiledWatch, Failure & { span?: SourceSpan }> {
  const { kernel } = timeline.run;
  const { unit: outer, functions, program } = kernel.observed;
  if (!outer || !functions)
    return err(failure('watch', 'This kernel did not compile.', 'Correct its errors first.'));
  const parsed = parse(`${PREFIX}${text};}`);
  const registers = new Registers(program.width, program.slots);
  const unit = new Unit(text, parsed, program.width, false, registers);
  for (const e of outer.extensions) unit.extensions.add(e);
  const globals: Globals = {
    find: functions.find,
    call: (c, name, _args, node) => {
      c.fail(
        'unsupported',
        node,
        `A watch cannot call ${name}.`,
        'Watch what it is given or what it returned.',
      );
      return ERROR_VALUE;
    },
  };
  const out = new Emitter(registers);
  const c = new Context({
    unit,
    out,
    globals,
    functionName: '',
    expression: compileExpression,
    load: loadRef,
    statement: compileStatement,
  });
  c.scope = scope;
  const fn = parsed.declarations.find((d) => d.kind === 'fn');
  const statement = fn?.kind === 'fn' ? fn.body.body[0] : undefined;
  const node =
    statement?.kind === 'assign' && fn?.kind === 'fn' && fn.body.body.length === 1
      ? statement.rhs
      : undefined;
  const refuse = (): Result<CompiledWatch, Failure & { span?: SourceSpan }> => {
    const first = parsed.diagnostics[0] ?? unit.diagnostics[0];
    if (!first)
      return err(
        failure('watch', 'This is not an expression.', 'Write a name or an expression, as in tile[i] * 2.'),
      );
    return err({
      ...failure('watch', first.message, first.hint),
      span: {
        ...first.span,
        start: first.span.start - PREFIX.length,
        end: first.span.end - PREFIX.length,
        column: first.span.column - PREFIX.length,
      },
    });
  };
  if (!node || parsed.diagnostics.length > 0) return refuse();
  let value: Value = c.expression(node);
  if (value.kind === 'pointer') value = { kind: 'reference', type: value.ref.type, ref: value.ref };
  if (value.kind === 'reference' && value.type.kind === 'atomic') {
    const type: Type = { kind: 'scalar', scalar: value.type.scalar };
    value = { kind: 'reference', type, ref: { ...value.ref, type } };
  }
  value = c.loaded(value, node);
  const type = concreteType(value.type);
  if (value.kind !== 'error' && slotsOf(type) > MOST_COMPONENTS) {
    return err(failure('watch', `This has ${slotsOf(type)} values a lane.`, 'Watch an element of it.'));
  }
  const from = c.registers(value, node);
  if (!from || unit.failed) return refuse();
  const changes = out.infos.some((i) => i.touch && i.touch.mode !== 'read');
  if (changes || unit.barriers.size > 0)
    return err(failure('watch', 'A watch only looks.', 'Leave atomics and barriers out.'));
  if (registers.slots > program.slots + SCRATCH_SLOTS)
    return err(failure('watch', 'This expression is too long.', 'Watch parts of it.'));
  out.link(0);
  return ok({ ops: out.ops, constants: registers.constantImage(), registers: from, type });
}

/** Evaluates expressions on a timeline's present state. Keeps what it compiled. */
export class Watches {
  private readonly timeline: Timeline;
  private readonly compiled = new Map<string, Result<CompiledWatch, Failure & { span?: SourceSpan }>>();

  constructor(timeline: Timeline) {
    this.timeline = timeline;
  }

  private at(
    text: string,
    statement: number | undefined,
  ): Result<CompiledWatch, Failure & { span?: SourceSpan }> {
    const key = `${statement ?? ''}:${text}`;
    const known = this.compiled.get(key);
    if (known) return known;
    const scopes = this.timeline.run.kernel.observed.program.scopes;
    const made = compileWatch(this.timeline, text, statement === undefined ? undefined : scopes[statement]);
    this.compiled.set(key, made);
    return made;
  }

  /** `text` over all lanes. Where a subgroup stands outside of the names' scope, its lanes are not valid; a
   * failure means that it is valid nowhere. */
  evaluate(text: string): Result<Watch, Failure & { span?: SourceSpan }> {
    const { runner } = this.timeline;
    const { machine: m, program } = runner;
    const states = laneStates(program, m);
    let watch: { type: Type; components: number; values: Float64Array; valid: Uint8Array } | undefined;
    let problem: Failure & { span?: SourceSpan } = failure(
      'watch',
      'All lanes are done.',
      'Step back to watch them.',
    );
    for (const s of m.subgroups) {
      const compiled = this.at(text, nextStatement(program, s));
      if (!compiled.ok) {
        problem = compiled.error;
        continue;
      }
      const { type, registers } = compiled.value;
      if (!watch) {
        const components = Math.max(1, registers.length);
        watch = {
          type,
          components,
          values: new Float64Array(m.lanes * components),
          valid: new Uint8Array(m.lanes),
        };
      }
      if (registers.length !== watch.components) continue;
      this.run(compiled.value, s, watch.values);
      for (let l = 0; l < s.lanes; l++) {
        const lane = s.index * m.width + l;
        watch.valid[lane] = states[lane] === 0 || states[lane] === 2 ? 1 : 0;
      }
    }
    if (!watch) return err(problem);
    const { type, ...rest } = watch;
    return ok({ expression: text, type: typeInfo(type), ...rest });
  }

  /** Whether a condition holds for any active lane (or for one) of a subgroup that is about to step. */
  holds(text: string, subgroup: number, lane?: number): boolean {
    const w = this.evaluate(text);
    if (!w.ok) return false;
    const { width } = this.timeline.runner.machine;
    const first = subgroup * width;
    for (let l = first; l < Math.min(first + width, w.value.valid.length); l++) {
      if (
        (lane === undefined || lane === l) &&
        w.value.valid[l] === 1 &&
        w.value.values[l * w.value.components] !== 0
      )
        return true;
    }
    return false;
  }

  private run(w: CompiledWatch, s: Subgroup, values: Float64Array): void {
    const { runner } = this.timeline;
    const m = runner.machine;
    const saved = { current: m.current, left: m.left };
    const all: Subgroup = {
      ...s,
      active: Int32Array.from({ length: m.width }, (_, l) => l),
      count: s.lanes,
      pc: 0,
    };
    this.timeline.quiet(() => {
      m.enter(all);
      for (const [register, bits] of w.constants)
        m.I.fill(bits, s.base + register, s.base + register + m.width);
      m.pc = 0;
      while (m.pc < w.ops.length) (w.ops[m.pc++] as Op)(m);
    });
    m.enter(saved.current);
    m.left = saved.left;
    const leaves = leavesOf(w.type);
    w.registers.forEach((r, i) => {
      const kind = leaves[i]?.scalar;
      const view = kind === 'f32' || kind === 'f16' ? m.F : kind === 'u32' ? m.U : m.I;
      for (let l = 0; l < s.lanes; l++) {
        values[(s.index * m.width + l) * w.registers.length + i] = view[s.base + r + l] as number;
      }
    });
  }

  /** The names in scope where a statement begins, innermost first, without those that others hide. */
  variables(statement: number): VariableInfo[] {
    const out = new Map<string, VariableInfo>();
    const { scopes } = this.timeline.run.kernel.observed.program;
    for (let s = scopes[statement]; s; s = s.next) {
      if (s.entity.kind !== 'value' || out.has(s.name) || s.entity.value.kind === 'error') continue;
      const { value, declared } = s.entity;
      const type = value.kind === 'pointer' ? value.ref.type : value.type;
      const root = value.kind === 'reference' || value.kind === 'pointer' ? value.ref.root : undefined;
      const space = !root || root.space === 'function' ? 'register' : root.space;
      out.set(s.name, { name: s.name, declared, type: typeInfo(concreteType(type)), space });
    }
    return [...out.values()];
  }
}
