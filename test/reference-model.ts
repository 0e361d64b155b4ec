// The whole model in double precision, one token at a time, straight from the formulas: what the runner is
// checked against. It keeps K and V unrounded unless a KV format is given, and knows no pages and no batch.

import { assert, at } from '../src/core/assert.ts';
import { KvPages } from '../src/kernels/packing.ts';
import { quantizeRows } from '../src/kernels/quantized.ts';
import type { ModelConfig } from '../src/model/config.ts';
import { type ActivationFormat, type KvFormat, kvCode } from '../src/model/formats.ts';
import { ropeFrequencies } from '../src/model/rope.ts';
import { embeddingKey, headKey, layerKey } from '../src/model/tensors.ts';

/** All weights on the host, as the kernels see them (already rounded or dequantized). */
export interface HostWeights {
  /** [rows][columns] of a matrix, by its key (tensors.ts). */
  matrix(key: string): ArrayLike<number>;
  vector(key: string): ArrayLike<number>;
}

type Row = Float64Array<ArrayBuffer>;

function multiply(w: ArrayLike<number>, x: Row, rows: number): Row {
  const k = x.length;
  const y = new Float64Array(rows);
  for (let n = 0; n < rows; n++) {
    let sum = 0;
    for (let i = 0; i < k; i++) sum += at(x, i) * at(w, n * k + i);
    y[n] = sum;
  }
  return y;
}

function norm(x: Row, weight: ArrayLike<number>, epsilon: number): Row {
  const mean = x.reduce((sum, v) => sum + v * v, 0) / x.length;
  return x.map((v, i) => (v / Math.sqrt(mean + epsilon)) * at(weight, i));
}

const add = (a: Row, b: Row): Row => a.map((v, i) => v + at(b, i));

/** Rounds a row to int8 with one scale, and back. */
function int8(row: Row): Row {
  const { cells, scales } = quantizeRows(row, 1, row.length, row.length);
  return cells.map((cell) => cell * at(scales, 0));
}

/** Rounds one head's K or V as a page of `format` would hold it. */
function stored(head: Row, format: KvFormat): Row {
  const layout = { format: kvCode[format], headDim: head.length, page: 8 };
  const pages = new KvPages(layout, new Uint32Array(8 * 8 * head.length));
  pages.write(0, 'v', 0, head);
  return head.map((_, d) => pages.read(0, 'v', 0, d));
}

/** Computes logits of one sequence, token after token. */
export class ReferenceModel {
  readonly config: ModelConfig;
  readonly #weights: HostWeights;
  readonly #kv: KvFormat | 'exact';
  /** What the inputs of the layers' matrices are rounded to. */
  readonly #activations: ActivationFormat;
  readonly #frequencies: Float64Array;
  /** [layer][token] K and V of all KV heads. */
  readonly #k: Row[][];
  readonly #v: Row[][];

  constructor(
    config: ModelConfig,
    weights: HostWeights,
    kv: KvFormat | 'exact' = 'exact',
    activations: ActivationFormat = 'f32',
  ) {
    this.config = config;
    this.#weights = weights;
    this.#kv = kv;
    this.#activations = activations;
    this.#frequencies = ropeFrequencies(config);
    this.#k = Array.from({ length: config.layers }, () => []);
    this.#v = Array.from({ length: config.layers }, () => []);
  }

  /** Appends one token and returns its logits. */
  next(token: number): Row {
    const { width, vocab, layers, hidden, heads, kvHeads, headDim, normEpsilon } = this.config;
    assert(token < vocab, `token ${token} of ${vocab}`);
    const embedding = this.#weights.matrix(embeddingKey);
    const rounded = (input: Row): Row => (this.#activations === 'i8' ? int8(input) : input);
    let x = Float64Array.from({ length: width }, (_, i) => at(embedding, token * width + i));
    for (let layer = 0; layer < layers; layer++) {
      const matrix = (role: string): ArrayLike<number> => this.#weights.matrix(layerKey(layer, role));
      const vector = (role: string): ArrayLike<number> => this.#weights.vector(layerKey(layer, role));
      const h = rounded(norm(x, vector('norm'), normEpsilon));
      const projected = multiply(matrix('qkv'), h, (heads + 2 * kvHeads) * headDim);
      const qkv =
        this.config.qkvBias === 'present' ? add(projected, Float64Array.from(vector('qkv_bias'))) : projected;
      const attended = rounded(this.#attend(layer, qkv));
      x = add(x, multiply(matrix('out'), attended, width));
      const m = rounded(norm(x, vector('norm_mlp'), normEpsilon));
      const gateUp = multiply(matrix('gate_up'), m, 2 * hidden);
      const gated = Float64Array.from({ length: hidden }, (_, i) => {
        const gate = at(gateUp, i);
        return (gate / (1 + Math.exp(-gate))) * at(gateUp, hidden + i);
      });
      x = add(x, multiply(matrix('down'), rounded(gated), width));
    }
    const last = norm(x, this.#weights.vector('head_norm'), normEpsilon);
    return multiply(this.#weights.matrix(headKey(this.config)), last, vocab);
  }

  /** Logits after each token of a sequence. */
  run(tokens: readonly number[]): Row[] {
    return tokens.map((token) => this.next(token));
  }

  /**
   * Replaces what it remembers by K and V of these of its tokens, in this order, as a block table does that names their pages: a long
   * context without computing its tokens. The next token is at the position after the last.
   */
  remember(tokens: readonly number[]): void {
    for (const rows of [...this.#k, ...this.#v]) {
      const kept = tokens.map((token) => at(rows, token, 'tokens so far'));
      rows.length = 0;
      for (const row of kept) rows.push(row);
    }
  }

  #attend(layer: number, qkv: Row): Row {
    const { heads, kvHeads, headDim } = this.config;
    const keys = this.#k[layer] ?? [];
    const values = this.#v[layer] ?? [];
    const position = keys.length;
    const head = (i: number): Row => qkv.subarray(i * headDim, (i + 1) * headDim);
    const keep = (rows: readonly Row[]): Row =>
      Float64Array.from(rows.flatMap((row) => [...(this.#kv === 'exact' ? row : stored(row, this.#kv))]));
    keys.push(keep(Array.from({ length: kvHeads }, (_, i) => this.#turn(head(heads + i), position))));
    values.push(keep(Array.from({ length: kvHeads }, (_, i) => head(heads + kvHeads + i))));
    const out = new Float64Array(heads * headDim);
    for (let h = 0; h < heads; h++) {
      const q = this.#turn(head(h), position);
      const from = Math.floor(h / (heads / kvHeads)) * headDim;
      const scores = keys.map(
        (k) => q.reduce((sum, v, d) => sum + v * at(k, from + d), 0) / Math.sqrt(headDim),
      );
      const most = Math.max(...scores);
      const p = scores.map((s) => Math.exp(s - most));
      const total = p.reduce((a, b) => a + b, 0);
      values.forEach((v, key) => {
        for (let d = 0; d < headDim; d++)
          out[h * headDim + d] = at(out, h * headDim + d) + (at(p, key) / total) * at(v, from + d);
      });
    }
    return out;
  }

  #turn(x: Row, position: number): Row {
    const half = x.length / 2;
    const y = new Float64Array(x.length);
    for (let i = 0; i < half; i++) {
      const angle = position * at(this.#frequencies, i);
      const [low, high] = [at(x, i), at(x, i + half)];
      y[i] = low * Math.cos(angle) - high * Math.sin(angle);
      y[i + half] = high * Math.cos(angle) + low * Math.sin(angle);
    }
    return y;
  }
}
