// What a kernel binds: buffers by name and the fields of its uniform struct. It reads declarations only,
// which are regular enough for a pattern; the stepper's front end reads the language itself.

import { refuse } from './mistake.ts';

export interface Binding {
  readonly group: number;
  readonly binding: number;
  readonly name: string;
  readonly access: 'uniform' | 'read' | 'read_write';
  /** The WGSL type as written: `array<vec4<Elem>>`. */
  readonly type: string;
}

export interface UniformField {
  readonly name: string;
  readonly type: 'u32' | 'i32' | 'f32';
  /** Bytes from the start of the struct. */
  readonly offset: number;
}

export interface Reflection {
  readonly bindings: readonly Binding[];
  /** Fields of the one uniform struct, in order; empty without one. */
  readonly uniform: readonly UniformField[];
  /** Bytes of the uniform buffer, a multiple of 16. */
  readonly uniformSize: number;
  /** Entry point names, in order. */
  readonly entries: readonly string[];
}

export const stripComments = (source: string): string =>
  source.replace(/\/\*[\s\S]*?\*\//g, ' ').replace(/\/\/.*$/gm, '');

/** Bindings and entry points of any WGSL, whatever its uniforms are made of. */
export const declared = (source: string): Pick<Reflection, 'bindings' | 'entries'> => {
  const code = stripComments(source);
  return { bindings: bindingsOf(code), entries: entriesOf(code) };
};

const entriesOf = (code: string): readonly string[] =>
  [...code.matchAll(/@compute[^{]*?\bfn\s+(\w+)/g)].map((m) => m[1] ?? '');

function bindingsOf(code: string): readonly Binding[] {
  const bindings: Binding[] = [];
  const declaration =
    /@group\((\d+)\)\s*@binding\((\d+)\)\s*var\s*<\s*(uniform|storage)\s*(?:,\s*(\w+)\s*)?>\s*(\w+)\s*:\s*([^;]+);/g;
  for (const [, group, binding, space, access, name = '', type = ''] of code.matchAll(declaration)) {
    bindings.push({
      group: Number(group),
      binding: Number(binding),
      name,
      access: space === 'uniform' ? 'uniform' : access === 'read_write' ? 'read_write' : 'read',
      type: type.trim(),
    });
  }
  return bindings;
}

/** Reflects bindings, uniform fields and entry points of valid WGSL. Throws SourceMistake on a uniform that is not scalar. */
export function reflect(source: string): Reflection {
  const code = stripComments(source);
  const bindings = bindingsOf(code);
  const uniform: UniformField[] = [];
  const struct = bindings.find((b) => b.access === 'uniform')?.type;
  if (struct) {
    const body = new RegExp(`struct\\s+${struct}\\s*\\{([^}]*)\\}`).exec(code)?.[1] ?? '';
    for (const [, name = '', type] of body.matchAll(/(\w+)\s*:\s*([\w<>]+)/g)) {
      refuse(
        type === 'u32' || type === 'i32' || type === 'f32',
        `uniform field ${struct}.${name} is ${type}; only u32, i32 and f32 are filled by name`,
        `struct ${struct}`,
      );
      uniform.push({ name, type, offset: uniform.length * 4 });
    }
  }
  return {
    bindings,
    uniform,
    uniformSize: Math.ceil((uniform.length * 4) / 16) * 16,
    entries: entriesOf(code),
  };
}

/** Fills a uniform struct by field name. Throws SourceMistake when `values` misses one. */
export function packUniform(reflection: Reflection, values: Readonly<Record<string, number>>): ArrayBuffer {
  const buffer = new ArrayBuffer(reflection.uniformSize);
  const view = new DataView(buffer);
  for (const field of reflection.uniform) {
    const value = values[field.name];
    refuse(
      value !== undefined,
      `uniform field ${field.name} has no value; known: ${Object.keys(values).join(', ')}`,
      `${field.name}:`,
    );
    if (field.type === 'f32') view.setFloat32(field.offset, value, true);
    else if (field.type === 'i32') view.setInt32(field.offset, value, true);
    else view.setUint32(field.offset, value, true);
  }
  return buffer;
}
