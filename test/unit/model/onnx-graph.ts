// Writes an ONNX model of many nodes: the few protobuf fields that a runtime needs (field numbers of onnx.proto3).

type Bytes = Uint8Array<ArrayBuffer>;
const types = { float: 1, int32: 6, int64: 7 } as const;

function varint(value: number): Bytes {
  const out: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) out.push((rest % 128) + 128);
  return Uint8Array.from([...out, rest]);
}

function concat(parts: readonly Bytes[]): Bytes {
  const out = new Uint8Array(parts.reduce((sum, p) => sum + p.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

const int = (field: number, value: number): Bytes => concat([varint(field * 8), varint(value)]);
const message = (field: number, ...parts: readonly Bytes[]): Bytes => {
  const body = concat(parts);
  return concat([varint(field * 8 + 2), varint(body.length), body]);
};
const text = (field: number, value: string): Bytes => message(field, new TextEncoder().encode(value));
const float = (field: number, value: number): Bytes =>
  concat([varint(field * 8 + 5), new Uint8Array(new Float32Array([value]).buffer)]);

export interface Shape {
  readonly type: keyof typeof types;
  readonly dims: readonly number[];
}

const value = (field: number, name: string, { type, dims }: Shape): Bytes =>
  message(
    field,
    text(1, name),
    message(2, message(1, int(1, types[type]), message(2, ...dims.map((d) => message(1, int(1, d)))))),
  );

/** Collects nodes and constants; every method gives back the name of what it made. */
export class OnnxGraph {
  readonly #nodes: Bytes[] = [];
  readonly #constants: Bytes[] = [];
  #count = 0;

  constant(
    dims: readonly number[],
    cells: Float32Array | Int32Array,
    type: 'float' | 'int32' = 'float',
  ): string {
    const name = `c${this.#count++}`;
    const raw = new Uint8Array(cells.slice().buffer as ArrayBuffer);
    this.#constants.push(
      message(5, ...dims.map((d) => int(1, d)), int(2, types[type]), text(8, name), message(9, raw)),
    );
    return name;
  }

  /** Adds a node; an empty input name leaves an optional input out. Numbers that are not whole become floats. */
  node(
    operator: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, number | { readonly float: number } | readonly number[]>> = {},
    more: { readonly outputs?: number; readonly domain?: string } = {},
  ): string[] {
    const outputs = Array.from({ length: more.outputs ?? 1 }, () => `v${this.#count++}`);
    const attribute = (name: string, v: number | { readonly float: number } | readonly number[]): Bytes => {
      if (typeof v === 'number') return message(5, text(1, name), int(3, v), int(20, 2));
      if ('float' in v) return message(5, text(1, name), float(2, v.float), int(20, 1));
      return message(5, text(1, name), ...v.map((n) => int(8, n)), int(20, 7));
    };
    this.#nodes.push(
      message(
        1,
        ...inputs.map((name) => text(1, name)),
        ...outputs.map((name) => text(2, name)),
        text(4, operator),
        ...Object.entries(attributes).map(([name, v]) => attribute(name, v)),
        text(7, more.domain ?? ''),
      ),
    );
    return outputs;
  }

  model(inputs: Readonly<Record<string, Shape>>, output: string, shape: Shape): Bytes {
    return concat([
      int(1, 10),
      text(2, 'lockstep tests'),
      message(
        7,
        ...this.#nodes,
        text(2, 'model'),
        ...this.#constants,
        ...Object.entries(inputs).map(([name, s]) => value(11, name, s)),
        value(12, output, shape),
      ),
      message(8, text(1, ''), int(2, 21)),
      message(8, text(1, 'com.microsoft'), int(2, 1)),
    ]);
  }
}
