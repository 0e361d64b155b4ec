// Storage in memory for idb-keyval, as far as its functions ask for it: what is put is copied, and a transaction ends by itself.

import type { UseStore } from 'idb-keyval';

type Handlers = { oncomplete?: () => void; onsuccess?: () => void; result?: unknown };

const transaction = (): Handlers & { commit(): void } => ({ commit: () => undefined });

const soon = <R extends Handlers>(request: R): R => {
  queueMicrotask(() => (request.onsuccess ?? request.oncomplete)?.());
  return request;
};

export const fakeStore = (disk: Map<string, unknown>): UseStore => {
  const objects = () => ({
    transaction: soon(transaction()),
    put: (value: unknown, key: string) => void disk.set(key, structuredClone(value)),
    delete: (key: string) => void disk.delete(key),
    get: (key: string) => soon({ result: structuredClone(disk.get(key)) }),
    getAllKeys: () => soon({ result: [...disk.keys()] }),
  });
  return (_, callback) => Promise.resolve().then(() => callback(objects() as unknown as IDBObjectStore));
};
