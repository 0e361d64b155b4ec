// The models in the box: the runner's logits against PyTorch's on stored texts (models/fixtures.py writes them).

import { afterAll, describe, expect, it } from 'vitest';
import { unwrap } from '../../../src/core/result.ts';
import { builtIns } from '../../../src/model/built-in.ts';
import { checkpointSource, openCheckpoint } from '../../../src/model/checkpoint.ts';
import type { ModelOptions } from '../../../src/model/contract.ts';
import { testGpu } from '../gpu.ts';
import { Bench, plain, smallRuntime } from './setup.ts';

interface Fixture {
  /** SHA-256 of model.safetensors. */
  readonly weights: string;
  readonly cases: readonly {
    readonly ids: readonly number[];
    /** Tokens whose logits are kept; base64 of f32 [rows, vocabulary]. */
    readonly rows: readonly number[];
    readonly logits: string;
  }[];
}

const fixtures = import.meta.glob<Fixture>('../../../models/fixtures/*.json', { import: 'default' });
const { gpu } = await testGpu();
afterAll(() => expect(gpu.memory.live).toBe(0));

const bytesOf = (text: string): Uint8Array => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const hex = (bytes: ArrayBuffer): string =>
  [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('');

describe.each([...builtIns.values()])('$name', (model) => {
  /** Largest difference to PyTorch's logits over the first `count` stored texts. */
  async function worst(options: ModelOptions, count: number): Promise<number> {
    const fixture = await fixtures[`../../../models/fixtures/${model.name}.json`]?.();
    if (!fixture)
      throw new Error(`models/fixtures/${model.name}.json is missing: python3 models/fixtures.py`);
    const files = unwrap(await model.files());
    const weights = files.find((file) => file.name.endsWith('.safetensors'));
    const hash = hex(
      await crypto.subtle.digest('SHA-256', (await weights?.blob.arrayBuffer()) ?? new ArrayBuffer(0)),
    );
    expect(hash, 'other weights than the fixtures: python3 models/fixtures.py').toBe(fixture.weights);
    const source = checkpointSource(gpu, unwrap(await openCheckpoint(files, model.name)));
    const bench = await Bench.open(model.config, options, smallRuntime, source);
    const row = bench.row(Array.from({ length: 64 }, (_, i) => (i * 29) % 64));
    let most = 0;
    for (const { ids, rows, logits } of fixture.cases.slice(0, count)) {
      const want = new Float32Array(bytesOf(logits).buffer);
      const chunk = bench.runtime.options.maxTokens;
      for (let start = 0; start < ids.length; start += chunk) {
        const tokens = ids.slice(start, start + chunk);
        const got = (await bench.step([{ row, start, tokens, logits: tokens.length }])).logits;
        for (const [i, at] of rows.entries())
          got[at - start]?.forEach((x, id) => {
            most = Math.max(most, Math.abs(x - (want[i * model.config.vocab + id] ?? Number.NaN)));
          });
      }
    }
    bench.dispose();
    return most;
  }

  it('gives PyTorch’s logits within 1e-3', async () => {
    expect(await worst(plain, Number.POSITIVE_INFINITY)).toBeLessThan(1e-3);
  });
  it('and would be caught if it did not: int8 weights are further off', async () => {
    expect(await worst({ ...plain, weights: 'i8-row' }, 4)).toBeGreaterThan(1e-3);
  });
});
