// Memories of a dispatch: the workgroup's own first, then one a binding, filled from the given buffers.

import { err, type Failure, failure, ok, type Result } from '../../core/result.ts';
import type { BufferInput } from '../api.ts';
import type { Program } from '../compile/program.ts';
import { MemoryView } from './memory.ts';

/** Memory 0 for the workgroup, memory 1 + i for binding i. Buffers are copied. Bindings that the entry point
 * does not reach may be left out. */
export function bindMemories(
  program: Program,
  buffers: readonly BufferInput[],
): Result<MemoryView[], Failure> {
  const memories = [new MemoryView(program.workgroupBytes)];
  for (const [i, b] of program.bindings.entries()) {
    const given = buffers.find((x) => x.group === b.group && x.binding === b.binding);
    if (!given) {
      if (program.used.has(i)) {
        return err(
          failure(
            'missing-buffer',
            `No buffer is bound to ${b.name} (group ${b.group}, binding ${b.binding}).`,
            `Bind at least ${b.minBytes} bytes.`,
          ),
        );
      }
      memories.push(new MemoryView(b.minBytes));
      continue;
    }
    if (program.used.has(i) && given.bytes.length < b.minBytes) {
      return err(
        failure(
          'small-buffer',
          `The buffer bound to ${b.name} has ${given.bytes.length} bytes.`,
          `Its type needs at least ${b.minBytes}.`,
        ),
      );
    }
    memories.push(MemoryView.of(given.bytes));
  }
  return ok(memories);
}
