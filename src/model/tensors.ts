// Which weights a model has: matrices (with the checkpoint tensors that are stacked in them) and vectors. The
// loader, the seed and the reference all read this list, so none can forget one.

import { type ModelConfig, qkvColumns } from './config.ts';

/** One tensor of a checkpoint: its name there (Hugging Face) and its rows. */
export interface Piece {
  readonly name: string;
  readonly rows: number;
}

/** [rows][columns], the pieces stacked: `layers.3.qkv` is q, k and v one under another. */
export interface Matrix {
  readonly key: string;
  readonly rows: number;
  readonly columns: number;
  readonly pieces: readonly Piece[];
  readonly use: 'embedding' | 'linear';
}

export interface Vector {
  readonly key: string;
  readonly length: number;
  readonly pieces: readonly Piece[];
  readonly use: 'norm' | 'bias';
}

export const embeddingKey = 'embedding';
/** The matrix that makes logits: the embedding itself when they are tied. */
export const headKey = (c: ModelConfig): string => (c.embeddings === 'tied' ? embeddingKey : 'head');
export const layerKey = (layer: number, role: string): string => `layers.${layer}.${role}`;

export function matricesOf(c: ModelConfig): Matrix[] {
  const linear = (key: string, columns: number, pieces: readonly Piece[]): Matrix => ({
    key,
    rows: pieces.reduce((sum, p) => sum + p.rows, 0),
    columns,
    pieces,
    use: 'linear',
  });
  const list: Matrix[] = [
    {
      key: embeddingKey,
      rows: c.vocab,
      columns: c.width,
      pieces: [{ name: 'model.embed_tokens.weight', rows: c.vocab }],
      use: 'embedding',
    },
  ];
  for (let layer = 0; layer < c.layers; layer++) {
    const at = (name: string): string => `model.layers.${layer}.${name}.weight`;
    list.push(
      linear(layerKey(layer, 'qkv'), c.width, [
        { name: at('self_attn.q_proj'), rows: c.heads * c.headDim },
        { name: at('self_attn.k_proj'), rows: c.kvHeads * c.headDim },
        { name: at('self_attn.v_proj'), rows: c.kvHeads * c.headDim },
      ]),
      linear(layerKey(layer, 'out'), c.heads * c.headDim, [{ name: at('self_attn.o_proj'), rows: c.width }]),
      linear(layerKey(layer, 'gate_up'), c.width, [
        { name: at('mlp.gate_proj'), rows: c.hidden },
        { name: at('mlp.up_proj'), rows: c.hidden },
      ]),
      linear(layerKey(layer, 'down'), c.hidden, [{ name: at('mlp.down_proj'), rows: c.width }]),
    );
  }
  if (c.embeddings === 'separate')
    list.push(linear('head', c.width, [{ name: 'lm_head.weight', rows: c.vocab }]));
  return list;
}

export function vectorsOf(c: ModelConfig): Vector[] {
  const norm = (key: string, name: string): Vector => ({
    key,
    length: c.width,
    pieces: [{ name: `${name}.weight`, rows: c.width }],
    use: 'norm',
  });
  const list: Vector[] = [];
  for (let layer = 0; layer < c.layers; layer++) {
    const at = `model.layers.${layer}`;
    list.push(norm(layerKey(layer, 'norm'), `${at}.input_layernorm`));
    list.push(norm(layerKey(layer, 'norm_mlp'), `${at}.post_attention_layernorm`));
    if (c.qkvBias === 'present') {
      const rows = [c.heads, c.kvHeads, c.kvHeads].map((heads) => heads * c.headDim);
      list.push({
        key: layerKey(layer, 'qkv_bias'),
        length: qkvColumns(c),
        pieces: ['q', 'k', 'v'].map((p, i) => ({
          name: `${at}.self_attn.${p}_proj.bias`,
          rows: rows[i] ?? 0,
        })),
        use: 'bias',
      });
    }
  }
  list.push(norm('head_norm', 'model.norm'));
  return list;
}
