// Values that no file should hold, and how one gets into it: for readers that must refuse whatever they cannot read.

/** What to put in the place of a value: a `gone` one is taken out. */
export const ODD = [
  'gone',
  null,
  -1,
  0,
  1,
  1.5,
  7,
  4711,
  2 ** 33,
  1e300,
  '',
  'x',
  true,
  false,
  [],
  {},
  [null],
  [[1]],
];

/** Changes one place of a tree, the `at`-th that there is, counted round. */
export function change(tree: unknown, at: number, value: unknown): void {
  const places: (readonly [Record<string, unknown>, string])[] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const own = node as Record<string, unknown>;
    for (const key of Object.keys(own)) {
      places.push([own, key]);
      visit(own[key]);
    }
  };
  visit(tree);
  const place = places[at % places.length];
  if (!place) return;
  const [node, key] = place;
  if (value !== 'gone') node[key] = value;
  else if (Array.isArray(node)) node.splice(Number(key), 1);
  else delete node[key];
}
