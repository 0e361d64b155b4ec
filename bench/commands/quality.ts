// npm run bench -- quality: what each way of storing a trained model costs in text, beside its bytes and its speed.

import { type Command, Option } from 'commander';
import { explain, unwrap } from '../../src/core/result.ts';
import { perplexity, type QualityFile, type QualityRow, totalBytes } from '../../src/measure/quality.ts';
import { storedAs } from '../../src/measure/stored.ts';
import { builtIns } from '../../src/model/built-in.ts';
import {
  type ActivationFormat,
  activationFormats,
  type KvFormat,
  kvFormats,
  type WeightFormat,
  weightFormats,
} from '../../src/model/formats.ts';
import { findBuiltIn } from '../../src/worker/open-model.ts';
import { HELD_OUT, heldOut, tokensOf } from '../../src/workloads/corpus/encode.ts';
import { commandLine, commitHash, write, writeJson } from '../io.ts';
import type { Subcommand } from '../main.ts';
import { among, type DeviceOptions, measuringOptions, type OutputOptions, whole } from '../options.ts';
import { deviceLost, exitCode } from '../outcome.ts';
import { digits, markdownTable, plainTable, type Table } from '../report.ts';
import { withDevice } from '../session.ts';

interface Options extends DeviceOptions, OutputOptions {
  model: string;
  weights?: WeightFormat[];
  activations?: ActivationFormat[];
  kv?: KvFormat[];
  documents?: number;
  quick?: true;
}

const share = (x: number | null): string => (x === null ? '–' : `${(100 * x).toFixed(2)} %`);

/** `+0.31 % (0.12–0.50)`: how much the perplexity is above that of f32. */
function above({ overF32 }: QualityRow): string {
  if (!overF32) return '–';
  const { ratio, low, high } = overF32;
  const percent = (x: number): string => (100 * (x - 1)).toFixed(2);
  return `${ratio < 1 ? '' : '+'}${percent(ratio)} % (${percent(low)} to ${percent(high)})`;
}

/** Root mean square and largest error of the logits, mean and 99th percentile of KL(f32 ‖ this) in nats. */
const divergence = ({ fromF32 }: QualityRow): readonly string[] =>
  fromF32
    ? [fromF32.logitRms, fromF32.logitMax, fromF32.klMean, fromF32.klP99].map((x) => digits(x))
    : ['–', '–', '–', '–'];

const main = ({ results, window }: QualityFile): Table => ({
  head: [
    'weights',
    'activations',
    'KV',
    'weights MB',
    'KV bytes/token',
    `MB at ${window} tokens`,
    'loss',
    'perplexity',
    'over f32 (95 %)',
    'same first choice',
    'logit error RMS',
    'largest',
    'KL nats',
    'KL p99',
    'prefill tok/s',
    'decode tok/s',
  ],
  rows: results.map((r) =>
    r.why !== null
      ? [r.weights, r.activations, r.kv, r.why]
      : [
          r.weights,
          r.activations,
          r.kv,
          digits(r.weightBytes / 1e6),
          String(r.kvBytesPerToken),
          digits(totalBytes(r, window) / 1e6),
          (r.loss ?? Number.NaN).toFixed(4),
          (perplexity(r) ?? Number.NaN).toFixed(4),
          above(r),
          share(r.agreement),
          ...divergence(r),
          digits(r.prefill?.tokensPerSecond ?? null),
          digits(r.decode?.tokensPerSecond ?? null),
        ],
  ),
});

/** Accuracy by task, a column a way of storing. */
function tasks({ results }: QualityFile): Table {
  const scored = results.filter((r) => r.why === null);
  const kinds = Object.keys(scored[0]?.scores ?? {}).sort();
  return {
    head: ['task', 'asked', ...scored.map(storedAs)],
    rows: kinds.map((kind) => [
      kind,
      String(scored[0]?.scores[kind]?.asked ?? 0),
      ...scored.map(({ scores }) => {
        const found = scores[kind];
        return found ? `${((100 * found.right) / found.asked).toFixed(1)} %` : '–';
      }),
    ]),
  };
}

