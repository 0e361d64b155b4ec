// Whether the source is being edited, and what edits do to the address.

import { signal } from '@preact/signals';
import { packText } from './packed.ts';
import { session } from './session.ts';
import { step } from './view.ts';

export const editing = signal(false);

/** Makes `text` the source that runs. Struck lines become part of it. */
export async function runEdited(text: string): Promise<void> {
  const plain = session.peek()?.subject.contract?.prepared.code;
  if (text === plain && step.view.peek().src !== '') return;
  step.adjust({ src: await packText(text), strike: [] });
}

/** Back to the file on disk. */
export function discardEdits(): void {
  step.go({ src: '', strike: [] });
}
