// What the first picture does without: loaded with the lower part of the page, or when somebody asks for it before.

/** Serves the requests on the reader's GPU. */
export const runOwn = (): void => void import('./own-run.ts').then((own) => own.runOwn());

/** Opens the step at the cursor. */
export const goInside = (): void => void import('./inside.ts').then((inside) => inside.goInside());

/** Coefficients fitted in earlier visits. */
export const loadClocks = (): void => void import('./own-run.ts').then((own) => own.loadClocks());
