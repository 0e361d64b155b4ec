// What is wrong with a kernel's text: a mistake of whoever wrote it, told with its file and line. (What assert finds is a bug of ours.)

import { err, type Failure, failure, ok, type Result } from '../core/result.ts';
import { evaluate, type Scope } from './expr.ts';

/** `where` is a piece of the text, at which the line is looked for. */
export class SourceMistake extends Error {
  override readonly name = 'SourceMistake';
  readonly where: string | undefined;

  constructor(message: string, where?: string) {
    super(message);
    this.where = where;
  }
}

/** Throws SourceMistake unless `condition` holds. */
export function refuse(condition: unknown, message: string, where?: string): asserts condition {
  if (!condition) throw new SourceMistake(message, where);
}

/** The value of an expression that stands in a kernel's text. */
export function evaluateIn(text: string, scope: Scope, where = text): number {
  try {
    return evaluate(text, scope);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError)
      throw new SourceMistake(error.message, where);
    throw error;
  }
}

/** `:12` of the first line where `where` stands as words of their own; comments count for `@` directives alone. */
function lineOf(source: string, where: string): string {
  const text = where.startsWith('@')
    ? source
    : source.replace(/\/\/.*$/gm, (comment) => ' '.repeat(comment.length));
  const words = where.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const at = text.search(new RegExp(`(?<!\\w)${words}(?!\\w)`));
  return at < 0 ? '' : `:${source.slice(0, at).split('\n').length}`;
}

/** What `read` makes of a text; a mistake in it is a failure. */
export function readSource<T>(
  file: { readonly path: string; readonly source: string },
  read: () => T,
): Result<T, Failure<'bad-source'>> {
  try {
    return ok(read());
  } catch (error) {
    if (!(error instanceof SourceMistake)) throw error;
    const line = error.where === undefined ? '' : lineOf(file.source, error.where);
    return err(failure('bad-source', `${file.path}${line}: ${error.message}.`, 'Correct the shader.'));
  }
}
