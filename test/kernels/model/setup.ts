// What the model tests share: a runtime with one loaded model, block tables, and a way to run sequences.

import { BlockTables } from '../../../src/cache/block-tables.ts';
import { unwrap } from '../../../src/core/result.ts';
import { BatchBuilder, greedy, type Part } from '../../../src/model/batch.ts';
import type { ModelConfig } from '../../../src/model/config.ts';
import type { LoadedModel, ModelOptions, RuntimeOptions } from '../../../src/model/contract.ts';
import { GpuRuntime } from '../../../src/model/runtime.ts';
import { seededSource } from '../../../src/model/seeded-source.ts';
import type { WeightSource } from '../../../src/model/weights.ts';
import { testGpu } from '../gpu.ts';

export const smallRuntime: RuntimeOptions = {
  pages: 64,
  pageSize: 16,
  rows: 16,
  window: 1024,
  maxTokens: 128,
  maxLogits: 128,
  sampleSlots: 256,
  inFlight: 2,
};

export const plain: ModelOptions = { weights: 'f32', kv: 'f32', kernels: 'auto' };

/** A model with hand-fed block tables: rows get pages in the order in which `pages` lists them. */
export class Bench {
  readonly runtime: GpuRuntime;
  readonly model: LoadedModel;
  readonly tables: BlockTables;
  readonly batch: BatchBuilder;

  private constructor(runtime: GpuRuntime, model: LoadedModel) {
    const o = runtime.options;
    this.runtime = runtime;
    this.model = model;
    this.tables = new BlockTables(o.rows, Math.ceil(o.window / o.pageSize));
    this.batch = new BatchBuilder(o, (row, index) => this.tables.page(row, index));
  }

  static async open(
    config: ModelConfig,
    options: ModelOptions = plain,
    runtimeOptions: RuntimeOptions = smallRuntime,
    source?: WeightSource,
  ): Promise<Bench> {
    const { gpu, pipelines } = await testGpu();
    const runtime = unwrap(await GpuRuntime.create(gpu, pipelines, runtimeOptions));
    const model = await runtime.load(config, options, source ?? seededSource(gpu, pipelines, 42));
    if (!model.ok) runtime.dispose();
    return new Bench(runtime, unwrap(model));
  }

  /** Opens a row that owns `pages`. */
  row(pages: readonly number[]): number {
    const row = this.tables.openRow();
    for (const page of pages) this.tables.push(row, page);
    return row;
  }

  /** Runs one step and returns its logits by row, and its samples. */
  async step(parts: readonly Partial<Part>[]): Promise<{ logits: Float32Array[]; sampled: Uint32Array }> {
    this.batch.begin(this.model.id);
    for (const part of parts) {
      this.batch.add({
        row: 0,
        start: 0,
        tokens: [0],
        logits: 1,
        sampleSlot: part.row ?? 0,
        sampling: greedy,
        ...part,
      });
    }
    this.runtime.syncTables(this.tables);
    const handle = unwrap(this.runtime.step(this.batch));
    const view = await this.runtime.readLogits();
    const logits = Array.from({ length: view.rows }, (_, i) =>
      view.values.slice(i * view.columns, (i + 1) * view.columns),
    );
    return { logits, sampled: await handle.sampled };
  }

  dispose(): void {
    this.runtime.dispose();
  }
}

/** `target` with some of its properties replaced; methods of its own still run on itself. */
export const replacing = <T extends object>(target: T, changes: Partial<T>): T =>
  new Proxy(target, {
    get(_, key) {
      const value: unknown = Reflect.get(key in changes ? changes : target, key);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
