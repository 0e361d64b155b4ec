// Very many steps with faults thrown in: refused allocations, failing and lost executors, aborts, bad plans,
// duplicate ids, clocks that run backwards. Nothing may break, get lost or be answered twice.
import { expect, it } from 'vitest';
import { type Prng, prng } from '../../../src/core/prng.ts';
import { unwrap } from '../../../src/core/result.ts';
import { Engine } from '../../../src/engine/engine.ts';
import type { StepBatch, StepDone } from '../../../src/engine/executor.ts';
import type { Plan, Planner } from '../../../src/engine/plan.ts';
import type { Request } from '../../../src/engine/request.ts';
import type { View } from '../../../src/engine/view.ts';
import { VirtualExecutor } from '../../../src/engine/virtual-executor.ts';
import { strategies } from '../../../src/strategies/index.ts';
import { alone } from './audit.ts';
import { outputs, unitSteps } from './serve.ts';

/** A million with LOCKSTEP_FAULT_STEPS=1000000; a fifth of it keeps the suite quick. */
const STEPS = Number(process.env['LOCKSTEP_FAULT_STEPS'] ?? 200_000);
const ROUND = 10_000;
const limits = { pages: 14, pageSize: 8, window: 64, vocabulary: 512 };

/** A plan as a broken or hostile strategy might make it. */
function spoil(plan: Plan, view: View, random: Prng): Plan {
  const any = () => random.int(-2, view.requests.id.length + 2);
  const rows = [...plan.rows];
  switch (random.int(0, 7)) {
    case 0:
      return { ...plan, rows: Int32Array.of(...rows, any(), random.int(-1, 99), random.int(-1, 2)) };
    case 1:
      return { ...plan, rows: Int32Array.of(...rows, ...rows) };
    case 2:
      return { ...plan, preempt: Int32Array.of(...plan.preempt, any(), any()) };
    case 3:
      return { ...plan, admit: Int32Array.of(...plan.admit, any(), random.int(-8, 80), random.int(-1, 999)) };
    case 4:
      return { ...plan, release: Int32Array.of(any()) };
    case 5:
      return {
        ...plan,
        rows: plan.rows.map((value, i) => (i % 3 === 1 ? value + random.int(1, 50) : value)),
      };
    case 6:
      return { ...plan, rows: plan.rows.subarray(1) };
    default:
      return { ...plan, rows: Int32Array.of(...rows, any(), 1, 0), wakeAt: Number.NaN };
  }
}

