// Generating through the worker: the same tokens at every pace and with every interruption; looking into a step changes
// nothing; nothing is left behind.

import { describe, expect, it } from 'vitest';
import { unwrap } from '../../src/core/result.ts';
import { parameterCount } from '../../src/model/config.ts';
import { presets } from '../../src/model/presets.ts';
import { connectWorker } from '../../src/worker/client.ts';
import type { GeneratedStep, GenerateModel, GeneratePrompt } from '../../src/worker/generate/protocol.ts';
import type { WorkerNotice } from '../../src/worker/protocol.ts';
import { checkpointFiles, seededTensors } from '../unit/model/checkpoint-files.ts';

const nano: GenerateModel = {
  source: { kind: 'seeded', config: presets.nano, seed: 1 },
  options: { weights: 'f32', kv: 'f32', kernels: 'auto' },
  window: 256,
  pageSize: 16,
};
const prompt: GeneratePrompt = {
  tokens: Array.from({ length: 70 }, (_, i) => (i * 7) % 512),
  sampling: { temperature: 0.9, topK: 0, topP: 1, seed: 5 },
  maxTokens: 20,
  answers: 1,
  stops: [],
};
const tokensOf = (steps: readonly GeneratedStep[], answer = 0): number[] =>
  steps.flatMap(({ tokens }) => tokens[answer] ?? []);

