// What the engine's tests share: small runs on equal steps, and a picture of a run that a person can read.

import type { KnobValue } from '../../../src/core/knobs.ts';
import { unwrap } from '../../../src/core/result.ts';
import type { CostModel } from '../../../src/engine/cost-model.ts';
import { costModels } from '../../../src/engine/devices/index.ts';
import { reasonName } from '../../../src/engine/reason.ts';
import type { Request } from '../../../src/engine/request.ts';
import { ENDINGS } from '../../../src/engine/request.ts';
import { REQUEST_EVENTS, TOKEN_KINDS, type Trace } from '../../../src/engine/trace.ts';
import type { Limits } from '../../../src/engine/view.ts';
import { runVirtual, type VirtualRun } from '../../../src/engine/virtual-run.ts';
import { findStrategy } from '../../../src/strategies/index.ts';
import { openLoop } from '../../../src/workloads/arrivals.ts';

export const LIMITS: Limits = { pages: 1000, pageSize: 16, window: 4096, vocabulary: 512 };

export const unitSteps = (): CostModel => {
  const cost = costModels.get('unit');
  if (!cost) throw new Error('the unit cost model is missing');
  return cost;
};

/** Requests that all arrive at 0: [prompt, output] each. The answer's length is also its declared limit. */
export const atOnce = (...lengths: readonly (readonly [number, number])[]): Request[] =>
  lengths.map(([prompt, output], id) => ({
    id,
    arrival: 0,
    prompt: [{ seed: id + 1, length: prompt }],
    maxTokens: output,
  }));

export interface ServeOptions {
  readonly limits?: Partial<Limits>;
  readonly lookahead?: 0 | 1;
  readonly cost?: CostModel;
  readonly freeOrder?: 'fifo' | 'lifo';
}

export function serve(
  strategy: string,
  knobs: Record<string, KnobValue>,
  requests: readonly Request[],
  options: ServeOptions = {},
): VirtualRun {
  const limits = { ...LIMITS, ...options.limits };
  const found = findStrategy(strategy);
  if (!found) throw new Error(`no strategy ${strategy}`);
  const { planner } = unwrap(found.strategy.make({ ...found.preset?.knobs, ...knobs }, limits));
  return runVirtual({
    planner,
    limits,
    arrivals: openLoop(requests),
    cost: options.cost ?? unitSteps(),
    lookahead: options.lookahead ?? 0,
    ...(options.freeOrder ? { freeOrder: options.freeOrder } : {}),
  });
}

/** The 1-based step in which each request's first token came out. */
export function firstTokens(trace: Trace): number[] {
  const firsts = new Map<number, number>();
  eachRow(trace, (step, row) => {
    if (row.emits > 0 && !firsts.has(row.request)) firsts.set(row.request, step + 1);
  });
  return [...firsts].sort((a, b) => a[0] - b[0]).map(([, step]) => step);
}

/** Output token ids by request. */
export function outputs(trace: Trace): Map<number, number[]> {
  const texts = new Map<number, number[]>();
  let token = 0;
  eachRow(trace, (_step, row) => {
    const text = texts.get(row.request) ?? [];
    for (let i = 0; i < row.emits; i++) text.push(trace.tokens.columns.id[token++] as number);
    texts.set(row.request, text);
  });
  return texts;
}

export interface Row {
  readonly request: number;
  readonly start: number;
  readonly count: number;
  readonly kind: (typeof TOKEN_KINDS)[number];
  readonly emits: number;
}

export function eachRow(trace: Trace, visit: (step: number, row: Row) => void): void {
  const { columns } = trace.rows;
  let i = 0;
  for (let step = 0; step < trace.steps.length; step++) {
    for (; i < (trace.steps.columns.rows[step] as number); i++)
      visit(step, {
        request: columns.request[i] as number,
        start: columns.start[i] as number,
        count: columns.count[i] as number,
        kind: TOKEN_KINDS[columns.kind[i] as number] ?? 'prefill',
        emits: columns.emits[i] as number,
      });
  }
}

const MARK = {
  prefill: 'p',
  decode: 'd',
  recompute: 'r',
  padding: '=',
  rejected: 'x',
  overrun: '!',
  lost: '?',
};

/**
 * One line a request, one column a step: p8 prefills 8 tokens, d decodes one, r recomputes, = is padding,
 * ! is overrun; * marks an output token. An empty cell did nothing.
 */
export function stepTable(trace: Trace): string {
  const cells: string[][] = [];
  eachRow(trace, (step, row) => {
    const line = cells[row.request] ?? [];
    cells[row.request] = line;
    const text = row.count === 1 ? MARK[row.kind] : `${MARK[row.kind]}${row.count}`;
    line[step] = `${line[step] ?? ''}${text}${row.emits > 0 ? '*' : ''}`;
  });
  const steps = trace.steps.length;
  const widths = Array.from({ length: steps }, (_, s) =>
    Math.max(`${s + 1}`.length, ...cells.map((line) => (line?.[s] ?? '').length)),
  );
  const line = (name: string, texts: readonly (string | undefined)[]) =>
    `${name.padEnd(5)}${widths.map((w, s) => (texts[s] ?? '').padEnd(w)).join(' ')}`.trimEnd();
  return [
    line(
      'step',
      widths.map((_, s) => `${s + 1}`),
    ),
    ...cells.map((texts, id) => line(`r${id}`, texts ?? [])),
  ].join('\n');
}

/** What `stepTable` is expected to print, from a text that is indented with the code around it. */
export const table = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join('\n');

/** Events of some kinds as text, `admitted 0 at 3 (16, 0)`; reasons and endings by name. */
export function eventLog(trace: Trace, ...kinds: (typeof REQUEST_EVENTS)[number][]): string[] {
  const { columns, length } = trace.events;
  const log: string[] = [];
  for (let i = 0; i < length; i++) {
    const kind = REQUEST_EVENTS[columns.kind[i] as number];
    if (!kind || !kinds.includes(kind)) continue;
    const a = columns.a[i] as number;
    const what =
      kind === 'waits' ? reasonName(a) : kind === 'finished' || kind === 'aborted' ? ENDINGS[a] : `${a}`;
    log.push(`${kind} r${columns.request[i]} step ${(columns.step[i] as number) + 1}: ${what}`);
  }
  return log;
}
