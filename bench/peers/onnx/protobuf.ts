// What ONNX models are written with: the wire format of protobuf, and the constants and inputs of a graph (field numbers of
// onnx.proto3).

export type Bytes = Uint8Array<ArrayBuffer>;

function varint(value: number): Bytes {
  const out: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) out.push((rest % 128) + 128);
  return Uint8Array.from([...out, rest]);
}

export function concat(parts: readonly Uint8Array[]): Bytes {
  const out = new Uint8Array(parts.reduce((sum, p) => sum + p.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** A varint field. */
export const int = (field: number, value: number): Bytes => concat([varint(field * 8), varint(value)]);
/** A length-delimited field: a message, a string or bytes. */
export const message = (field: number, ...parts: readonly Uint8Array[]): Bytes => {
  const body = concat(parts);
  return concat([varint(field * 8 + 2), varint(body.length), body]);
};
export const text = (field: number, value: string): Bytes => message(field, new TextEncoder().encode(value));
/** A 32-bit float field. */
export const float = (field: number, value: number): Bytes =>
  concat([varint(field * 8 + 5), new Uint8Array(new Float32Array([value]).buffer)]);

const dimensions = (dims: readonly number[]): Bytes[] => dims.map((d) => int(1, d));

/** ValueInfoProto: what goes in or comes out under a name. `type`: ONNX's number of the element type. */
export const valueInfo = (field: number, name: string, type: number, dims: readonly number[]): Bytes =>
  message(
    field,
    text(1, name),
    message(2, message(1, int(1, type), message(2, ...dimensions(dims).map((d) => message(1, d))))),
  );

/** TensorProto: a constant of the graph. */
export const constant = (name: string, type: number, dims: readonly number[], data: Uint8Array): Bytes =>
  message(5, ...dimensions(dims), int(2, type), text(8, name), message(9, data));
