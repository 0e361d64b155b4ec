// The quality benchmark against models/score.py: the same documents, the same loss and the same answers (models/fixtures.py
// writes what PyTorch makes of them).

import { expect, it } from 'vitest';
import { unwrap } from '../../src/core/result.ts';
import type { QualityRow } from '../../src/measure/quality.ts';
import { builtIns } from '../../src/model/built-in.ts';
import { connectWorker } from '../../src/worker/client.ts';
import { heldOut, tokensOf } from '../../src/workloads/corpus/encode.ts';

interface Scored {
  readonly first: number;
  readonly longest: number;
  readonly perplexity: number;
  readonly tokens: number;
  /** By kind: the share that is right, and how many were asked. */
  readonly scores: Readonly<Record<string, readonly [number, number]>>;
}
const fixtures = import.meta.glob<{ readonly scored: Scored }>('../../models/fixtures/base.json', {
  import: 'default',
});

it('counts what PyTorch counts, and sees what int8 costs', async () => {
  const model = builtIns.get('base');
  const fixture = await fixtures['../../models/fixtures/base.json']?.();
  if (!model || !fixture)
    throw new Error('models/base or its fixture is missing: python3 models/fixtures.py');
  const { scored } = fixture;
  const documents = heldOut(tokensOf(await model.tokenizer()), scored.first).filter(
    ({ ids }) => ids.length <= scored.longest,
  );
  const client = connectWorker();
  const rows: QualityRow[] = [];
  const file = unwrap(
    await client.quality(
      {
        model: 'base',
        drafts: [],
        stored: [
          { weights: 'i8-row', activations: 'f32', kv: 'i8' },
          { weights: 'i8-row', activations: 'i8', kv: 'i8' },
          { weights: 'f32', activations: 'i8', kv: 'f32' },
        ],
        documents,
        samples: 0,
        command: 'test',
      },
      (event) => {
        if (event.type === 'quality-row') rows.push(event.row);
      },
    ),
  );
  client.terminate();
  expect(file.results).toEqual(rows);
  const [f32, int8, integers, rounded] = rows;
  expect(f32).toMatchObject({ weights: 'f32', kv: 'f32', why: null, tokens: scored.tokens, agreement: null });
  expect(Math.abs(Math.exp(f32?.loss ?? Number.NaN) / scored.perplexity - 1)).toBeLessThan(2e-4);
  for (const [kind, [share, asked]] of Object.entries(scored.scores)) {
    const found = f32?.scores[kind.replace('<=', '≤ ').replace(' >5', ' > 5').replace('129-', '129–')];
    expect(found?.asked, kind).toBe(asked);
    expect((found?.right ?? 0) / asked, kind).toBeCloseTo(share, 3);
  }
  expect(int8?.tokens).toBe(scored.tokens);
  expect(int8?.weightBytes).toBeLessThan((f32?.weightBytes ?? 0) / 3);
  expect(int8?.kvBytesPerToken).toBeLessThan((f32?.kvBytesPerToken ?? 0) / 3);
  expect(int8?.agreement).toBeGreaterThan(0.9);
  expect(int8?.overF32?.ratio).not.toBe(1);
  expect(f32?.fromF32).toBeNull();
  for (const row of [int8, integers, rounded]) {
    const { positions = 0, logitRms = 0, logitMax = 0, klMean = 0, klP99 = 0 } = row?.fromF32 ?? {};
    expect(positions).toBe(scored.tokens);
    expect(logitRms).toBeGreaterThan(1e-4);
    expect(logitMax).toBeGreaterThan(logitRms);
    expect(klMean).toBeGreaterThan(1e-8);
    expect(klP99).toBeGreaterThan(klMean);
    expect(klP99).toBeLessThan(0.5);
  }
  for (const row of [integers, rounded]) {
    expect(row).toMatchObject({ activations: 'i8', why: null, tokens: scored.tokens });
    expect(row?.agreement).toBeGreaterThan(0.9);
    expect(row?.loss).not.toBe(int8?.loss);
  }
});
