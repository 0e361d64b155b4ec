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
import type { BenchRequest, Want } from '../../src/worker/protocol.ts';
import type { Subcommand } from '../main.ts';
import { ceilingLines, digits, markdownTable, plainTable, type Table, verdict } from '../report.ts';
import { withDevice } from '../session.ts';
import { commitHash, list, write } from './kernels.ts';

interface Options {
  phase: string[];
  batch: string[];
  context: string[];
  heads: string;
  group: string[];
  headDim: string;
  kv: string[];
  page: string[];
  chunk: string;
  quick?: boolean;
  gpu: Want;
  json?: string;
  markdown?: string;
  browser?: string;
  cdp?: string;
}

/** What the options ask for. Throws, saying what is possible. */
export function casesOf(options: Options): readonly AttentionCase[] {
  const whole = (name: string, texts: readonly string[]): number[] =>
    texts.map((text) => {
      const value = Number(text);
      if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} ${text}: whole numbers above 0.`);
      return value;
    });
  const among = <const T extends string>(name: string, texts: readonly string[], known: readonly T[]): T[] =>
    texts.map((text) => {
      const found = known.find((k) => k === text);
      if (!found) throw new Error(`--${name} ${text}: there are ${known.join(', ')}.`);
      return found;
    });
  const pages = among('page', options.page, ['8', '16', '32', '64']).map(Number);
  const cases = attentionCases({
    phases: among('phase', options.phase, ['decode', 'prefill']),
    batches: whole('batch', options.batch),
    contexts: whole('context', options.context),
    heads: whole('heads', [options.heads])[0] ?? 1,
    groups: whole('group', options.group),
    headDim: whole('head-dim', [options.headDim])[0] ?? 64,
    kvs: among('kv', options.kv, ['f32', 'f16', 'i8']),
    pages,
    chunk: whole('chunk', [options.chunk])[0] ?? 64,
  });
  if (cases.length === 0)
    throw new Error(`--group: none of ${options.group.join(', ')} divides --heads ${options.heads}.`);
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
    command: `npm run bench -- ${process.argv.slice(3).join(' ')}`,
  };
  return withDevice(
    options,
    () => undefined,
    async ({ driver, device }) => {
      const ended = await driver.page.evaluate((r) => window.lockstep.bench(r), request);
      if (!ended.ok) throw new Error(explain(ended.error));
      const file: ResultFile = { ...ended.value, commit: commitHash(), device };
      const table = attentionTable(file);
      console.log(
        `\nCeilings, measured in this run:\n${ceilingLines(file.ceilings)
          .map((l) => `  ${l}`)
          .join('\n')}\n\n${plainTable(table)}`,
      );
      for (const why of file.invalid) console.log(`\nINVALID: ${why}`);
      if (options.json) write(options.json, `${JSON.stringify(file, null, 1)}\n`);
      if (options.markdown) write(options.markdown, `${markdownTable(table)}\n`);
      const failed = file.results.filter((r) => r.why?.includes('failed verification'));
      for (const row of failed) console.error(`FAILED ${row.op} ${row.version} ${row.shape}: ${row.why}`);
      return failed.length > 0 || file.invalid.some((why) => why.includes('device was lost')) ? 1 : 0;
    },
  );
}

export default {
  id: 'attention',
  register(program: Command) {
    program
      .command('attention')
      .description('paged attention beside contiguous, gather + dense, and reading the bytes')
      .option('--phase <phases>', 'decode, prefill', list, ['decode'])
      .option('--batch <sizes>', 'sequences in a step', list, ['1', '8'])
      .option('--context <tokens>', 'keys of each sequence', list, ['1024'])
      .option('--heads <n>', 'query heads', '32')
      .option('--group <sizes>', 'query heads that share a KV head', list, ['4'])
      .option('--head-dim <n>', 'cells of a head', '64')
      .option('--kv <formats>', 'f32, f16, i8', list, ['f32'])
      .option('--page <tokens>', 'tokens a page: 8, 16, 32, 64', list, ['16'])
      .option('--chunk <tokens>', 'tokens of a prefilled chunk', '64')
      .option('--quick', 'few samples')
      .option('--gpu <kind>', 'auto | hardware | swiftshader', 'auto')
      .option('--json <file>', 'write the results (versioned schema)')
      .option('--markdown <file>', 'write a table')
      .option('--browser <path>', 'another Chrome')
      .option('--cdp <url>', 'a running Chrome, also on another machine')
      .action(async (options: Options) => {
        process.exitCode = await run(options);
      });
  },
} satisfies Subcommand;
