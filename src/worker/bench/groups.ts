// What a request expands to: groups of versions at one shape and dtype, and which groups race each other.

import { explain } from '../../core/result.ts';
import { catalog, type KernelVersion, versionOf } from '../../kernels/catalog.ts';
import { evaluate } from '../../kernels/expr.ts';
import type { Dims, Dtype } from '../../kernels/op.ts';
import type { BenchItem, BenchRequest, CustomVersion } from '../protocol.ts';

export interface Group {
  readonly item: BenchItem;
  readonly shape: string;
  readonly dims: Dims;
  readonly dtype: Dtype;
  readonly versions: readonly KernelVersion[];
  /** Sources of the request's own that are no versions, and why. */
  readonly unread: readonly { readonly id: string; readonly why: string }[];
}

/** What a request expands to: versions that were named, or all that are meant for the shape; then sources of its own. */
export function groupsOf(items: readonly BenchItem[], custom: readonly CustomVersion[] = []): Group[] {
  const groups: Group[] = [];
  for (const item of items) {
    const entry = catalog.get(item.op);
    if (!entry) continue;
    const own: KernelVersion[] = [];
    const unread: { id: string; why: string }[] = [];
    for (const { op, id, source } of custom) {
      if (op !== item.op) continue;
      const read = versionOf(op, id, source);
      if (read.ok) own.push(read.value);
      else unread.push({ id, why: explain(read.error) });
    }
    for (const [shape, dims] of Object.entries(item.shapes)) {
      for (const dtype of item.dtypes) {
        const chosen = entry.versions.filter((v) =>
          item.versions.length > 0 ? item.versions.includes(v.id) : evaluate(v.meantFor, dims) !== 0,
        );
        const versions = [...chosen, ...own].filter((v) => v.dtypes.includes(dtype));
        groups.push({ item, shape, dims, dtype, versions, unread });
      }
    }
  }
  return groups;
}

/** Groups that take turns: each by itself, or all ops of one shape's name and dtype together. */
export function racesOf(
  groups: readonly Group[],
  turns: NonNullable<BenchRequest['turns']>,
): readonly (readonly Group[])[] {
  if (turns === 'op') return groups.map((group) => [group]);
  const races = new Map<string, Group[]>();
  for (const group of groups) {
    const key = `${group.shape} ${group.dtype}`;
    races.set(key, [...(races.get(key) ?? []), group]);
  }
  return [...races.values()];
}
