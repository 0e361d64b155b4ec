// The code pane as an editor: CodeMirror with a small WGSL tokenizer, diagnostics of our own front end as you
// type, and the running statement marked. Loaded when someone edits.

import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import {
  bracketMatching,
  HighlightStyle,
  indentOnInput,
  indentUnit,
  StreamLanguage,
  syntaxHighlighting,
} from '@codemirror/language';
import { forceLinting, linter, lintGutter, type Diagnostic as Mark } from '@codemirror/lint';
import { EditorState, StateEffect, StateField } from '@codemirror/state';
import {
  Decoration,
  type DecorationSet,
  EditorView,
  highlightActiveLine,
  keymap,
  lineNumbers,
} from '@codemirror/view';
import { tags } from '@lezer/highlight';
import type { Diagnostic } from '../../stepper/index.ts';
import { wordKind } from '../../views/wgsl.ts';

const wgsl = StreamLanguage.define<{ comment: number }>({
  name: 'wgsl',
  startState: () => ({ comment: 0 }),
  token(stream, state) {
    if (state.comment > 0 || stream.match('/*')) {
      if (state.comment === 0) state.comment = 1;
      while (!stream.eol() && state.comment > 0) {
        if (stream.match('/*')) state.comment++;
        else if (stream.match('*/')) state.comment--;
        else stream.next();
      }
      return 'comment';
    }
    if (stream.eatSpace()) return null;
    if (stream.match('//')) {
      stream.skipToEnd();
      return 'comment';
    }
    if (stream.match(/^@\w+/)) return 'meta';
    if (
      stream.match(/^(0[xX][\da-fA-F.]+([pP][+-]?\d+)?|\d+\.?\d*([eE][+-]?\d+)?|\.\d+([eE][+-]?\d+)?)[iufh]?/)
    )
      return 'number';
    const word = stream.match(/^[A-Za-z_]\w*/);
    if (word && word !== true) {
      const kind = wordKind(word[0]);
      return kind === 'keyword'
        ? 'keyword'
        : kind === 'type'
          ? 'typeName'
          : kind === 'builtin'
            ? 'name.standard'
            : 'variableName';
    }
    stream.next();
    return null;
  },
  languageData: { commentTokens: { line: '//', block: { open: '/*', close: '*/' } } },
});

const colours = HighlightStyle.define([
  { tag: tags.keyword, color: 'var(--code-keyword)' },
  { tag: tags.typeName, color: 'var(--code-type)' },
  { tag: tags.number, color: 'var(--code-number)' },
  { tag: tags.standard(tags.name), color: 'var(--code-builtin)' },
  { tag: [tags.comment, tags.meta], color: 'var(--code-comment)' },
]);

const theme = EditorView.theme({
  '&': { height: '100%', fontSize: 'inherit', backgroundColor: 'transparent', color: 'var(--ink)' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.62' },
  '.cm-gutters': { backgroundColor: 'transparent', color: 'var(--ink-3)', border: '0' },
  '.cm-activeLine': { backgroundColor: 'var(--sunken)' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)' },
  '&.cm-focused': { outline: '2px solid var(--focus)', outlineOffset: '-2px' },
  '.cm-tooltip': {
    backgroundColor: 'var(--panel)',
    color: 'var(--ink)',
    border: '1px solid var(--line-strong)',
    borderRadius: '6px',
  },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'color-mix(in srgb, var(--focus) 25%, transparent) !important',
  },
  '.cm-running': {
    backgroundColor: 'color-mix(in srgb, var(--active) 30%, transparent)',
    borderRadius: '2px',
  },
});

const setRunning = StateEffect.define<readonly [number, number] | null>();
const running = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, transaction) {
    let next = marks.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (!effect.is(setRunning)) continue;
      const span = effect.value;
      const inside = span && span[0] < span[1] && span[1] <= transaction.newDoc.length;
      next = inside
        ? Decoration.set(Decoration.mark({ class: 'cm-running' }).range(span[0], span[1]))
        : Decoration.none;
    }
    return next;
  },
  provide: (field) => EditorView.decorations.from(field),
});

export interface EditorOptions {
  readonly text: string;
  /** First line to scroll to. */
  readonly firstLine: number;
  readonly diagnose: (text: string) => Promise<readonly Diagnostic[]>;
  /** Called with every text that has no error, a moment after the last key. */
  readonly onGood: (text: string) => void;
}

export interface Editor {
  /** Marks the running statement. */
  mark(span: readonly [number, number] | null): void;
  text(): string;
  destroy(): void;
}

export function mountEditor(parent: HTMLElement, options: EditorOptions): Editor {
  let last = options.text;
  const check = linter(
    async (view): Promise<readonly Mark[]> => {
      const text = view.state.doc.toString();
      const found = await options.diagnose(text);
      if (text !== last && text === view.state.doc.toString() && !found.some((d) => d.severity === 'error')) {
        last = text;
        options.onGood(text);
      }
      const end = view.state.doc.length;
      return found.map((d) => ({
        from: Math.min(end, Math.max(0, d.span.start)),
        to: Math.min(end, Math.max(d.span.start, d.span.end)),
        severity: d.severity,
        message: `${d.message} ${d.hint}`,
      }));
    },
    { delay: 300 },
  );
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: options.text,
      extensions: [
        lineNumbers(),
        history(),
        bracketMatching(),
        indentOnInput(),
        indentUnit.of('  '),
        highlightActiveLine(),
        wgsl,
        syntaxHighlighting(colours),
        check,
        lintGutter(),
        running,
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ 'aria-label': 'Source, being edited' }),
        // Escape, then Tab, leaves the editor
        keymap.of([...defaultKeymap, ...historyKeymap, indentWithTab]),
        theme,
      ],
    }),
  });
  const line = view.state.doc.line(Math.min(view.state.doc.lines, Math.max(1, options.firstLine)));
  view.dispatch({ effects: EditorView.scrollIntoView(line.from, { y: 'start' }) });
  forceLinting(view);
  return {
    mark: (span) => view.dispatch({ effects: setRunning.of(span) }),
    text: () => view.state.doc.toString(),
    destroy: () => view.destroy(),
  };
}
