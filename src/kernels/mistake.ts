// What is wrong with a kernel's text: a mistake of whoever wrote it, told with its file and line. (What assert finds is a bug of ours.)

import { err, type Failure, failure, ok, type Result } from '../core/result.ts';

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

/** What `read` makes of a text; a mistake in it is a failure. Expressions throw SyntaxError and RangeError. */
export function readSource<T>(
  file: { readonly path: string; readonly source: string },
  read: () => T,
): Result<T, Failure<'bad-source'>> {
  try {
    return ok(read());
  } catch (error) {
    if (!(error instanceof SourceMistake || error instanceof SyntaxError || error instanceof RangeError))
      throw error;
    const where = error instanceof SourceMistake ? error.where : undefined;
    const at = where === undefined ? -1 : file.source.indexOf(where);
    const line = at < 0 ? '' : `:${file.source.slice(0, at).split('\n').length}`;
    return err(failure('bad-source', `${file.path}${line}: ${error.message}.`, 'Correct the shader.'));
  }
}
