// What a plan would cost in pages, without touching one: the same arithmetic for the strategies, which
// plan from a read-only view, and for the engine, which checks a plan before it moves anything.

/** The read-only columns of the cache that planning needs; they survive structuredClone. */
export interface PageColumns {
  readonly pageSize: number;
  /** Holders a page. */
  readonly refs: Int32Array;
  /** [rows][width] page ids. */
  readonly tables: Int32Array;
  readonly width: number;
  /** Pages in each row. */
  readonly lengths: Int32Array;
}

export class PageLedger {
  /** Pages that the rest of the plan may still take; negative when the plan took too many. */
  free: number;
  private readonly pages: PageColumns;
  /** Holders gained or lost by this plan, by page; made when first needed. */
  private moved: Map<number, number> | undefined;

  constructor(pages: PageColumns, free: number) {
    this.pages = pages;
    this.free = free;
  }

  /** Pages that writing positions from … tokens − 1 of a row takes, a copy of a shared page included. */
  need(row: number, from: number, tokens: number): number {
    const { pageSize, lengths } = this.pages;
    const held = lengths[row] ?? 0;
    const more = Math.max(0, Math.ceil(tokens / pageSize) - held);
    return more + (this.writesShared(row, from, tokens, held) ? 1 : 0);
  }

  /** Takes the pages that `need` counts. */
  write(row: number, from: number, tokens: number): void {
    const need = this.need(row, from, tokens);
    if (need === 0) return;
    this.free -= need;
    const { pageSize, lengths, tables, width } = this.pages;
    if (this.writesShared(row, from, tokens, lengths[row] ?? 0))
      this.move(tables[row * width + Math.floor(from / pageSize)] ?? 0, -1);
  }

  /** Pages of the free list that a sequence takes which starts with these shared pages and then writes. */
  needNew(shared: ArrayLike<number>, start: number, count: number, cached: number, tokens: number): number {
    const { pageSize } = this.pages;
    let need = Math.ceil(tokens / pageSize) - count + (cached % pageSize === 0 ? 0 : 1);
    for (let i = 0; i < count; i++) if (this.refs(shared[start + i] ?? 0) === 0) need++;
    return need;
  }

  /** Takes the pages that `needNew` counts. */
  open(shared: ArrayLike<number>, start: number, count: number, cached: number, tokens: number): void {
    this.free -= this.needNew(shared, start, count, cached, tokens);
    const copied = cached % this.pages.pageSize === 0 ? count : count - 1;
    for (let i = 0; i < copied; i++) this.move(shared[start + i] ?? 0, 1);
  }

  /** Gives back every page of a row that nobody else holds. */
  close(row: number): void {
    const { tables, width, lengths } = this.pages;
    for (let i = 0; i < (lengths[row] ?? 0); i++) {
      const page = tables[row * width + i] ?? 0;
      this.move(page, -1);
      if (this.refs(page) === 0) this.free++;
    }
  }

  private refs(page: number): number {
    return (this.pages.refs[page] ?? 0) + (this.moved?.get(page) ?? 0);
  }

  private move(page: number, by: number): void {
    this.moved ??= new Map();
    this.moved.set(page, (this.moved.get(page) ?? 0) + by);
  }

  private writesShared(row: number, from: number, tokens: number, held: number): boolean {
    const { pageSize, tables, width } = this.pages;
    // only a partial page can be shared and written: full shared pages are never written again
    if (from >= tokens || from % pageSize === 0) return false;
    const index = Math.floor(from / pageSize);
    return index < held && this.refs(tables[row * width + index] ?? 0) > 1;
  }
}
