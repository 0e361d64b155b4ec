// npm run bench -- offload: the same work driven from the page's thread and from the worker, and what moving bytes costs.

import type { Command } from 'commander';
import { explain } from '../../src/core/result.ts';
import type { OffloadReport } from '../../src/measure/offload.ts';
import type { Want } from '../../src/worker/protocol.ts';
import { drive } from '../browser.ts';
import type { Subcommand } from '../main.ts';
import { offloadMarkdown, offloadText } from '../offload-report.ts';
import { commitHash, write } from './kernels.ts';

interface Options {
  gpu: Want;
  quick?: boolean;
  json?: string;
  markdown?: string;
  browser?: string;
  cdp?: string;
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
      command: `npm run bench -- ${process.argv.slice(3).join(' ')}`,
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
    if (options.json) write(options.json, `${JSON.stringify(report, null, 1)}\n`);
    if (options.markdown) write(options.markdown, offloadMarkdown(report));
    return 0;
  } finally {
    await driver.close();
  }
}

const offload: Subcommand = {
  id: 'offload',
  register(program: Command) {
    program
      .command('offload')
      .description(
        'what driving the GPU from a worker buys: frames, long tasks, throughput, calls, moved bytes',
      )
      .option('--gpu <kind>', 'auto | hardware | swiftshader', 'auto')
      .option('--quick', 'two turns a thread instead of four')
      .option('--json <file>', 'write the report')
      .option('--markdown <file>', 'write the tables')
      .option('--browser <path>', 'another Chrome')
      .option('--cdp <url>', 'a running Chrome, also on another machine')
      .action(async (options: Options) => {
        process.exitCode = await run(options);
      });
  },
};
export default offload;
