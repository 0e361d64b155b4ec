// A shader's source with light highlighting and true line numbers. Editing loads an editor; this does not.

import { useMemo } from 'preact/hooks';
import { tokenize } from '../../views/wgsl.ts';
import { InTurn } from './in-turn.tsx';

export interface CodePaneProps {
  readonly label: string;
  readonly source: string;
  /** First and last line shown, counted from 1; the numbers stay those of the file. */
  readonly from?: number;
  /** Lines to mark, by number, with a class name each. */
  readonly marks?: ReadonlyMap<number, string>;
}

/** Lines that are mounted at once: a source is hundreds of words. */
const chunk = 30;

export function CodePane({ label, source, from = 1, marks }: CodePaneProps) {
  const lines = useMemo(() => tokenize(source), [source]);
  // the same nodes again while nothing changed: pages render often
  const text = useMemo(
    () =>
      lines.slice(from - 1).map((tokens, i) => {
        const number = from + i;
        return (
          <div key={number} class={`line ${marks?.get(number) ?? ''}`}>
            <span class="line-number" aria-hidden="true">
              {number}
            </span>
            <code>
              {tokens.map(({ kind, text }) =>
                kind === 'plain' ? text : <span class={`wgsl-${kind}`}>{text}</span>,
              )}
              {'\n'}
            </code>
          </div>
        );
      }),
    [lines, from, marks],
  );
  return (
    // what scrolls takes focus, so that a keyboard can scroll it
    <section class="code" aria-label={label} tabIndex={0}>
      <pre>
        {Array.from({ length: Math.ceil(text.length / chunk) }, (_, i) => (
          <InTurn key={`${label} ${i}`}>{text.slice(i * chunk, (i + 1) * chunk)}</InTurn>
        ))}
      </pre>
    </section>
  );
}
