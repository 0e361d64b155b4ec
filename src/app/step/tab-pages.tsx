// Paged attention: the block tables, the pages they name, and what this statement looks up and reads.

import { bitsOf } from '../../views/step/matrix.ts';
import { PageMap } from '../../views/step/page-map.tsx';
import { frame, session } from './session.ts';

/** Whether a kernel walks pages through block tables. */
export const hasPages = (): boolean => {
  const layouts = session.value?.subject.layouts;
  return layouts?.has('tables') === true && layouts.has('pages');
};

/** Tokens of each sequence of the step: the furthest that an item reaches. */
function lengthsOf(items: ArrayLike<number>, count: number, rows: number): number[] {
  const lengths = new Array<number>(rows).fill(0);
  for (let i = 0; i < count; i++) {
    const [tokens = 0, row = 0, position = 0] = [items[i * 4 + 1], items[i * 4 + 2], items[i * 4 + 3]];
    if (row < rows) lengths[row] = Math.max(lengths[row] ?? 0, position + tokens);
  }
  return lengths;
}

export function PagesTab() {
  const now = session.value;
  const f = frame.value;
  if (!now || !f) return null;
  const find = (name: string) => now.memories.find((m) => m.name === name);
  const [tables, pages, items] = [find('tables'), find('pages'), find('items')];
  const layout = now.subject.layouts.get('tables');
  const pool = now.subject.layouts.get('pages');
  if (!tables || !pages || !items || !layout || !pool) return null;
  const words = (memory: number): Uint32Array => {
    const bytes = f.memories.get(memory) ?? new Uint8Array();
    return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 2);
  };
  const [rows = 1, width = 1] = layout.shape;
  const count = pool.shape[0] ?? 1;
  const pageBytes = (pool.rows / count) * pool.pitch * 4;
  const itemWords = words(items.memory);
  const itemCount = now.subject.layouts.get('items')?.shape[0] ?? 0;
  const pageTokens = now.subject.dims['page'] ?? 16;
  const entries = new Set<number>();
  const touched = new Map<number, 'read' | 'write'>();
  for (let i = 0; i < f.accessSteps.length; i++) {
    if (f.accessSteps[i] !== f.time - 1) continue;
    const byte = f.accesses.byte[i] ?? 0;
    if (f.accesses.memory[i] === tables.memory) entries.add(byte >> 2);
    if (f.accesses.memory[i] === pages.memory)
      touched.set(Math.floor(byte / pageBytes), f.accesses.mode[i] === 0 ? 'read' : 'write');
  }
  const q = bitsOf(items.matrix, f.memories.get(items.memory) ?? new Uint8Array());
  const mine = now.opened.workgroup % (now.opened.workgroups[0] || 1);
  return (
    <>
      <p class="quiet-text">
        A sequence’s keys lie in pages anywhere in the pool; its block table says where. This workgroup works
        on item {mine}: row {itemCount > mine ? q.at(mine, 2) : '–'} of the tables. Arrows: the entries that
        this statement looks up; rings: the pages that it touches.
      </p>
      <PageMap
        tables={words(tables.memory)}
        rows={rows}
        width={width}
        pages={count}
        pageTokens={pageTokens}
        lengths={lengthsOf(itemWords, itemCount, rows)}
        entries={entries}
        touched={touched}
      />
    </>
  );
}
