// A shader's source with light highlighting and true line numbers. Editing loads an editor; this does not.

import { useMemo } from 'preact/hooks';
import { tokenize } from '../../views/wgsl.ts';

export interface CodePaneProps {
  readonly label: string;
  readonly source: string;
  /** First and last line shown, counted from 1; the numbers stay those of the file. */
  readonly from?: number;
  /** Lines to mark, by number, with a class name each. */
  readonly marks?: ReadonlyMap<number, string>;
}

export function CodePane({ label, source, from = 1, marks }: CodePaneProps) {
  const lines = useMemo(() => tokenize(source), [source]);
  return (
    // what scrolls takes focus, so that a keyboard can scroll it
    <section class="code" aria-label={label} tabIndex={0}>
      <pre>
        {lines.slice(from - 1).map((tokens, i) => {
          const number = from + i;
          return (
            <div key={number} class={`line ${marks?.get(number) ?? ''}`}>
              <span class="line-number" aria-hidden="true">
                {number}
              </span>
              <code>
                {tokens.map((token) =>
                  token.kind === 'plain' ? (
                    token.text
                  ) : (
                    <span class={`wgsl-${token.kind}`}>{token.text}</span>
                  ),
                )}
                {'\n'}
              </code>
            </div>
          );
        })}
      </pre>
    </section>
  );
}
