// What modules of the page ask the browser for when they are loaded, for tests that run in Node.

import { vi } from 'vitest';

/** A page at an address whose history is not looked at. */
export function stubPage(hash: string): void {
  vi.stubGlobal('location', { hash, href: `http://localhost/${hash}` });
  vi.stubGlobal('window', { addEventListener: () => undefined });
  vi.stubGlobal('history', { pushState: () => undefined, replaceState: () => undefined });
  vi.stubGlobal('document', {
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
    documentElement: { dataset: {} },
  });
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined }));
  vi.stubGlobal('cancelAnimationFrame', () => undefined);
  vi.stubGlobal('isSecureContext', true);
  vi.stubGlobal('navigator', { gpu: {} });
}
