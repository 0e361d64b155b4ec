// The text as it streams, token by token, and the likeliest next tokens of the last step.

import { signal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { figure, percent } from '../../views/format.ts';
import { Caption, Panel } from '../ui/index.ts';
import { noise, vocabulary } from './choice.ts';
import { generation, likely, type Piece, phase } from './session.ts';

/** Tokens that are drawn one by one; older ones are plain text. */
const most = 400;
/** The token under the pointer: its place in prompt and output together. */
const pointed = signal<number | null>(null);

function Tokens({
  pieces,
  from,
  kind,
}: {
  readonly pieces: readonly Piece[];
  readonly from: number;
  readonly kind: string;
}) {
  const cut = Math.max(0, pieces.length - most);
  return (
    <span class={kind}>
      {cut > 0 && <span>{pieces.slice(0, cut).map((piece) => piece.text)}</span>}
      {pieces.slice(cut).map((piece, i) => (
        <span
          // a token's place never changes
          key={cut + i}
          class="token"
          onPointerEnter={() => {
            pointed.value = from + cut + i;
          }}
        >
          {piece.text}
        </span>
      ))}
    </span>
  );
}

function said(): string {
  const now = generation.value;
  if (!now) return '';
  const at = pointed.value;
  const all = [...now.prompt, ...now.output];
  const piece = at === null ? undefined : all[at];
  if (!piece || at === null) return `${now.prompt.length} tokens of prompt, ${now.output.length} generated.`;
  return `position ${at}: token ${piece.id}, ${at < now.prompt.length ? 'prompt' : 'generated'}`;
}

export function TextPanel() {
  const ref = useRef<HTMLDivElement>(null);
  const now = generation.value;
  const running = phase.value.kind === 'running';
  useLayoutEffect(() => {
    if (running && ref.current) ref.current.scrollTop = ref.current.scrollHeight;
  });
  return (
    <Panel
      title="Text"
      note={now && noise.value ? 'random weights: noise, whatever the prompt' : ''}
      class="text-panel"
      footer={now ? said() : undefined}
    >
      {now ? (
        // what scrolls takes focus, so that a keyboard can scroll it
        <section
          ref={ref}
          class="stream"
          aria-label="Prompt and generated text"
          tabIndex={0}
          onPointerLeave={() => {
            pointed.value = null;
          }}
        >
          <Tokens pieces={now.prompt} from={0} kind="of-prompt" />
          <Tokens pieces={now.output} from={now.prompt.length} kind="of-output" />
          {running && <span class="caret" />}
        </section>
      ) : (
        <p class="empty">Nothing is generated yet. Generate, or take one step at a time.</p>
      )}
    </Panel>
  );
}

const shown = (id: number): string => vocabulary.value.piece(id);

export function LikelyPanel() {
  const now = likely.value;
  if (!now) return null;
  const { chosen } = now;
  const first = now.best[0]?.probability ?? 1;
  const listed = now.best.some((c) => c.id === chosen.id);
  return (
    <Panel
      title="The last token"
      note="softmax of its logits, before temperature and cuts"
      class="likely-panel"
    >
      <Caption>
        Token {chosen.id} was drawn for position {now.position}:{' '}
        {chosen.rank === 0 ? 'the likeliest' : `number ${chosen.rank + 1}`},{' '}
        {percent(chosen.probability).replace(' ', '\u00a0')}. The model was {figure(now.entropyBits)} bits
        unsure.
      </Caption>
      <ol class="candidates">
        {[...now.best, ...(listed ? [] : [chosen])].map((candidate) => (
          <li key={candidate.id} class={candidate.id === chosen.id ? 'drawn' : ''}>
            <code>{shown(candidate.id)}</code>
            <span class="bar" style={{ width: `${(100 * candidate.probability) / first}%` }} />
            <span class="share">{percent(candidate.probability)}</span>
          </li>
        ))}
      </ol>
    </Panel>
  );
}
