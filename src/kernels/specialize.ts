// The one place that changes a shader's text: sets `const … // @param` and `alias Elem`, appends the lib
// files it names, and puts `enable` directives first. Everything else in a shader is as on disk.

import { assert } from '../core/assert.ts';
import { dimOf } from './dims.ts';
import type { Header } from './header.ts';
import { refuse } from './mistake.ts';
import type { Dims, Dtype } from './op.ts';

/** Values of a version's params by name; what is left out keeps its default. */
export type ParamValues = Readonly<Record<string, number>>;

export interface Specialized {
  readonly code: string;
  /** Values for `override` declarations, for the pipeline. */
  readonly constants: Readonly<Record<string, number>>;
  /** Every param with its value, defaults included, and every constant that a dim fixed. */
  readonly params: ParamValues;
}

/** Throws when a value is given for a param that the version does not declare. */
export function specialize(
  source: string,
  header: Pick<Header, 'params' | 'lib'> & Partial<Pick<Header, 'fixed'>>,
  dtype: Dtype,
  values: ParamValues,
  lib: Readonly<Record<string, string>>,
  dims: Dims = {},
): Specialized {
  for (const name of Object.keys(values)) {
    assert(
      header.params.some((p) => p.name === name),
      `no parameter ${name}; this version has ${header.params.map((p) => p.name).join(', ') || 'none'}`,
    );
  }
  let code = source;
  const constants: Record<string, number> = {};
  const params: Record<string, number> = {};
  const set = (name: string, kind: 'override' | 'const', value: number): void => {
    params[name] = value;
    if (kind === 'override') constants[name] = value;
    else
      code = code.replace(
        new RegExp(`^(const\\s+${name}\\s*:\\s*u32\\s*=\\s*)\\d+u?(?=;)`, 'm'),
        `$1${value}u`,
      );
  };
  for (const param of header.params) set(param.name, param.kind, values[param.name] ?? param.default);
  for (const { name, kind, dim } of header.fixed ?? []) set(name, kind, dimOf(dims, dim));
  code = code.replace(/^(alias\s+Elem\s*=\s*)\w+(?=;)/m, `$1${dtype}`);
  for (const name of header.lib) {
    const text = lib[name];
    refuse(text !== undefined, `shaders/lib/${name}.wgsl does not exist`, '@lib');
    code += `\n// ---- lib/${name}.wgsl ----\n${text}`;
  }
  const usesHalf = /\bf16\b/.test(code.replace(/\/\/.*$/gm, ''));
  const enables = new Set(
    [...code.matchAll(/^enable\s+([\w, ]+);/gm)].flatMap((m) => (m[1] ?? '').split(/\s*,\s*/)),
  );
  if (usesHalf) enables.add('f16');
  // line numbers stay those of the file: directives share the first line
  code = code.replace(/^enable\s+[\w, ]+;/gm, '');
  const directives = [...enables].map((name) => `enable ${name};`).join(' ');
  return { code: directives ? `${directives} ${code}` : code, constants, params };
}
