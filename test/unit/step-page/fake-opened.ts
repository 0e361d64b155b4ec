// What the stepper answers in tests of the Step page: one statement over and over.

import type { Opened } from '../../../src/worker/step-protocol.ts';

/** A recording of so many steps of one subgroup. */
export function openedOf(length: number): Opened {
  const span = { start: 0, end: 1, line: 1, column: 1 };
  return {
    length,
    steps: {
      subgroup: new Uint8Array(length),
      statement: new Int32Array(length),
      low: new Uint32Array(length).fill(1),
      high: new Uint32Array(length),
      depth: new Uint8Array(length),
    },
    statements: [{ id: 0, kind: 'assign', span, functionName: 'main' }],
    firstAccess: 4,
    firstWrites: [],
    bindings: [],
    workgroupVars: [],
    workgroupSize: [1, 1, 1],
    subgroupSize: 4,
    findings: [],
  } as never;
}
