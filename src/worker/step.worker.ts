// The stepper's worker: holds one run and one recorded workgroup, answers questions about them. All of the
// thinking is in src/stepper; this file cuts long runs into pieces so that a newer question is heard.

import * as Comlink from 'comlink';
import { err, failure, ok, type Result } from '../core/result.ts';
import {
  type BufferInput,
  compileKernel,
  type Dispatch,
  type Kernel,
  provenance,
  Run,
  stops,
  Timeline,
  Watches,
} from '../stepper/index.ts';
import { frameAt } from './step-frame.ts';
import type { Opened, StepFailure, StepLaunch, StepWorkerApi, Whole } from './step-protocol.ts';
import { NEVER } from './step-protocol.ts';

/** Steps of subgroups between two looks at the message queue: about 20 ms. */
const piece = 1 << 16;
/** Longest recording, in steps and in accesses; a longer workgroup is cut, and says so. */
const mostSteps = 500_000;
const mostRows = 4_000_000;
/** Milliseconds that recording may take before it is cut. */
const patience = 4_000;
/** Statements of one subgroup in one workgroup after which a loop is given up: small inputs need far fewer. */
const statementBudget = 400_000;

interface Open {
  readonly launch: StepLaunch;
  readonly run: Run;
  readonly timeline: Timeline;
  readonly watches: Watches;
  readonly firstWrites: readonly Int32Array[];
}

let open: Open | undefined;
/** Counts what was asked to be opened; a piece of work for an older one gives up. */
let generation = 0;

const breath = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

function compiled(launch: StepLaunch, entryPoint: string): Result<Kernel, StepFailure> {
  const { diagnostics, kernel } = compileKernel(launch.source, {
    entryPoint,
    constants: launch.constants,
    subgroupSize: launch.subgroupSize,
  });
  if (kernel) return ok(kernel);
  const first = diagnostics.find((d) => d.severity === 'error');
  return err({
    ...failure(
      'does-not-compile',
      first ? `Line ${first.span.line}: ${first.message}` : 'The source does not compile.',
      first?.hint ?? 'Correct it.',
    ),
    diagnostics,
  });
}

/** The buffers that the next pass finds: what this one wrote, the rest as it was. */
const passedOn = (buffers: readonly BufferInput[], made: readonly BufferInput[]): readonly BufferInput[] =>
  buffers.map((b) => made.find((x) => x.group === b.group && x.binding === b.binding) ?? b);

interface Ready {
  readonly kernel: Kernel;
  readonly dispatch: Dispatch;
}

/** Compiles the pass in view and runs those before it, so that its buffers hold what they would. */
async function ready(launch: StepLaunch, stale: () => boolean): Promise<Result<Ready, StepFailure>> {
  let buffers: readonly BufferInput[] = launch.buffers;
  for (const [index, pass] of launch.passes.entries()) {
    if (index > launch.pass) break;
    const kernel = compiled(launch, pass.entry);
    if (!kernel.ok) return kernel;
    const dispatch: Dispatch = { workgroups: pass.workgroups, buffers, order: launch.order, statementBudget };
    if (index === launch.pass) return ok({ kernel: kernel.value, dispatch });
    const run = Run.start(kernel.value, dispatch, 'results');
    if (!run.ok) return run;
    while (!run.value.advance(piece).done) {
      await breath();
      if (stale()) return err(superseded);
    }
    buffers = passedOn(buffers, run.value.outputs());
  }
  return err(failure('bad-request', `There is no pass ${launch.pass}.`, 'Choose one that the kernel has.'));
}

const superseded = failure('superseded', 'Something else was opened.', 'Nothing to do.');

/** The first step that touches anything but uniforms. */
function firstAccessOf({ recorder, run, length }: Timeline): number {
  const storage = run.kernel.bindings.flatMap((b, i) => (b.space === 'storage' ? [i + 1] : []));
  return recorder.stepsTouching(new Set([0, ...storage]), 0, 1)[0] ?? length;
}

async function record(timeline: Timeline, stale: () => boolean): Promise<string | null> {
  const start = performance.now();
  while (!timeline.record(piece)) {
    if (timeline.length >= mostSteps || timeline.recorder.rowCount >= mostRows)
      return `The recording stops after ${timeline.length.toLocaleString('en')} statements.`;
    if (performance.now() - start > patience) return `The recording was stopped after ${patience / 1000} s.`;
    await breath();
    if (stale()) return null;
  }
  const ran = timeline.findings.some((f) => f.kind === 'runaway');
  return ran ? 'The recording stops where the loop was given up.' : null;
}

