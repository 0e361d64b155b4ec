// Real lengths dwarf a small model's window: they are scaled by a stated factor, and what is still too
// long is cut and counted.

import type { KnobValue } from '../../core/knobs.ts';
import type { PromptPart, Request } from '../../engine/request.ts';
import { promptLength } from '../../engine/request.ts';
import type { Limits } from '../../engine/view.ts';

export const scaleKnob = {
  kind: 'number',
  default: 0,
  min: 0,
  max: 1,
  doc: 'Factor on all lengths; 0 chooses the largest that brings the 99th percentile into the window.',
} as const;

export interface Shape {
  readonly prompt: readonly PromptPart[];
  readonly output: number;
}

/** The factor a scale of 0 stands for, given prompt + output lengths. */
export function fittingScale(totals: readonly number[], window: number): number {
  if (totals.length === 0) return 1;
  const sorted = [...totals].sort((a, b) => a - b);
  const p99 = sorted[Math.floor((sorted.length - 1) * 0.99)] as number;
  return Math.min(1, Math.floor((window / p99) * 1000) / 1000);
}

const longestFor = (limits: Limits): number => Math.min(limits.window, limits.pages * limits.pageSize);

/** Scales and cuts shapes to the limits, in place of the lengths a workload or a trace gives. */
export function fitShapes(
  shapes: readonly Shape[],
  scale: KnobValue,
  limits: Limits,
): { readonly shapes: readonly Shape[]; readonly notes: readonly string[]; readonly scale: number } {
  const longest = longestFor(limits);
  const totals = shapes.map((s) => promptLength(s.prompt) + s.output);
  const factor = Number(scale) > 0 ? Number(scale) : fittingScale(totals, longest);
  let cut = 0;
  const fitted = shapes.map(({ prompt, output }) => {
    const scaled = factor === 1 ? prompt : prompt.map((part) => scalePart(part, factor));
    const tokens = Math.max(1, Math.min(Math.round(output * factor), longest - 1));
    const room = longest - tokens;
    if (promptLength(scaled) <= room) return { prompt: scaled, output: tokens };
    cut++;
    return { prompt: cutTo(scaled, room), output: tokens };
  });
  const notes: string[] = [];
  if (factor !== 1) notes.push(`All lengths are scaled by ${factor}.`);
  if (cut > 0) notes.push(`${cut} of ${shapes.length} prompts are cut to fit ${longest} tokens.`);
  return { shapes: fitted, notes, scale: factor };
}

const scalePart = (part: PromptPart, factor: number): PromptPart =>
  'tokens' in part
    ? { tokens: part.tokens.slice(0, Math.max(1, Math.round(part.tokens.length * factor))) }
    : { seed: part.seed, length: Math.max(1, Math.round(part.length * factor)) };

function cutTo(prompt: readonly PromptPart[], room: number): PromptPart[] {
  const parts: PromptPart[] = [];
  let left = room;
  for (const part of prompt) {
    if (left <= 0) break;
    const length = Math.min(left, promptLength([part]));
    parts.push('tokens' in part ? { tokens: part.tokens.slice(0, length) } : { seed: part.seed, length });
    left -= length;
  }
  return parts;
}

/**
 * Requests from shapes and times. `limit`: what a request declares as its maximum; its answer ends after
 * `output` tokens all the same, which no strategy knows.
 */
export const toRequests = (
  shapes: readonly Shape[],
  times: readonly number[],
  limits: Limits,
  limit: 'exact' | 'window',
): Request[] =>
  shapes.map(({ prompt, output }, id) => ({
    id,
    arrival: times[id] ?? 0,
    prompt,
    maxTokens: limit === 'exact' ? output : Math.max(output, longestFor(limits) - promptLength(prompt)),
    ...(limit === 'exact' ? {} : { endsAfter: output }),
  }));

export const limitKnob = {
  kind: 'choice',
  default: 'exact',
  options: {
    exact: 'each request declares the length its answer will have',
    window: 'each request declares all the window leaves it; where its answer ends, nobody knows',
  },
  doc: 'What requests declare as their longest answer: reserve-at-max reserves it.',
} as const;
