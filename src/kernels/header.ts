// Reads what a shader says about itself: its first comment and its @param lines. CONTRIBUTING.md shows a
// whole header. A kernel version is one file, so everything that sets it apart stands in that file.

import type { Failure, Result } from '../core/result.ts';
import { err, failure, ok } from '../core/result.ts';
import { parseExpr } from './expr.ts';
import type { Dtype } from './op.ts';

/** What may vary in a shader: `override N: u32 = 8u; // @param 4 8 16`, the same with const, or the alias Elem. */
export interface Param {
  readonly name: string;
  readonly kind: 'override' | 'const';
  readonly default: number;
  /** What the tuner may try; holds the default. */
  readonly choices: readonly number[];
}

/**
 * A constant that the shape fixes, not the tuner: `const HEAD_DIM: u32 = 64u; // @dim head_dim` takes the
 * value of the dim `head_dim` when the kernel is prepared, so that it may size arrays.
 */
export interface FixedByDim {
  readonly name: string;
  readonly kind: 'override' | 'const';
  readonly dim: string;
}

/** One dispatch: an entry point and its workgroup counts as expressions over dims and params. */
export interface Pass {
  readonly entry: string;
  readonly grid: readonly [string, string, string];
}

/** A buffer between passes: `@scratch partial f32 [SPLIT_K, m, n]`. */
export interface Scratch {
  readonly name: string;
  readonly cells: 'f32' | 'u32' | 'i32';
  readonly shape: readonly string[];
}

export const peaks = ['f32', 'f16', 'dot4i8'] as const;
export type Peak = (typeof peaks)[number];

/** Optional WebGPU features and WGSL language features that a version may need. */
export const needs = ['subgroups', 'shader-f16', 'packed_4x8_integer_dot_product'] as const;
export type Need = (typeof needs)[number];

export interface Header {
  readonly title: string;
  /** What changed against the version before, and why. */
  readonly change: string;
  readonly why: string;
  /** Whether it won, where it was measured. */
  readonly result: string;
  /** The order in which this version sums: versions of one id agree bit for bit (GLOSSARY: reduction id). */
  readonly reduction: string;
  readonly needs: readonly Need[];
  readonly peak: Peak;
  readonly lib: readonly string[];
  readonly passes: readonly Pass[];
  readonly scratch: readonly Scratch[];
  readonly params: readonly Param[];
  readonly fixed: readonly FixedByDim[];
  readonly dtypes: readonly Dtype[];
  /** Conditions over the params: a combination that fails one is no candidate. */
  readonly require: readonly string[];
  /** Condition over dims under which it is benchmarked (it is correct everywhere): `m <= 16`. */
  readonly meantFor: string;
}

const required = ['title', 'change', 'why', 'result', 'reduction', 'pass'] as const;

