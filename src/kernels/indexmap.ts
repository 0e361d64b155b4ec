// Which input cells make an output cell, as data: `c[m, n] <- a[m, *], b[*, n]`. Highlighting in the
// views, arrows in the stepper and reuse counts all derive from this one line of the op.

import { assert, at } from '../core/assert.ts';
import { parseExpr } from './expr.ts';

export interface Access {
  readonly tensor: string;
  /** One index a dimension: an expression over the output's index names and the dims, or `*`. */
  readonly at: readonly string[];
}

export interface CellMap {
  readonly output: string;
  /** Names of the output's indices, in order. */
  readonly indices: readonly string[];
  readonly reads: readonly Access[];
}

/** A half-open range in each dimension of one tensor. */
export interface Region {
  readonly tensor: string;
  readonly ranges: readonly (readonly [start: number, end: number])[];
}

/** Parses one line of `Op.cellMap`. Throws on text that is none; ops are checked by a test. */
export function parseCellMap(line: string): CellMap {
  const [left = '', right = ''] = line.split('<-');
  const accesses = (text: string): Access[] =>
    [...text.matchAll(/(\w+)\s*\[([^\]]*)\]/g)].map(([, tensor = '', inner = '']) => ({
      tensor,
      at: splitArguments(inner),
    }));
  const [output] = accesses(left);
  const reads = accesses(right);
  assert(output && reads.length > 0, `"${line}" is no cell map; write "c[m, n] <- a[m, *], b[*, n]"`);
  return { output: output.tensor, indices: output.at, reads };
}

/** Splits at commas outside parentheses: `min(m, 3), *` has two arguments. */
function splitArguments(text: string): string[] {
  const parts: string[] = [''];
  let depth = 0;
  for (const c of text) {
    depth += c === '(' ? 1 : c === ')' ? -1 : 0;
    if (c === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] += c;
  }
  return parts.map((part) => part.trim());
}

/** The regions of the inputs that make the output cell at `cell`; `shapeOf` gives extents of tensors. */
export function readsOf(
  map: CellMap,
  cell: readonly number[],
  dims: Readonly<Record<string, number>>,
  shapeOf: (tensor: string) => readonly number[],
): Region[] {
  const scope: Record<string, number> = { ...dims };
  // an index shares the name of its dim: inside the brackets the name means the index
  map.indices.forEach((name, i) => {
    scope[name] = at(cell, i, 'cell');
  });
  return map.reads.map(({ tensor, at: indices }) => ({
    tensor,
    ranges: indices.map((text, d) => {
      if (text === '*') return [0, at(shapeOf(tensor), d, tensor)] as const;
      const parsed = parseExpr(text);
      assert(parsed.ok, `index "${text}" of ${tensor}`);
      const index = parsed.value.evaluate(scope);
      return [index, index + 1] as const;
    }),
  }));
}
