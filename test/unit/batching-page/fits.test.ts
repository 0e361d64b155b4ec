// Fits of the virtual clock: one is kept for each model as it is stored and each device, and the one of what serves here is used.

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { chooseCost, namedFor } from '../../../bench/batching/options.ts';
import { fitFor, fitOn, isOf, shippedFor, withFit } from '../../../src/app/batching/fits.ts';
import { type CostModel, FEATURES, fitId, type StepFeatures } from '../../../src/engine/cost-model.ts';
import { type DeviceReport, deviceLine } from '../../../src/measure/schema.ts';
import { presets } from '../../../src/model/presets.ts';
import { fitPoints } from '../../../src/views/batching/fit-plot.tsx';
import type { Calibration, ServedModel } from '../../../src/worker/serving/protocol.ts';
import { unitSteps } from '../engine/serve.ts';
import { device } from '../views-rows.ts';

const other: DeviceReport = { ...device, architecture: 'stone', fallback: true };
const model = (name: 'nano' | 'SmolLM2-135M', weights: 'f16' | 'f32'): ServedModel => ({
  config: presets[name],
  options: { weights, kv: 'f32', kernels: 'auto' },
  seed: 1,
});

function fitted(of: ServedModel, on: DeviceReport, host = 0): Calibration {
  const residuals = { median: 0.02, p90: 0.05, n: 40 };
  const line = deviceLine(on);
  const { weights, kv } = of.options;
  const stored = { model: of.config.name, weights, kv };
  const cost: CostModel = {
    ...unitSteps(),
    id: fitId({ ...stored, device: line }),
    label: `${of.config.name} on this device`,
    provenance: {
      kind: 'fitted',
      device: line,
      browser: on.browser,
      date: '2026-11-20',
      command: 'test',
      stored,
      residuals,
    },
    host,
  };
  return {
    device: on,
    cost,
    steps: [],
    residuals,
    served: residuals,
    capacity: { requests: 1, tokens: 10 },
    took: 1,
  };
}

describe('fits', () => {
  const small = fitted(model('nano', 'f32'), other);
  const large = fitted(model('SmolLM2-135M', 'f16'), device);
  const both = withFit(withFit([], small), large);

  it('of two models, formats or devices stand beside each other; of the same, the newer replaces the older', () => {
    expect(both).toEqual([large, small]);
    const again = fitted(model('nano', 'f32'), other, 1);
    expect(withFit(both, again)).toEqual([again, large]);
    const others = [
      fitted(model('nano', 'f16'), other),
      fitted(model('nano', 'f32'), device),
      fitted(model('SmolLM2-135M', 'f32'), other),
    ];
    expect(others.reduce(withFit, both)).toHaveLength(5);
  });

  it('of what would serve on the open device is used; before one is open, the newest that would serve on its own', () => {
    const served = ({ fallback }: DeviceReport) =>
      fallback ? model('nano', 'f32') : model('SmolLM2-135M', 'f16');
    expect(fitFor(both, served, device)).toBe(large);
    expect(fitFor(both, served, other)).toBe(small);
    expect(fitFor(both, served, { ...device, architecture: 'unseen' })).toBeUndefined();
    expect(fitFor(both, served, null)).toBe(large);
    expect(fitFor(both, () => model('nano', 'f16'), null)).toBeUndefined();
    expect(fitOn(both, model('nano', 'f32'), device)).toBeUndefined();
  });

  it('that ship are chosen by the model that serves, and by the device where there are several', () => {
    const [onOther, onDevice] = [
      fitted(model('nano', 'f32'), other).cost,
      fitted(model('nano', 'f32'), device).cost,
    ];
    const large = fitted(model('SmolLM2-135M', 'f16'), device).cost;
    const all = [large, onOther, onDevice];
    const served = ({ fallback }: Pick<DeviceReport, 'fallback'>) =>
      fallback ? model('nano', 'f32') : model('SmolLM2-135M', 'f16');
    expect(shippedFor(all, served, other)).toBe(onOther);
    expect(shippedFor(all, served, device)).toBe(large);
    expect(shippedFor(all, () => model('nano', 'f32'), device)).toBe(onDevice);
    expect(shippedFor([onOther], () => model('nano', 'f32'), device)).toBe(onOther);
    // before a device is open: any that could serve
    expect(shippedFor(all, served, null)).toBe(large);
    expect(shippedFor([onDevice], served, null)).toBe(onDevice);
    expect(shippedFor(all, () => model('nano', 'f16'), null)).toBeUndefined();
    expect(isOf(unitSteps(), model('nano', 'f32'))).toBe(false);
  });

  it('are drawn as what they predict of what they were fitted to', () => {
    const features = (change: Partial<StepFeatures>): StepFeatures => ({
      ...(Object.fromEntries(FEATURES.map((name) => [name, 0])) as Record<keyof StepFeatures, number>),
      step: 1,
      ...change,
    });
    const steps = [
      { features: features({ decodeRows: 1 }), seconds: 0.9 },
      { features: features({ prefillTokens: 8 }), seconds: 1.25 },
      { features: features({ decodeRows: 4, prefillTokens: 8 }), seconds: 1 },
    ];
    expect(fitPoints(steps, unitSteps())).toEqual([
      { kind: 'decode', measured: 900, predicted: 1000, what: '1 row decodes' },
      { kind: 'prefill', measured: 1250, predicted: 1000, what: '8 prompt tokens' },
      { kind: 'mixed', measured: 1000, predicted: 1000, what: '4 rows decode and 8 prompt tokens' },
    ]);
  });
});

describe('--device', () => {
  const served = model('nano', 'f32');
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-'));
  const written = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };

  it('takes the file that --calibrate wrote', () => {
    const { cost } = fitted(model('nano', 'f32'), device, 0.001);
    const path = written('cost.json', `${JSON.stringify(cost, null, 2)}\n`);
    expect(chooseCost(path, served)).toEqual({ ok: true, value: cost });
    expect(chooseCost('unit', served)).toEqual({ ok: true, value: unitSteps() });
  });

  it('left out is a fit of the model that is served, where one ships', () => {
    const chosen = chooseCost(undefined, served);
    expect(chosen.ok && isOf(chosen.value, served)).toBe(true);
    expect(chooseCost(undefined, model('SmolLM2-135M', 'f32')).ok).toBe(true);
  });

  it('a written fit is named for its file, its model and its device', () => {
    const named = namedFor('src/engine/devices/stone-nano.json', fitted(served, other).cost);
    expect([named.id, named.label]).toEqual(['stone-nano', `nano on ${deviceLine(other).split(' · ')[0]}`]);
    expect(isOf(named, served)).toBe(true);
  });

  it('says what is wrong with another', () => {
    const why = (path: string): string => {
      const chosen = chooseCost(path, served);
      return chosen.ok ? '' : chosen.error.message;
    };
    expect(why(join(folder, 'none.json'))).toContain('cannot be read');
    expect(why(written('text.json', 'no'))).toContain('This is no cost model');
    expect(why(written('run.json', '{"format": "lockstep-run"}'))).toContain('"id"');
    const { cost } = fitted(model('nano', 'f32'), device);
    const broken = { ...cost, seconds: { ...cost.seconds, attended: null } };
    expect(why(written('broken.json', JSON.stringify(broken)))).toContain('"seconds.attended" is null');
  });
});
