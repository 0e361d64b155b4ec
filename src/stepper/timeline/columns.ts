// Typed arrays that grow: what a recording is made of.

type Typed = Uint8Array | Uint16Array | Int32Array | Uint32Array;

/** A growing column of numbers. */
export class Column<T extends Typed> {
  private data: T;
  length = 0;
  private readonly make: (length: number) => T;

  constructor(make: (length: number) => T) {
    this.make = make;
    this.data = make(1024);
  }

  push(x: number): void {
    if (this.length === this.data.length) {
      const larger = this.make(this.length * 2);
      larger.set(this.data);
      this.data = larger;
    }
    this.data[this.length++] = x;
  }

  at(i: number): number {
    return this.data[i] as number;
  }

  /** What has been pushed, without copying. */
  view(): T {
    return this.data.subarray(0, this.length) as T;
  }

  /** A copy of a range. */
  slice(from: number, to: number): T {
    return this.data.slice(from, to) as T;
  }
}

export const bytes = (): Column<Uint8Array> => new Column((n) => new Uint8Array(n));
export const shorts = (): Column<Uint16Array> => new Column((n) => new Uint16Array(n));
export const ints = (): Column<Int32Array> => new Column((n) => new Int32Array(n));
export const words = (): Column<Uint32Array> => new Column((n) => new Uint32Array(n));
