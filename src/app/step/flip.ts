// The same inputs through another version of the op: what the page flips to, and what it counts there.

import { computed, signal } from '@preact/signals';
import type { KernelVersion } from '../../kernels/catalog.ts';
import { addressOf } from '../../views/step/matrix.ts';
import { catalog } from '../bench/catalog.ts';
import { picked } from './origin.ts';
import { measurePasses } from './own-passes.ts';
import { type Pass, readsIn } from './passes.ts';
import { session } from './session.ts';
import { kernelSubject } from './subject.ts';
import { step } from './view.ts';

/** The op's versions that take this run's dims and cells. */
export const siblings = computed((): readonly KernelVersion[] => {
  const contract = session.value?.subject.contract;
  if (!contract) return [];
  return (catalog.value?.get(contract.op.id)?.versions ?? []).filter((v) =>
    v.dtypes.includes(contract.dtype),
  );
});

/** Opens another version on the same inputs, with the same cell picked. */
export function flipTo(version: string): void {
  const contract = session.peek()?.subject.contract;
  if (!contract) return;
  step.go({
    kernel: `${contract.op.id}/${version}`,
    params: '',
    pass: 0,
    wg: 0,
    t: '',
    breaks: [],
    strike: [],
    src: '',
  });
}

export type Measured =
  | { readonly kind: 'measured'; readonly passes: readonly Pass[] }
  | { readonly kind: 'failed'; readonly message: string };

/** Runs of other versions, by version, for one set of inputs. */
const measured = signal<{ readonly key: string; readonly runs: ReadonlyMap<string, Measured> }>({
  key: '',
  runs: new Map(),
});

const inputsKey = (): string => {
  const contract = session.value?.subject.contract;
  const { fill, seed, sg, order } = step.view.value;
  return JSON.stringify([contract?.op.id, contract?.dims, contract?.dtype, fill, seed, sg, order]);
};

export const runs = computed(
  (): ReadonlyMap<string, Measured> => (measured.value.key === inputsKey() ? measured.value.runs : new Map()),
);

let running = new Set<string>();

/** Runs a version once on this run's inputs and keeps what it counted. */
export async function measure(version: string): Promise<void> {
  const now = session.peek();
  const contract = now?.subject.contract;
  const kernels = catalog.peek();
  const key = inputsKey();
  if (!now || !contract || !kernels || runs.peek().has(version) || running.has(key + version)) return;
  const { fill, seed } = step.view.peek();
  const { subgroupSize, order } = now.subject.launch;
  const request = {
    kernel: `${contract.op.id}/${version}`,
    dims: contract.dims,
    dtype: contract.dtype,
    params: {},
    fill,
    seed,
    edited: null,
  };
  const keep = (run: Measured): void => {
    const before = measured.peek().key === key ? measured.peek().runs : new Map<string, Measured>();
    measured.value = { key, runs: new Map([...before, [version, run]]) };
  };
  const subject = kernelSubject(kernels, request, { subgroupSize, order, workgroup: 0, pass: 0 });
  if (!subject.ok) {
    keep({ kind: 'failed', message: subject.error.message });
    return;
  }
  running = new Set([...running, key + version]);
  try {
    const answer = await measurePasses(subject.value.launch);
    keep(
      answer.ok
        ? { kind: 'measured', passes: answer.value }
        : { kind: 'failed', message: answer.error.message },
    );
  } catch {
    // the stepper was stopped; asking again measures again
  } finally {
    running.delete(key + version);
  }
}

/** How often each version reads the picked input cell from memory, where that was counted. */
export const readsByVersion = computed((): ReadonlyMap<string, number> => {
  const cell = picked.value;
  const now = session.value;
  const memory = now?.memories.find((m) => m.name === cell?.name);
  const out = new Map<string, number>();
  if (!cell || !memory) return out;
  const byte = addressOf(memory.matrix, cell.row, cell.column);
  for (const [version, run] of runs.value) {
    const reads = run.kind === 'measured' ? readsIn(run.passes, cell.name, byte) : null;
    if (reads !== null) out.set(version, reads);
  }
  return out;
});
