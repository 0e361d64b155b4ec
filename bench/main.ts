// npm run bench -- SUBCOMMAND. Subcommands are files of bench/commands, found by themselves.

import { Command, CommanderError } from 'commander';
import { collect } from '../src/core/collect.ts';
import { messageOf } from '../src/core/message-of.ts';

export interface Subcommand {
  /** The file's name. */
  readonly id: string;
  /** Adds the subcommand to the program. Its action sets `process.exitCode` when something failed. */
  register(program: Command): void;
}

export const subcommands = collect<Subcommand>(import.meta.glob('./commands/*.ts', { eager: true }));

/** Runs the command line; returns the exit code. */
export default async function main(argv: readonly string[]): Promise<number> {
  const program = new Command('npm run bench --')
    .description('Benchmarks of kernels, batching strategies and what surrounds them, in headless Chrome.')
    .exitOverride()
    .showHelpAfterError('(add --help for the options)');
  for (const subcommand of subcommands.values()) subcommand.register(program);
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    console.error(messageOf(error));
    return 1;
  }
}
