// Chooses where a virtual run is computed: at once when it is over within a frame, else in a worker that is
// replaced when a newer wish makes its answer pointless.

import * as Comlink from 'comlink';
import { err, type Failure, failure, ok, type Result } from '../../core/result.ts';
import { promptLength } from '../../engine/request.ts';
import { Trace } from '../../engine/trace.ts';
import { type Served, type ServeRequest, serveVirtual } from './serve.ts';
import type { VirtualWorkerApi } from './virtual.worker.ts';

/** Tokens that the engine schedules well within 8 ms on a slow machine (it does millions a second). */
const AT_ONCE = 20_000;

export const tokensOf = ({ requests }: Pick<ServeRequest, 'requests'>): number =>
  requests.reduce((sum, r) => sum + promptLength(r.prompt) + (r.endsAfter ?? r.maxTokens), 0);

let worker: Worker | undefined;

/** Runs all of them. `undefined` when a later call came in between. */
export async function compute(
  wanted: readonly ServeRequest[],
): Promise<Result<readonly Served[], Failure> | undefined> {
  worker?.terminate();
  worker = undefined;
  const tokens = wanted.reduce((sum, one) => sum + tokensOf(one), 0);
  return tokens <= AT_ONCE ? gather(wanted.map(serveVirtual)) : beside(wanted);
}

/** All of them, computed before this returns, when that takes less than a frame. */
export function computeNow(wanted: readonly ServeRequest[]): Result<readonly Served[], Failure> | undefined {
  const tokens = wanted.reduce((sum, one) => sum + tokensOf(one), 0);
  return tokens <= AT_ONCE ? gather(wanted.map(serveVirtual)) : undefined;
}

function gather(results: readonly Result<Served, Failure>[]): Result<readonly Served[], Failure> {
  const served: Served[] = [];
  for (const result of results) {
    if (!result.ok) return result;
    served.push(result.value);
  }
  return ok(served);
}

async function beside(
  wanted: readonly ServeRequest[],
): Promise<Result<readonly Served[], Failure> | undefined> {
  const mine = new Worker(new URL('./virtual.worker.ts', import.meta.url), {
    type: 'module',
    name: 'lockstep-virtual',
  });
  worker = mine;
  const remote = Comlink.wrap<VirtualWorkerApi>(mine);
  const died = new Promise<'dead'>((resolve) => {
    mine.addEventListener('error', () => resolve('dead'));
  });
  const served: Result<Served, Failure>[] = [];
  for (const one of wanted) {
    const answer = await Promise.race([remote.serve(one), died]);
    if (worker !== mine) return undefined;
    if (answer === 'dead')
      return err(
        failure(
          'worker',
          'The worker of the virtual clock stopped.',
          'Make the workload smaller, or reload.',
        ),
      );
    if (!answer.ok) return answer;
    const { block, header, requests } = answer.value;
    const trace = new Trace();
    trace.append(block);
    served.push(ok({ trace, header, requests }));
  }
  mine.terminate();
  worker = undefined;
  return gather(served);
}
