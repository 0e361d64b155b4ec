// npm run bench -- attention: paged attention beside contiguous, beside gather and dense, and beside reading the bytes.

import type { Command } from 'commander';
import { explain } from '../../src/core/result.ts';
import {
  type AttentionCase,
  attentionCases,
  attentionFigures,
  attentionItems,
} from '../../src/measure/attention.ts';
import type { Comparison } from '../../src/measure/rank.ts';
import type { ResultFile } from '../../src/measure/schema.ts';
import { kvFormats } from '../../src/model/formats.ts';
import type { BenchRequest } from '../../src/worker/protocol.ts';
import { commandLine, commitHash, write, writeJson } from '../io.ts';
import type { Subcommand } from '../main.ts';
import {
  among,
  type DeviceOptions,
  measuringOptions,
  type OutputOptions,
  whole,
  wholes,
} from '../options.ts';
import { deviceLost, kernelsExitCode } from '../outcome.ts';
import { ceilingLines, digits, markdownTable, plainTable, type Table, verdict } from '../report.ts';
import { withDevice } from '../session.ts';

interface Options extends DeviceOptions, OutputOptions {
  phase: AttentionCase['phase'][];
  batch: number[];
  context: number[];
  heads: number;
  group: number[];
  headDim: number;
  kv: AttentionCase['kv'][];
  page: string[];
  chunk: number;
  quick?: boolean;
}

/** What the options ask for. Throws where nothing is left of it. */
export function casesOf(options: Options): readonly AttentionCase[] {
  const { heads, headDim, chunk } = options;
  const cases = attentionCases({
    phases: options.phase,
    batches: options.batch,
    contexts: options.context,
    heads,
    groups: options.group,
    headDim,
    kvs: options.kv,
    pages: options.page.map(Number),
    chunk,
  });
  if (cases.length === 0)
    throw new Error(`--group: none of ${options.group.join(', ')} divides --heads ${heads}.`);
  return cases;
}

/** One line a shape. */
export function attentionTable(file: Pick<ResultFile, 'results' | 'ceilings'>): Table {
  const percent = (x: number | null): string => (x === null ? '–' : `${(100 * x).toFixed(0)} %`);
  const ratio = (c: Comparison | null): string =>
    c === null ? '–' : `${verdict(c)} (${c.low.toFixed(2)}–${c.high.toFixed(2)})`;
  return {
    head: [
      'phase',
      'batch',
      'context',
      'tokens',
      'heads',
      'group',
      'KV',
      'page',
      'version',
      'timing',
      'paged ms',
      'contiguous ms',
      'gather ms',
      'reading ms',
      'time over contiguous',
      'gather + contiguous over paged',
      'of read bandwidth',
      'bound',
    ],
    rows: attentionFigures(file.results, file.ceilings).map((f) => {
      const { of } = f;
      const dims = [
        of.phase,
        `${of.batch}`,
        `${of.context}`,
        `${of.tokens}`,
        `${of.heads}×${of.headDim}`,
        `${of.group}`,
        of.kv,
        `${of.page}`,
      ];
      if (f.why !== null) return [...dims, f.why];
      return [
        ...dims,
        f.version,
        f.timing,
        digits(f.pagedMs),
        digits(f.contiguousMs),
        digits(f.gatherMs),
        digits(f.readMs),
        ratio(f.overContiguous),
        ratio(f.gatherDense),
        percent(f.readFraction),
        f.bound ?? '–',
      ];
    }),
  };
}

async function run(options: Options): Promise<number> {
  const request: BenchRequest = {
    items: attentionItems(casesOf(options)),
    turns: 'shape',
    effort: options.quick ? 'quick' : 'full',
    tuning: 'off',
    tuned: {},
    command: commandLine(),
  };
  return withDevice(
    options,
    () => undefined,
    async (session) => {
      const { driver, device } = session;
      const ended = await driver.page.evaluate((r) => window.lockstep.bench(r), request);
      if (!ended.ok) throw new Error(explain(ended.error));
      const file: ResultFile = { ...ended.value, commit: commitHash(), device };
      const table = attentionTable(file);
      console.log(
        `\nCeilings, measured in this run:\n${ceilingLines(file)
          .map((l) => `  ${l}`)
          .join('\n')}\n\n${plainTable(table)}`,
      );
      for (const why of file.invalid) console.log(`\nINVALID: ${why}`);
      if (options.json) writeJson(options.json, file);
      if (options.markdown) write(options.markdown, `${markdownTable(table)}\n`);
      return kernelsExitCode(file.results, { invalid: file.invalid, lost: await deviceLost(session) });
    },
  );
}

export default {
  id: 'attention',
  register(program: Command) {
    const command = program
      .command('attention')
      .description('paged attention beside contiguous, gather + dense, and reading the bytes')
      .option('--phase <phases>', 'decode, prefill', among(['decode', 'prefill']), ['decode'])
      .option('--batch <sizes>', 'sequences in a step', wholes, [1, 8])
      .option('--context <tokens>', 'keys of each sequence', wholes, [1024])
      .option('--heads <n>', 'query heads', whole(), 32)
      .option('--group <sizes>', 'query heads that share a KV head', wholes, [4])
      .option('--head-dim <n>', 'cells of a head', whole(), 64)
      .option('--kv <formats>', kvFormats.join(', '), among(kvFormats), ['f32'])
      .option('--page <tokens>', 'tokens a page: 8, 16, 32, 64', among(['8', '16', '32', '64']), ['16'])
      .option('--chunk <tokens>', 'tokens of a prefilled chunk', whole(), 64)
      .option('--quick', 'few samples');
    measuringOptions(command).action(async (options: Options) => {
      process.exitCode = await run(options);
    });
  },
} satisfies Subcommand;
