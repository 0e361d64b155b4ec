// npm run bench -- offload: the same work driven from the page's thread and from the worker, and what moving bytes costs.

import type { Command } from 'commander';
import { explain } from '../../src/core/result.ts';
import type { OffloadReport } from '../../src/measure/offload.ts';
import { drive } from '../browser.ts';
import { commandLine, commitHash, write, writeJson } from '../io.ts';
import type { Subcommand } from '../main.ts';
import { offloadMarkdown, offloadText } from '../offload-report.ts';
import { type DeviceOptions, measuringOptions, type OutputOptions } from '../options.ts';
import { exitCode } from '../outcome.ts';

interface Options extends DeviceOptions, OutputOptions {
  quick?: boolean;
}

async function run(options: Options): Promise<number> {
  const driver = await drive('/bench/harness/offload.html', options);
  try {
    await driver.ready('lockstepOffload');
    await driver.page.exposeFunction('lockstepSay', (what: string) => {
      if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${what}`);
    });
    const ended = await driver.page.evaluate((o) => window.lockstepOffload.run(o), {
      want: options.gpu,
      turns: options.quick ? 2 : 4,
      command: commandLine(),
    });
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
    if (!ended.ok) {
      console.error(explain(ended.error));
      return 1;
    }
    const report: OffloadReport = {
      ...ended.value,
      commit: commitHash(),
      device: { ...ended.value.device, flags: driver.flags },
    };
    console.log(offloadText(report));
    if (options.json) writeJson(options.json, report);
    if (options.markdown) write(options.markdown, offloadMarkdown(report));
    return exitCode({ measured: report.main.rounds.length, invalid: report.invalid });
  } finally {
    await driver.close();
  }
}

const offload: Subcommand = {
  id: 'offload',
  register(program: Command) {
    const command = program
      .command('offload')
      .description(
        'what driving the GPU from a worker buys: frames, long tasks, throughput, calls, moved bytes',
      )
      .option('--quick', 'two turns a thread instead of four');
    measuringOptions(command, 'write the report').action(async (options: Options) => {
      process.exitCode = await run(options);
    });
  },
};
export default offload;
