// Columnar tables that only grow: one typed array a column. A slice of one is a block that can be
// transferred to another thread and appended to a table of the same schema there.

import { assert } from '../core/assert.ts';

const KINDS = { u8: Uint8Array, u32: Uint32Array, i32: Int32Array, f64: Float64Array } as const;
export type ColumnKind = keyof typeof KINDS;
export type Schema = Readonly<Record<string, ColumnKind>>;
export type Column<K extends ColumnKind> = InstanceType<(typeof KINDS)[K]>;
export type Columns<S extends Schema> = { [Name in keyof S]: Column<S[Name]> };

/** Rows `first … first + count − 1` of a table, in arrays of their own. */
export interface Block<S extends Schema> {
  readonly first: number;
  readonly count: number;
  readonly columns: Columns<S>;
}

function makeColumns<S extends Schema>(schema: S, size: number): Columns<S> {
  const columns: Partial<Record<keyof S, unknown>> = {};
  for (const name in schema) columns[name] = new KINDS[schema[name] as ColumnKind](size);
  return columns as Columns<S>;
}

export class Table<S extends Schema> {
  readonly schema: S;
  /** Filled up to `length`. The arrays are replaced when they grow: do not keep them across appends. */
  columns: Columns<S>;
  length = 0;
  private capacity: number;

  constructor(schema: S, capacity = 256) {
    this.schema = schema;
    this.capacity = capacity;
    this.columns = makeColumns(schema, capacity);
  }

  /** Makes room for `count` more rows and returns the index of the first; the caller fills them all. */
  extend(count = 1): number {
    const first = this.length;
    this.length += count;
    if (this.length > this.capacity) this.grow();
    return first;
  }

  /** Copies rows from … to − 1 into a block; its buffers belong to the caller. */
  block(from = 0, to = this.length): Block<S> {
    assert(from >= 0 && to <= this.length, `rows ${from}…${to} of a table of ${this.length}`);
    const columns = makeColumns(this.schema, to - from);
    for (const name in this.schema) columns[name].set(this.columns[name].subarray(from, to));
    return { first: from, count: to - from, columns };
  }

  /** Adds a block made from a table of the same schema; blocks must arrive in order. */
  append(block: Block<S>): void {
    assert(block.first === this.length, `block starts at row ${block.first}, expected ${this.length}`);
    const at = this.extend(block.count);
    for (const name in this.schema) this.columns[name].set(block.columns[name], at);
  }

  private grow(): void {
    while (this.capacity < this.length) this.capacity *= 2;
    const larger = makeColumns(this.schema, this.capacity);
    for (const name in this.schema) larger[name].set(this.columns[name]);
    this.columns = larger;
  }
}

/** The buffers of a block, for the transfer list of postMessage. */
export function transferables<S extends Schema>(block: Block<S>): ArrayBuffer[] {
  return Object.values<Column<ColumnKind>>(block.columns).map((column) => column.buffer as ArrayBuffer);
}