/** Parses the header of `source`; `path` only names the file in errors. */
export function parseHeader(path: string, source: string): Result<Header, Failure<'bad-header'>> {
  const bad = (message: string, hint: string) => err(failure('bad-header', `${path}: ${message}`, hint));
  const fields = directives(source);
  for (const name of required) {
    if (!fields.has(name))
      return bad(
        `the first comment has no "@${name}".`,
        `Add a line "// @${name} …" (CONTRIBUTING.md shows a header).`,
      );
  }
  const text = (name: string, otherwise = ''): string => fields.get(name)?.join(' ') ?? otherwise;
  const words = (name: string): string[] =>
    text(name)
      .split(/[\s,]+/)
      .filter(Boolean);

  const unknownNeed = words('needs').find((need) => !needs.some((known) => known === need));
  if (unknownNeed) return bad(`"@needs ${unknownNeed}" is not a feature.`, `Known: ${needs.join(', ')}.`);
  const peak = peaks.find((p) => p === text('peak', 'f32'));
  if (!peak) return bad(`"@peak ${text('peak')}" is unknown.`, `Use one of ${peaks.join(', ')}.`);

  const passes: Pass[] = [];
  for (const line of fields.get('pass') ?? []) {
    const match = /^(\w+)\s*\[(.*)\]$/.exec(line);
    const grid = match?.[2] ? splitTop(match[2]) : [];
    const [x, y = '1', z = '1'] = grid;
    if (!match?.[1] || !x || grid.length > 3)
      return bad(
        `"@pass ${line}" is not a pass.`,
        'Write "@pass main [ceil(n / TILE_N), ceil(m / TILE_M)]".',
      );
    for (const part of [x, y, z]) {
      const expr = parseExpr(part);
      if (!expr.ok) return bad(expr.error.message, expr.error.hint);
    }
    passes.push({ entry: match[1], grid: [x, y, z] });
  }
  const scratch: Scratch[] = [];
  for (const line of fields.get('scratch') ?? []) {
    const match = /^(\w+)\s+(f32|u32|i32)\s*\[(.*)\]$/.exec(line);
    if (!match?.[1] || !match[3])
      return bad(`"@scratch ${line}" is not a buffer.`, 'Write "@scratch partial f32 [SPLIT_K, m, n]".');
    scratch.push({ name: match[1], cells: match[2] as Scratch['cells'], shape: splitTop(match[3]) });
  }
  const fixed = [
    ...source.matchAll(/^(override|const)\s+(\w+)\s*:\s*u32\s*=\s*\d+u?;\s*\/\/\s*@dim\s+(\w+)/gm),
  ].map(
    ([, kind, name = '', dim = '']): FixedByDim => ({
      name,
      kind: kind === 'override' ? 'override' : 'const',
      dim,
    }),
  );
  const params: Param[] = [];
  let dtypes: Dtype[] = ['f32'];
  for (const match of source.matchAll(
    /^(override|const|alias)\s+(\w+)(?:\s*:\s*u32)?\s*=\s*([^;]+);\s*\/\/\s*@param(.*)$/gm,
  )) {
    const [, kind, name = '', value = '', rest = ''] = match;
    const choices = rest.trim().split(/\s+/).filter(Boolean);
    if (kind === 'alias') {
      if (name !== 'Elem')
        return bad(
          `"alias ${name}" cannot be a parameter.`,
          'Only "alias Elem = f32; // @param f32 f16" is.',
        );
      dtypes = choices.filter((c): c is Dtype => c === 'f32' || c === 'f16');
      continue;
    }
    const number = Number.parseInt(value, 10);
    const numbers = choices.map(Number);
    if (!Number.isInteger(number) || numbers.some((n) => !Number.isInteger(n))) {
      return bad(`parameter ${name} is not an integer.`, `Write "const ${name}: u32 = 4u; // @param 2 4 8".`);
    }
    if (numbers.length > 0 && !numbers.includes(number))
      return bad(
        `parameter ${name}: its default ${number} is not among its choices.`,
        'Add it to the @param list.',
      );
    params.push({
      name,
      kind: kind === 'override' ? 'override' : 'const',
      default: number,
      choices: numbers.length > 0 ? numbers : [number],
    });
  }
  return ok({
    title: text('title'),
    change: text('change'),
    why: text('why'),
    result: text('result'),
    reduction: text('reduction'),
    needs: words('needs') as Need[],
    peak,
    lib: words('lib'),
    passes,
    scratch,
    params,
    fixed,
    dtypes,
    require: fields.get('require') ?? [],
    meantFor: text('for', '1'),
  });
}

/** The `@name text` lines of the first comment; a line without a directive continues the one before. */
function directives(source: string): Map<string, string[]> {
  const fields = new Map<string, string[]>();
  let open: string[] | undefined;
  for (const line of source.split('\n')) {
    const comment = /^\/\/ ?(.*)$/.exec(line);
    if (!comment) {
      if (line.trim() === '' && fields.size === 0) continue;
      break;
    }
    const directive = /^@(\w+)\s*(.*)$/.exec(comment[1] ?? '');
    if (directive?.[1]) {
      open = fields.get(directive[1]) ?? [];
      open.push(directive[2] ?? '');
      fields.set(directive[1], open);
    } else if (open && comment[1]?.trim()) {
      open[open.length - 1] = `${open.at(-1)} ${comment[1].trim()}`;
    }
  }
  return fields;
}

/** Splits at commas that stand outside parentheses. */
function splitTop(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i <= text.length; i++) {
    const c = text[i] ?? ',';
    if (c === '(') depth++;
    else if (c === ')') depth--;
    else if (c === ',' && depth === 0) {
      parts.push(text.slice(start, i).trim());
      start = i + 1;
    }
  }
  return parts;
}

/** First line after the header comment, and the directives around it; counted from 1. */
export function codeStart(source: string): number {
  const lines = source.split('\n');
  const start = lines.findIndex(
    (line) => line.trim() !== '' && !/^(\/\/|(enable|requires|diagnostic)\b)/.test(line),
  );
  return Math.max(0, start) + 1;
}
