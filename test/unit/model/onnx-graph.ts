// Writes an ONNX model of many nodes: the few fields that a runtime needs.

import {
  type Bytes,
  concat,
  constant,
  float,
  int,
  message,
  text,
  valueInfo,
} from '../../../bench/peers/onnx/protobuf.ts';

const types = { float: 1, int32: 6, int64: 7 } as const;

export interface Shape {
  readonly type: keyof typeof types;
  readonly dims: readonly number[];
}

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
    this.#constants.push(constant(name, types[type], dims, raw));
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
        ...Object.entries(inputs).map(([name, s]) => valueInfo(11, name, types[s.type], s.dims)),
        valueInfo(12, output, types[shape.type], shape.dims),
      ),
      message(8, text(1, ''), int(2, 21)),
      message(8, text(1, 'com.microsoft'), int(2, 1)),
    ]);
  }
}
