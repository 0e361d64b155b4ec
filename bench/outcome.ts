// The exit code of every measuring command: not 0 when an output was wrong, when the device was lost, when nothing was measured, or
// when something speaks against the run.

import type { ResultRow } from '../src/measure/schema.ts';
import type { Session } from './session.ts';

export interface Ended {
  /** How many rows have a figure. */
  readonly measured: number;
  readonly invalid: readonly string[];
  /** Whether the device went away while it ran. */
  readonly lost?: boolean;
}

/** What the command prints as INVALID is said there; the rest is named on the error output. */
export function exitCode({ measured, invalid, lost = false }: Ended): number {
  if (lost) console.error('FAILED: the device was lost while it ran; only what was finished is there.');
  if (measured === 0) console.error('FAILED: nothing was measured.');
  return lost || measured === 0 || invalid.length > 0 ? 1 : 0;
}

/** As exitCode, for rows of kernels: names every wrong one too. */
export function kernelsExitCode(
  rows: readonly Pick<ResultRow, 'op' | 'peer' | 'version' | 'shape' | 'dtype' | 'status' | 'why'>[],
  ended: Omit<Ended, 'measured'>,
): number {
  const wrong = rows.filter((row) => row.status === 'unverified');
  for (const { op, peer, version, shape, dtype, why } of wrong) {
    const who = peer === 'lockstep' ? version : `${peer} ${version}`;
    console.error(`FAILED ${op} ${who} ${shape} ${dtype}: ${why}`);
  }
  const code = exitCode({ ...ended, measured: rows.filter(isMeasured).length });
  return wrong.length > 0 ? 1 : code;
}

export const isMeasured = ({ status }: { readonly status: string }): boolean => status === 'measured';

/** Whether the worker told that it lost its device. */
export const deviceLost = ({ driver }: Session): Promise<boolean> =>
  driver.page.evaluate(() => window.lockstep.lost());