async function start(launch: StepLaunch): Promise<Result<Opened, StepFailure>> {
  const mine = ++generation;
  const stale = (): boolean => mine !== generation;
  const began = performance.now();
  const prepared = await ready(launch, stale);
  if (!prepared.ok) return prepared;
  const { kernel, dispatch } = prepared.value;
  const run = Run.start(kernel, dispatch, 'checks');
  if (!run.ok) return run;
  const workgroups = dispatch.workgroups[0] * dispatch.workgroups[1] * dispatch.workgroups[2];
  const workgroup = Math.min(launch.workgroup, workgroups - 1);
  const timeline = Timeline.open(run.value, workgroup);
  const compiledAt = performance.now();
  const cut = await record(timeline, stale);
  if (stale()) return err(superseded);
  const recordMs = performance.now() - compiledAt;
  const sizes = [
    kernel.workgroupBytes,
    ...kernel.bindings.map((_, index) => timeline.memory({ space: 'binding', index }).length),
  ];
  const firstWrites = timeline.recorder.firstWrites(sizes, NEVER);
  open = { launch, run: run.value, timeline, watches: new Watches(timeline), firstWrites };
  const { counters } = timeline.recorder.checker;
  const { steps } = timeline;
  return ok({
    entryPoint: kernel.entryPoint,
    workgroupSize: kernel.workgroupSize,
    subgroupSize: kernel.subgroupSize,
    workgroups: dispatch.workgroups,
    workgroup,
    statements: kernel.statements,
    bindings: kernel.bindings,
    workgroupVars: kernel.workgroupVars,
    warnings: [],
    length: timeline.length,
    steps: {
      subgroup: steps.subgroup.slice(),
      statement: steps.statement.slice(),
      low: steps.low.slice(),
      high: steps.high.slice(),
      depth: steps.depth.slice(),
    },
    marks: [...timeline.marks],
    findings: [...timeline.findings],
    lines: counters.perLine(),
    totals: counters.totals(),
    firstAccess: firstAccessOf(timeline),
    firstWrites,
    truncated: timeline.truncated,
    cut,
    compileMs: compiledAt - began,
    recordMs,
  });
}

async function finish(run: Run, stale: () => boolean): Promise<Whole | null> {
  const began = performance.now();
  while (!run.advance(piece).done) {
    await breath();
    if (stale()) return null;
  }
  const report = run.report();
  if (!report) return null;
  return {
    findings: [...report.findings],
    lines: report.lines,
    totals: report.totals,
    workgroups: report.workgroups,
    laneStatements: report.laneStatements,
    outputs: run.outputs(),
    bindingNames: run.kernel.bindings.map((b) => b.name),
    reads: run.kernel.bindings.map((_, i) => run.reads(i).slice()),
    ms: performance.now() - began,
  };
}

const api: StepWorkerApi = {
  open: start,
  async frame(request) {
    return open ? frameAt(open.timeline, open.watches, request) : null;
  },
  async whole() {
    const mine = generation;
    return open ? finish(open.run, () => mine !== generation) : null;
  },
  async measure(launch) {
    const mine = generation;
    const stale = (): boolean => mine !== generation;
    const passes: Whole[] = [];
    let { buffers } = launch;
    for (const { entry, workgroups } of launch.passes) {
      const kernel = compiled(launch, entry);
      if (!kernel.ok) return kernel;
      const dispatch: Dispatch = { workgroups, buffers, order: launch.order, statementBudget };
      const run = Run.start(kernel.value, dispatch, 'checks');
      if (!run.ok) return run;
      const whole = await finish(run.value, stale);
      if (!whole) return err(superseded);
      passes.push(whole);
      buffers = passedOn(buffers, whole.outputs);
    }
    return ok(passes);
  },
  async touching(memory, byte, mode) {
    return open
      ? open.timeline.touching(
          memory === 0 ? { space: 'workgroup' } : { space: 'binding', index: memory - 1 },
          byte,
          mode,
        )
      : null;
  },
  async stepsOf(memory, from, most) {
    if (!open) return null;
    return open.timeline.recorder.stepsTouching(new Set([memory]), from, most);
  },
  async provenance(memory, byte, time) {
    if (!open) return null;
    return provenance(
      open.timeline,
      memory === 0 ? { space: 'workgroup' } : { space: 'binding', index: memory - 1 },
      byte,
      time,
    );
  },
  async stops(breakpoint) {
    if (!open) return null;
    return ok(Int32Array.from(stops(open.timeline, breakpoint)));
  },
  async diagnose(source, constants, entry) {
    return compileKernel(source, { constants, ...(entry !== null && { entryPoint: entry }) }).diagnostics;
  },
};

Comlink.expose(api);
