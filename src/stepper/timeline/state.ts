// Where subgroups and lanes stand, as plain data for drawing.

import type { Program } from '../compile/program.ts';
import type { Machine, Subgroup } from '../machine/machine.ts';
import type { Runner } from '../machine/runner.ts';
import type { SubgroupState, TimelineState } from '../recording.ts';

const ACTIVE = 0;
const MASKED = 1;
const AT_BARRIER = 2;
const DONE = 3;

/** Code address to the statement that begins there. */
const starts = new WeakMap<Program, Map<number, number>>();
function statementsByAddress(p: Program): Map<number, number> {
  const known = starts.get(p) ?? new Map([...p.statementAt].map(([statement, at]) => [at, statement]));
  starts.set(p, known);
  return known;
}

/** The statement that a subgroup executes next: it always stops at a statement's beginning, or at a barrier,
 * in which case it is the first statement after it in the code. */
export function nextStatement(p: Program, s: Subgroup): number | undefined {
  if (s.status === 'done') return undefined;
  const map = statementsByAddress(p);
  for (let pc = s.pc; pc < p.ops.length; pc++) {
    const found = map.get(pc);
    if (found !== undefined) return found;
  }
  return undefined;
}

function subgroupState(p: Program, s: Subgroup): SubgroupState {
  const statement = nextStatement(p, s);
  const info = statement === undefined ? undefined : p.statements[statement];
  const barrier = s.status === 'barrier' ? p.sites[s.barrier]?.span : undefined;
  return {
    index: s.index,
    status: s.status,
    active: Array.from(s.active.subarray(0, s.count)),
    ...(info ? { statement: info.id, span: info.span, functionName: info.functionName } : {}),
    ...(barrier ? { barrier } : {}),
  };
}

export function laneStates(p: Program, m: Machine): Uint8Array {
  const lanes = new Uint8Array(m.lanes);
  for (const s of m.subgroups) {
    const first = s.index * m.width;
    for (let l = 0; l < s.lanes; l++) {
      const finished = s.status === 'done' || m.I[s.base + p.finished + l] !== 0;
      lanes[first + l] = finished ? DONE : MASKED;
    }
    for (let j = 0; j < s.count; j++) {
      lanes[first + (s.active[j] as number)] =
        s.status === 'barrier' ? AT_BARRIER : s.status === 'done' ? DONE : ACTIVE;
    }
  }
  return lanes;
}

export function stateOf(runner: Runner, time: number): TimelineState {
  const { program, machine } = runner;
  return {
    time,
    subgroups: machine.subgroups.map((s) => subgroupState(program, s)),
    lanes: laneStates(program, machine),
    phase: runner.state.phase,
  };
}
