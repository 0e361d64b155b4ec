// The cost models that ship: one JSON file a device, found by name. `unit` and `illustrative` are not
// devices and say so; a fitted set is written by calibration and named for its device.

import { collect } from '../../core/collect.ts';
import type { CostModel } from '../cost-model.ts';

export const costModels: ReadonlyMap<string, CostModel> = collect(
  import.meta.glob<{ default: CostModel }>('./*.json', { eager: true }),
);
