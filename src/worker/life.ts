// The life of a worker as its page sees it. A message to a dead worker is answered by nobody, so every call is settled here
// when the worker ends; and nothing is remembered of a call that was answered.

/** Settles what a worker was asked when it ends. `E` is the error that says how it ended. */
export class Life<E extends Error> {
  readonly #asked = new Set<(error: E) => void>();
  readonly #onEnd: (error: E) => void;
  #ended: E | undefined;

  /** `onEnd` is called once, before any call is rejected. */
  constructor(onEnd: (error: E) => void) {
    this.#onEnd = onEnd;
  }

  /** Calls that wait for an answer. */
  get waiting(): number {
    return this.#asked.size;
  }

  /** Settles as `call` does, or is rejected when the worker ends first. */
  guard<T>(call: Promise<T>): Promise<T> {
    if (this.#ended) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      this.#asked.add(reject);
      call.then(resolve, reject).finally(() => this.#asked.delete(reject));
    });
  }

  /** Only the first end counts. */
  end(error: E): void {
    if (this.#ended) return;
    this.#ended = error;
    this.#onEnd(error);
    for (const reject of this.#asked) reject(error);
    this.#asked.clear();
  }
}
