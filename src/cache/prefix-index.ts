// Which page holds which hash. A hash enters when the tokens of its page are committed, and leaves when
// the page is taken for something else. One page a hash: a second copy of the same content stays private.

export class PrefixIndex {
  private readonly pages = new Map<number, number>();
  private readonly hashes: Float64Array;
  private readonly indexed: Uint8Array;
  /** Grows with every hash that is forgotten: what was found before may be gone. */
  forgotten = 0;
  /** Grows with every hash that is registered: more may be found than before. */
  registered = 0;

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

  has(page: number): boolean {
    return this.indexed[page] === 1;
  }

  /** Makes a full, committed page findable. False when another page already has this content. */
  register(page: number, hash: number): boolean {
    if (this.indexed[page] === 1 || this.pages.has(hash)) return false;
    this.pages.set(hash, page);
    this.hashes[page] = hash;
    this.indexed[page] = 1;
    this.registered++;
    return true;
  }

  /** The page is about to hold something else. True when it had been findable. */
  forget(page: number): boolean {
    if (this.indexed[page] !== 1) return false;
    this.pages.delete(this.hashes[page] ?? 0);
    this.indexed[page] = 0;
    this.forgotten++;
    return true;
  }
}
