// From the address to what runs: the kernel, its edits and strikes, its settings; and dispatches that another page
// hands over.

import { computed, signal } from '@preact/signals';
import { err, failure, type Result } from '../../../core/result.ts';
import type { Order, SubgroupSize } from '../../../stepper/index.ts';
import type { CapturedDispatch, StepFailure } from '../../../worker/step-protocol.ts';
import { catalog, loadCatalog } from '../../bench/catalog.ts';
import { ownSubject, readOwn } from './own.ts';
import { unpackText } from './packed.ts';
import { strikeOut } from './strike.ts';
import { capturedSubject, kernelSubject, type Settings, type Subject } from './subject.ts';
import { ownKernel, readNumbers, step } from './view.ts';

/** The dispatch that another page handed over, if that is what is shown. */
export const captured = signal<CapturedDispatch | null>(null);
const orderOf = (kind: Order['kind'], seed: number): Order => (kind === 'seeded' ? { kind, seed } : { kind });

/** Everything in the address that makes another run; the cursor and the layout do not. */
const recipe = computed(() => {
  const { kernel, dtype, dims, params, fill, seed, pass, wg, sg, order, strike, src, own } = step.view.value;
  return {
    kernel,
    dtype,
    dims,
    params,
    fill,
    seed,
    pass,
    wg,
    sg,
    order,
    strike,
    src,
    own,
    captured: captured.value,
  };
});
export const recipeKey = computed(() =>
  JSON.stringify({ ...recipe.value, captured: captured.value?.name ?? null }),
);

/** The subject of the address: a value, or why there is none. */
export async function makeSubject(): Promise<Result<Subject, StepFailure>> {
  await loadCatalog();
  const kernels = catalog.value;
  const r = recipe.peek();
  const settings: Settings = {
    subgroupSize: Number(r.sg) as SubgroupSize,
    order: orderOf(r.order, r.seed),
    workgroup: r.wg,
    pass: r.pass,
  };
  if (!kernels) return err(failure('loading', 'The kernels are not loaded yet.', 'Try again.'));
  if (r.captured) return capturedSubject(kernels, r.captured, settings);
  let edited: string | null = null;
  if (r.src !== '') {
    const text = await unpackText(r.src);
    if (!text.ok) return text;
    edited = text.value;
  }
  const struckOut = (plain: Result<Subject>, again: (text: string) => Result<Subject>): Result<Subject> => {
    if (!plain.ok || r.strike.length === 0) return plain;
    const struck = again(strikeOut(plain.value.source, r.strike.map(Number)));
    return struck.ok ? { ...struck, value: { ...struck.value, display: plain.value.source } } : struck;
  };
  if (r.kernel === ownKernel) {
    const own = await readOwn(r.own);
    if (!own.ok) return own;
    return struckOut(ownSubject(edited ?? '', own.value, settings), (text) =>
      ownSubject(text, own.value, settings),
    );
  }
  const request = (text: string | null) => ({
    kernel: r.kernel,
    dims: readNumbers(r.dims),
    dtype: r.dtype,
    params: readNumbers(r.params) ?? {},
    fill: r.fill,
    seed: r.seed,
    edited: text,
  });
  return struckOut(kernelSubject(kernels, request(edited), settings), (text) =>
    kernelSubject(kernels, request(text), settings),
  );
}

/** Opens a captured dispatch with its real buffers. */
export function openCaptured(dispatch: CapturedDispatch): void {
  captured.value = dispatch;
}
