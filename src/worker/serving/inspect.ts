// One step of a recorded run, computed again on this device: its list of dispatches, or one dispatch with its real buffers. The
// run is replayed without a GPU to learn the step's rows and pages; what its requests hold before it is computed in a few large
// steps, because a token's K and V do not depend on the batch that it was computed in.

import { err, failure, ok, type Result } from '../../core/result.ts';
import type { StepBatch } from '../../engine/executor.ts';
import { outputsOf } from '../../engine/outputs.ts';
import { replay, replaySteps } from '../../engine/replay.ts';
import { promptLength, writePrompt } from '../../engine/request.ts';
import type { RunFile } from '../../engine/run-file.ts';
import type { DeviceReport } from '../../measure/schema.ts';
import { BatchBuilder, greedy } from '../../model/batch.ts';
import { cancelled, never, type Stop } from '../../model/stopped.ts';
import type { WorkerFailure } from '../protocol.ts';
import { refused } from '../refused.ts';
import { fillBatch } from './fill-batch.ts';
import type { Served } from './host.ts';
import type { Inspection, InspectRequest } from './protocol.ts';

/** Most tokens of one step that computes what came before: it stays short on a slow device. */
const longestChunk = 256;

/** The batch of step `wanted`, as it was given to the executor. */
function batchOf(file: RunFile, wanted: number): Result<StepBatch, WorkerFailure> {
  const steps = replaySteps(file);
  for (let s = 0; ; s++) {
    const turn = steps.next();
    if (turn.done) {
      if (!turn.value.ok) return refused(turn.value.error);
      return err(failure('refused', `The run has no step ${wanted + 1}.`, 'Choose one of its steps.'));
    }
    if (s === wanted) return ok(turn.value);
  }
}

/** Prompt and answer of every request, by id, as far as the run came. */
function sequencesOf(file: RunFile): Result<ReadonlyMap<number, readonly number[]>, WorkerFailure> {
  const trace = replay(file);
  if (!trace.ok) return refused(trace.error);
  const outputs = outputsOf(trace.value);
  return ok(
    new Map(
      file.requests.map(({ id, prompt }) => {
        const tokens = new Int32Array(promptLength(prompt));
        writePrompt(prompt, file.header.limits.vocabulary, tokens);
        return [id, [...tokens, ...(outputs.get(id) ?? [])]];
      }),
    ),
  );
}

export interface InspectHost {
  readonly served: Served;
  readonly device: DeviceReport;
  readonly stop?: Stop;
}

export async function inspectStep(
  { served, device, stop = never }: InspectHost,
  { file, step, dispatch }: InspectRequest,
): Promise<Result<Inspection, WorkerFailure>> {
  const { runtime, model, maxLogits } = served;
  const found = batchOf(file, step);
  if (!found.ok) return found;
  const batch = found.value;
  const { rows, maxTokens, pageSize } = runtime.options;
  const tokens = batch.tokenCount + batch.paddingCount;
  if (tokens > maxTokens || batch.tables.rows > rows)
    return err(
      failure(
        'refused',
        `Step ${step + 1} computes ${tokens} tokens, with ${batch.tables.rows} slots; a step here holds ${maxTokens}, and ${rows}.`,
        'Choose a smaller step, or a run that was measured.',
      ),
    );
  const known = sequencesOf(file);
  if (!known.ok) return known;
  const sequences = known.value;
  const builder = new BatchBuilder({ maxTokens, maxLogits, pageSize }, (row, index) =>
    batch.tables.page(row, index),
  );

  runtime.syncTables(batch.tables);
  const run = async (): Promise<Result<Uint32Array, WorkerFailure>> => {
    if (stop()) return refused(cancelled('The look inside'));
    const submitted = runtime.step(builder);
    return submitted.ok ? ok(await submitted.value.sampled) : refused(submitted.error);
  };
  // what the step's requests hold before it
  for (let i = 0; i < batch.rows; i++) {
    const tokens = sequences.get(batch.id[i] ?? 0) ?? [];
    const until = batch.start[i] ?? 0;
    for (let from = 0; from < until; from += longestChunk) {
      builder.begin(model.id).add({
        row: batch.table[i] ?? 0,
        start: from,
        tokens: tokens.slice(from, Math.min(until, from + longestChunk)),
        logits: 0,
        sampleSlot: 0,
        sampling: greedy,
      });
      const done = await run();
      if (!done.ok) return done;
    }
  }

  fillBatch(builder, model.id, batch, 0, (i) => [
    sequences.get(batch.id[i] ?? 0)?.[batch.start[i] ?? 0] ?? 0,
  ]);
  const planned = runtime.dispatches(builder);
  if (!planned.ok) return refused(planned.error);
  const dispatches = planned.value.map(({ name, dims }) => ({ name, dims }));
  const ids = await run();
  if (!ids.ok) return ids;
  const { compared, same } = compare(batch, file, step, ids.value);
  const answer = { device, dispatches, compared, same };
  if (!dispatch) return ok({ ...answer, capture: null });
  const captured = await runtime.capture(builder, dispatch.layer, dispatch.role, stop);
  if (!captured.ok) return refused(captured.error);
  return ok({ ...answer, capture: captured.value });
}

/** Ids sampled now against those of the run; rows whose ids the run threw away cannot be compared. */
function compare(batch: StepBatch, file: RunFile, s: number, ids: Uint32Array) {
  const recorded = file.steps[s]?.tokens ?? [];
  const over = new Set(file.steps[s]?.overrun);
  let [compared, same, next, sample] = [0, 0, 0, 0];
  for (let i = 0; i < batch.rows; i++) {
    for (let k = 0; k < (batch.samples[i] ?? 0); k++) {
      const id = ids[sample++];
      if (over.has(batch.id[i] ?? 0)) continue;
      compared++;
      if (id === recorded[next++]) same++;
    }
  }
  return { compared, same };
}