describe('generating', () => {
  it('gives the same tokens at every pace, step by step, after a pause and after a look inside', async () => {
    const client = connectWorker();
    const notices: WorkerNotice[] = [];
    client.onNotice((notice) => notices.push(notice));
    const ignore = (): void => undefined;
    const loaded = unwrap(await client.load(nano, ignore));
    expect(loaded.pages).toBe(16);

    const whole = unwrap(await client.generate({ prompt, steps: null, pace: 'await' }, ignore));
    expect(whole.state).toMatchObject({
      ended: true,
      answers: [{ ended: 'length', generated: 20, computed: 89 }],
    });
    expect(whole.state.answers[0]?.table).toHaveLength(6);
    // a chunk of 64 that samples nothing, one of 6 that does, and a decode for each further token
    expect(whole.steps.map((s) => s.count)).toEqual([64, 6, ...Array(19).fill(1)]);
    const want = tokensOf(whole.steps);
    expect(want).toHaveLength(20);

    const flowing = unwrap(await client.generate({ prompt, steps: null, pace: 'flow' }, ignore));
    expect(tokensOf(flowing.steps)).toEqual(want);

    const pieces: GeneratedStep[] = [];
    pieces.push(...unwrap(await client.generate({ prompt, steps: 5, pace: 'await' }, ignore)).steps);
    const captured = unwrap(await client.api.capture({ layer: 1, role: 'attention' }));
    expect(captured.name.op).toBe('paged_attention');
    const attended = new Float32Array(captured.buffers['y']?.after ?? new ArrayBuffer(0));
    expect(attended.some((x) => x !== 0)).toBe(true);
    const likely = unwrap(await client.api.candidates(0));
    expect(likely?.chosen.id).toBe(tokensOf(pieces).at(-1));
    expect(likely?.best[0]?.probability).toBeGreaterThanOrEqual(likely?.best[1]?.probability ?? 1);
    // a pause in the middle: cancelled at the first news, then on to the end
    let paused: Promise<void> | undefined;
    const first = await client.generate({ steps: null, pace: 'flow' }, () => {
      paused ??= client.api.cancel();
    });
    pieces.push(...unwrap(first).steps);
    await paused;
    pieces.push(...unwrap(await client.generate({ steps: null, pace: 'flow' }, ignore)).steps);
    expect(tokensOf(pieces)).toEqual(want);

    const stop = want[6] ?? 0;
    const short = { ...prompt, stops: [stop] };
    const stopped = unwrap(await client.generate({ prompt: short, steps: null, pace: 'flow' }, ignore));
    expect(stopped.state.answers[0]?.ended).toBe('stop-token');
    expect(tokensOf(stopped.steps)).toEqual(want.slice(0, want.indexOf(stop) + 1));

    unwrap(await client.api.unload());
    await client.api.echo(0);
    expect(notices.at(-1)).toEqual({ type: 'live-bytes', bytes: 0 });
    const gone = await client.generate({ prompt, steps: 1, pace: 'await' }, ignore);
    expect(gone.ok || gone.error.message).toBe('No model is loaded.');
    client.terminate();
  });

  it('gives several answers to one prompt, each as it would be alone, on shared pages', async () => {
    const client = connectWorker();
    const ignore = (): void => undefined;
    unwrap(await client.load({ ...nano, options: { ...nano.options, kv: 'i8' } }, ignore));
    const alone: number[][] = [];
    for (const i of [0, 1, 2]) {
      const own = { ...prompt, sampling: { ...prompt.sampling, seed: 5 + i } };
      alone.push(
        tokensOf(unwrap(await client.generate({ prompt: own, steps: null, pace: 'flow' }, ignore)).steps),
      );
    }
    expect(new Set(alone.map((ids) => ids.join())).size).toBe(3);
    const three = { ...prompt, answers: 3 };
    for (const pace of ['flow', 'await'] as const) {
      const ran = unwrap(await client.generate({ prompt: three, steps: null, pace }, ignore));
      expect([0, 1, 2].map((answer) => tokensOf(ran.steps, answer))).toEqual(alone);
      // the prompt is computed once: 64 tokens, 5, then the last one for each answer
      expect(ran.steps.slice(0, 3).map((s) => [s.phase, s.count])).toEqual([
        ['prefill', 64],
        ['prefill', 5],
        ['prefill', 1],
      ]);
      const [a, b, c] = ran.state.answers.map(({ table }) => table);
      expect(b?.slice(0, 4)).toEqual(a?.slice(0, 4));
      expect(c?.slice(0, 4)).toEqual(a?.slice(0, 4));
      expect(new Set([a?.[4], b?.[4], c?.[4]]).size).toBe(3);
    }
    // each answer's last logits, where they are
    for (const answer of [0, 2]) {
      const likely = unwrap(await client.api.candidates(answer));
      expect(likely?.chosen.id).toBe(alone[answer]?.at(-1));
    }
    // a stop token ends the answer that draws it, and the others go on
    const stops = [alone[1]?.[3] ?? 0];
    const cut = alone.map((ids) => ids.slice(0, ids.indexOf(stops[0] ?? -1) + 1 || ids.length));
    const stopped = unwrap(
      await client.generate({ prompt: { ...three, stops }, steps: null, pace: 'flow' }, ignore),
    );
    expect([0, 1, 2].map((answer) => tokensOf(stopped.steps, answer))).toEqual(cut);
    const many = await client.generate(
      { prompt: { ...three, answers: 8, maxTokens: 100 }, steps: 1, pace: 'await' },
      ignore,
    );
    expect(many.ok || many.error.message).toBe('8 answers of 100 tokens need 60 pages; there are 16.');
    client.terminate();
  });

  it('times the last step by op, which changes nothing, and probes the device', async () => {
    const client = connectWorker();
    const ignore = (): void => undefined;
    for (const numerics of ['canonical', 'fast'] as const) {
      const loaded = unwrap(await client.load({ ...nano, options: { ...nano.options, numerics } }, ignore));
      expect(loaded.reduction.includes('|')).toBe(numerics === 'fast');
      const whole = tokensOf(
        unwrap(await client.generate({ prompt, steps: null, pace: 'flow' }, ignore)).steps,
      );
      const first = unwrap(await client.generate({ prompt, steps: 6, pace: 'await' }, ignore));
      const split = unwrap(await client.split('last step', ignore));
      expect(split.parts.map(({ role }) => role)).toContain('attention');
      // every dispatch of the step has its part
      expect(split.parts.reduce((sum, { count }) => sum + count, 0)).toBe(loaded.program.length);
      for (const part of split.parts) expect(part.ms, part.role).toBeGreaterThan(0);
      const estimated = split.parts.reduce((sum, part) => sum + part.estimatedMs, 0);
      expect(estimated / split.wholeMs).toBeCloseTo(1);
      const rest = unwrap(await client.generate({ steps: null, pace: 'flow' }, ignore));
      expect([...tokensOf(first.steps), ...tokensOf(rest.steps)]).toEqual(whole);

      const report = unwrap(await client.api.probe());
      expect(report).toMatchObject({ numerics, identical: numerics === 'canonical' });
      const over = await client.generate({ steps: 1, pace: 'await' }, ignore);
      expect(over.ok || over.error.message).toBe('There is no prompt yet.');
      // what the probe has written is not what a prompt reads
      const again = unwrap(await client.generate({ prompt, steps: null, pace: 'flow' }, ignore));
      expect(tokensOf(again.steps)).toEqual(whole);
    }
    client.terminate();
  });

  it('cancels a load, and leaves nothing behind', async () => {
    const client = connectWorker();
    const notices: WorkerNotice[] = [];
    client.onNotice((notice) => notices.push(notice));
    const ignore = (): void => undefined;
    const files = checkpointFiles(presets.nano, seededTensors(presets.nano, 3), 'F32');
    const source = { kind: 'files', name: 'model', files } as const;
    // both are always told; stops.test.ts stops everywhere between
    for (const when of ['weights: embedding', 'compiling kernels']) {
      let asked: Promise<void> | undefined;
      const done = await client.load({ ...nano, source: { ...source } }, (event) => {
        if (event.type === 'loading' && event.what === when) asked ??= client.api.cancel();
      });
      expect(asked, when).toBeDefined();
      await asked;
      expect(done.ok || done.error.code, when).toBe('cancelled');
      unwrap(await client.api.unload());
      await client.api.echo(0);
      expect(notices.at(-1), when).toEqual({ type: 'live-bytes', bytes: 0 });
    }
    unwrap(await client.load({ ...nano, source }, ignore));
    client.terminate();
  });

  it('cancels a split, a probe and a look, keeps what was finished, and goes on as if nothing had been', async () => {
    const client = connectWorker();
    const ignore = (): void => undefined;
    unwrap(await client.load(nano, ignore));
    const whole = tokensOf(
      unwrap(await client.generate({ prompt, steps: null, pace: 'flow' }, ignore)).steps,
    );
    const first = unwrap(await client.generate({ prompt, steps: 6, pace: 'await' }, ignore));

    // before every op has a time there is nothing to keep
    let asked: Promise<void> | undefined;
    const early = await client.split('last step', () => {
      asked ??= client.api.cancel();
    });
    await asked;
    expect(early.ok || early.error.code).toBe('cancelled');
    // after some turns there is
    let late: Promise<void> | undefined;
    const cut = unwrap(
      await client.split('last step', ({ done, total }) => {
        if (done > 0.6 * total) late ??= client.api.cancel();
      }),
    );
    await late;
    expect(cut.n).toBeGreaterThan(0);
    expect(cut.n).toBeLessThan(7);

    const looking = client.api.capture({ layer: 0, role: 'attention' });
    await client.api.cancel();
    const looked = await looking;
    expect(looked.ok || looked.error.code).toBe('cancelled');
    expect(unwrap(await client.api.capture({ layer: 0, role: 'attention' })).name.role).toBe('attention');

    const rest = unwrap(await client.generate({ steps: null, pace: 'flow' }, ignore));
    expect([...tokensOf(first.steps), ...tokensOf(rest.steps)]).toEqual(whole);

    const probing = client.api.probe();
    await client.api.cancel();
    const probed = await probing;
    expect(probed.ok || probed.error.code).toBe('cancelled');
    const again = unwrap(await client.generate({ prompt, steps: null, pace: 'flow' }, ignore));
    expect(tokensOf(again.steps)).toEqual(whole);
    client.terminate();
  });

  it('generates the same from a checkpoint’s files as from the seed that made them', async () => {
    const client = connectWorker();
    const files = checkpointFiles(presets.nano, seededTensors(presets.nano, 1), 'F32', 2);
    const ignore = (): void => undefined;
    const texts: number[][] = [];
    for (const source of [nano.source, { kind: 'files', name: 'model', files } as const]) {
      const loaded = unwrap(await client.load({ ...nano, source }, ignore));
      expect(loaded.parameters).toBe(parameterCount(presets.nano));
      texts.push(
        tokensOf(unwrap(await client.generate({ prompt, steps: null, pace: 'flow' }, ignore)).steps),
      );
    }
    expect(texts[1]).toEqual(texts[0]);
    const torn = files.map((file) => ({ ...file, blob: file.blob.slice(0, file.blob.size - 8) }));
    const refused = await client.api.estimate({
      ...nano,
      source: { kind: 'files', name: 'model', files: [...files.slice(0, 2), ...torn.slice(2)] },
    });
    expect(refused.ok || refused.error.code).toBe('refused');
    client.terminate();
  });

  it('says what a model takes before anything is allocated, and refuses what does not fit', async () => {
    const client = connectWorker();
    unwrap(await client.api.open('auto'));
    const big: GenerateModel = {
      ...nano,
      source: { kind: 'seeded', config: { ...presets['Llama-3.2-1B'], layers: 400 }, seed: 1 },
    };
    const estimate = unwrap(await client.api.estimate(big));
    expect(estimate.memory.total).toBeGreaterThan(estimate.budget);
    const refused = await client.load(big, () => undefined);
    expect(estimate.misfit?.message).toMatch(/does not fit: it takes .* MiB .* more than the/);
    expect(refused.ok || refused.error.message).toBe(estimate.misfit?.message);
    const wrong = await client.api.estimate({
      ...nano,
      source: { kind: 'files', name: 'x', files: [{ name: 'x/notes.txt', blob: new Blob(['hello']) }] },
    });
    expect(wrong.ok || wrong.error.message).toBe('There is no config.json among the files.');
    // 20 pages of 16 tokens: 2 layers, K and V of one head of 32
    const budget = { ...nano, kvBudget: 20 * 16 * 2 * 2 * 32 * 4 + 1 };
    expect(unwrap(await client.api.estimate(budget))).toMatchObject({ pages: 20, poolLimit: 'budget' });
    expect(unwrap(await client.load(budget, () => undefined)).pages).toBe(20);
    const none = await client.load({ ...nano, kvBudget: 1 }, () => undefined);
    expect(none.ok || none.error.message).toContain('The budget holds no KV page of nano');
    const loaded = unwrap(await client.load(nano, () => undefined));
    const bad = await client.generate(
      { prompt: { ...prompt, tokens: [loaded.config.vocab] }, steps: 1, pace: 'await' },
      () => undefined,
    );
    expect(bad.ok || bad.error.hint).toBe('Ids of this model are 0 to 511.');
    client.terminate();
  });
});
