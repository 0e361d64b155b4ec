// Reading dims by name.

import type { Dims } from './op.ts';

/** The value of one dim; throws, naming it, when the case does not set it. */
export function dimOf(dims: Dims, name: string): number {
  const value = dims[name];
  if (value === undefined)
    throw new RangeError(`dim "${name}" is not set; got ${Object.keys(dims).join(', ')}`);
  return value;
}
