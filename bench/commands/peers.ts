// npm run bench -- peers: our fastest versions against other libraries, in one page, on one device, in turns.

import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { collect } from '../../src/core/collect.ts';
import { explain } from '../../src/core/result.ts';
import { catalog } from '../../src/kernels/catalog.ts';
import { layoutOf } from '../../src/kernels/layout.ts';
import type { Dims, Dtype, Op } from '../../src/kernels/op.ts';
import { deviceLine, type ResultFile } from '../../src/measure/schema.ts';
import type { BenchItem } from '../../src/worker/protocol.ts';
import { drive } from '../browser.ts';
import type { RaceRequest } from '../harness/peers/race.ts';
import { commandLine, commitHash, write, writeJson } from '../io.ts';
import type { Subcommand } from '../main.ts';
import { among, type DeviceOptions, list, measuringOptions, type OutputOptions, whole } from '../options.ts';
import { kernelsExitCode } from '../outcome.ts';
import type { Peer } from '../peers/contract.ts';
import { covers, peersMarkdown, peerTable, raceSummary } from '../peers-report.ts';
import { ceilingLines, groupRows, plainTable } from '../report.ts';
import { itemsOf } from './kernels.ts';

interface Options extends DeviceOptions, OutputOptions {
  op: string[];
  shape?: string[];
  versions?: string[];
  dtype?: Dtype[];
  peers: string[];
  ours: number;
  quick?: boolean;
}

const known = collect<Peer>(import.meta.glob(['../peers/*.ts', '!../peers/contract.ts'], { eager: true }));

const installed = (name: string): string => {
  const file = JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')) as { version: string };
  return file.version;
};

/** Tensors that every peer also gets a copy of: larger ones are only raced when they are asked for. */
const mostBytes = 2 ** 28;

const tensorBytes = (op: Op, dims: Dims): number =>
  Object.values(op.tensors).reduce((sum, spec) => sum + layoutOf(spec, dims, 'f32').bytes, 0);

function affordable(items: readonly BenchItem[]): BenchItem[] {
  return items.map((item) => ({
    ...item,
    shapes: Object.fromEntries(
      Object.entries(item.shapes).filter(([, dims]) => {
        const op = catalog.get(item.op)?.op;
        return op && tensorBytes(op, dims) <= mostBytes;
      }),
    ),
  }));
}

async function run(options: Options): Promise<number> {
  const chosen = [...known.values()].filter((peer) => options.peers.includes(peer.id));
  const items = itemsOf(options);
  const request: RaceRequest = {
    items: options.shape ? items : affordable(items),
    effort: options.quick ? 'quick' : 'full',
    ours: options.ours,
    packages: Object.fromEntries(chosen.map((peer) => [peer.id, installed(peer.package)])),
    command: commandLine(),
  };
  const bundled = chosen.flatMap((peer) => peer.bundle);
  const driver = await drive('/bench/harness/peers.html', options, bundled);
  try {
    await driver.ready('lockstepPeers');
    await driver.page.exposeFunction('lockstepSay', (what: string) => {
      if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${what}`);
    });
    const ended = await driver.page.evaluate(
      ([r, want, names]) => window.lockstepPeers.race(r, want, names),
      [request, options.gpu, options.peers] as const,
    );
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
    if (!ended.ok) {
      console.error(explain(ended.error));
      return 1;
    }
    const file: ResultFile = {
      ...ended.value,
      commit: commitHash(),
      device: { ...ended.value.device, flags: driver.flags },
    };
    report(file);
    if (options.json) writeJson(options.json, file);
    if (options.markdown) write(options.markdown, peersMarkdown(file));
    return kernelsExitCode([...file.results, ...(file.calls ?? [])], { invalid: file.invalid });
  } finally {
    await driver.close();
  }
}

function report(file: ResultFile): void {
  console.log(deviceLine(file.device));
  if (file.device.fallback) console.log('This adapter runs on the CPU: its figures say nothing about a GPU.');
  console.log(`\nCeilings, measured in this run:\n  ${ceilingLines(file).join('\n  ')}`);
  for (const [key, rows] of groupRows(file.results)) {
    console.log(
      `\n${key}, kernel against kernel (${rows.find(({ clock }) => clock)?.clock ?? 'no'} clock)\n${plainTable(peerTable(rows))}`,
    );
    console.log(raceSummary(rows));
    const calls = groupRows(file.calls ?? []).get(key) ?? [];
    if (calls.length === 0) continue;
    console.log(`\n${key}, call against call (wall clock)\n${plainTable(peerTable(calls))}`);
    console.log(raceSummary(calls));
  }
  console.log(`\n${covers.join('\n')}`);
  for (const why of file.invalid) console.log(`\nINVALID: ${why}`);
}

const peers: Subcommand = {
  id: 'peers',
  register(program: Command) {
    const raced = [...new Set([...known.values()].flatMap((peer) => peer.ops))];
    const names = [...known.keys()];
    const command = program
      .command('peers')
      .description('our fastest versions against onnxruntime-web, TensorFlow.js and jax-js, in turns')
      .option('--op <ids>', raced.join(', '), among(raced), raced)
      .option('--shape <shapes>', 'shapes by name, or dims as 1x4096x4096', list)
      .option(
        '--versions <ids>',
        'our versions, by name or number (default: all that are meant for the shape)',
        list,
      )
      .option('--dtype <types>', 'f32, f16 (default: all the op has)', among(['f32', 'f16']))
      .option('--ours <n>', 'how many of them race, the fastest first', whole(), 3)
      .option('--peers <ids>', names.join(', '), among(names), names)
      .option('--quick', 'few samples, small shapes');
    measuringOptions(command, 'write the results (versioned schema; calls under "calls")').action(
      async (options: Options) => {
        process.exitCode = await run(options);
      },
    );
  },
};
export default peers;
