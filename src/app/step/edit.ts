// Whether the source is being edited, and what edits do to the address.

import { signal } from '@preact/signals';
import { pack } from '../packed.ts';
import { current } from './session.ts';
import { step } from './view.ts';

export const editing = signal(false);

/** Why the text in the editor does not run, with its line; empty when it does. */
export const refused = signal('');

/** An edit that did not compile when the editor was closed, and what it was an edit of. */
export const draft = signal<{ readonly of: string; readonly text: string } | null>(null);

/** Makes `text` the source that runs; the file's own text is no edit. Struck lines become part of it. */
export async function runEdited(text: string): Promise<void> {
  const original = current.peek()?.contract?.original;
  step.adjust({ src: text === original ? '' : await pack(text), strike: [] });
}

/** Back to the file on disk. */
export function discardEdits(): void {
  step.go({ src: '', strike: [] });
}