/** One round: an engine under one strategy, some thousand steps, then a drain without faults. */
function round(seed: number): { steps: number; refusedPlans: number; failures: number; ended: number } {
  const random = prng(seed);
  const ids = [...strategies.keys()];
  const strategy = strategies.get(ids[seed % ids.length] as string);
  if (!strategy) throw new Error('no strategies');
  const lookahead = random.int(0, 1) === 1 ? 1 : 0;
  const memory = Object.keys((strategy.knobs['memory'] as { options?: object } | undefined)?.options ?? {});
  const { planner } = unwrap(
    strategy.make(
      {
        ...('slots' in strategy.knobs ? { slots: random.int(1, 4) } : {}),
        ...('budget' in strategy.knobs ? { budget: random.int(4, 64) } : {}),
        memory: memory[random.int(0, memory.length - 1)] as string,
      },
      limits,
    ),
  );
  let faulty = true;
  const chance = (share: number): boolean => faulty && random.next() < share;
  const spoiled: Planner = {
    ...planner,
    plan: (view, state) => {
      const planned = planner.plan(view, state);
      return chance(0.02) ? { ...planned, plan: spoil(planned.plan, view, random) } : planned;
    },
  };
  const ends = new Map<number, number>();
  const taken = new Map<number, Request>();
  const engine = new Engine({
    limits,
    planner: spoiled,
    lookahead,
    allow: () => !chance(0.02),
    onEnd: (id) => ends.set(id, (ends.get(id) ?? 0) + 1),
  });
  const options = { ...limits, cost: unitSteps(), seed: 5, lookahead } as const;
  const executor = new VirtualExecutor(options);
  const flying: { batch: StepBatch; done: StepDone }[] = [];
  const counts = { steps: 0, refusedPlans: 0, failures: 0, ended: 0 };
  let time = 0;
  let nextId = 0;

  const submit = (): void => {
    const id = chance(0.02) ? random.int(0, nextId) : nextId;
    const fork = random.next() < 0.1 && nextId > 0 ? nextId - 1 : undefined;
    const request: Request = {
      id,
      arrival: Math.max(0, time - random.int(0, 3)),
      prompt: taken.get(fork ?? -1)?.prompt ?? [
        { seed: random.int(1, 3), length: 8 * random.int(0, 2) + 1 },
        { seed: id + 9, length: random.int(1, 16) },
      ],
      maxTokens: random.int(1, 12),
      ...(random.next() < 0.3 ? { endsAfter: random.int(1, 12) } : {}),
      ...(fork === undefined ? {} : { forkOf: fork }),
    };
    const known = taken.has(id);
    const result = engine.submit(request, time);
    if (known) expect(result.ok).toBe(false);
    if (!result.ok) return;
    taken.set(id, request);
    nextId = Math.max(nextId, id + 1);
  };
  const settle = (): void => {
    const oldest = flying.shift();
    if (!oldest) return;
    time += random.int(0, 1);
    if (chance(0.02)) {
      counts.failures++;
      engine.fail(time);
      // the step behind it stood on it
      if (flying.shift()) engine.fail(time);
      return;
    }
    const back = chance(0.05) ? random.int(1, 50) : 0;
    unwrap(engine.commit({ ...oldest.done, start: time - back, end: time + 1 - back }));
  };
  const step = (): void => {
    const before = [engine.cache.pool.free, engine.running.length, engine.line.length, engine.live];
    const begun = engine.begin(chance(0.05) ? time - 7 : time);
    if (!begun.ok) {
      counts.refusedPlans++;
      const after = [engine.cache.pool.free, engine.running.length, engine.line.length, engine.live];
      if (String(before) !== String(after)) expect.fail('a refused plan changed something');
      // nothing is in flight that could change what the next plan sees, or something is: both must go on
      if (flying.length > 0) settle();
    } else if (begun.value.kind === 'idle') {
      if (flying.length > 0) settle();
      else time++;
    } else {
      counts.steps++;
      const { batch } = begun.value;
      flying.push({ batch, done: unwrap(executor.execute(batch, time)) });
      if (flying.length > lookahead) settle();
    }
    if (engine.cache.pool.free + engine.cache.pool.used !== limits.pages) expect.fail('pages are lost');
  };

  while (counts.steps < ROUND) {
    while (engine.live < 6) submit();
    if (chance(0.02)) engine.abort(random.int(0, nextId), time);
    if (chance(0.0005)) {
      flying.length = 0;
      engine.lose(time);
      expect(engine.cache.pool.free).toBe(limits.pages);
      expect(engine.live).toBe(0);
      continue;
    }
    step();
  }
  faulty = false;
  for (let i = 0; i < 5000 && (engine.live > 0 || flying.length > 0 || engine.running.length > 0); i++)
    step();

  expect(engine.live).toBe(0);
  expect(engine.cache.pool.free).toBe(limits.pages);
  expect(ends.size).toBe(taken.size);
  for (const [id, times] of ends) if (times !== 1) expect.fail(`request ${id} ended ${times} times`);
  const texts = outputs(engine.trace);
  for (const request of taken.values()) {
    const text = texts.get(request.id) ?? [];
    const whole = alone(request, options).tokens;
    if (String(text) !== String(whole.slice(0, text.length)))
      expect.fail(`request ${request.id} got foreign tokens`);
  }
  const { start, end } = engine.trace.steps.columns;
  for (let s = 1; s < engine.trace.steps.length; s++)
    if ((start[s] as number) < (end[s - 1] as number))
      expect.fail(`step ${s} starts before the last one ended`);
  return { ...counts, ended: ends.size };
}

it(`survives ${STEPS.toLocaleString('en')} steps`, () => {
  const total = { steps: 0, refusedPlans: 0, failures: 0, ended: 0 };
  for (let seed = 1; total.steps < STEPS; seed++) {
    const one = round(seed);
    for (const key of Object.keys(total) as (keyof typeof total)[]) total[key] += one[key];
  }
  expect(total.steps).toBeGreaterThanOrEqual(STEPS);
  expect(total.refusedPlans).toBeGreaterThan(STEPS / 100);
  expect(total.failures).toBeGreaterThan(STEPS / 100);
  expect(total.ended).toBeGreaterThan(STEPS / 20);
}, 120_000);