/** A row as it comes: the tables follow at the end. */
const line = (row: QualityRow): string =>
  `${storedAs(row)}: ${row.why ?? `perplexity ${(perplexity(row) ?? Number.NaN).toFixed(4)}, ${above(row)} over f32`}`;

async function run(options: Options): Promise<number> {
  const model = unwrap(findBuiltIn(options.model));
  const quick = options.quick === true;
  const weights = options.weights ?? (quick ? (['f32', 'i8-row', 'i8-g32'] as const) : weightFormats);
  const kv = options.kv ?? (quick ? (['f32', 'i8'] as const) : kvFormats);
  const activations = options.activations ?? activationFormats;
  const count = options.documents ?? (quick ? 10 : 120);
  if (count > HELD_OUT.documents) throw new Error(`--documents takes 1 to ${HELD_OUT.documents}.`);
  const documents = heldOut(tokensOf(await model.tokenizer()), count);
  const request = {
    model: model.name,
    drafts: [...builtIns.keys()].filter((name) => name !== model.name),
    stored: weights.flatMap((w) =>
      activations.flatMap((a) => kv.map((k) => ({ weights: w, activations: a, kv: k }))),
    ),
    documents,
    samples: options.quick ? 3 : 9,
    command: commandLine(),
  };
  return withDevice(
    options,
    (event) => {
      if (event.type === 'quality-row') console.log(line(event.row));
    },
    async (session) => {
      const { driver, device } = session;
      const ended = await driver.page.evaluate((r) => window.lockstep.quality(r), request);
      if (!ended.ok) throw new Error(explain(ended.error));
      const file: QualityFile = { ...ended.value, commit: commitHash(), device };
      const tables = [main(file), tasks(file)];
      console.log(
        `\n${file.model}: ${file.results[0]?.tokens ?? 0} tokens of ${file.documents} held-out documents`,
      );
      for (const table of tables) console.log(`\n${plainTable(table)}`);
      for (const { draft, agreement } of file.drafts)
        console.log(
          `\n${draft}: its first choice is that of ${file.model} on ${share(agreement.right / agreement.asked)} of ${agreement.asked} tokens of stories`,
        );
      if (request.drafts.length === 0)
        console.log(
          `\nThere is no smaller trained model in this build whose first choices could be compared.`,
        );
      console.log(
        '\nLogit errors are differences from f32 on the same positions less each position’s mean difference, which changes no probability; KL is KL(f32 ‖ this).',
      );
      const compared = Math.max(0, ...file.results.map(({ fromF32 }) => fromF32?.positions ?? 0));
      const tokens = file.results[0]?.tokens ?? 0;
      if (compared > 0 && compared < tokens)
        console.log(`Both are of the first ${compared} of ${tokens} positions: more logits are not kept.`);
      console.log(
        '\nActivations in int8 are the inputs of the layers’ matrices, one scale a token; the head keeps f32. Int8 weights meet them in integers, other weights meet the rounded values in f32, which is slower than not rounding. Rates are taken one way after another: differences of some percent are noise.',
      );
      for (const why of file.invalid) console.log(`\nINVALID: ${why}`);
      if (options.json) writeJson(options.json, file);
      if (options.markdown) write(options.markdown, tables.map(markdownTable).join('\n\n'));
      return exitCode({
        measured: file.results.filter(({ why }) => why === null).length,
        invalid: file.invalid,
        lost: await deviceLost(session),
      });
    },
  );
}

export default {
  id: 'quality',
  register(program: Command) {
    const models = [...builtIns.keys()];
    const command = program
      .command('quality')
      .description('score ways of storing a trained model on held-out text, beside their bytes and speed')
      .addOption(new Option('--model <name>', 'a trained model').choices(models).default('base'))
      .option('--weights <formats>', `${weightFormats.join(', ')}; f32 is always there`, among(weightFormats))
      .option('--activations <formats>', activationFormats.join(', '), among(activationFormats))
      .option('--kv <formats>', kvFormats.join(', '), among(kvFormats))
      .option('--documents <n>', `held-out documents, up to ${HELD_OUT.documents}; 120 unless quick`, whole())
      .option('--quick', '12 ways on 10 documents, for a CPU adapter');
    measuringOptions(command).action(async (options: Options) => {
      process.exitCode = await run(options);
    });
  },
} satisfies Subcommand;
