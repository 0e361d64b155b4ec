// The source, always in view: the running statement's span, who stands on which line, breakpoints, and the
// line that can be struck out.

import { Component } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { headOf, type LineMark, type LineSpan, markText, spansIn } from '../../views/step/source-marks.ts';
import { type Token, tokenize } from '../../views/wgsl.ts';
import { tipOn } from '../ui/index.ts';
import { hasLineBreak, toggleLineBreak } from './breaks.ts';
import { hoverSource, leaveSource } from './hovered.tsx';
import { accessSpans, findingLines, marks, shownStep } from './now.ts';
import { session } from './session.ts';
import { barrierLines } from './strike.ts';
import { step } from './view.ts';

interface LineProps {
  readonly number: number;
  readonly tokens: readonly Token[];
  /** What runs, reads and writes on this line: `4:17:now;8:12:read`, one text so that an unchanged line is not drawn again. */
  readonly spans: string;
  readonly gutter: string;
  readonly long: string;
  readonly state: string;
  readonly breakpoint: boolean;
  readonly barrier: boolean;
  readonly struck: boolean;
  readonly finding: string;
}

const encode = (spans: readonly LineSpan[]): string =>
  spans.map((s) => `${s.from}:${s.to}:${s.kind}`).join(';');

/** Tokens of a line cut where spans begin and end, each with the classes of the spans it lies in. */
function pieces(tokens: readonly Token[], encoded: string) {
  const spans = encoded
    .split(';')
    .filter(Boolean)
    .map((text) => {
      const [from, to, kind] = text.split(':');
      return { from: Number(from), to: Number(to), kind };
    });
  const edges = spans.flatMap((s) => [s.from, s.to]).sort((a, b) => a - b);
  const out: { readonly kind: Token['kind']; readonly text: string; readonly marks: string }[] = [];
  let at = 0;
  for (const { kind, text } of tokens) {
    let start = 0;
    for (const cut of [...edges.map((e) => e - at), text.length]) {
      if (cut <= start || cut > text.length) continue;
      const here = at + start;
      const inside = spans.filter((s) => here >= s.from && here < s.to).map((s) => ` ${s.kind}-span`);
      out.push({ kind, text: text.slice(start, cut), marks: [...new Set(inside)].join('') });
      start = cut;
    }
    at += text.length;
  }
  return out;
}

/** A source has hundreds of lines, and a step changes a few: the others are not drawn again. */
class Line extends Component<LineProps> {
  override shouldComponentUpdate(next: LineProps): boolean {
    const before: Readonly<Record<string, unknown>> = { ...this.props };
    return Object.entries(next).some(([name, value]) => value !== before[name]);
  }

  override render(p: LineProps) {
    return (
      <div
        class={`step-line ${p.state}${p.struck ? ' struck' : ''}${p.finding ? ' found' : ''}`}
        data-line={p.number}
      >
        <button
          type="button"
          class={`line-number${p.breakpoint ? ' set' : ''}`}
          aria-label={`Line ${p.number}${p.breakpoint ? ', breakpoint set' : ''}`}
          aria-pressed={p.breakpoint}
          tabIndex={-1}
          onClick={() => toggleLineBreak(p.number)}
        >
          {p.number}
        </button>
        <span class="line-lanes" {...tipOn(p.long || p.finding || undefined)}>
          {p.gutter || (p.finding ? '●' : '')}
        </span>
        <code>
          {pieces(p.tokens, p.spans).map((piece) => (
            <span class={`wgsl-${piece.kind}${piece.marks}`}>{piece.text}</span>
          ))}
          {'\n'}
        </code>
        {p.barrier && (
          <button
            type="button"
            class="strike small"
            onClick={() => toggleStrike(p.number)}
            {...tipOn(
              p.struck
                ? 'Put the barrier back.'
                : 'Run without this barrier, subgroups one after the other, and see what it prevented.',
            )}
          >
            {p.struck ? 'put back' : 'strike out'}
          </button>
        )}
      </div>
    );
  }
}

/** Strikes a barrier out; the order becomes adversarial, because a race needs someone to run ahead. */
export function toggleStrike(line: number): void {
  const { strike, order } = step.view.value;
  const struck = strike.includes(String(line));
  const next = struck ? strike.filter((s) => s !== String(line)) : [...strike, String(line)];
  const changed =
    next.length > 0 && order === 'round-robin'
      ? 'adversarial'
      : next.length === 0 && order === 'adversarial'
        ? 'round-robin'
        : order;
  step.go({ strike: next, order: changed, drawer: next.length > 0 ? 'findings' : step.view.value.drawer });
}

const noMark: LineMark = { now: 0, of: null, waiting: 0, next: 0 };

export function SourcePane() {
  const now = session.value;
  const frameRef = useRef<HTMLDivElement>(null);
  const display = now?.subject.display ?? '';
  const tokens = useMemo(() => tokenize(display), [display]);
  const barriers = useMemo(() => barrierLines(display), [display]);
  const shown = shownStep.value;
  const here = shown && now ? headOf(now.subject.source, shown.statement) : null;
  const spans: readonly LineSpan[] = [
    ...(here ? [{ from: here[0], to: here[1], kind: 'now' as const }] : []),
    ...accessSpans.value,
  ];
  const line = shown?.line ?? 0;

  useEffect(() => {
    const box = frameRef.current;
    const row = box?.querySelector<HTMLElement>(`[data-line="${line}"]`);
    if (!box || !row) return;
    const top = row.offsetTop;
    if (top < box.scrollTop + 24 || top > box.scrollTop + box.clientHeight - 60)
      box.scrollTop = top - box.clientHeight * 0.4;
  }, [line]);

  if (!now) return <div class="step-source" />;
  const first = now.subject.firstLine;
  const struck = new Set(step.view.value.strike);
  const found = findingLines.value;
  let offset = 0;
  const starts = now.lines.map((text) => {
    const at = offset;
    offset += text.length + 1;
    return at;
  });
  return (
    <section class="step-source code" aria-label={`Source of ${now.subject.title}`} ref={frameRef}>
      <pre onPointerMove={hoverSource} onPointerLeave={leaveSource}>
        {tokens.slice(first - 1).map((list, i) => {
          const number = first + i;
          const mark = marks.value.get(number) ?? noMark;
          const { short, long } = markText(mark);
          const any = mark.now + mark.waiting + mark.next > 0;
          const start = starts[number - 1] ?? 0;
          const length = (now.lines[number - 1] ?? '').length;
          return (
            <Line
              key={number}
              number={number}
              tokens={list}
              spans={encode(spansIn(spans, start, length))}
              gutter={any ? short : ''}
              long={any ? long : ''}
              state={mark.now > 0 ? 'now' : mark.waiting > 0 ? 'wait' : mark.next > 0 ? 'next' : ''}
              breakpoint={hasLineBreak(number)}
              barrier={barriers.has(number)}
              struck={struck.has(String(number))}
              finding={found.get(number) ?? ''}
            />
          );
        })}
      </pre>
    </section>
  );
}
