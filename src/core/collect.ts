// The one registry helper: turns an eager glob of modules into a map by id. A set of things (ops,
// strategies, workloads, lessons, tours) is a folder; adding one is adding a file.

/** A thing found by itself: its `id` equals its file's (or folder's) name. */
export interface Registered {
  readonly id: string;
}

const nameOf = (path: string): string => {
  const parts = path.split('/');
  const file = parts.at(-1)?.replace(/\.[^.]+$/, '') ?? '';
  // shaders/matmul/op.ts is named by its folder, as every file called op or index is
  return file === 'op' || file === 'index' ? (parts.at(-2) ?? '') : file;
};

/**
 * Collects default exports by id, sorted by path.
 * Throws at start, naming the paths, when a default export is missing, when an id differs from its
 * file's name, or when two files claim one id.
 */
export function collect<T extends Registered>(
  modules: Readonly<Record<string, { readonly default?: T }>>,
): ReadonlyMap<string, T> {
  const found = new Map<string, T>();
  const paths = new Map<string, string>();
  for (const path of Object.keys(modules).sort()) {
    const item = modules[path]?.default;
    if (!item) throw new Error(`${path} has no default export. Export the thing it defines as default.`);
    const expected = nameOf(path);
    const earlier = paths.get(item.id);
    if (earlier) throw new Error(`${path} and ${earlier} both have the id "${item.id}". Rename one of them.`);
    if (item.id !== expected) {
      throw new Error(`${path} has the id "${item.id}"; it must equal the file's name, "${expected}".`);
    }
    found.set(item.id, item);
    paths.set(item.id, path);
  }
  return found;
}
