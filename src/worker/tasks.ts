// One long task at a time on the device, and what may happen to it: a cancel, a lost device, an exception, an error that the
// device reports, a doubt of the page's. Each becomes a failure or a reason in the result; none ends the worker.

import { messageOf } from '../core/message-of.ts';
import { err, failure, ok, type Result } from '../core/result.ts';
import type { Held } from './holder.ts';
import type { WorkerFailure } from './protocol.ts';

/** A result that says itself why it is not to be trusted. */
interface Marked {
  readonly invalid: readonly string[];
}

/** Milliseconds within which a lost device is told after what it broke. */
const grace = 50;

export class Tasks<S extends Held> {
  readonly #open: () => Promise<Result<S, WorkerFailure>>;
  #busy = false;
  #stopped: string | null = null;
  #doubts: string[] = [];
  #errors: string[] = [];

  constructor(open: () => Promise<Result<S, WorkerFailure>>) {
    this.#open = open;
  }

  get busy(): boolean {
    return this.#busy;
  }
  /** Why the running task should end; null while it may go on. */
  readonly stop = (): string | null => this.#stopped;
  /** What the page says against the running measurement. */
  get doubts(): readonly string[] {
    return this.#doubts;
  }

  cancel(why: string): void {
    this.#stopped = why;
  }
  doubt(why: string): void {
    if (this.#busy && !this.#doubts.includes(why)) this.#doubts.push(why);
  }
  /** The device reported an error that nothing caught: what runs may have computed with zeros. */
  deviceError(message: string): void {
    if (!this.#errors.includes(message)) this.#errors.push(message);
  }

  /** Runs a task whose result is either right or a failure. */
  async exclusively<T>(
    task: (session: S) => Promise<Result<T, WorkerFailure>>,
  ): Promise<Result<T, WorkerFailure>> {
    const done = await this.#run(task);
    const [error] = this.#errors;
    if (!done.ok || error === undefined) return done;
    return err(
      failure(
        'refused',
        `The device reported an error, so the result is not to be trusted: ${error}`,
        'Load the model again, or a smaller one: the device may have no memory left.',
      ),
    );
  }

  /** Runs a task whose result carries what is said against it. */
  async marked<T extends Marked>(
    task: (session: S) => Promise<Result<T, WorkerFailure>>,
  ): Promise<Result<T, WorkerFailure>> {
    const done = await this.#run(task);
    if (!done.ok) return done;
    const errors = this.#errors.map((message) => `the device reported an error: ${message}`);
    return ok({ ...done.value, invalid: [...done.value.invalid, ...errors, ...this.#doubts] });
  }

  async #run<T>(task: (session: S) => Promise<Result<T, WorkerFailure>>): Promise<Result<T, WorkerFailure>> {
    if (this.#busy)
      return err(
        failure('busy', 'The GPU is measuring something else.', 'Cancel that first, or wait for it.'),
      );
    // taken before the first wait: two calls while the device opens must not both run, nor a cancel meanwhile be forgotten
    this.#busy = true;
    this.#stopped = null;
    this.#doubts = [];
    this.#errors = [];
    try {
      return await this.beside(task);
    } finally {
      this.#busy = false;
    }
  }

  /** Runs what only looks and allocates nothing, also while something else runs. */
  async beside<T>(
    look: (session: S) => Promise<Result<T, WorkerFailure>>,
  ): Promise<Result<T, WorkerFailure>> {
    const opened = await this.#open();
    if (!opened.ok) return opened;
    try {
      return await look(opened.value);
    } catch (error) {
      return err(await explainThrown(error, opened.value));
    }
  }
}

/** An exception is a loss of the device, or a mistake of ours. */
async function explainThrown(error: unknown, session: Held): Promise<WorkerFailure> {
  const lost = session.lost.then(() => true);
  const waited = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), grace));
  if (await Promise.race([lost, waited]))
    return failure(
      'device-lost',
      'The device was lost while it ran.',
      'Run again; choose smaller shapes if it happens again.',
    );
  console.error(error); // with its stack: the page gets the message only
  return failure(
    'internal',
    `Something went wrong in the worker: ${messageOf(error)}`,
    'Run it again; if it happens again, please report it with this message and the device’s name.',
  );
}
