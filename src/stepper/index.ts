// The stepper's public door. Pure: runs in a page, a worker or Node. See api.ts for the vocabulary.

export { bankLoad, type LaneAddress, sectors } from './analysis/banks.ts';
export { flopsPerByte, sumOf } from './analysis/counters.ts';
export type * from './api.ts';
export { type CompileResult, compileKernel, Kernel } from './kernel.ts';
export type * from './recording.ts';
export { LANE_STATES } from './recording.ts';
export { type Report, Run, type RunProgress } from './run.ts';
export { activeCount, activeIn } from './timeline/active.ts';
export { type Breakpoint, stops } from './timeline/breakpoints.ts';
export { caption, summarize } from './timeline/caption.ts';
export { provenance } from './timeline/flow.ts';
export { Timeline } from './timeline/timeline.ts';
export { Watches } from './timeline/watch.ts';
