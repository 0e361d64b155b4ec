// The way from a captured dispatch to the Step page: with the very bytes that it read and wrote.

import type { Capture } from '../worker/generate/protocol.ts';
import { firstPage } from './page.ts';
import { place } from './router.ts';

/** Most bytes that are handed to the stepper: its machine copies them. */
const mostBytes = 256 * 2 ** 20;

/** Why a captured dispatch cannot be opened in Step; empty when it can. */
export function stepObstacle({ buffers }: Capture): string {
  const all = Object.values(buffers).reduce((sum, b) => sum + b.after.byteLength, 0);
  return all > mostBytes
    ? `Its buffers take ${Math.round(all / 2 ** 20)} MiB; Step opens up to ${mostBytes / 2 ** 20}.`
    : '';
}

/** Opens it there, one workgroup in view, unless the reader has left the page that asked while it was computed. */
export async function openInStep(capture: Capture, askedBy: 'batching' | 'model'): Promise<void> {
  const { openCaptured } = await import('./step/recipe.ts');
  if ((place.peek().page || firstPage) !== askedBy) return;
  const { name, code, dims, workgroups, uniform, buffers } = capture;
  openCaptured({ name, code, dims, params: {}, workgroups, uniform, buffers });
  location.hash = '#/step';
}
