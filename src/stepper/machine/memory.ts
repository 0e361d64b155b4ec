// Byte-addressed memories: the workgroup's own and the bound buffers, each under one set of typed views.

/** A memory under all the views that instructions use. Its size is padded to whole words. */
export class MemoryView {
  readonly bytes: Uint8Array;
  readonly I: Int32Array;
  readonly U: Uint32Array;
  readonly F: Float32Array;
  readonly H: Uint16Array;
  /** Bytes that were bound; runtime-sized arrays get their length from it. */
  readonly size: number;

  constructor(size: number) {
    this.size = size;
    const buffer = new ArrayBuffer(Math.max(4, Math.ceil(size / 4) * 4));
    this.bytes = new Uint8Array(buffer);
    this.I = new Int32Array(buffer);
    this.U = new Uint32Array(buffer);
    this.F = new Float32Array(buffer);
    this.H = new Uint16Array(buffer);
  }

  static of(bytes: Uint8Array): MemoryView {
    const view = new MemoryView(bytes.length);
    view.bytes.set(bytes);
    return view;
  }

  /** The bytes as they were bound: without the padding. */
  content(): Uint8Array {
    return this.bytes.slice(0, this.size);
  }
}

let decoded: Float32Array | undefined;

/** All 65536 half floats as f32. */
export function halfTable(decode: (bits: number) => number): Float32Array {
  if (!decoded) {
    decoded = new Float32Array(65536);
    for (let i = 0; i < 65536; i++) decoded[i] = decode(i);
  }
  return decoded;
}
