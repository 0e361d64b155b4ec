// The rotary embedding of a config.json: rope_theta with rope_scaling, or the rope_parameters of newer files, which
// hold both.

import { ok, type Result } from '../core/result.ts';
import type { RopeScaling } from './config.ts';
import { bad, type ConfigFailure, type Json, refuse } from './config-refusal.ts';
import { show } from './strict-json.ts';

export interface Rope {
  readonly theta: number;
  readonly scaling: RopeScaling;
  /** The field that it was read from. */
  readonly field: 'rope_scaling' | 'rope_parameters';
}

/** What each kind takes beside its name. */
const fieldsOf = {
  default: [],
  linear: ['factor'],
  llama3: ['factor', 'low_freq_factor', 'high_freq_factor', 'original_max_position_embeddings'],
} as const satisfies Readonly<Record<string, readonly string[]>>;
type Kind = keyof typeof fieldsOf;

const isKind = (kind: unknown): kind is Kind => typeof kind === 'string' && Object.hasOwn(fieldsOf, kind);

/** transformers' default where a file names none. */
const DEFAULT_THETA = 10_000;

export function ropeOf(c: Json): Result<Rope, ConfigFailure> {
  const { rope_parameters: newer, rope_scaling: older } = c;
  if ((newer ?? null) !== null && (older ?? null) !== null)
    return bad('rope_parameters and rope_scaling are both there', 'Keep the one that is meant.');
  const field = (newer ?? null) === null ? 'rope_scaling' : 'rope_parameters';
  const given = newer ?? older ?? {};
  if (typeof given !== 'object' || Array.isArray(given))
    return refuse(field, given, 'It must be an object or null.');
  const raw = given as Json;
  const kind = raw['rope_type'] ?? raw['type'] ?? 'default';
  if (!isKind(kind) || (raw['type'] ?? kind) !== kind)
    return refuse(field, raw, `Supported types: ${Object.keys(fieldsOf).join(', ')}.`);
  const takes: readonly string[] = fieldsOf[kind];
  for (const [name, value] of Object.entries(raw)) {
    const known = takes.includes(name) || ['rope_type', 'type', 'rope_theta'].includes(name);
    // a factor of 1 scales nothing
    if (!known && value !== null && !(name.endsWith('factor') && value === 1))
      return refuse(
        `${field}.${name}`,
        value,
        `The type ${kind} takes ${takes.join(', ') || 'no more fields'}.`,
      );
  }
  for (const name of takes) {
    const value = raw[name];
    if (typeof value !== 'number' || !Number.isFinite(value) || value <= 0)
      return refuse(`${field}.${name}`, value, 'It must be a number above 0.');
  }
  const theta = raw['rope_theta'] ?? c['rope_theta'] ?? DEFAULT_THETA;
  if (typeof theta !== 'number') return refuse('rope_theta', theta, 'It must be a number.');
  if ((c['rope_theta'] ?? theta) !== theta)
    return bad(
      `rope_theta is ${show(c['rope_theta'])}, and ${theta} in ${field}`,
      'Keep the one that is meant.',
    );
  return ok({ theta, scaling: scalingOf(kind, (name) => Number(raw[name])), field });
}

function scalingOf(kind: Kind, number: (field: string) => number): RopeScaling {
  switch (kind) {
    case 'default':
      return { kind: 'none' };
    case 'linear':
      return { kind, factor: number('factor') };
    case 'llama3':
      return {
        kind,
        factor: number('factor'),
        lowFrequencyFactor: number('low_freq_factor'),
        highFrequencyFactor: number('high_freq_factor'),
        originalWindow: number('original_max_position_embeddings'),
      };
  }
}
