// What a command refuses before it starts a browser: nothing that was mistyped is measured as something else.

import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { itemsOf } from '../../../bench/commands/kernels.ts';
import { argumentsOf, recordings, writtenBy } from '../../../bench/commands/record.ts';
import main, { subcommands } from '../../../bench/main.ts';

let said = '';
beforeEach(() => {
  said = '';
  const hear = (text: unknown): boolean => {
    said += `${String(text)}\n`;
    return true;
  };
  vi.spyOn(process.stderr, 'write').mockImplementation(hear);
  vi.spyOn(console, 'error').mockImplementation(hear);
});
afterEach(() => vi.restoreAllMocks());

describe('a mistyped option', () => {
  it.each([
    [['kernels', '--gpu', 'hardwre'], 'Allowed choices are auto, hardware, swiftshader'],
    [['batching', '--gpu', 'cpu'], 'Allowed choices are auto, hardware, swiftshader'],
    [['first-word', '--gpu', 'any'], 'Allowed choices are auto, hardware, swiftshader'],
    [['page-cost', '--gpu', 'auto'], 'Allowed choices are hardware, swiftshader'],
    [['record', 'name', '--gpu', 'h100'], 'Allowed choices are auto, hardware, swiftshader'],
    [['kernels', '--dtype', 'f64'], '"f64" is none of f32, f16'],
    [['kernels', '--op', 'embedding', '--dtype', 'f16'], '--dtype f16: embedding has f32 only'],
    [['peers', '--peers', 'torch'], '"torch" is none of'],
    [['attention', '--page', '12'], '"12" is none of 8, 16, 32, 64'],
    [['attention', '--group', '3'], '--group: none of 3 divides --heads 32'],
    [['model', '--batch', '1,0'], '"0" is no whole number of at least 1'],
    [['model', '--weights', 'i4'], '"i4" is none of f32, f16, i8-row'],
    [['model', '--numerics', 'quick'], '"quick" is none of canonical'],
    [['quality', '--model', 'large'], 'Allowed choices are'],
    [['record', 'name', '--only', 'kernel'], '"kernel" is none of first-picture, first-word'],
    [['batching', '--clock', 'cpu'], 'Allowed choices are virtual, gpu'],
  ])('%j is refused with what there is', async (argv, why) => {
    expect(await main(argv)).toBe(1);
    expect(said).toContain(why);
  });
});

describe('what kernels would run', () => {
  it('is never nothing', () => {
    expect(() => itemsOf({ op: ['matmul'], shape: ['64x64x64'], versions: [], dtype: [] })).toThrow(
      '--dtype',
    );
    const few = ['10'];
    expect(() => itemsOf({ op: ['matmul'], shape: ['64x64x64'], versions: few })).not.toThrow();
  });

  it('leaves out ops without the type, when none was named', () => {
    const items = itemsOf({ dtype: ['f16'], quick: true });
    expect(items.length).toBeGreaterThan(1);
    expect(items.every(({ dtypes }) => dtypes.join() === 'f16')).toBe(true);
    expect(items.map(({ op }) => op)).not.toContain('embedding');
  });
});

describe('what record runs', () => {
  const first = { gpu: 'auto', browser: '/a/chrome' } as const;
  const known = new Command();
  for (const subcommand of subcommands.values()) subcommand.register(known);

  it.each(recordings)('$id with options that it has, and a file of its own', (recording) => {
    for (const short of [false, true]) {
      const { file, args: written } = writtenBy(recording, 'bench/results', 'h200');
      const [name = '', ...args] = argumentsOf(recording, { ...first, short }, written);
      const command = known.commands.find((one) => one.name() === name) ?? expect.fail(name);
      const flags = args.filter((arg) => arg.startsWith('--'));
      for (const flag of flags)
        expect(
          command.options.map(({ long }) => long),
          name,
        ).toContain(flag);
      const gpu = command.options.find(({ long }) => long === '--gpu');
      const given = args[args.indexOf('--gpu') + 1];
      if (flags.includes('--gpu')) expect(gpu?.argChoices).toContain(given);
      // the runs of lessons have that folder to themselves: the page reads it
      if (name !== 'record-lessons') expect(file).not.toContain('bench/results/batching/');
    }
  });

  it('no two write one file', () => {
    const files = recordings.map((recording) => writtenBy(recording, 'out', 'x').file);
    expect(new Set(files).size).toBe(files.length);
  });
});
