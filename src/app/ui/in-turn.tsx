// Large parts of a page are mounted one a frame, in the order in which they stand there, so that none of the page's tasks holds the
// main thread for long. Once mounted, a part follows its data as any other.

import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';

const waiting: (() => void)[] = [];
/** A hidden page has no frames. */
const longestFrame = 500;

function next(): void {
  let done = false;
  const mount = (): void => {
    if (done) return;
    done = true;
    waiting.shift()?.();
    if (waiting.length > 0) next();
  };
  // after the frame, which lays out and paints what came before
  requestAnimationFrame(() => setTimeout(mount));
  setTimeout(mount, longestFrame);
}

/** Asks for a turn; what is returned gives it back. */
function turn(mount: () => void): () => void {
  waiting.push(mount);
  if (waiting.length === 1) next();
  return () => {
    const at = waiting.indexOf(mount);
    // the first one's frame has been asked for: it passes
    if (at === 0) waiting[0] = () => undefined;
    else if (at > 0) waiting.splice(at, 1);
  };
}

export function InTurn({ children }: { readonly children: ComponentChildren }) {
  const [mounted, setMounted] = useState(false);
  useEffect(() => turn(() => setMounted(true)), []);
  return <>{mounted && children}</>;
}
