// How a page's view is written into the address: one param a value, defaults left out, so that a fresh
// view has a short link and an old link keeps its meaning. Pure text; the router does the history.

/** One value of a view: read from its text (null: not in the address), written back (null: leave it out). */
export interface Param<T> {
  read(text: string | null): T;
  write(value: T): string | null;
}

export type Schema = Readonly<Record<string, Param<unknown>>>;
type Value<P> = P extends Param<infer T> ? T : never;
/** The values of a schema: what a page renders from. */
export type View<S extends Schema> = { readonly [K in keyof S]: Value<S[K]> };

/** Any text. */
export const text = (initial = ''): Param<string> => ({
  read: (t) => t ?? initial,
  write: (value) => (value === initial ? null : value),
});

/** One of a closed set; anything else in an address reads as the first. */
export const oneOf = <const T extends readonly [string, ...string[]]>(options: T): Param<T[number]> => ({
  read: (t) => options.find((option) => option === t) ?? options[0],
  write: (value) => (value === options[0] ? null : value),
});

/** A whole number within [low, high]; anything else reads as `initial`. */
export const whole = (initial: number, low: number, high: number): Param<number> => ({
  read: (t) => {
    const value = t === null || t.trim() === '' ? Number.NaN : Number(t);
    return Number.isInteger(value) && value >= low && value <= high ? value : initial;
  },
  write: (value) => (value === initial ? null : String(value)),
});

/** A list of texts without "~", which separates them; empty by default. */
export const list: Param<readonly string[]> = {
  read: (t) => (t ? t.split('~').filter(Boolean) : []),
  write: (value) => (value.length === 0 ? null : value.join('~')),
};

/** Some of a closed set, in its order; what is not of it is left out. An empty choice is kept as one. */
export const someOf = <const T extends string>(
  options: readonly T[],
  initial: readonly T[],
): Param<readonly T[]> => ({
  read: (t) => (t === null ? initial : options.filter((option) => t.split('~').includes(option))),
  write: (value) => (value.join('~') === initial.join('~') ? null : value.join('~')),
});

export function readView<S extends Schema>(schema: S, params: URLSearchParams): View<S> {
  const entries = Object.entries(schema).map(([name, param]) => [name, param.read(params.get(name))]);
  return Object.fromEntries(entries) as View<S>;
}

export function writeView<S extends Schema>(schema: S, view: View<S>): URLSearchParams {
  const params = new URLSearchParams();
  for (const [name, param] of Object.entries(schema)) {
    const value = param.write(view[name]);
    if (value !== null) params.set(name, value);
  }
  return params;
}

export interface Place {
  /** Id of a page; empty on the bare address. */
  readonly page: string;
  readonly params: URLSearchParams;
}

/** `#/bench?op=matmul` as a place. */
export function parseHash(hash: string): Place {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split(/\?(.*)/s);
  return { page: path.replace(/\/+$/, ''), params: new URLSearchParams(query) };
}

/** A place as `#/bench?op=matmul`. Characters that are safe in a hash stay readable. */
export function formatHash(place: Place): string {
  const query = place.params.toString().replaceAll('%7E', '~').replaceAll('%2C', ',').replaceAll('%3A', ':');
  return `#/${place.page}${query ? `?${query}` : ''}`;
}
