// The stepper's public door. Pure: runs in a page, a worker or Node. See api.ts for the vocabulary.

export type * from './api.ts';
export { bankPasses, intensity } from './analysis/counters.ts';
export { type CompileResult, compileKernel, Kernel } from './kernel.ts';
export { type Report, Run, type RunProgress } from './run.ts';
