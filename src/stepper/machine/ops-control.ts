// Instructions that move control: statements, masks, jumps, calls, barriers. Every construct owns one mask
// register per way out; a lane that leaves early is taken out of the masks of all constructs it leaves, so
// that the end of a construct only has to load its mask back.

import { clearMask, loadMask, type Machine, narrow, type Op, saveMask } from './machine.ts';

/** A place in the code, known once the code is laid out. */
export interface Label {
  pc: number;
}

/** Begins a statement: the unit of stepping, of budgets and of counting. */
export const statementOp: Op = (m) => {
  if (m.left === 0) {
    m.pc--;
    m.running = false;
    return;
  }
  m.left--;
  m.current.steps++;
  m.laneStatements += m.n;
};

/** As statementOp, telling the observer. */
export const observedStatementOp =
  (statement: number): Op =>
  (m) => {
    if (m.left === 0) {
      m.pc--;
      m.running = false;
      return;
    }
    m.left--;
    m.current.steps++;
    m.laneStatements += m.n;
    m.observer?.statement(m, statement);
  };

export const jumpOp =
  (to: Label): Op =>
  (m) => {
    m.pc = to.pc;
  };

export const saveMaskOp =
  (mask: number): Op =>
  (m) =>
    saveMask(m, mask);

/** Activates a mask's lanes; without any, control goes to `empty`. */
export const loadMaskOp =
  (mask: number, empty: Label): Op =>
  (m) => {
    loadMask(m, mask);
    if (m.n === 0) m.pc = empty.pc;
  };

/** Begins an if: saves who is here in `exit`, who goes to the else part in `otherwise`. */
export const ifOp =
  (test: number, exit: number, otherwise: number | undefined, skip: Label): Op =>
  (m) => {
    saveMask(m, exit);
    const before = m.n;
    if (otherwise !== undefined) {
      const { I, L, n, off } = m;
      I.fill(0, off + otherwise, off + otherwise + m.width);
      for (let j = 0; j < n; j++) {
        const l = off + (L[j] as number);
        I[otherwise + l] = I[test + l] === 0 ? 1 : 0;
      }
    }
    narrow(m, test, false);
    if (m.n === 0 && before > 0) m.pc = skip.pc;
  };

/** A loop's condition: lanes that fail it leave the loop's mask; with none left, control goes to `exit`. */
export const whileOp =
  (test: number, live: number, exit: Label): Op =>
  (m) => {
    const { I, L, n, off } = m;
    let kept = 0;
    for (let j = 0; j < n; j++) {
      const l = L[j] as number;
      if (I[off + test + l] !== 0) L[kept++] = l;
      else I[off + live + l] = 0;
    }
    if (kept === n) return;
    m.n = kept;
    m.bounds();
    if (kept === 0) m.pc = exit.pc;
  };

/** `break if`: lanes that pass leave the loop. */
export const breakIfOp =
  (test: number, live: number, exit: Label): Op =>
  (m) => {
    const { I, L, n, off } = m;
    let kept = 0;
    for (let j = 0; j < n; j++) {
      const l = L[j] as number;
      if (I[off + test + l] === 0) L[kept++] = l;
      else I[off + live + l] = 0;
    }
    m.n = kept;
    m.bounds();
    if (kept === 0) m.pc = exit.pc;
  };

/** The active lanes leave the constructs whose masks are given; control goes to the innermost one's end. */
export const leaveOp =
  (masks: readonly number[], to: Label): Op =>
  (m) => {
    for (const mask of masks) clearMask(m, mask);
    m.n = 0;
    m.lo = 0;
    m.hi = 0;
    m.pc = to.pc;
  };

/** Adds the active lanes to a mask. */
export const markOp =
  (mask: number): Op =>
  (m) => {
    for (let j = 0; j < m.n; j++) m.I[m.off + mask + (m.L[j] as number)] = 1;
  };

/** Which clause of a switch each lane takes: `clauses` maps a selector to a clause number. */
export const switchOp =
  (d: number, selector: number, clauses: ReadonlyMap<number, number>, otherwise: number): Op =>
  (m) => {
    const { I, L, n, off } = m;
    for (let j = 0; j < n; j++) {
      const l = off + (L[j] as number);
      I[d + l] = clauses.get(I[selector + l] as number) ?? otherwise;
    }
  };

/** Activates the lanes of `mask` whose clause is `clause`; with none, control goes to `next`. */
export const clauseOp =
  (mask: number, chosen: number, clause: number, next: Label): Op =>
  (m) => {
    const { I, L, off, width } = m;
    let n = 0;
    for (let l = 0; l < width; l++) {
      if (I[off + mask + l] !== 0 && I[off + chosen + l] === clause) L[n++] = l;
    }
    m.n = n;
    m.bounds();
    if (n === 0) m.pc = next.pc;
  };

/** The right side of && and ||: only for lanes that need it. `negate` for ||. */
export const shortCircuitOp =
  (test: number, exit: number, negate: boolean, skip: Label): Op =>
  (m) => {
    saveMask(m, exit);
    narrow(m, test, negate);
    if (m.n === 0) m.pc = skip.pc;
  };

export const callOp =
  (entry: Label, exit: number): Op =>
  (m) => {
    saveMask(m, exit);
    const s = m.current;
    s.returns[s.depth++] = m.pc;
    m.pc = entry.pc;
  };

/** Ends a function: everyone who entered goes on after the call. */
export const endFunctionOp =
  (exit: number): Op =>
  (m) => {
    loadMask(m, exit);
    const s = m.current;
    m.pc = s.returns[--s.depth] as number;
  };

/** Ends the entry point. */
export const endOp: Op = (m) => {
  m.n = 0;
  m.bounds();
  m.current.status = 'done';
  m.running = false;
};

/** Waits for the workgroup. */
export const barrierOp =
  (site: number): Op =>
  (m: Machine) => {
    m.current.status = 'barrier';
    m.current.barrier = site;
    m.running = false;
  };
