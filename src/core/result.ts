// Expected failures as values. Exceptions are kept for broken invariants (see assert.ts).

export type Ok<T> = { readonly ok: true; readonly value: T };
export type Err<E> = { readonly ok: false; readonly error: E };
export type Result<T, E = Failure> = Ok<T> | Err<E>;

/**
 * A failure that a person can act on. It is plain data, so it crosses a worker boundary whole.
 * `code` names the situation, `message` names the thing, `hint` says what to do.
 */
export interface Failure<Code extends string = string> {
  readonly code: Code;
  readonly message: string;
  readonly hint: string;
}

export const ok = <T>(value: T): Ok<T> => ({ ok: true, value });
export const err = <E>(error: E): Err<E> => ({ ok: false, error });

export const failure = <Code extends string>(code: Code, message: string, hint: string): Failure<Code> => ({
  code,
  message,
  hint,
});

/** A failure as one line of text: what went wrong, then what to do. */
export const explain = (f: Failure): string => `${f.message} ${f.hint}`;

/** The value, or an exception that carries the failure's text. For tests and commands. */
export function unwrap<T, E>(result: Result<T, E>): T {
  if (result.ok) return result.value;
  const e = result.error as Partial<Failure>;
  throw new Error(e.message ? `${e.message} ${e.hint ?? ''}`.trim() : String(result.error));
}
