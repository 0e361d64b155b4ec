// The cost models that ship: one JSON file a fit, found by name. `unit` and `illustrative` are not devices and say so; a fitted set is of
// one model on one device, is named for both, and is written by
// `npm run bench -- batching --clock gpu --model MODEL --calibrate src/engine/devices/DEVICE-MODEL.json`.

import { collect } from '../../core/collect.ts';
import type { CostModel } from '../cost-model.ts';

export const costModels: ReadonlyMap<string, CostModel> = collect(
  import.meta.glob<{ default: CostModel }>('./*.json', { eager: true }),
);
