// Where the editor is mounted: it follows the run, and the run follows it.

import { useEffect, useRef, useState } from 'preact/hooks';
import { headOf } from '../../views/step/source-marks.ts';
import { draft, refused, runEdited } from './edit.ts';
import type { Editor } from './editor.ts';
import { shownStep } from './now.ts';
import { current, session, stepper } from './session.ts';

const lineAt = (text: string, offset: number): number => text.slice(0, offset).split('\n').length;

/** Below the editor: whether its text is what runs, and how a keyboard leaves it. */
export function EditNote() {
  return (
    <div class="edit-note" role="status">
      {refused.value === '' ? (
        'It runs as you type. Escape, then Tab, leaves the editor.'
      ) : (
        <>
          <b class="bad-text">{refused.value}</b>
          {session.value && ' What is shown is the last text that compiled.'}
        </>
      )}
    </div>
  );
}

export function EditorPane() {
  const ref = useRef<HTMLDivElement>(null);
  const editor = useRef<Editor | null>(null);
  const [failed, setFailed] = useState('');
  useEffect(() => {
    let gone = false;
    /** The text that runs, as far as this editor knows. */
    let base: string | null = null;
    import('./editor.ts').then(
      ({ mountEditor }) => {
        const subject = current.peek();
        if (gone || !ref.current || !subject) return;
        base = subject.source;
        editor.current = mountEditor(ref.current, {
          // struck lines are edits like others from here on
          text: draft.peek()?.of === subject.source ? (draft.peek()?.text ?? '') : subject.source,
          firstLine: subject.firstLine,
          diagnose: async (text) => {
            try {
              const { constants, passes, pass } = subject.launch;
              const found = await stepper().diagnose(
                text,
                constants,
                passes.length > 1 ? (passes[pass]?.entry ?? null) : null,
              );
              const error = found.find((d) => d.severity === 'error');
              refused.value = error
                ? `Line ${lineAt(text, error.span.start)}: ${error.message} ${error.hint}`
                : '';
              return found;
            } catch {
              return []; // the stepper was stopped; the next key asks a new one
            }
          },
          onGood: (text) => {
            base = text;
            void runEdited(text);
          },
        });
      },
      () => setFailed('The editor could not be loaded: check the connection.'),
    );
    return () => {
      gone = true;
      refused.value = '';
      const text = editor.current?.text();
      // what does not compile yet is kept until the editor is opened again
      draft.value = base !== null && text !== undefined && text !== base ? { of: base, text } : null;
      editor.current?.destroy();
      editor.current = null;
    };
  }, []);
  const shown = shownStep.value;
  const now = session.value;
  useEffect(() => {
    const same = editor.current && now && editor.current.text() === now.subject.source;
    editor.current?.mark(same && shown ? headOf(now.subject.source, shown.statement) : null);
  }, [shown, now]);
  return (
    <div class="step-source editing" ref={ref}>
      {failed && <p class="warn-text">{failed}</p>}
    </div>
  );
}
