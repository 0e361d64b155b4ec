// A button that copies and says so for a moment, in its own place.

import { useEffect, useState } from 'preact/hooks';
import { copyText } from './save.ts';

export interface CopyButtonProps {
  readonly label: string;
  /** What is copied, for the announcement: `the table`. */
  readonly what: string;
  readonly text: () => string | Promise<string>;
  readonly class?: string;
}

export function CopyButton(props: CopyButtonProps) {
  const [said, say] = useState<string | null>(null);
  useEffect(() => {
    if (said === null) return;
    const timer = setTimeout(() => say(null), 1600);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = async (): Promise<void> => {
    say((await copyText(await props.text(), props.what)) ? 'Copied' : 'Not allowed');
  };
  return (
    <button type="button" class={props.class ?? ''} onClick={() => void copy()}>
      {said ?? props.label}
    </button>
  );
}
