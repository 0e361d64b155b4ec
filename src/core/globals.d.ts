// The globals that the pure rooms may use beside the language itself: present in browsers, workers
// and Node alike. Anything missing here is missing on purpose (see tsconfig.pure.json).
interface ImportMeta {
  /** Vite's file glob, compiled away; commands run through Vite so that it exists there too. */
  glob<T = unknown>(
    pattern: string | readonly string[],
    options: { eager: true; import?: string; query?: string },
  ): Record<string, T>;
  /** Loaded when called: how pages keep what they do not need yet out of the first load. */
  glob<T = unknown>(
    pattern: string | readonly string[],
    options?: { eager?: false; import?: string; query?: string },
  ): Record<string, () => Promise<T>>;
}
