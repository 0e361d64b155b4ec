// A runtime that takes no further step once it is told to stop: what drives it for long (a probe) ends at its next step.

import { err } from '../../core/result.ts';
import type { Runtime } from '../../model/contract.ts';
import { cancelled, type Stop } from '../../model/stopped.ts';

/** `runtime` itself but for `step`, which fails as cancelled once `stop` says so; `what` names what is cancelled. */
export function stoppable(runtime: Runtime, stop: Stop, what: string): Runtime {
  const step: Runtime['step'] = (batch) => (stop() ? err(cancelled(what)) : runtime.step(batch));
  return new Proxy(runtime, {
    get(target, key) {
      if (key === 'step') return step;
      const member: unknown = Reflect.get(target, key, target);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}
