// From the address to what runs: the kernel, its edits and strikes, its settings; and dispatches that another page
// hands over.

import { computed, effect, signal } from '@preact/signals';
import { err, failure, type Result } from '../../core/result.ts';
import type { Order, SubgroupSize } from '../../stepper/index.ts';
import type { CapturedDispatch, StepFailure } from '../../worker/step-protocol.ts';
import { catalog, loadCatalog } from '../bench/catalog.ts';
import { unpack } from '../packed.ts';
import { keepCapture, readCapture, recallCapture } from './captures.ts';
import { ownSubject, readOwn } from './own.ts';
import { strikeOut } from './strike.ts';
import { capturedSubject, kernelSubject, type Settings, type Subject } from './subject.ts';
import { firstKernel, fresh, ownKernel, readNumbers, step } from './view.ts';

/** The name of a dispatch that another page has just handed over. */
const handed = signal('');
/** The captured dispatch that is shown, while this page has it. */
export const captured = computed(() => recallCapture(step.view.value.capture) ?? null);
const orderOf = (kind: Order['kind'], seed: number): Order => (kind === 'seeded' ? { kind, seed } : { kind });

/** Everything in the address that makes another run; the cursor and the layout do not. */
const recipe = computed(() => {
  const { kernel, dtype, dims, params, fill, seed, pass, wg, sg, order, strike, src, own, capture } =
    step.view.value;
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
    capture,
  };
});
export const recipeKey = computed(() => JSON.stringify(recipe.value));

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
  let edited: string | null = null;
  if (r.src !== '') {
    const text = await unpack(r.src, 'The source in the link');
    if (!text.ok) return text;
    edited = text.value;
  }
  const struckOut = (plain: Result<Subject>, again: (text: string) => Result<Subject>): Result<Subject> => {
    if (!plain.ok || r.strike.length === 0) return plain;
    const struck = again(strikeOut(plain.value.source, r.strike.map(Number)));
    return struck.ok ? { ...struck, value: { ...struck.value, display: plain.value.source } } : struck;
  };
  const real = recallCapture(r.capture);
  if (real) {
    const subject = (code: string): Result<Subject> => capturedSubject(kernels, { ...real, code }, settings);
    return struckOut(subject(edited ?? real.code), subject);
  }
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

/** Opens a captured dispatch with its real buffers: at once, or when the Step page is gone to. */
export function openCaptured(dispatch: CapturedDispatch): void {
  handed.value = keepCapture(dispatch);
}

/** Puts what was handed over into the address; the returned function stops that. */
export function followHanded(): () => void {
  return effect(() => {
    const capture = handed.value;
    if (capture === '') return;
    handed.value = '';
    step.adjust({ ...fresh, capture, kernel: readCapture(capture)?.kernel ?? firstKernel });
  });
}
