// Copies pages on the GPU for copy-on-write: the same pairs in every layer of every model, since page ids are
// one space. A submit of its own before the step, and only when there is something to copy.

import { assert } from '../core/assert.ts';
import { ok, type Result, unwrap } from '../core/result.ts';
import { type Compiled, compile } from '../gpu/dispatch.ts';
import type { CompileFailure, Pipelines } from '../gpu/pipelines.ts';
import type { AllocationFailure, Scope } from '../gpu/scope.ts';
import { bindStage, type Grid, type Stage } from '../gpu/stage.ts';
import { catalog } from '../kernels/catalog.ts';
import { prepare } from '../kernels/prepare.ts';
import type { ModelId } from './batch.ts';

interface ModelPages {
  readonly stages: readonly Stage[];
  readonly uniform: GPUBuffer;
  readonly pageBytes: number;
}

export class PageCopier {
  readonly #scope: Scope;
  readonly #pairs: GPUBuffer;
  readonly #compiled: Compiled;
  readonly #models = new Map<ModelId, ModelPages>();

  private constructor(scope: Scope, pairs: GPUBuffer, compiled: Compiled) {
    this.#scope = scope;
    this.#pairs = pairs;
    this.#compiled = compiled;
  }

  /** Makes room for as many pairs as there are pages. */
  static async create(
    scope: Scope,
    pipelines: Pipelines,
    pages: number,
  ): Promise<Result<PageCopier, AllocationFailure | CompileFailure>> {
    const entry = catalog.get('copy_page');
    const version = entry?.versions[0];
    assert(entry && version, 'shaders/copy_page has a version');
    const pairs = scope.storage('page copies', pages * 8);
    if (!pairs.ok) return pairs;
    const prepared = prepare(entry.op, version, { copies: 1, pages, page_words: 4 }, 'f32');
    const compiled = await compile(pipelines, unwrap(prepared));
    return compiled.ok ? ok(new PageCopier(scope, pairs.value, compiled.value)) : compiled;
  }

  /** Takes up a model's pages, one buffer a layer. */
  add(model: ModelId, pages: readonly GPUBuffer[], pageBytes: number): Result<true, AllocationFailure> {
    const uniform = this.#scope.uniform(
      `copy pages of ${model}`,
      new Uint32Array([pageBytes / 4, 0, 0, 0]).buffer,
    );
    if (!uniform.ok) return uniform;
    const stages = pages.map((buffer) =>
      bindStage(
        this.#scope.gpu.device,
        this.#compiled,
        { pairs: { buffer: this.#pairs }, pages: { buffer } },
        { buffer: uniform.value },
      ),
    );
    this.#models.set(model, { stages, uniform: uniform.value, pageBytes });
    return ok(true);
  }

  remove(model: ModelId): void {
    const held = this.#models.get(model);
    if (held) this.#scope.free(held.uniform);
    this.#models.delete(model);
  }

  /** Copies pages [from, to, …] of every model, after what was submitted before and before what comes next. */
  copy(pairs: ArrayLike<number>): void {
    if (pairs.length === 0 || this.#models.size === 0) return;
    const { device } = this.#scope.gpu;
    device.queue.writeBuffer(this.#pairs, 0, Uint32Array.from(pairs));
    const encoder = device.createCommandEncoder({ label: 'copy pages' });
    const pass = encoder.beginComputePass({ label: 'copy pages' });
    for (const { stages, pageBytes } of this.#models.values()) {
      const grid: Grid = [Math.ceil(pageBytes / 1024), pairs.length / 2, 1];
      for (const stage of stages) stage.encode(pass, [grid]);
    }
    pass.end();
    device.queue.submit([encoder.finish()]);
  }
}
