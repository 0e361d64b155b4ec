// What a value from outside (a file, a link) must look like before anything reads it. A shape says what is wrong,
// with the path to it, or nothing.

export type Shape = (value: unknown, path: string) => string | undefined;

const said = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'missing';
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
};
const wrong = (path: string, value: unknown, wanted: string): string =>
  value === undefined ? `"${path}" is missing` : `"${path}" is ${said(value)}, not ${wanted}`;

export const finite: Shape = (value, path) =>
  Number.isFinite(value) ? undefined : wrong(path, value, 'a number');

/** A whole number from `least` to `most`. */
export const whole =
  (least: number, most = Number.MAX_SAFE_INTEGER): Shape =>
  (value, path) =>
    Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most
      ? undefined
      : wrong(path, value, `a whole number from ${least} to ${most}`);

export const text: Shape = (value, path) =>
  typeof value === 'string' ? undefined : wrong(path, value, 'a text');

export const flag: Shape = (value, path) =>
  typeof value === 'boolean' ? undefined : wrong(path, value, 'true or false');

export const anything: Shape = () => undefined;

export const oneOf =
  (...known: readonly unknown[]): Shape =>
  (value, path) =>
    known.includes(value) ? undefined : wrong(path, value, `one of ${known.map(said).join(', ')}`);

/** May be left out. */
export const optional =
  (shape: Shape): Shape =>
  (value, path) =>
    value === undefined ? undefined : shape(value, path);

/** Of several shapes one; what is wrong is told of the last. */
export const either =
  (first: Shape, last: Shape): Shape =>
  (value, path) =>
    first(value, path) === undefined ? undefined : last(value, path);

export const list =
  (each: Shape): Shape =>
  (value, path) => {
    if (!Array.isArray(value)) return wrong(path, value, 'a list');
    for (const [i, item] of value.entries()) {
      const problem = each(item, `${path}[${i}]`);
      if (problem) return problem;
    }
    return undefined;
  };

/** A list of just these. */
export const tuple =
  (...each: readonly Shape[]): Shape =>
  (value, path) => {
    if (!Array.isArray(value) || value.length !== each.length)
      return wrong(path, value, `a list of ${each.length}`);
    return first(each.map((shape, i) => shape(value[i], `${path}[${i}]`)));
  };

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** An object of any names whose values are of one shape. */
export const named =
  (each: Shape): Shape =>
  (value, path) =>
    isObject(value)
      ? first(Object.entries(value).map(([name, item]) => each(item, `${path}.${name}`)))
      : wrong(path, value, 'an object');

/** An object with a shape for every field of T, those that may be left out included. Other fields are no matter. */
export const fields =
  <T>(shapes: { readonly [K in keyof T]-?: Shape }): Shape =>
  (value, path) => {
    if (!isObject(value)) return wrong(path, value, 'an object');
    for (const name of Object.keys(shapes) as (keyof T & string)[]) {
      const problem = shapes[name](value[name], path === '' ? name : `${path}.${name}`);
      if (problem) return problem;
    }
    return undefined;
  };

const first = (problems: readonly (string | undefined)[]): string | undefined =>
  problems.find((problem) => problem !== undefined);
