// Which parameters may be tried, and under which name a winner is kept. Adapter info is coarse, so a winner that
// is loaded is verified again, like everything that is timed.

import { pickSome, prng } from '../core/prng.ts';
import { type KernelVersion, lib } from '../kernels/catalog.ts';
import type { Dims, Dtype } from '../kernels/op.ts';
import { checkParams } from '../kernels/prepare.ts';
import type { ParamValues } from '../kernels/specialize.ts';
import type { DeviceReport } from './schema.ts';

/** FNV-1a of a text, as eight hex digits: tells whether a shader changed. */
export function textHash(text: string): string {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return (h >>> 0).toString(16).padStart(8, '0');
}

/** Shapes that share a winner: each dim rounded up to a power of two. */
export const shapeClass = (dims: Dims): string =>
  Object.entries(dims)
    .map(([name, value]) => `${name}${2 ** Math.ceil(Math.log2(Math.max(1, value)))}`)
    .join(' ');

/** The key of a winner: device, browser's major version, shader with its libs, shape class and dtype. */
export function tuningKey(device: DeviceReport, version: KernelVersion, dims: Dims, dtype: Dtype): string {
  const adapter = [device.vendor, device.architecture, device.device, device.description].join('/');
  const browser = device.browser.replace(/\..*$/, '');
  return [
    adapter,
    browser,
    `${version.op}/${version.id}`,
    textHash([version.source, ...version.lib.map((name) => lib[name])].join('\n')),
    shapeClass(dims),
    dtype,
  ].join(' | ');
}

/** Every combination of choices that passes `@require`; at most `limit` of them, picked by seed, the default first. */
export function candidates(
  version: Pick<KernelVersion, 'params' | 'require' | 'path'>,
  limit: number,
  seed = 1,
): ParamValues[] {
  const defaults = Object.fromEntries(version.params.map((p) => [p.name, p.default]));
  let all: ParamValues[] = [{}];
  for (const param of version.params) {
    all = all.flatMap((values) => param.choices.map((choice) => ({ ...values, [param.name]: choice })));
  }
  const same = (a: ParamValues): boolean => version.params.every((p) => a[p.name] === p.default);
  const others = all.filter((values) => !same(values) && checkParams(version, values).ok);
  return [defaults, ...pickSome(prng(seed), others, Math.max(0, limit - 1))];
}
