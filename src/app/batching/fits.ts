// Fits of the virtual clock: the reader's own, one for each model as it is stored and each device, and those that ship. Pure.

import { type CostModel, fitId, type StoredModel } from '../../engine/cost-model.ts';
import { type DeviceReport, deviceLine } from '../../measure/schema.ts';
import type { Calibration, ServedModel } from '../../worker/serving/protocol.ts';

/** Fits that are kept at most: a visitor changes models, hardly devices. */
const MOST = 12;

/** The newest first; one of the same model and device replaces the one before it. */
export const withFit = (fits: readonly Calibration[], fitted: Calibration): readonly Calibration[] =>
  [fitted, ...fits.filter((fit) => fit.cost.id !== fitted.cost.id)].slice(0, MOST);

type Shape = Pick<ServedModel, 'config' | 'options'>;

export const storedAs = ({ config, options: { weights, kv } }: Shape): StoredModel => ({
  model: config.name,
  weights,
  kv,
});

/** Whether coefficients are of this model as it is stored; they may be of any device. */
export function isOf({ provenance }: CostModel, shape: Shape): boolean {
  const { model, weights, kv } = storedAs(shape);
  const of = provenance.kind === 'fitted' ? provenance.stored : undefined;
  return of?.model === model && of.weights === weights && of.kv === kv;
}

/** The fit of this model on a device. */
export const fitOn = (
  fits: readonly Calibration[],
  shape: Shape,
  device: DeviceReport,
): Calibration | undefined => {
  const id = fitId({ ...storedAs(shape), device: deviceLine(device) });
  return fits.find((fit) => fit.cost.id === id);
};

/**
 * The fit of what would serve here. Before a device is open nobody knows which it will be: then it is the newest fit of what would serve
 * on its own device.
 */
export const fitFor = (
  fits: readonly Calibration[],
  modelOn: (device: DeviceReport) => Shape,
  open: DeviceReport | null,
): Calibration | undefined =>
  open
    ? fitOn(fits, modelOn(open), open)
    : fits.find((fit) => fitOn([fit], modelOn(fit.device), fit.device) !== undefined);

/**
 * Of the fits that ship the one of what would serve here, one to this very device before others. Before a device is open nobody knows
 * whether it will be a GPU: then any that could serve.
 */
export function shippedFor(
  fits: readonly CostModel[],
  modelOn: (device: Pick<DeviceReport, 'fallback'>) => Shape,
  open: DeviceReport | null,
): CostModel | undefined {
  const could = fits.filter((cost) => couldServe(modelOn, open).some((shape) => isOf(cost, shape)));
  const here = open && deviceLine(open);
  return (
    could.find(({ provenance }) => provenance.kind === 'fitted' && provenance.device === here) ?? could[0]
  );
}

/** What would serve on the open device; before one is open, on a CPU adapter or on a GPU. */
export const couldServe = (
  modelOn: (device: Pick<DeviceReport, 'fallback'>) => Shape,
  open: DeviceReport | null,
): readonly Shape[] => (open ? [modelOn(open)] : [true, false].map((fallback) => modelOn({ fallback })));
