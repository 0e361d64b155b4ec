// Invariants. What fails here is a bug of ours, never a user's mistake.

export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

/** Throws InvariantError unless `condition` holds. The message says which invariant broke. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}

/** Closes a switch over a union: a new member that is not handled fails to compile. */
export function unreachable(value: never, what = 'case'): never {
  throw new InvariantError(`unhandled ${what}: ${JSON.stringify(value)}`);
}

/** `array[index]`, asserted to exist. `what` names the array in the message. */
export function at<T>(array: ArrayLike<T>, index: number, what = 'array'): T {
  const value = array[index];
  if (value === undefined)
    throw new InvariantError(`${what}[${index}] does not exist (length ${array.length})`);
  return value;
}
