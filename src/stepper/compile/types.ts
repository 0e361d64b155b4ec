// Types as written in the source: predeclared names, templates, aliases, structs. What this machine leaves
// out (textures, samplers, 64-bit) is refused by name.

import type { ExpressionElem, Located, TypeRefElem } from '../front/parse.ts';
import {
  arrayOf,
  ERROR,
  matrix,
  type Scalar,
  type Space,
  scalar,
  scalarKind,
  type Type,
  typeName,
  vector,
} from '../front/types.ts';
import type { Context } from './context.ts';

const SCALARS: Readonly<Record<string, Scalar>> = {
  bool: 'bool',
  i32: 'i32',
  u32: 'u32',
  f32: 'f32',
  f16: 'f16',
};
const SUFFIXES: Readonly<Record<string, Scalar>> = { i: 'i32', u: 'u32', f: 'f32', h: 'f16' };
const SPACES: readonly string[] = ['function', 'private', 'workgroup', 'storage', 'uniform'];

/** A type's name and its template arguments, however the parser wrote them. */
export interface TypeWriting extends Located {
  readonly name: string;
  readonly templates: readonly ExpressionElem[];
}

export function writing(node: TypeRefElem | (ExpressionElem & { kind: 'ref' })): TypeWriting {
  const { start, end } = node;
  return node.kind === 'ref'
    ? { name: node.ident.originalName, templates: [], start, end }
    : { name: node.name.originalName, templates: node.templateParams ?? [], start, end };
}

const asType = (e: ExpressionElem): TypeWriting | undefined =>
  e.kind === 'ref' || e.kind === 'type' ? writing(e) : undefined;

interface Shorthand {
  readonly kind: 'vector' | 'matrix';
  readonly a: number;
  readonly b: number;
  /** Absent where the name leaves the element type open. */
  readonly scalar: Scalar | undefined;
}

/** Predeclared names of vectors and matrices: vec3, vec3f, mat2x4h. A table, because every name that is called
 * is looked up here. */
const SHORTHANDS: ReadonlyMap<string, Shorthand> = new Map<string, Shorthand>(
  [2, 3, 4].flatMap((a) => [
    ...['', 'i', 'u', 'f', 'h'].map(
      (s) => [`vec${a}${s}`, { kind: 'vector', a, b: 0, scalar: SUFFIXES[s] }] as const,
    ),
    ...[2, 3, 4].flatMap((b) =>
      ['', 'f', 'h'].map((s) => [`mat${a}x${b}${s}`, { kind: 'matrix', a, b, scalar: SUFFIXES[s] }] as const),
    ),
  ]),
);

/** A constructor whose element type is left to its arguments: vec3(…), mat2x2(…), array(…). */
export type Generator =
  | { readonly kind: 'vector'; readonly size: number }
  | { readonly kind: 'matrix'; readonly columns: number; readonly rows: number }
  | { readonly kind: 'array' };

export function generator(c: Context, w: TypeWriting): Generator | undefined {
  if (w.templates.length > 0 || c.find(w.name)) return undefined;
  if (w.name === 'array') return { kind: 'array' };
  const s = SHORTHANDS.get(w.name);
  if (!s || s.scalar !== undefined) return undefined;
  return s.kind === 'vector' ? { kind: 'vector', size: s.a } : { kind: 'matrix', columns: s.a, rows: s.b };
}

/** Whether a name means a type here (a variable of the same name hides it). */
export function isTypeName(c: Context, w: TypeWriting): boolean {
  const own = c.find(w.name);
  if (own) return own.kind === 'type';
  return (
    SCALARS[w.name] !== undefined ||
    SHORTHANDS.get(w.name) !== undefined ||
    ['array', 'atomic', 'ptr'].includes(w.name) ||
    /^(texture_|sampler)/.test(w.name)
  );
}

function halfAllowed(c: Context, w: TypeWriting): void {
  if (!c.unit.extensions.has('f16')) {
    c.fail('type', w, 'f16 is used, but not enabled.', 'Write "enable f16;" as the first line.');
  }
}

