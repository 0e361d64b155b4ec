// Captured dispatches that other pages handed over, and how the address names them. A link carries the name, never
// the buffers: in another page, or after a reload, the name is all there is, and it still says what was shown.

import type { CapturedDispatch } from '../../worker/step-protocol.ts';

/** Bytes of captures that are kept for going back in the history; the newest is kept whatever its size. */
const MOST_BYTES = 256 * 2 ** 20;

const kept = new Map<string, CapturedDispatch>();

const bytesOf = (d: CapturedDispatch): number =>
  Object.values(d.buffers).reduce((sum, b) => sum + b.before.byteLength + b.after.byteLength, 0);

/** What an address says of a capture. */
export interface CaptureName {
  /** `op/version` */
  readonly kernel: string;
  readonly role: string;
  readonly layer: string;
}

/** Keeps a capture and gives the text that names it in the address: `op/version:role:layer:tag`. */
export function keepCapture(dispatch: CapturedDispatch): string {
  const { op, version, role, layer } = dispatch.name;
  const tag = crypto.randomUUID().slice(0, 8);
  const text = `${op}/${version}:${role}:${layer}:${tag}`;
  kept.set(text, dispatch);
  let bytes = [...kept.values()].reduce((sum, d) => sum + bytesOf(d), 0);
  for (const [name, d] of kept) {
    if (bytes <= MOST_BYTES || name === text) break;
    kept.delete(name);
    bytes -= bytesOf(d);
  }
  return text;
}

/** The capture of that name, while this page has it. */
export const recallCapture = (text: string): CapturedDispatch | undefined => kept.get(text);

/** What a capture's name says; null for what is none. */
export function readCapture(text: string): CaptureName | null {
  const match = /^(\w+\/\w+):(\w+):(\w+):[\da-f]{8}$/.exec(text);
  if (!match) return null;
  const [, kernel = '', role = '', layer = ''] = match;
  return { kernel, role, layer };
}

/** `attention of layer 3` */
export const captureText = ({ role, layer }: CaptureName): string =>
  `${role.replaceAll('_', ' ')} of ${/^\d+$/.test(layer) ? `layer ${layer}` : `the ${layer}`}`;
