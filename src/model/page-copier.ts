// Copies pages on the GPU for copy-on-write: the same pairs in every layer of every model, since page ids are
// one space. Copies wait for the next step and run first in its pass: no submit of their own.

import { assert } from '../core/assert.ts';
import { ok, type Result, unwrap } from '../core/result.ts';
import { type Compiled, compile } from '../gpu/dispatch.ts';
import type { CompileFailure, Pipelines } from '../gpu/pipelines.ts';
import type { AllocationFailure, Scope } from '../gpu/scope.ts';
import { bindStage, type Grid, type Stage } from '../gpu/stage.ts';
import { catalog, type KernelVersion } from '../kernels/catalog.ts';
import { prepare } from '../kernels/prepare.ts';
import type { ModelId } from './batch.ts';
import { gridsOf } from './kernels.ts';

/** Room for twice as many pairs a step as there are pages. */
const mostPairs = (pages: number): number => 2 * pages;

/** Bytes of the pairs of one step. */
export const copierBytes = (pages: number): number => mostPairs(pages) * 8;

interface ModelPages {
  readonly stages: readonly Stage[];
  readonly uniform: GPUBuffer;
  readonly pageWords: number;
  readonly grids: readonly Grid[];
}

export class PageCopier {
  readonly #scope: Scope;
  readonly #pairs: GPUBuffer;
  readonly #version: KernelVersion;
  readonly #compiled: Compiled;
  readonly #models = new Map<ModelId, ModelPages>();
  readonly #waiting: number[] = [];
  readonly #most: number;

  private constructor(
    scope: Scope,
    pairs: GPUBuffer,
    version: KernelVersion,
    compiled: Compiled,
    most: number,
  ) {
    this.#scope = scope;
    this.#most = most;
    this.#pairs = pairs;
    this.#version = version;
    this.#compiled = compiled;
  }

  static async create(
    scope: Scope,
    pipelines: Pipelines,
    pages: number,
  ): Promise<Result<PageCopier, AllocationFailure | CompileFailure>> {
    const entry = catalog.get('copy_page');
    const version = entry?.versions[0];
    assert(entry && version, 'shaders/copy_page has a version');
    const pairs = scope.storage('page copies', copierBytes(pages));
    if (!pairs.ok) return pairs;
    const prepared = prepare(entry.op, version, { copies: 1, pages, page_words: 4 }, 'f32');
    const compiled = await compile(pipelines, unwrap(prepared));
    if (!compiled.ok) return compiled;
    return ok(new PageCopier(scope, pairs.value, version, compiled.value, mostPairs(pages)));
  }

  /** Takes up a model's pages, one buffer a layer. */
  add(model: ModelId, pages: readonly GPUBuffer[], pageBytes: number): Result<true, AllocationFailure> {
    const uniform = this.#scope.uniform(`copy pages of ${model}`, new ArrayBuffer(16));
    if (!uniform.ok) return uniform;
    const stages = pages.map((buffer) =>
      bindStage(
        this.#scope.gpu.device,
        this.#compiled,
        { pairs: { buffer: this.#pairs }, pages: { buffer } },
        { buffer: uniform.value },
      ),
    );
    const pageWords = pageBytes / 4;
    const grids = gridsOf(this.#version, { page_words: pageWords });
    this.#models.set(model, { stages, uniform: uniform.value, pageWords, grids });
    return ok(true);
  }

  remove(model: ModelId): void {
    const held = this.#models.get(model);
    if (held) this.#scope.free(held.uniform);
    this.#models.delete(model);
  }

  /** Pages [from, to, …] to copy before the next step, in order. */
  copy(pairs: ArrayLike<number>): void {
    for (let i = 0; i < pairs.length; i++) this.#waiting.push(pairs[i] ?? 0);
    assert(this.#waiting.length <= 2 * this.#most, `more than ${this.#most} page copies before one step`);
  }

  /** Encodes what waits into the pass of a step that is submitted next; returns how many dispatches that took. */
  encode(pass: GPUComputePassEncoder): number {
    const copies = this.#waiting.length / 2;
    if (copies === 0) return 0;
    const { queue } = this.#scope.gpu.device;
    queue.writeBuffer(this.#pairs, 0, Uint32Array.from(this.#waiting));
    this.#waiting.length = 0;
    let count = 0;
    for (const { stages, uniform, pageWords, grids } of this.#models.values()) {
      queue.writeBuffer(uniform, 0, new Uint32Array([pageWords, copies]));
      for (const stage of stages) stage.encode(pass, grids);
      count += stages.length;
    }
    return count;
  }
}
