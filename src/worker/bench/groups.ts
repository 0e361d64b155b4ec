// What a request expands to: groups of versions that race each other at one shape and dtype.

import { unwrap } from '../../core/result.ts';
import { catalog, type KernelVersion, versionOf } from '../../kernels/catalog.ts';
import { evaluate } from '../../kernels/expr.ts';
import type { Dims, Dtype } from '../../kernels/op.ts';
import type { BenchItem, CustomVersion } from '../protocol.ts';

export interface Group {
  readonly item: BenchItem;
  readonly shape: string;
  readonly dims: Dims;
  readonly dtype: Dtype;
  readonly versions: readonly KernelVersion[];
}

/** What a request expands to: versions that were named, or all that are meant for the shape; then sources of its own. */
export function groupsOf(items: readonly BenchItem[], custom: readonly CustomVersion[] = []): Group[] {
  const groups: Group[] = [];
  for (const item of items) {
    const entry = catalog.get(item.op);
    if (!entry) continue;
    const own = custom
      .filter(({ op }) => op === item.op)
      .map(({ op, id, source }) => unwrap(versionOf(op, id, source)));
    for (const [shape, dims] of Object.entries(item.shapes)) {
      for (const dtype of item.dtypes) {
        const chosen = entry.versions.filter((v) =>
          item.versions.length > 0 ? item.versions.includes(v.id) : evaluate(v.meantFor, dims) !== 0,
        );
        const versions = [...chosen, ...own];
        groups.push({ item, shape, dims, dtype, versions: versions.filter((v) => v.dtypes.includes(dtype)) });
      }
    }
  }
  return groups;
}
