// Writes ONNX models of one node: the few fields that a runtime needs.

import { type Bytes, concat, constant, int, message, text, valueInfo } from './protobuf.ts';

/** ONNX's numbers of element types. */
export const elementTypes = { float32: 1, uint8: 2, int8: 3, int32: 6, float16: 10 } as const;
export type ElementType = keyof typeof elementTypes;

export interface TensorInfo {
  readonly name: string;
  readonly type: ElementType;
  readonly dims: readonly number[];
}

export interface OneNode {
  readonly operator: string;
  /** `ai.onnx` when empty; `com.microsoft` for MatMulNBits. */
  readonly domain: '' | 'com.microsoft';
  readonly attributes: Readonly<Record<string, number>>;
  /** In the operator's order; those with data are constants of the model. */
  readonly inputs: readonly (NodeInput | 'absent')[];
  readonly output: TensorInfo;
  /** Further outputs, each written into the buffer of the input that it continues. */
  readonly shared?: readonly (TensorInfo & { readonly with: string })[];
}

export type NodeInput = TensorInfo & { readonly data?: Uint8Array };

/** The inputs that are there. */
export const presentInputs = ({ inputs }: OneNode): NodeInput[] =>
  inputs.filter((input) => input !== 'absent');

const info = (field: number, { name, type, dims }: TensorInfo): Bytes =>
  valueInfo(field, name, elementTypes[type], dims);

/** ModelProto with one node; every graph input without data is an input of the model. */
export function modelOf(of: OneNode): Bytes {
  const { operator, domain, attributes, output, shared = [] } = of;
  const inputs = presentInputs(of);
  const node = message(
    1,
    ...of.inputs.map((input) => text(1, input === 'absent' ? '' : input.name)),
    ...[output, ...shared].map(({ name }) => text(2, name)),
    text(4, operator),
    ...Object.entries(attributes).map(([name, value]) =>
      message(5, text(1, name), int(3, value), int(20, 2)),
    ),
    text(7, domain),
  );
  const constants = inputs.flatMap(({ name, type, dims, data }) =>
    data ? [constant(name, elementTypes[type], dims, data)] : [],
  );
  const graph = message(
    7,
    node,
    text(2, operator),
    ...constants,
    ...inputs.filter(({ data }) => !data).map((input) => info(11, input)),
    ...[output, ...shared].map((out) => info(12, out)),
  );
  const operators = (name: string, version: number): Bytes => message(8, text(1, name), int(2, version));
  return concat([
    int(1, 10),
    text(2, 'lockstep'),
    graph,
    operators('', 21),
    ...(domain ? [operators(domain, 1)] : []),
  ]);
}
