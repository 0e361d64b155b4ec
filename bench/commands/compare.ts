// npm run bench -- compare A.json B.json …: result files side by side, each row by its ratio to the first file's.

import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { explain } from '../../src/core/result.ts';
import type { NamedFile } from '../../src/measure/compare.ts';
import { parseResultFile } from '../../src/measure/read-results.ts';
import { compareText } from '../compare-report.ts';
import { write } from '../io.ts';
import type { Subcommand } from '../main.ts';

function run(paths: readonly string[], options: { readonly markdown?: string }): number {
  const files: NamedFile[] = [];
  for (const path of paths) {
    const parsed = parseResultFile(readFileSync(path, 'utf8'), path);
    if (!parsed.ok) {
      console.error(explain(parsed.error));
      return 1;
    }
    files.push({ name: path.replace(/^.*\//, ''), file: parsed.value });
  }
  console.log(compareText(files, 'plain'));
  if (options.markdown) write(options.markdown, `${compareText(files, 'markdown')}\n`);
  return 0;
}

const command: Subcommand = {
  id: 'compare',
  register(program: Command) {
    program
      .command('compare')
      .description('result files side by side, each row by its ratio to the first')
      .argument('<first>', 'a file that kernels or peers wrote with --json')
      .argument('<others...>', 'the files to compare with it')
      .option('--markdown <file>', 'write the table')
      .action((first: string, others: string[], options: { markdown?: string }) => {
        process.exitCode = run([first, ...others], options);
      });
  },
};
export default command;
