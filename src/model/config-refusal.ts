// How a config.json is refused: by the name of the field, with its value and what would do.

import { err, type Failure, failure, type Result } from '../core/result.ts';
import { clip, show } from './strict-json.ts';

export type ConfigFailure = Failure<'bad-config' | 'unsupported-config'>;
export type Json = Readonly<Record<string, unknown>>;

/** A field that asks for what no kernel here does. */
export const refuse = (field: string, value: unknown, hint: string): Result<never, ConfigFailure> =>
  err(failure('unsupported-config', `config.json: ${clip(field)} is ${show(value)}.`, hint));

/** A config that describes no model. */
export const bad = (message: string, hint: string): Result<never, ConfigFailure> =>
  err(failure('bad-config', `config.json: ${message}.`, hint));
