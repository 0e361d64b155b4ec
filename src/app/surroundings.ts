// What the page can tell about its browser without asking for a GPU.

import type { Surroundings } from './notices.ts';

interface Brands {
  readonly brands?: readonly { readonly brand: string; readonly version: string }[];
  readonly platform?: string;
}

/** Reads the user agent; client hints where the browser gives them (secure pages in Chromium). */
export function surroundings(): Surroundings {
  const hints: Brands = 'userAgentData' in navigator ? (navigator.userAgentData as Brands) : {};
  const version =
    hints.brands?.find((b) => b.brand === 'Chromium')?.version ??
    /Chrom(?:e|ium)\/(\d+)/.exec(navigator.userAgent)?.[1];
  return {
    origin: location.origin,
    chromium: version === undefined ? null : Number.parseInt(version, 10),
    platform: hints.platform ?? navigator.userAgent,
  };
}
