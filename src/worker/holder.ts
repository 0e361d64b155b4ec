// Holds the one device that is open, by what was asked for. Another wish replaces it, a loss opens it again; what is replaced is
// closed, and two wishes at the same time are opened one after the other.

import { ok, type Result } from '../core/result.ts';

/** A device and all that was made on it. */
export interface Held {
  /** Resolves with the reason when the device is lost. */
  readonly lost: Promise<string>;
  /** Frees everything, the device too. */
  close(): void;
}

export class Holder<W, S extends Held, E> {
  readonly #open: (want: W) => Promise<Result<S, E>>;
  readonly #onLoss: (lost: S, reason: string, again: Promise<Result<S, E>>) => void;
  #current: { readonly want: W; readonly session: S } | undefined;
  #opening: { readonly want: W; readonly session: Promise<Result<S, E>> } | undefined;

  /** `onLoss` is told of a loss at once, with what opening the device again will give. */
  constructor(
    open: (want: W) => Promise<Result<S, E>>,
    onLoss: (lost: S, reason: string, again: Promise<Result<S, E>>) => void,
  ) {
    this.#open = open;
    this.#onLoss = onLoss;
  }

  /** What is open now. */
  get current(): S | undefined {
    return this.#current?.session;
  }

  /** The session for `want`: the one that is open or opening, else a new one. A wish that cannot be had leaves what is open. */
  ensure(want: W): Promise<Result<S, E>> {
    if (this.#opening?.want === want) return this.#opening.session;
    if (!this.#opening && this.#current?.want === want) return Promise.resolve(ok(this.#current.session));
    const before = this.#opening?.session.catch(() => undefined);
    const session = (async () => {
      await before;
      return this.#current?.want === want ? ok(this.#current.session) : this.#replace(want);
    })();
    const opening = { want, session };
    this.#opening = opening;
    const settled = (): void => {
      if (this.#opening === opening) this.#opening = undefined;
    };
    session.then(settled, settled);
    return session;
  }

  async #replace(want: W): Promise<Result<S, E>> {
    const opened = await this.#open(want);
    if (!opened.ok) return opened;
    const session = opened.value;
    const replaced = this.#current?.session;
    this.#current = { want, session };
    replaced?.close();
    void session.lost.then((reason) => {
      if (this.#current?.session !== session) return; // closed on purpose
      this.#current = undefined;
      this.#onLoss(session, reason, this.ensure(want));
    });
    return opened;
  }
}
