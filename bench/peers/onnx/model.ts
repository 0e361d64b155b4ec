// Writes ONNX models of one node: the few protobuf fields that a runtime needs (field numbers from onnx.proto3).

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

type Bytes = Uint8Array;

function varint(value: number): Bytes {
  const out: number[] = [];
  let rest = value;
  while (rest > 127) {
    out.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
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

/** A varint field. */
const int = (field: number, value: number): Bytes => concat([varint(field * 8), varint(value)]);
/** A length-delimited field: a message, a string or bytes. */
const bytes = (field: number, ...parts: readonly Bytes[]): Bytes => {
  const body = concat(parts);
  return concat([varint(field * 8 + 2), varint(body.length), body]);
};
const text = (field: number, value: string): Bytes => bytes(field, new TextEncoder().encode(value));

const valueInfo = (field: number, { name, type, dims }: TensorInfo): Bytes =>
  bytes(
    field,
    text(1, name),
    bytes(2, bytes(1, int(1, elementTypes[type]), bytes(2, ...dims.map((d) => bytes(1, int(1, d)))))),
  );

/** ModelProto with one node; every graph input without data is an input of the model. */
export function modelOf(of: OneNode): Bytes {
  const { operator, domain, attributes, output, shared = [] } = of;
  const inputs = presentInputs(of);
  const node = bytes(
    1,
    ...of.inputs.map((input) => text(1, input === 'absent' ? '' : input.name)),
    ...[output, ...shared].map(({ name }) => text(2, name)),
    text(4, operator),
    ...Object.entries(attributes).map(([name, value]) => bytes(5, text(1, name), int(3, value), int(20, 2))),
    text(7, domain),
  );
  const constants = inputs.flatMap(({ name, type, dims, data }) =>
    data
      ? [bytes(5, ...dims.map((d) => int(1, d)), int(2, elementTypes[type]), text(8, name), bytes(9, data))]
      : [],
  );
  const graph = bytes(
    7,
    node,
    text(2, operator),
    ...constants,
    ...inputs.filter(({ data }) => !data).map((input) => valueInfo(11, input)),
    ...[output, ...shared].map((info) => valueInfo(12, info)),
  );
  const operators = (name: string, version: number): Bytes => bytes(8, text(1, name), int(2, version));
  return concat([
    int(1, 10),
    text(2, 'lockstep'),
    graph,
    operators('', 21),
    ...(domain ? [operators(domain, 1)] : []),
  ]);
}
