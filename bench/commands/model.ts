// npm run bench -- model: tokens a second of whole models, prefill and decode, beside the floors of the device.

import type { Command } from 'commander';
import { explain, unwrap } from '../../src/core/result.ts';
import type { ModelFile, ModelRow } from '../../src/measure/model.ts';
import type { Want } from '../../src/worker/protocol.ts';
import { servedModel } from '../batching/gpu.ts';
import type { Subcommand } from '../main.ts';
import { ceilingLines, digits, markdownTable, plainTable, type Table } from '../report.ts';
import { withDevice } from '../session.ts';
import { commitHash, list, write } from './kernels.ts';

interface Options {
  config: string[];
  weights: string[];
  kv: string[];
  batch: string[];
  context: string;
  prompt: string;
  samples: string;
  gpu: Want;
  json?: string;
  markdown?: string;
  browser?: string;
  cdp?: string;
}

function table(rows: readonly ModelRow[]): Table {
  const percent = (x: number | null): string => (x === null ? '–' : `${(100 * x).toFixed(0)} %`);
  return {
    head: [
      'config',
      'weights',
      'KV',
      'phase',
      'batch',
      'context',
      'tokens/s',
      'step ms',
      'p10–p90',
      'awaited ms',
      'host ms',
      'dispatches',
      'floor ms: launch',
      'bandwidth',
      'compute',
      'of ceiling',
      'bound',
    ],
    rows: rows.map((r) =>
      r.why !== null
        ? [r.config, `${r.weights} ${r.phase} ${r.batch}: ${r.why}`]
        : [
            r.config,
            r.weights,
            r.kv,
            r.phase,
            String(r.batch),
            String(r.context),
            digits(r.tokensPerSecond),
            digits(r.stepMs),
            `${digits(r.p10Ms)}–${digits(r.p90Ms)}`,
            digits(r.awaitedMs),
            digits(r.hostMs),
            String(r.dispatches),
            digits(r.floorsMs.launch),
            digits(r.floorsMs.bandwidth),
            digits(r.floorsMs.compute),
            percent(r.fractionOfCeiling),
            r.bound ?? '–',
          ],
    ),
  };
}

async function run(options: Options): Promise<number> {
  const models = options.config.flatMap((config) =>
    options.weights.flatMap((weights) => options.kv.map((kv) => unwrap(servedModel(config, weights, kv)))),
  );
  const request = {
    models,
    batches: options.batch.map(Number),
    context: Number(options.context),
    prompt: Number(options.prompt),
    samples: Number(options.samples),
    command: `npm run bench -- ${process.argv.slice(3).join(' ')}`,
  };
  const wrong = [...request.batches, request.prompt, request.samples].find(
    (n) => !Number.isInteger(n) || n < 1,
  );
  if (wrong !== undefined || !Number.isInteger(request.context))
    throw new Error('--batch, --context, --prompt and --samples take whole numbers above 0.');
  return withDevice(
    options,
    () => undefined,
    async ({ driver, device }) => {
      const ended = await driver.page.evaluate((r) => window.lockstep.model(r), request);
      if (!ended.ok) throw new Error(explain(ended.error));
      const file: ModelFile = { ...ended.value, commit: commitHash(), device };
      console.log(
        `\nCeilings, measured in this run:\n${ceilingLines(file.ceilings)
          .map((l) => `  ${l}`)
          .join('\n')}\n\n${plainTable(table(file.results))}`,
      );
      for (const why of file.invalid) console.log(`\nINVALID: ${why}`);
      if (options.json) write(options.json, `${JSON.stringify(file, null, 1)}\n`);
      if (options.markdown) write(options.markdown, `${markdownTable(table(file.results))}\n`);
      return file.invalid.some((why) => why.includes('device was lost')) ? 1 : 0;
    },
  );
}

export default {
  id: 'model',
  register(program: Command) {
    program
      .command('model')
      .description('time whole steps of a model: prefill and decode over batch sizes')
      .option('--config <names>', 'shapes, weights from a seed', list, ['nano'])
      .option('--weights <formats>', 'f32, f16, i8-row, i8-g32, i8-g64, i8-g128', list, ['f32', 'i8-row'])
      .option('--kv <formats>', 'f32, f16, i8', list, ['f32'])
      .option('--batch <sizes>', 'sequences in a step', list, ['1', '8', '64'])
      .option('--context <n>', 'tokens each decoding sequence already has', '128')
      .option('--prompt <n>', 'tokens of a prefilled prompt, in chunks of at most 128', '64')
      .option('--samples <n>', 'samples of each', '9')
      .option('--gpu <kind>', 'auto | hardware | swiftshader', 'auto')
      .option('--json <file>', 'write the results')
      .option('--markdown <file>', 'write a table')
      .option('--browser <path>', 'another Chrome')
      .option('--cdp <url>', 'a running Chrome, also on another machine')
      .action(async (options: Options) => {
        process.exitCode = await run(options);
      });
  },
} satisfies Subcommand;
