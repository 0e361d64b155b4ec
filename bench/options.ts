// Options that commands share, checked where they are read: what is not one of the choices ends the command with their list, before a
// browser starts.

import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Want } from '../src/worker/protocol.ts';
import type { BrowserOptions } from './browser.ts';

export type DeviceOptions = BrowserOptions;

export interface OutputOptions {
  readonly json?: string;
  readonly markdown?: string;
}

const wants = ['auto', 'hardware', 'swiftshader'] as const satisfies readonly Want[];

/** Which adapter. `auto` takes a CPU adapter where there is no other, and says so. */
export const gpuOption = (usual: Want = 'auto', choices: readonly Want[] = wants): Option =>
  new Option('--gpu <kind>', 'which adapter').choices(choices).default(usual);

/** `--gpu`, `--browser`, `--cdp`. */
export const deviceOptions = (command: Command): Command =>
  command
    .addOption(gpuOption())
    .option('--browser <path>', 'another Chrome')
    .option('--cdp <url>', 'a running Chrome, also on another machine');

/** `--json`, `--markdown`, and the device's. */
export const measuringOptions = (command: Command, json = 'write the results (versioned schema)'): Command =>
  deviceOptions(
    command.option('--json <file>', json).option('--markdown <file>', 'write the results as tables'),
  );

/** Names separated by commas. */
export const list = (text: string): string[] =>
  text
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);

const refuse = (why: string): never => {
  throw new InvalidArgumentError(why);
};

/** Names separated by commas, each one of `known`. */
export const among =
  <const T extends string>(known: readonly T[]) =>
  (text: string): T[] => {
    const found = list(text).map(
      (name) => known.find((k) => k === name) ?? refuse(`"${name}" is none of ${known.join(', ')}.`),
    );
    return found.length > 0 ? found : refuse(`Give at least one of ${known.join(', ')}.`);
  };

/** A whole number of at least `least`. */
export const whole =
  (least = 1) =>
  (text: string): number => {
    const value = Number(text.trim() || Number.NaN);
    return Number.isInteger(value) && value >= least
      ? value
      : refuse(`"${text}" is no whole number of at least ${least}.`);
  };

/** Whole numbers above 0, separated by commas. */
export const wholes = (text: string): number[] => {
  const found = list(text).map(whole());
  return found.length > 0 ? found : refuse('Give at least one whole number.');
};
