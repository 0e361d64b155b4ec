// The text as it streams, token by token, and the likeliest next tokens of the last step.

import { signal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { figure, percent } from '../../views/format.ts';
import { Caption, Panel, Segmented } from '../ui/index.ts';
import { misfit, noGpu, noise } from './choice.ts';
import { generation, likely, loaded, type Piece, phase } from './state.ts';
import { showLikely } from './tasks.ts';

/** Tokens that are drawn one by one; older ones are plain text. */
const most = 400;
/** The token under the pointer: its place in the prompt and an answer together. */
const pointed = signal<{ readonly answer: number; readonly at: number } | null>(null);

function Tokens({
  pieces,
  answer = 0,
  from,
  kind,
}: {
  readonly pieces: readonly Piece[];
  readonly answer?: number;
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
            pointed.value = { answer, at: from + cut + i };
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
  const { answer, at } = pointed.value ?? { answer: 0, at: -1 };
  const piece = [...now.prompt, ...(now.outputs[answer] ?? [])][at];
  const several = now.outputs.length > 1;
  if (!piece) {
    const lengths = now.outputs.map((output) => output.length).join(' + ');
    return `${now.prompt.length} tokens of prompt, ${lengths} generated.`;
  }
  const whose = at < now.prompt.length ? 'prompt' : several ? `answer ${answer + 1}` : 'generated';
  return `position ${at}: token ${piece.id}, ${whose}`;
}

/** What to do for a text, where there is none. */
function emptyText(): string {
  if (phase.value.kind === 'loading') return 'The text begins when the model is loaded.';
  if (misfit.value) return 'This model cannot be loaded here: the Model panel says why, and what to do.';
  if (noGpu.value) return 'Without a GPU nothing can be generated; the notice above says what to do.';
  return 'Nothing is generated yet. Generate, or take one step at a time.';
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
          {now.outputs.length === 1 ? (
            <Tokens pieces={now.outputs[0] ?? []} from={now.prompt.length} kind="of-output" />
          ) : (
            now.outputs.map((output, answer) => (
              // an answer keeps its number
              <div key={answer} class="answer">
                <h3>
                  Answer {answer + 1} <span class="quiet-text">seed {now.wanted.sampling.seed + answer}</span>
                </h3>
                <Tokens pieces={output} answer={answer} from={now.prompt.length} kind="of-output" />
              </div>
            ))
          )}
          {running && <span class="caret" />}
        </section>
      ) : (
        <p class="empty">{emptyText()}</p>
      )}
    </Panel>
  );
}

/** By the model that gave it: another may be chosen since. */
const shown = (id: number): string => loaded.value?.vocabulary.piece(id) ?? String(id);

/** The answer whose last token is looked at. */
const looked = signal(0);

export function LikelyPanel() {
  const now = likely.value;
  const answers = generation.value?.outputs.length ?? 1;
  if (!now) return null;
  const { chosen } = now;
  const first = now.best[0]?.probability ?? 1;
  const listed = now.best.some((c) => c.id === chosen.id);
  return (
    <Panel title="The last token" note="softmax, before temperature and cuts" class="likely-panel">
      {answers > 1 && (
        <Segmented
          label="Answer"
          showLabel
          small
          options={Array.from({ length: answers }, (_, i) => ({ value: String(i), label: String(i + 1) }))}
          value={String(looked.value)}
          onChange={(answer) => {
            looked.value = Number(answer);
            void showLikely(looked.value);
          }}
        />
      )}
      <Caption>
        <code>{shown(chosen.id)}</code> (id {chosen.id}) was drawn for position {now.position}:{' '}
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