/** The type that a node names; ERROR after a diagnostic. */
export function resolveType(c: Context, w: TypeWriting): Type {
  const fail = (message: string, hint: string): Type => {
    c.fail('type', w, message, hint);
    return ERROR;
  };
  const own = c.find(w.name);
  if (own) {
    if (own.kind === 'type') return own.type;
    return fail(`${w.name} is not a type.`, 'Name a type here.');
  }
  const plain = SCALARS[w.name];
  if (plain) {
    if (plain === 'f16') halfAllowed(c, w);
    return scalar(plain);
  }
  const short = SHORTHANDS.get(w.name);
  if (short) {
    const s = short.scalar ?? elementScalar(c, w);
    if (s === undefined)
      return fail(`${w.name} needs an element type.`, `Write ${w.name}<f32>, for example.`);
    if (s === 'f16' && short.scalar) halfAllowed(c, w);
    if (short.kind === 'vector') return vector(s, short.a);
    if (s !== 'f32' && s !== 'f16')
      return fail(`Matrices hold f32 or f16, not ${s}.`, 'Use a float element type.');
    return matrix(s, short.a, short.b);
  }
  if (w.name === 'array') return arrayType(c, w, fail);
  if (w.name === 'atomic') {
    const s = elementScalar(c, w);
    return s === 'i32' || s === 'u32'
      ? { kind: 'atomic', scalar: s }
      : fail('Atomics hold i32 or u32.', 'Write atomic<u32>.');
  }
  if (w.name === 'ptr') return pointerType(c, w, fail);
  if (/^(texture_|sampler)/.test(w.name)) {
    c.fail(
      'unsupported',
      w,
      `${w.name} is not supported here.`,
      'The stepper runs compute kernels on buffers; use a storage buffer.',
    );
    return ERROR;
  }
  c.fail(
    'name',
    w,
    `There is no type ${w.name}.`,
    'Declare it as a struct or an alias, or correct its name.',
  );
  return ERROR;
}

type Fail = (message: string, hint: string) => Type;

function elementScalar(c: Context, w: TypeWriting): Scalar | undefined {
  const first = w.templates[0];
  const named = first && asType(first);
  if (!named) return undefined;
  const t = resolveType(c, named);
  return t.kind === 'scalar' ? scalarKind(t) : undefined;
}

function arrayType(c: Context, w: TypeWriting, fail: Fail): Type {
  const [first, second] = w.templates;
  const named = first && asType(first);
  if (!named) return fail('array needs an element type.', 'Write array<f32, 4>.');
  const element = resolveType(c, named);
  if (element.kind === 'error') return ERROR;
  if (!second) return arrayOf(element);
  const count = c.value(second);
  if (count.kind === 'error') return ERROR;
  const n = count.kind === 'constant' ? Number(count.data[0]) : Number.NaN;
  if (!Number.isInteger(n))
    return fail('The size of an array must be a constant.', 'Use a literal, a const or an override.');
  if (n < 1) return fail(`An array cannot have ${n} elements.`, 'Give it at least one.');
  if (n > 1 << 26) {
    c.fail('limit', w, `An array of ${n} elements is too large.`, 'Keep arrays under 67 million elements.');
    return ERROR;
  }
  return arrayOf(element, n);
}

function pointerType(c: Context, w: TypeWriting, fail: Fail): Type {
  const [space, store, access] = w.templates.map(asType);
  if (!space || !store || !SPACES.includes(space.name)) {
    return fail('ptr needs an address space and a type.', 'Write ptr<function, f32>.');
  }
  const to = resolveType(c, store);
  if (to.kind === 'error') return ERROR;
  const mode = access?.name ?? (space.name === 'storage' || space.name === 'uniform' ? 'read' : 'read_write');
  if (mode !== 'read' && mode !== 'read_write')
    return fail(`There is no access ${mode} here.`, `Use read or read_write for ${typeName(to)}.`);
  return { kind: 'pointer', space: space.name as Space, store: to, access: mode };
}
