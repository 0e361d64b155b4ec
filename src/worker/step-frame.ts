// What stands at one time of a recording: state, memories, watches, the accesses of the last steps.

import { type AccessColumns, caption, type Timeline, type Watches } from '../stepper/index.ts';
import type { Frame, FrameRequest } from './step-protocol.ts';

const none = (): AccessColumns => ({
  memory: new Uint8Array(),
  mode: new Uint8Array(),
  lane: new Uint16Array(),
  byte: new Int32Array(),
  bytes: new Uint16Array(),
  start: new Int32Array(),
  end: new Int32Array(),
});

/** What stands at the requested time. Leaves the timeline there. */
export function frameAt(timeline: Timeline, watches: Watches, request: FrameRequest): Frame {
  timeline.seek(request.time - 1);
  const earlier = request.time > 0 ? request.watches.map((expression) => watches.evaluate(expression)) : [];
  timeline.seek(request.time);
  const time = timeline.position;
  const shown = time - 1;
  const from = Math.max(0, shown - request.trail);
  const { recorder } = timeline;
  const [firstRow] = recorder.range(from);
  const [, lastRow] = recorder.range(shown);
  const accesses = shown < 0 ? none() : recorder.accesses(firstRow, lastRow);
  const accessSteps = new Int32Array(accesses.byte.length);
  for (let step = from, row = 0; step <= shown; step++) {
    const end = recorder.range(step)[1] - firstRow;
    accessSteps.fill(step, row, end);
    row = end;
  }
  const statement = timeline.steps.statement[Math.max(0, shown)];
  return {
    time,
    state: timeline.state(),
    caption: shown < 0 ? null : (caption(timeline, shown) ?? null),
    variables: statement === undefined ? [] : watches.variables(statement),
    accesses,
    accessSteps,
    memories: new Map(
      request.memories.map((m) => [
        m,
        timeline.memory(m === 0 ? { space: 'workgroup' } : { space: 'binding', index: m - 1 }),
      ]),
    ),
    watches: request.watches.map((expression, i) => {
      const was = earlier[i];
      return { expression, answer: watches.evaluate(expression), before: was?.ok ? was.value.values : null };
    }),
  };
}
