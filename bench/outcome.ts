// The exit code of a measuring command: not 0 when an output was wrong, when the device was lost, or when nothing was measured.

import type { ModelRow } from '../src/measure/model.ts';
import type { ResultRow } from '../src/measure/schema.ts';
import type { Session } from './session.ts';

/** Names every wrong row on the error output; `lost`: the device went away while it ran. */
export function exitCode(
  rows: readonly Pick<ResultRow, 'op' | 'peer' | 'version' | 'shape' | 'dtype' | 'status' | 'why'>[],
  lost: boolean,
): number {
  const wrong = rows.filter((row) => row.status === 'unverified');
  for (const { op, peer, version, shape, dtype, why } of wrong) {
    const who = peer === 'lockstep' ? version : `${peer} ${version}`;
    console.error(`FAILED ${op} ${who} ${shape} ${dtype}: ${why}`);
  }
  return wrong.length > 0 || ended(rows, lost) ? 1 : 0;
}

/** As exitCode, for steps of a model. */
export const modelExitCode = (rows: readonly Pick<ModelRow, 'status'>[], lost: boolean): number =>
  ended(rows, lost) ? 1 : 0;

function ended(rows: readonly { readonly status: string }[], lost: boolean): boolean {
  if (lost) console.error('FAILED: the device was lost while it ran; only what was finished is there.');
  if (rows.length === 0) console.error('FAILED: nothing was measured.');
  return lost || rows.length === 0;
}

/** Whether the worker told that it lost its device. */
export const deviceLost = ({ driver }: Session): Promise<boolean> =>
  driver.page.evaluate(() => window.lockstep.lost());
