// Fits of the virtual clock to the reader's own devices: one for each model as it is stored and each device. Pure.

import { fitId } from '../../engine/cost-model.ts';
import { type DeviceReport, deviceLine } from '../../measure/schema.ts';
import type { Calibration, ServedModel } from '../../worker/serving/protocol.ts';

/** Fits that are kept at most: a visitor changes models, hardly devices. */
const MOST = 12;

/** The newest first; one of the same model and device replaces the one before it. */
export const withFit = (fits: readonly Calibration[], fitted: Calibration): readonly Calibration[] =>
  [fitted, ...fits.filter((fit) => fit.cost.id !== fitted.cost.id)].slice(0, MOST);

/** The fit of this model on a device. */
export const fitOn = (
  fits: readonly Calibration[],
  { config, options }: Pick<ServedModel, 'config' | 'options'>,
  device: DeviceReport,
): Calibration | undefined => {
  const id = fitId({ model: config.name, ...options, device: deviceLine(device) });
  return fits.find((fit) => fit.cost.id === id);
};

/**
 * The fit of what would serve here. Before a device is open nobody knows which it will be: then it is the newest fit of what would serve
 * on its own device.
 */
export const fitFor = (
  fits: readonly Calibration[],
  modelOn: (device: DeviceReport) => Pick<ServedModel, 'config' | 'options'>,
  open: DeviceReport | null,
): Calibration | undefined =>
  open
    ? fitOn(fits, modelOn(open), open)
    : fits.find((fit) => fitOn([fit], modelOn(fit.device), fit.device) !== undefined);
