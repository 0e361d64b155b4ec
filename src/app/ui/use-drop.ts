// Files dropped anywhere on a page.

import { useEffect } from 'preact/hooks';

/** Hands on what is dropped while the page is open. `take` stays the same function from one drawing to the next. */
export function useDrop(take: (dropped: DataTransfer) => void): void {
  useEffect(() => {
    const over = (event: DragEvent): void => event.preventDefault();
    const drop = (event: DragEvent): void => {
      event.preventDefault();
      if (event.dataTransfer) take(event.dataTransfer);
    };
    document.addEventListener('dragover', over);
    document.addEventListener('drop', drop);
    return () => {
      document.removeEventListener('dragover', over);
      document.removeEventListener('drop', drop);
    };
  }, [take]);
}
