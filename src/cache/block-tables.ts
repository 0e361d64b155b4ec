// Block tables: row r lists the pages of one resident sequence, in order of position. One typed array of
// [rows][width], laid out as the GPU's copy is, with the ranges that changed since the copy was updated.

import { assert, at } from '../core/assert.ts';

export class BlockTables {
  readonly rows: number;
  /** Pages a row can hold: the longest sequence, in pages. */
  readonly width: number;
  /** [rows][width] page ids; entries past `lengths[row]` are left over and mean nothing. */
  readonly pages: Int32Array;
  /** Pages in each row. */
  readonly lengths: Int32Array;
  private readonly open: Uint8Array;
  private readonly freeRows: number[];
  private readonly dirtyFrom: Int32Array;
  private readonly dirtyTo: Int32Array;
  private readonly dirty: number[] = [];

  constructor(rows: number, width: number) {
    this.rows = rows;
    this.width = width;
    this.pages = new Int32Array(rows * width);
    this.lengths = new Int32Array(rows);
    this.open = new Uint8Array(rows);
    this.freeRows = Array.from({ length: rows }, (_, i) => rows - 1 - i);
    this.dirtyFrom = new Int32Array(rows);
    this.dirtyTo = new Int32Array(rows);
  }

  get freeRowCount(): number {
    return this.freeRows.length;
  }

  /** An empty row. The caller has checked that one is free. */
  openRow(): number {
    const row = this.freeRows.pop();
    assert(row !== undefined, `all ${this.rows} rows of the block tables are open`);
    this.open[row] = 1;
    this.lengths[row] = 0;
    return row;
  }

  closeRow(row: number): void {
    assert(this.open[row] === 1, `row ${row} is closed twice`);
    assert(this.lengths[row] === 0, `row ${row} is closed with pages in it`);
    this.open[row] = 0;
    this.freeRows.push(row);
  }

  isOpen(row: number): boolean {
    return this.open[row] === 1;
  }

  /** The page that holds positions index·pageSize … of this row. */
  page(row: number, index: number): number {
    return at(this.pages, row * this.width + index, 'block tables');
  }

  /** Appends a page and returns its index. */
  push(row: number, page: number): number {
    const length = at(this.lengths, row, 'rows');
    assert(length < this.width, 'a row of the block tables is full');
    this.pages[row * this.width + length] = page;
    this.lengths[row] = length + 1;
    this.touch(row, length);
    return length;
  }

  /** Puts another page in place of one (copy on write). */
  replace(row: number, index: number, page: number): void {
    assert(index < at(this.lengths, row), 'a row has no page to replace there');
    this.pages[row * this.width + index] = page;
    this.touch(row, index);
  }

  /** Removes and returns the last page of a row. */
  pop(row: number): number {
    const length = at(this.lengths, row, 'rows');
    assert(length > 0, 'a row has no page to give back');
    this.lengths[row] = length - 1;
    return this.page(row, length - 1);
  }

  /** Calls `copy` with each range of `pages` that changed since the last call, then forgets them. */
  drainChanges(copy: (row: number, from: number, to: number) => void): void {
    for (const row of this.dirty) {
      copy(row, at(this.dirtyFrom, row), at(this.dirtyTo, row));
      this.dirtyTo[row] = 0;
    }
    this.dirty.length = 0;
  }

  private touch(row: number, index: number): void {
    if (this.dirtyTo[row] === 0) {
      this.dirty.push(row);
      this.dirtyFrom[row] = index;
      this.dirtyTo[row] = index + 1;
      return;
    }
    this.dirtyFrom[row] = Math.min(at(this.dirtyFrom, row), index);
    this.dirtyTo[row] = Math.max(at(this.dirtyTo, row), index + 1);
  }
}
