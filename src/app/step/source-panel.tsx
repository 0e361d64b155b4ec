// The source with its head: read and stepped, or edited.

import { Panel } from '../ui/index.ts';
import { discardEdits, draft, editing } from './edit.ts';
import { EditNote, EditorPane } from './editor-pane.tsx';
import { HoveredValue } from './hovered.tsx';
import { current, session } from './session.ts';
import { SourcePane } from './source-pane.tsx';
import { ownKernel, step } from './view.ts';

export function SourcePanel() {
  const now = session.value;
  const edited = step.view.value.src !== '';
  const kept = !editing.value && draft.value !== null && draft.value.of === current.value?.source;
  // what never compiled can only be edited
  const editor = editing.value || (!now && current.value !== null);
  return (
    <Panel
      flush
      class="source-panel"
      title="Source"
      note={
        now
          ? `${now.opened.entryPoint}${edited ? ' · edited' : ''}${kept ? ' · an unfinished edit is kept' : ''}`
          : ''
      }
      footer={editor ? <EditNote /> : <HoveredValue />}
      actions={
        <>
          {edited && step.view.value.kernel !== ownKernel && (
            <button
              type="button"
              class="small"
              onClick={() => {
                editing.value = false;
                discardEdits();
              }}
            >
              Discard edits
            </button>
          )}
          <button
            type="button"
            class="small"
            aria-pressed={editor}
            onClick={() => {
              editing.value = !editing.value;
            }}
          >
            {editor ? 'Done' : 'Edit'}
          </button>
        </>
      }
    >
      {editor ? <EditorPane key={current.value?.title ?? ''} /> : <SourcePane />}
    </Panel>
  );
}
