// Which page holds which hash. A hash enters when the tokens of its page are committed, and leaves when
// the page is taken for something else. One page a hash: a second copy of the same content stays private.

export class PrefixIndex {
  private readonly pages = new Map<number, number>();
  private readonly hashes: Float64Array;
  private readonly indexed: Uint8Array;

  constructor(poolSize: number) {
    this.hashes = new Float64Array(poolSize);
    this.indexed = new Uint8Array(poolSize);
  }

  get size(): number {
    return this.pages.size;
  }

  /** The page with this content, if any. */
  find(hash: number): number | undefined {
    return this.pages.get(hash);
  }

  /** Whether a page can be found by its content. */
  has(page: number): boolean {
    return this.indexed[page] === 1;
  }

  /** Whether this very page is the one that holds this content. */
  holds(page: number, hash: number): boolean {
    return this.indexed[page] === 1 && this.hashes[page] === hash;
  }

  /** Makes a full, committed page findable. False when another page already has this content. */
  register(page: number, hash: number): boolean {
    if (this.indexed[page] === 1 || this.pages.has(hash)) return false;
    this.pages.set(hash, page);
    this.hashes[page] = hash;
    this.indexed[page] = 1;
    return true;
  }

  /** The page is about to hold something else. True when it had been findable. */
  forget(page: number): boolean {
    if (this.indexed[page] !== 1) return false;
    this.pages.delete(this.hashes[page] ?? 0);
    this.indexed[page] = 0;
    return true;
  }
}
