// How much workgroup memory a shader takes, from its declarations, so that a device which has less can
// refuse by name before the driver does.

import type { Scope } from './expr.ts';
import { evaluateIn, refuse } from './mistake.ts';
import { stripComments } from './reflect.ts';

/** Size and alignment in bytes (WGSL, "Alignment and Size"). */
interface Extent {
  readonly size: number;
  readonly align: number;
}

const scalars: Readonly<Record<string, number>> = { f32: 4, i32: 4, u32: 4, f16: 2, bool: 4 };
const suffixes: Readonly<Record<string, string>> = { f: 'f32', i: 'i32', u: 'u32', h: 'f16' };
const roundUp = (n: number, unit: number): number => Math.ceil(n / unit) * unit;

/**
 * Bytes of all `var<workgroup>` of final WGSL, params set; `overrides` holds the pipeline's constants.
 * Throws SourceMistake on a type that it does not know.
 */
export function workgroupBytes(code: string, overrides: Scope = {}): number {
  const text = stripComments(code);
  const aliases = new Map(
    [...text.matchAll(/^\s*alias\s+(\w+)\s*=\s*([^;]+);/gm)].map((m) => [m[1], m[2] ?? '']),
  );
  const constants = new Map(
    [...text.matchAll(/^\s*(?:const|override)\s+(\w+)[^=;]*=\s*([^;]+);/gm)].map((m) => [m[1], m[2] ?? '']),
  );

  const number = (expression: string): number => {
    const plain = expression.replace(/\b(\d+)[ui]\b/g, '$1').trim();
    const scope: Record<string, number> = {};
    for (const [name] of plain.matchAll(/[A-Za-z_]\w*(?!\w*\s*\()/g)) {
      const value = overrides[name] ?? (constants.has(name) ? number(constants.get(name) ?? '') : undefined);
      if (value !== undefined) scope[name] = value;
    }
    return Math.floor(evaluateIn(plain, scope));
  };

  const extent = (type: string): Extent => {
    const name = type.trim();
    const scalar = scalars[name];
    if (scalar !== undefined) return { size: scalar, align: scalar };
    const alias = aliases.get(name);
    if (alias !== undefined) return extent(alias);
    const array = /^array\s*<([\s\S]*)>$/.exec(name);
    if (array) {
      const [element = '', count = ''] = parts(array[1] ?? '');
      const { size, align } = extent(element);
      return { size: roundUp(size, align) * number(count), align };
    }
    const atomic = /^atomic\s*<([\s\S]*)>$/.exec(name);
    if (atomic) return extent(atomic[1] ?? '');
    const vector = /^vec([234])(?:<\s*(\w+)\s*>|([fiuh]))$/.exec(name);
    if (vector) return vectorOf(Number(vector[1]), extent(vector[2] ?? suffixes[vector[3] ?? ''] ?? '').size);
    const matrix = /^mat([234])x([234])(?:<\s*(\w+)\s*>|([fh]))$/.exec(name);
    if (matrix) {
      const column = vectorOf(Number(matrix[2]), extent(matrix[3] ?? suffixes[matrix[4] ?? ''] ?? '').size);
      return { size: roundUp(column.size, column.align) * Number(matrix[1]), align: column.align };
    }
    const members = new RegExp(`struct\\s+${name}\\s*\\{([^}]*)\\}`).exec(text)?.[1];
    refuse(members !== undefined, `"${name}" in workgroup memory is no known type`, name);
    return structOf(
      parts(members)
        .filter(Boolean)
        .map((member) => extent(member.slice(member.indexOf(':') + 1))),
    );
  };

  return [...text.matchAll(/var\s*<\s*workgroup\s*>\s*\w+\s*:\s*([^;]+);/g)].reduce(
    (sum, [, type = '']) => roundUp(sum, 16) + extent(type).size,
    0,
  );
}

/** Splits at commas that stand outside brackets: of a template list or of a struct's members. */
function parts(text: string): string[] {
  const out = [''];
  let depth = 0;
  for (const c of text) {
    depth += c === '<' || c === '(' ? 1 : c === '>' || c === ')' ? -1 : 0;
    if (c === ',' && depth === 0) out.push('');
    else out[out.length - 1] += c;
  }
  return out.map((part) => part.trim());
}

const vectorOf = (cells: number, cell: number): Extent => ({
  size: cells * cell,
  align: (cells === 3 ? 4 : cells) * cell,
});

function structOf(members: readonly Extent[]): Extent {
  const align = Math.max(1, ...members.map((member) => member.align));
  const end = members.reduce((at, member) => roundUp(at, member.align) + member.size, 0);
  return { size: roundUp(end, align), align };
}
